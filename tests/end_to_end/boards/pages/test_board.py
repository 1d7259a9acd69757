"""The pages in real browsers, on the running servers: two people at one board, each in a browser of their own."""

import json
import re

import anyio
from fechatter_client.models.boards import BoardRole
from playwright.async_api import Browser, expect

from tests.end_to_end.boards.pages.people import at_board, made_board
from tests.end_to_end.system import PASSWORD, System
from tests.support.clients import browser as browsers
from tests.support.clients.browser import NewWindow, Tab, same, until


async def test_two_people_meet_at_a_board_by_an_invite(system: System, window: NewWindow) -> None:
    ada, grace = await system.sign_up("Ada"), await system.sign_up("Grace")
    hers = await (await window()).tab("/boards", ada.email, PASSWORD)
    await hers.page.get_by_label("Name of a new board").fill("Moon landing")
    await hers.page.get_by_role("button", name="New board").click()
    await hers.until("live")
    await hers.write("Sticky note", (330, 260), "What do we need?", "yellow")
    await hers.write("Sticky note", (330, 500), "A rocket", "blue")

    # Ada makes a link, and Grace follows it: it says who invites to what, and she has to sign in.
    await hers.page.get_by_role("button", name="Share").click()
    await hers.page.get_by_role("button", name="Make a link").click()
    shown = hers.page.get_by_label("Link", exact=True)
    await expect(shown).to_be_visible()
    link = await shown.input_value()
    await hers.page.get_by_role("button", name="Close").click()
    browser = await window()
    page = await browser.context.new_page()
    await page.goto(link)
    await expect(page.get_by_role("heading")).to_have_text("Moon landing")
    await expect(page.get_by_role("status")).to_have_text(
        "Ada (Ada's workspace) invites you to this document, as editor."
    )
    await page.get_by_role("button", name="Sign in or sign up to join").click()
    await browsers.sign_in(page, grace.email, PASSWORD)
    theirs = Tab(page)  # she has said that she joins, and need not say it again
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
    await until(hers.page, browsers.SHOWS, before)

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
        await sql.execute("SELECT FROM documents WHERE id = $1 FOR UPDATE", board)  # nothing is stored on it meanwhile
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
    await expect(theirs.page.get_by_role("heading")).to_have_text("You are not on this board any more")
    await expect(theirs.elements).to_have_count(0)


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


async def test_nothing_but_the_pages_own_files_is_run(system: System, browser: Browser) -> None:
    page = await browser.new_page(base_url=system.chat.url)
    try:
        await page.goto("/signin")
        forbidden = await page.evaluate(browsers.BREAK_THE_POLICY)
    finally:
        await page.close()
    assert sorted(forbidden) == ["connect-src", "img-src", "require-trusted-types-for", "style-src-attr"]
