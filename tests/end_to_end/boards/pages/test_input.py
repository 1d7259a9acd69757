"""A board edited by keyboard, by mouse and by touch, in a real browser."""

import pytest
from playwright.async_api import Response, expect

from tests.end_to_end.boards.pages.people import at_board, made_board
from tests.end_to_end.system import System
from tests.support.clients import browser as browsers
from tests.support.clients.browser import NewWindow

# In a page: the rows of the dialog of keys, and the titles of the buttons, by the table of actions.
AS_THE_TABLE_SAYS = """async () => {
    const { ACTIONS, POINTERS, TABLE } = await import("/pages/boards/editing/actions.js");
    const { shown, shownKeys } = await import("/pages/lib/actions.js");
    const rows = ACTIONS.filter(({ keys }) => keys).map((action) => `${shownKeys(action)}\n${action.label}`);
    const pointers = POINTERS.map(([how, label]) => `${shown(how)}\n${label}`);
    const buttons = ["tools", "history", "selection", "zoom"].flatMap((group) => TABLE.inGroup(group));
    const titles = buttons.map(({ name, label, keys }) => [name, `${label} (${shown(keys[0])})`]);
    return [[...rows, ...pointers], titles];
}"""
TITLES = "(buttons) => buttons.map(({ dataset, title }) => [dataset.action, title])"


async def test_a_board_is_edited_by_keyboard_alone(system: System, window: NewWindow) -> None:
    ada = await system.sign_up("Ada")
    tab = await at_board(await window(color_scheme="dark"), ada, await made_board(ada))
    keyboard = tab.page.keyboard
    for text in ("<b>one</b>", "two"):  # and text is no HTML
        await keyboard.press("n")
        await keyboard.press("Enter")
        await keyboard.type(text)
        await keyboard.press("Escape")
        await expect(tab.element(text)).to_be_focused()
    await expect(tab.element("two")).to_have_accessible_name("yellow: two")

    # Tab goes from one to the next; the one in focus is what keys act on.
    await keyboard.press("Shift+Tab")
    await expect(tab.element("one")).to_be_focused()
    await expect(tab.element("one")).to_have_attribute("aria-current", "true")
    before = await tab.places()
    for key in ("ArrowRight", "Shift+ArrowDown", "Alt+ArrowRight"):
        await keyboard.press(key)
    moved = await tab.places()
    assert [before[element] == moved[element] for element in before] == [False, True]
    for _ in range(3):
        await keyboard.press("Control+z")
    assert await tab.places() == before
    await keyboard.press("Enter")
    await keyboard.type("changed")
    await keyboard.press("Escape")
    await expect(tab.element("changed")).to_be_focused()
    await keyboard.press("Delete")
    await expect(tab.elements).to_have_count(1)
    await keyboard.press("Control+z")
    await expect(tab.element("changed")).to_be_visible()
    await keyboard.press("Control+Shift+z")
    await expect(tab.elements).to_have_count(1)
    await keyboard.press("?")
    await expect(tab.page.get_by_role("dialog", name="Keys")).to_be_visible()
    # It shows every action that has keys, with all of them; and each toolbar has what the table says.
    rows, buttons = await tab.page.evaluate(AS_THE_TABLE_SAYS)
    assert await tab.page.locator("#keys div").all_inner_texts() == rows
    assert await tab.page.locator("#tools button, #style [data-action], #zoom button").evaluate_all(TITLES) == buttons
    await keyboard.press("Escape")

    # Everything that can be pressed says what it is.
    unnamed = await tab.page.evaluate(browsers.UNNAMED)
    assert unnamed == []

    # Dark as the system has it, until somebody chooses.
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = await tab.page.evaluate(paper)
    await tab.page.get_by_role("button", name="Light or dark").click()
    assert await tab.page.evaluate(paper) != dark
    await tab.page.reload()
    await tab.until("live")
    assert await tab.page.evaluate(paper) != dark


async def test_a_board_is_edited_by_mouse(system: System, window: NewWindow) -> None:
    ada = await system.sign_up("Ada")
    tab = await at_board(await window(), ada, await made_board(ada))

    def is_thumbnail(answer: Response) -> bool:
        return answer.request.method == "PUT" and answer.url.endswith("/thumbnail")

    async with tab.page.expect_response(is_thumbnail) as thumbnail:
        await tab.write("Sticky note", (300, 300), "left")
        await tab.write("Sticky note", (600, 300), "right")

        # A frame around both selects both; they move together, and their neighbour stays.
        await tab.write("Text", (800, 300), "elsewhere")
        before = await tab.places()
        await tab.drag((150, 150), (720, 450))
        await expect(tab.page.locator(".element.selected")).to_have_count(2)
        await tab.drag((300, 300), (330, 350))
        after = await tab.places()
        assert [before[element] == after[element] for element in before] == [False, False, True]
        await tab.colour("green")
        await expect(tab.page.locator(".element.green")).to_have_count(2)

        # What is held by its handle becomes larger.
        await tab.element("right").click()
        handle = await tab.element("right").locator(".handle").bounding_box()
        assert handle is not None
        corner = (handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
        await tab.drag(corner, (corner[0] + 50, corner[1] + 20))
        box = await tab.element("right").bounding_box()
        assert box is not None
        assert (round(box["width"]), round(box["height"])) == (250, 220)

        # In front, at the back, and gone.
        top = await tab.element("right").evaluate("(node) => Number(node.style.zIndex)")
        await tab.page.get_by_role("button", name="To the back").click()
        assert await tab.element("right").evaluate("(node) => Number(node.style.zIndex)") < top
        await tab.page.get_by_role("button", name="Delete").click()
        await expect(tab.elements).to_have_count(2)
        await tab.page.get_by_role("button", name="Undo").click()
        await expect(tab.elements).to_have_count(3)

        # The wheel moves the view, with Ctrl it zooms about the pointer; one button shows all again.
        await tab.page.mouse.move(330, 350)
        await tab.page.keyboard.down("Control")
        await tab.page.mouse.wheel(0, -200)
        await tab.page.keyboard.up("Control")
        await expect(tab.page.locator("#scale")).not_to_have_text("100%")
        zoomed = await tab.element("left").bounding_box()
        assert zoomed is not None
        assert abs(zoomed["x"] + zoomed["width"] / 2 - 330) < 2
        await tab.page.mouse.wheel(0, 3000)
        await expect(tab.element("left")).not_to_be_in_viewport()
        await tab.page.get_by_role("button", name="Show all").click()
        await expect(tab.element("left")).to_be_in_viewport()

    # A picture of it is in the list of boards.
    assert (await thumbnail.value).ok
    await tab.page.get_by_role("link", name="All boards").click()
    await expect(tab.page.get_by_role("link", name="Plan").locator("img")).to_be_visible()


async def test_a_board_fits_a_phone_and_is_edited_by_touch(system: System, window: NewWindow) -> None:
    ada = await system.sign_up("Ada")
    phone = await window(viewport={"width": 360, "height": 720}, has_touch=True, is_mobile=True, device_scale_factor=2)
    tab = await at_board(phone, ada, await made_board(ada))
    assert await tab.page.evaluate("document.documentElement.scrollWidth") <= 360
    for button in await tab.page.locator("button:visible, a:visible, input:visible").all():
        box = await button.bounding_box()
        assert box is not None
        assert box["x"] >= 0, await button.get_attribute("aria-label")
        assert box["x"] + box["width"] <= 360, await button.get_attribute("aria-label")
        assert box["y"] + box["height"] <= 720, await button.get_attribute("aria-label")
    for place, text, colour in (((110, 250), "Boots", "pink"), ((260, 430), "Rope", "blue")):
        await tab.page.get_by_role("button", name="Sticky note").tap()
        await tab.page.locator("#colours").get_by_role("button", name=colour).tap()
        await tab.page.touchscreen.tap(*place)
        await tab.page.keyboard.type(text)
        await tab.page.keyboard.press("Escape")
        await expect(tab.element(text)).to_be_visible()
    await tab.element("Boots").tap()
    await tab.element("Boots").tap()  # once more edits it
    await expect(tab.page.locator("textarea")).to_be_focused()
    await tab.page.keyboard.press("Escape")
    await tab.picture("phone")

    # Two fingers zoom about their middle, and move the view with it.
    box = await tab.element("Boots").bounding_box()
    assert box is not None
    await browsers.pinch(tab.page, ((80, 300), (140, 300)), ((60, 340), (180, 340)))
    larger = await tab.element("Boots").bounding_box()
    assert larger is not None
    assert larger["width"] == pytest.approx(2 * box["width"], abs=1)
    assert larger["x"] - 120 == pytest.approx(2 * (box["x"] - 110), abs=1)
    assert larger["y"] - 340 == pytest.approx(2 * (box["y"] - 300), abs=1)
