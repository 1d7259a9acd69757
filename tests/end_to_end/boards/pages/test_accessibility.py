"""All pages, looked over by axe."""

from collections.abc import Sequence

from playwright.async_api import Page, expect

from tests.end_to_end.boards.pages.people import made_board
from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.accessibility import THEMES, violations
from tests.support.clients.browser import NewWindow


async def test_no_page_breaks_a_rule_of_wcag(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board, other = await made_board(ada, editor=grace), await made_board(ada)
    await ada.boards.delete(other)
    browser = await window(forgiven=["status of 404", "status of 422"])
    found: dict[str, Sequence[str]] = {}

    async def look(page: Page, name: str) -> None:
        for theme in THEMES:
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found[f"{name}, {theme}"] = await violations(page)

    page = await browser.context.new_page()
    await page.goto("/signin")
    await look(page, "signing in")
    await page.get_by_role("button", name="I am new here").click()
    await page.get_by_label("Full name").fill(" ")
    await page.get_by_label("E-mail").fill("nobody")
    await page.get_by_label("Password").fill("x")
    await page.get_by_role("button", name="Create account").click()
    await expect(page.get_by_role("alert")).not_to_be_empty()
    await look(page, "signing up")
    await page.goto("/reset#token")
    await look(page, "a new password")
    await page.goto("/nothing/here")
    await expect(page.get_by_role("heading")).to_have_text("There is nothing at this address")
    await look(page, "nothing")

    invite = await ada.boards.create_invite(board)
    await page.goto(f"/invite/{invite.token}")
    await expect(page.get_by_role("button", name="Sign in or sign up to join")).to_be_visible()
    await look(page, "invitation")

    tab = await browser.tab(f"/board/{board}", ada.email, PASSWORD)
    await tab.until("live")
    await tab.write("Sticky note", (400, 300), "A note\n" * 30, "yellow")
    await tab.write("Sticky note", (700, 300), "Another", "purple")
    await tab.write("Text", (900, 300), "A text", "pink")
    await look(tab.page, "board")
    for name, dialog in (("Share", "Share this board"), ("Versions", "Versions"), ("Keys", "Keys")):
        await tab.page.get_by_role("button", name=name).click()
        if name == "Share":
            await tab.page.get_by_role("button", name="Make a link").click()
            await expect(tab.page.locator("#links li")).to_have_count(2)  # and the one above
        await expect(tab.page.get_by_role("dialog", name=dialog)).to_be_visible()
        await look(tab.page, dialog)
        await tab.page.keyboard.press("Escape")
    await grace.workspaces.invite(grace.workspace, user_id=ada.id)
    await tab.page.goto("/boards")
    await expect(tab.page.get_by_role("region", name="Invitations")).to_be_visible()
    await tab.page.get_by_text("Deleted (1)").click()
    await look(tab.page, "boards")
    await tab.page.goto(f"/board/{board + 1000}")
    await expect(tab.page.get_by_role("heading")).to_have_text("There is no board here")
    await look(tab.page, "no board")
    assert {name: faults for name, faults in found.items() if faults} == {}
