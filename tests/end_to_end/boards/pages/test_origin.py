"""The page by a name of the machine that no setting has: it works on the two ports, and says so where it may not."""

import pytest
from playwright.async_api import expect

from tests.end_to_end.boards.pages.people import made_board
from tests.end_to_end.system import PASSWORD, Person, System
from tests.support.clients.browser import OTHER_NAME, NewWindow, Tab, Window

# The browser's own word on a page without TLS.
FORGIVEN = ["The Cross-Origin-Opener-Policy header has been ignored"]


async def at_board_by_other_name(window: Window, system: System, person: Person, board: int) -> Tab:
    return await window.tab(f"http://{OTHER_NAME}:{system.chat.port}/board/{board}", person.email, PASSWORD)


@pytest.mark.system(server__public_url="", notify__public_url="")
async def test_a_board_works_by_any_name_of_the_machine(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await made_board(ada, editor=grace)
    hers = await at_board_by_other_name(await window(forgiven=FORGIVEN), system, ada, board)
    theirs = await at_board_by_other_name(await window(forgiven=FORGIVEN), system, grace, board)
    for tab in (hers, theirs):
        await tab.until("live")
    await hers.write("Sticky note", (400, 300), "hello")
    await expect(theirs.element("hello")).to_be_visible()
    assert system.notify.events("origin refused") == []


async def test_a_page_that_may_not_connect_says_so_and_what_to_do(system: System, window: NewWindow) -> None:
    """notify_server is asked by another name than chat_server."""
    ada = await system.sign_up("Ada")
    board = await made_board(ada)
    tab = await at_board_by_other_name(await window(forgiven=FORGIVEN), system, ada, board)
    await tab.until("forbidden")
    origin = f"http://{OTHER_NAME}:{system.chat.port}"
    await expect(tab.page.locator("#status")).to_have_text("Not connected: this address is not allowed")
    await expect(tab.page.get_by_role("alert").first).to_contain_text(f"add {origin} to notify.cors_origins")
    assert origin in {entry["origin"] for entry in system.notify.events("origin refused")}
