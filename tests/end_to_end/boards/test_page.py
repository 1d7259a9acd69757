"""The pages in real browsers, on the running servers: two people at one board, each in a browser of their own."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, TypeAlias, cast

import anyio
import pytest
from fechatter_client.models.boards import BoardRole
from playwright.async_api import Browser, Response, expect

from tests.end_to_end.system import PASSWORD, Person, System
from tests.support import browser as browsers
from tests.support.browser import Tab, Window, same

NewWindow: TypeAlias = Callable[..., Awaitable[Window]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with browsers.browser() as launched:
        yield launched


@pytest.fixture
async def window(browser: Browser, system: System) -> AsyncIterator[NewWindow]:
    """`await window()`: somebody's browser. Its pages must have had no faults when the test is over."""
    async with AsyncExitStack() as windows:

        async def new(**options: Any) -> Window:
            return await windows.enter_async_context(Window.of(browser, system.chat.url, **options))

        yield new


async def made_board(owner: Person, **roles: Person) -> int:
    """A board of this owner with an `editor` or a `viewer`, if given; returns its id."""
    board = (await owner.boards.create(owner.workspace, "Plan")).id
    for role, person in roles.items():
        await owner.boards.add_member(board, person.id, role=cast(BoardRole, role))
    return board


async def at_board(window: Window, person: Person, board: int) -> Tab:
    """A tab in which this person sees the board, live."""
    tab = await window.tab(f"/board/{board}", person.email, PASSWORD)
    await tab.until("live")
    return tab


async def test_two_people_meet_at_a_board_by_an_invite(system: System, window: NewWindow) -> None:
    ada, grace = await system.sign_up("Ada"), await system.sign_up("Grace")
    hers = await (await window()).tab("/boards", ada.email, PASSWORD)
    await hers.page.get_by_label("Name of a new board").fill("Moon landing")
    await hers.page.get_by_role("button", name="New board").click()
    await hers.until("live")
    await hers.write("Sticky note", (330, 260), "What do we need?", "yellow")
    await hers.write("Sticky note", (330, 500), "A rocket", "blue")

    # Ada makes a link, and Grace follows it: she has to sign in first.
    await hers.page.get_by_role("button", name="Share").click()
    await hers.page.get_by_role("button", name="Make a link").click()
    shown = hers.page.get_by_label("Link", exact=True)
    await expect(shown).to_be_visible()
    link = await shown.input_value()
    await hers.page.get_by_role("button", name="Close").click()
    theirs = await (await window()).tab(link.removeprefix(system.chat.url), grace.email, PASSWORD)
    await expect(theirs.page.get_by_role("heading")).to_have_text("Moon landing")
    await theirs.page.get_by_role("button", name="Join").click()
    await theirs.until("live")
    await expect(theirs.elements).to_have_count(2)

    # Each sees who is here, where the other points, and what they have selected.
    for tab, other in ((hers, "Grace"), (theirs, "Ada")):
        await expect(tab.people).to_have_count(2)
        await expect(tab.people.nth(1)).to_have_accessible_name(other)
    await hers.page.mouse.move(700, 300)
    await expect(theirs.cursors.filter(has_text="Ada")).to_be_visible()
    await theirs.element("A rocket").click()
    await expect(hers.element("A rocket")).to_have_attribute("data-person", str(grace.id % 8))

    # Both work at once, and what each does is there for the other.
    await theirs.write("Text", (440, 95), "To the moon", "purple")
    await theirs.write("Sticky note", (910, 480), "Boots and cheese", "pink")
    await theirs.tool("Rectangle")
    await theirs.colour("green")
    await theirs.drag((1030, 150), (1260, 340))
    await theirs.page.keyboard.press("Enter")
    await theirs.page.keyboard.type("Landing site")
    await theirs.page.keyboard.press("Escape")
    await hers.tool("Pen")
    await hers.colour("orange")
    await hers.drag((445, 250), (500, 210), (560, 300), (620, 220), (690, 250))
    await expect(hers.elements).to_have_count(6)
    await same(hers, theirs)
    before = await hers.places()

    # What Grace moves and takes back is moved and taken back for Ada.
    box = await theirs.element("Boots").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await theirs.drag(middle, (middle[0] + 40, middle[1] - 60))
    await same(theirs, hers)
    assert await hers.places() != before
    await theirs.page.keyboard.press("Control+z")
    await hers.page.wait_for_function(browsers.SHOWS, arg=before)

    await hers.page.keyboard.press("Escape")
    await hers.page.mouse.move(640, 420)
    await expect(theirs.cursors.filter(has_text="Ada")).to_be_visible()
    await theirs.page.keyboard.press("0")
    await theirs.picture("board")
    await hers.page.get_by_role("button", name="Light or dark").click()
    await hers.page.keyboard.press("0")
    await hers.picture("dark")

    # Who goes is gone.
    await theirs.page.close()
    await expect(hers.people).to_have_count(1)
    await expect(hers.cursors).to_have_count(0)


async def test_links_are_taken_back_people_removed_and_boards_deleted_and_restored(
    system: System, window: NewWindow
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await made_board(ada, editor=grace)
    tab = await at_board(await window(), ada, board)
    await tab.page.get_by_role("button", name="Share").click()
    links, members = tab.page.locator("#links li"), tab.page.locator("#members li")
    for made in (1, 2):
        await tab.page.get_by_role("button", name="Make a link").click()
        await expect(links).to_have_count(made)
    await links.first.get_by_role("button", name="Revoke").click()
    await expect(links).to_have_count(1)
    assert len([invite async for invite in ada.boards.invites(board)]) == 1
    await tab.page.get_by_role("button", name="Remove Grace").click()
    await expect(members).to_have_count(1)
    assert [member.user_id async for member in ada.boards.members(board)] == [ada.id]

    await ada.boards.set_thumbnail(board, await tab.page.screenshot())
    await tab.page.goto("/boards")
    card = tab.page.get_by_role("link", name="Plan")
    await expect(card.locator("img")).to_be_visible()
    clipped = await card.locator("strong").evaluate("(name) => name.scrollHeight - name.clientHeight")
    assert clipped == 0
    await tab.page.get_by_role("button", name="Delete Plan").click()
    await expect(card).to_have_count(0)
    await tab.page.get_by_text("Deleted (1)").click()
    await tab.page.get_by_role("button", name="Restore Plan").click()
    await expect(card).to_be_visible()
    assert (await ada.boards.get(board)).name == "Plan"


async def test_saved_means_that_it_is_in_the_database(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await made_board(ada, editor=grace)
    hers, theirs = await at_board(await window(), ada, board), await at_board(await window(), grace, board)
    said = hers.page.locator("#status")
    await expect(said).to_have_text("Saved")
    async with system.sql() as sql, sql.transaction():
        await sql.execute("SELECT FROM boards WHERE id = $1 FOR UPDATE", board)  # nothing is stored on it meanwhile
        await hers.write("Sticky note", (400, 300), "On its way")
        await expect(theirs.element("On its way")).to_be_visible()  # and the others see it all the same
        await expect(said).to_have_text("Saving…")
        await expect(said).to_have_attribute("data-saved", "false")
    await expect(said).to_have_text("Saved")
    await expect(said).to_have_attribute("data-saved", "true")


async def test_a_version_is_restored_for_everybody(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await made_board(ada, viewer=grace)
    hers, theirs = await at_board(await window(), ada, board), await at_board(await window(), grace, board)
    await hers.write("Sticky note", (400, 300), "As it was")
    await hers.page.get_by_role("button", name="Versions").click()
    await hers.page.get_by_label("Name of the version").fill("Monday")
    await hers.page.keyboard.press("Enter")
    kept = hers.page.locator("#kept li")
    await expect(kept).to_have_text([re.compile("^Monday.*by you")])
    await hers.page.keyboard.press("Escape")
    await hers.element("As it was").click()
    await hers.page.keyboard.press("Delete")
    await hers.write("Sticky note", (700, 300), "Spoilt")
    await expect(theirs.element("Spoilt")).to_be_visible()
    await expect(theirs.elements).to_have_count(1)

    # By keyboard alone; the first press only asks.
    await hers.page.get_by_role("button", name="Versions").press("Enter")
    await hers.page.get_by_role("button", name="Restore Monday").press("Enter")
    await hers.page.get_by_role("button", name="Really restore Monday").press("Enter")
    for tab in (hers, theirs):
        await expect(tab.element("As it was")).to_be_visible()
        await expect(tab.elements).to_have_count(1)
    await same(hers, theirs)

    # A viewer sees them, and what was there before the restoring; and may take them away.
    await theirs.page.get_by_role("button", name="Versions").click()
    shown = theirs.page.locator("#kept li")
    await expect(shown).to_have_text([re.compile("^Before restoring Monday"), re.compile("^Monday.*by Ada")])
    for name in ("Restore", "Delete", "Keep"):
        await expect(theirs.page.locator("#versions").get_by_role("button", name=name)).to_have_count(0)
    async with theirs.page.expect_download() as download:
        await shown.first.get_by_role("button", name="Download").click()
    taken = json.loads(await anyio.Path(await (await download.value).path()).read_text())
    assert [element["text"] for element in taken["elements"].values()] == ["Spoilt"]
    await hers.page.get_by_role("button", name="Versions").click()
    for said in ("Delete", "Really delete"):
        await hers.page.get_by_role("button", name=f"{said} Before restoring Monday").click()
    await expect(shown).to_have_text([re.compile("^Monday")])


async def test_what_is_edited_offline_is_merged_afterwards(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await made_board(ada, editor=grace)
    away = await window()
    hers, theirs = await at_board(await window(), ada, board), await at_board(away, grace, board)
    await hers.write("Sticky note", (400, 300), "Monday 🌒")
    await same(hers, theirs)

    await away.context.set_offline(True)
    await theirs.until("offline")
    await theirs.write("Sticky note", (700, 300), "from the train")
    await theirs.element("Monday").dblclick()
    await theirs.page.keyboard.press("End")
    await theirs.page.keyboard.type(", or Tuesday")
    await theirs.page.keyboard.press("Escape")
    await hers.write("Sticky note", (400, 560), "from the office")
    await hers.element("Monday").dblclick()
    await hers.page.keyboard.press("Home")
    await hers.page.keyboard.type("On ")
    await hers.page.keyboard.press("End")
    await hers.page.keyboard.press("Backspace")  # half a surrogate pair is nothing to go on with
    await hers.page.keyboard.type("🌓")
    await hers.page.keyboard.press("Escape")
    await expect(hers.element("from the train")).to_have_count(0)

    await away.context.set_offline(False)
    await theirs.until("live")
    for tab in (hers, theirs):
        await expect(tab.elements).to_have_count(3)
        await expect(tab.element("or Tuesday")).to_have_text(re.compile("On Monday (🌓, or Tuesday|, or Tuesday🌓)"))
    await same(hers, theirs)

    # A tab that is closed while it is offline has kept it all for the next one.
    await away.context.set_offline(True)
    await theirs.until("offline")
    await theirs.write("Sticky note", (960, 300), "from the tunnel")
    await theirs.until_kept()
    await theirs.page.close()
    await away.context.set_offline(False)
    again = await at_board(away, grace, board)
    for tab in (hers, again):
        await expect(tab.element("from the tunnel")).to_be_visible()
    await same(hers, again)


async def test_a_viewer_looks_on_and_a_change_of_role_is_felt_at_once(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await made_board(ada, viewer=grace)
    hers, theirs = await at_board(await window(), ada, board), await at_board(await window(), grace, board)
    await hers.write("Sticky note", (400, 300), "Do not touch")
    await same(hers, theirs)
    await expect(theirs.page.locator("[data-edits]:visible")).to_have_count(0)
    await expect(theirs.page.get_by_role("button", name="Share")).to_be_hidden()

    async def tries() -> None:
        await theirs.page.keyboard.press("Escape")
        await theirs.page.keyboard.press("n")
        await theirs.page.keyboard.press("Enter")
        await theirs.drag((400, 300), (600, 400))
        await theirs.element("Do not touch").dblclick()
        for key in ("Delete", "ArrowDown", "Control+z"):
            await theirs.page.keyboard.press(key)

    before = await theirs.places()
    await tries()
    await expect(theirs.page.locator("textarea")).to_have_count(0)
    assert await theirs.places() == before
    await theirs.page.mouse.move(500, 500)
    await expect(hers.cursors.filter(has_text="Grace")).to_be_visible()

    async def makes(role: BoardRole) -> None:
        await ada.boards.set_role(board, grace.id, role)
        await expect(theirs.page.locator("body")).to_have_attribute("data-role", role)

    await makes("editor")
    await theirs.write("Sticky note", (700, 500), "Now I may")
    await expect(hers.element("Now I may")).to_be_visible()
    await makes("viewer")
    before = await theirs.places()
    await tries()
    assert await theirs.places() == await hers.places() == before

    # Who is removed is told, and does not knock again.
    await ada.boards.remove_member(board, grace.id)
    await theirs.until("ended")
    await expect(theirs.page.get_by_role("alert").first).to_contain_text("not there any more")


async def test_edits_that_come_too_late_are_taken_back(system: System, window: NewWindow) -> None:
    """Somebody who has become a viewer while they edited offline is shown the board as it is for everybody."""
    ada, grace = await system.team("Ada", "Grace")
    board = await made_board(ada, editor=grace)
    away = await window()
    theirs = await at_board(away, grace, board)
    await away.context.set_offline(True)
    await theirs.until("offline")
    await theirs.write("Sticky note", (400, 300), "too late")
    await ada.boards.set_role(board, grace.id, "viewer")
    await away.context.set_offline(False)
    await expect(theirs.page.get_by_role("alert").first).to_contain_text("was not taken")
    await theirs.until("live")
    await expect(theirs.elements).to_have_count(0)


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
        await expect(tab.page.get_by_role("button", name="Show all")).not_to_have_text("100%")
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


@pytest.mark.system(auth__access_token_seconds=6)
async def test_a_board_stays_open_longer_than_its_token(system: System, window: NewWindow) -> None:
    ada = await system.sign_up("Ada")
    board = await made_board(ada)
    browser = await window(forgiven=["status of 401"])  # what is asked with a token that ends on its way
    tab = await at_board(browser, ada, board)
    opened: list[str] = []
    tab.page.on("websocket", lambda socket: opened.append(socket.url) if "/boards/" in socket.url else None)
    for _ in range(2):  # each refresh token is good once
        async with tab.page.expect_response("**/api/auth/refresh") as refreshed:
            pass
        assert (await refreshed.value).ok
    await tab.write("Sticky note", (400, 300), "still here")
    assert opened == []  # the server asks for a fresh token on the sockets that are there
    other = await at_board(browser, ada, board)
    await expect(other.element("still here")).to_be_visible()
    urls = await tab.page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert not [url for url in urls if "token" in url or "bearer" in url.lower()]


async def test_nothing_but_the_pages_own_files_is_run(system: System, browser: Browser) -> None:
    page = await browser.new_page(base_url=system.chat.url)
    try:
        await page.goto("/signin")
        forbidden = await page.evaluate(browsers.BREAK_THE_POLICY)
    finally:
        await page.close()
    assert sorted(forbidden) == ["connect-src", "img-src", "require-trusted-types-for", "style-src-attr"]
