"""What the pages show of what one may not do or see, or of what is not there, and what they keep of it."""

import re

from fechatter_client.models.boards import BoardRole
from playwright.async_api import Page, expect

from tests.end_to_end.boards.pages.people import at_board, made_board
from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.browser import NewWindow, until

# Of a node on the stage: how high its letters are, in pixels.
LETTERS = """(node) => parseFloat(getComputedStyle(node).fontSize)
    * document.getElementById("stage").style.getPropertyValue("--scale")"""
COPIES = "async () => (await indexedDB.databases()).map(({ name }) => name)"


async def drop_a_file(page: Page, path: str) -> None:
    """Somebody drags a file from their desktop, and lets it go in the upper left corner of the page's middle."""
    mouse = await page.context.new_cdp_session(page)
    data = {"items": [], "files": [path], "dragOperationsMask": 1}
    for what in ("dragEnter", "dragOver", "drop"):
        await mouse.send("Input.dispatchDragEvent", {"type": what, "x": 30, "y": 400, "data": data})
    await mouse.detach()


async def test_who_may_not_see_a_board_keeps_nothing_of_it(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    first, second, third = [await made_board(ada, editor=grace) for _ in range(3)]
    browser = await window(forgiven=["status of 404"])
    tabs = {board: await at_board(browser, grace, board) for board in (first, second, third)}
    await tabs[first].write("Sticky note", (400, 300), "Secret")
    await tabs[first].until_kept()
    page = tabs[first].page
    assert len(await page.evaluate(COPIES)) == 3

    # Removed while the board is open.
    await ada.boards.remove_member(first, grace.id)
    await expect(page.get_by_role("heading")).to_have_text("You are not on this board any more")
    await expect(page.locator("#gone-text")).to_contain_text("copy of it that this browser had is deleted")
    await expect(page.locator("#stage, #bar, #tools")).to_have_count(3)
    await expect(page.locator("#stage:visible, #bar:visible, #tools:visible, #zoom:visible")).to_have_count(0)
    assert "Secret" not in await page.content()
    assert not [name for name in await page.evaluate(COPIES) if f".{first}." in name]

    # Deleted, which its members are told as if it was gone.
    await ada.boards.delete(second)
    await expect(tabs[second].page.get_by_role("heading")).to_have_text("This board has been deleted")

    # Removed while the board is not open: its copy goes with the next look at the list of boards.
    await tabs[third].page.goto("/signin")
    await ada.boards.remove_member(third, grace.id)
    await page.get_by_role("link", name="My boards").click()
    await expect(page.get_by_text("No boards yet.").first).to_be_visible()
    await until(page, f"({COPIES})().then((names) => names.every((name) => name.startsWith('fechatter.chat.')))")

    # What is not there, or not for Grace, is the same to her, and no empty canvas.
    for board in (third, third + 1000):
        await page.goto(f"/board/{board}")
        await expect(page.get_by_role("heading")).to_have_text("There is no board here")
        await expect(page.locator("#stage")).to_be_hidden()
    for path in ("/board/lunch", "/nothing", "/boards/1/2"):
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == 404
        await expect(page.get_by_role("heading")).to_have_text("There is nothing at this address")
    await page.get_by_role("link", name="My chats").click()
    await expect(page.get_by_role("navigation", name="Chats")).to_be_visible()


async def test_a_change_of_role_is_told_and_nothing_is_lost_by_mistake(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await made_board(ada, editor=grace)
    tab = await at_board(await window(), grace, board)
    told = tab.page.get_by_role("alert")

    # A text that does not fit says so, and shows all of itself to whoever selects it.
    await tab.write("Sticky note", (400, 300), "Much to say. " * 60 + "The end")
    await tab.write("Sticky note", (700, 300), "Little")
    await expect(tab.element("The end")).to_have_attribute("data-cut", "")
    await expect(tab.element("Little")).not_to_have_attribute("data-cut", re.compile(".*"))
    sign = "getComputedStyle(document.querySelector('.element[data-cut]'), '::before').content"
    await tab.page.keyboard.press("Escape")
    assert await tab.page.evaluate(sign) == '"…"'
    await tab.element("The end").click()
    assert await tab.page.evaluate(sign) == "none"
    text = tab.element("The end").locator(".text")
    assert await text.evaluate("(node) => node.scrollHeight <= node.clientHeight + 1")

    # A file that is dropped on the page does not take its place.
    before = tab.page.url
    await drop_a_file(tab.page, __file__)
    await expect(tab.elements).to_have_count(2)
    assert tab.page.url == before
    assert len(tab.page.context.pages) == 1

    async def makes(role: BoardRole, said: str) -> None:
        await ada.boards.set_role(board, grace.id, role)
        await expect(told).to_contain_text(said)
        await expect(tab.page.locator("body")).to_have_attribute("data-role", role)

    await makes("viewer", "You are a viewer now")
    await expect(tab.page.locator("[data-edits]:visible")).to_have_count(0)
    await makes("editor", "You are an editor now")
    await expect(
        tab.page.get_by_role("toolbar", name="Tools").get_by_role("button", name="Sticky note")
    ).to_be_visible()
    await told.get_by_role("button", name="Dismiss").click()
    await expect(told).to_be_hidden()


async def test_a_phone_shows_what_can_be_read(system: System, window: NewWindow) -> None:
    """On a board of which all would be tiny, a new note is large enough, and so is what one comes to."""
    ada = await system.sign_up("Ada")
    board = await made_board(ada)
    wide = await at_board(await window(), ada, board)
    await wide.write("Sticky note", (150, 300), "West")
    await wide.page.mouse.wheel(1200, 0)
    await wide.write("Sticky note", (1000, 300), "East")
    phone = await window(viewport={"width": 360, "height": 720}, has_touch=True, is_mobile=True, device_scale_factor=2)
    tab = await phone.tab(f"/board/{board}", ada.email, PASSWORD)
    await tab.until("live")
    await expect(tab.element("East")).to_be_in_viewport()  # the newest
    assert await tab.element("East").evaluate(LETTERS) >= 13
    await tab.page.get_by_role("button", name="Show all").tap()
    await expect(tab.element("West")).to_be_in_viewport()
    assert await tab.element("East").evaluate(LETTERS) < 5
    await tab.page.get_by_role("button", name="Sticky note").tap()
    await tab.page.touchscreen.tap(180, 360)
    await tab.page.keyboard.type("New")
    assert await tab.page.locator("textarea").evaluate(LETTERS) >= 13
    await expect(tab.page.locator("textarea")).to_be_in_viewport()
