"""The list of boards shows the workspaces that somebody is invited into, and takes their answers."""

from playwright.async_api import Locator, Page, expect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.browser import NewWindow

PHONE = {"width": 360, "height": 720}


async def come_back(page: Page) -> None:
    """What the browser tells a page whose tab is looked at again."""
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


async def test_invitations_are_shown_and_answered_above_the_boards(system: System, window: NewWindow) -> None:
    ada, grace = await system.sign_up("Ada"), await system.sign_up("Grace")
    browser = await window(forgiven=["status of 404"], viewport=PHONE)
    page = (await browser.tab("/boards", grace.email, PASSWORD)).page
    invitations = page.get_by_role("region", name="Invitations")
    told = page.get_by_role("status")

    def card(workspace: str) -> Locator:
        return invitations.get_by_role("listitem").filter(has=page.get_by_role("heading", name=workspace, exact=True))

    async def press(name: str) -> None:
        button = invitations.get_by_role("button", name=name, exact=True)
        await button.focus()
        await page.keyboard.press("Enter")

    await expect(page.get_by_text("No boards yet.")).to_be_visible()
    async with page.expect_response("**/api/invitations") as answer:
        await come_back(page)
    assert await (await answer.value).json() == []
    await expect(invitations).to_be_hidden()

    engines, looms, notes, poems = names = ("Engines", "Looms", "Notes" * 12, "Poems")
    made = {name: (await ada.workspaces.create(name)).id for name in names}
    for name, workspace in made.items():
        await ada.workspaces.invite(workspace, user_id=grace.id, role="admin" if name == engines else "member")
    await come_back(page)
    await expect(invitations.get_by_role("listitem")).to_have_count(4)
    await expect(card(engines)).to_contain_text("Ada invites you to be an admin.")
    await expect(card(looms)).to_contain_text("Ada invites you to be a member.")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # Accepted: the workspace is there, without a reload.
    await page.evaluate("window.unchanged = true")
    await press(f"Accept the invitation into {engines}")
    await expect(page.get_by_role("region", name=engines, exact=True)).to_be_visible()
    await expect(page.get_by_role("heading", name=engines, exact=True)).to_be_focused()
    await expect(page.get_by_label(f"Name of a new board in {engines}")).to_be_visible()
    await expect(told).to_have_text(f"You are in {engines} now.")
    await expect(invitations.get_by_role("listitem")).to_have_count(3)
    assert await page.evaluate("window.unchanged")
    assert made[engines] in [one.id async for one in grace.workspaces.list()]

    # Withdrawn before the page has heard of it.
    await ada.workspaces.withdraw_invitation(made[poems], grace.id)
    await press(f"Accept the invitation into {poems}")
    await expect(page.get_by_role("alert")).to_have_text("There is no such invitation, or it was withdrawn.")
    await expect(invitations.get_by_role("listitem")).to_have_count(2)
    await expect(told).to_be_empty()

    # Declined: focus stays among the invitations while there are some.
    await press(f"Decline the invitation into {notes}")
    await expect(card(looms).get_by_role("heading")).to_be_focused()
    await expect(told).to_have_text(f"You have declined the invitation into {notes}.")
    await expect(page.get_by_role("alert")).to_be_hidden()
    assert [block async for block in grace.invitations.blocks()] == []

    await press(f"Decline and block Ada, who invites you into {looms}")
    await expect(page.get_by_role("heading", name="Boards", exact=True)).to_be_focused()
    await expect(told).to_contain_text("Ada can invite you no more.")
    await expect(invitations).to_be_hidden()
    assert [block.inviter_id async for block in grace.invitations.blocks()] == [ada.id]
    assert [invitation async for invitation in grace.invitations.list()] == []
