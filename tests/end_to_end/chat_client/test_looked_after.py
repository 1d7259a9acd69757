"""What people do about each other in the chat client: roles, silence, reports, invitations, and the end of a chat."""

import re

from playwright.async_api import Locator, Page, expect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.accessibility import sound
from tests.support.clients.browser import NewWindow


async def test_two_people_a_newcomer_and_the_end_of_a_chat(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    mary = await system.sign_up("Mary")
    await ada.request("PUT", f"/workspaces/{ada.workspace}", json={"name": "Moon base"})
    chat = (await ada.chats.create("PublicChannel", [grace.id], name="lunch", workspace_id=ada.workspace)).id
    rude = await ada.messages.post(chat, "Your soup is cold")
    hers = await window(viewport={"width": 1280, "height": 800})
    one = (await hers.tab(f"/chat/{chat}", ada.email, PASSWORD)).page
    his = await window(viewport={"width": 390, "height": 844}, has_touch=True, forgiven=["status of 404"])
    other = (await his.tab(f"/chat/{chat}", grace.email, PASSWORD)).page
    field = other.get_by_role("textbox", name="Message lunch")
    await expect(field).to_be_visible()

    # Silenced: what was a field says until when, and is one again afterwards.
    await one.get_by_role("button", name="2 members").click()
    row = one.get_by_role("list", name="Members").get_by_role("listitem").filter(has_text="Grace")
    await row.get_by_role("button", name="What to do with Grace").click()
    await one.get_by_role("menuitem", name="Silence").click()
    await one.get_by_role("radio", name="For a day").check()
    await one.get_by_role("button", name="Silence", exact=True).click()
    await expect(row.get_by_text("Silenced")).to_be_visible()
    await expect(other.get_by_text("An admin has silenced you here until")).to_be_visible()
    await expect(field).to_have_count(0)
    await sound(other, "silenced-phone")
    await row.get_by_role("button", name="What to do with Grace").click()
    await one.get_by_role("menuitem", name="Let them write again").click()
    await expect(field).to_be_visible()

    # A report of a message, by keyboard, and what an admin sees of it.
    await other.locator(f"article[data-key='{rude.id}']").focus()
    await other.keyboard.press("Enter")
    await other.get_by_role("menuitem", name="Report").press("Enter")
    report = other.get_by_role("dialog", name="Report this message")
    await expect(report).to_contain_text("Your soup is cold")
    await report.get_by_role("radio", name="Harassment").check()
    await report.get_by_label("What should they know?").fill("It was hot")
    await sound(other, "report-phone")
    await report.get_by_role("button", name="Report", exact=True).tap()
    await expect(report).to_have_count(0)
    await menu(one, "Reports")
    waiting = one.get_by_role("dialog", name="Reported messages").get_by_role("listitem")
    await expect(waiting).to_contain_text("Grace reports: Harassment")
    await expect(waiting).to_contain_text("It was hot")
    await waiting.get_by_role("button", name="See it").click()
    await expect(one).to_have_url(re.compile(f"/chat/{chat}/{rude.id}"))

    # Roles in the workspace.
    await menu(one, "People and roles")
    roles = one.get_by_role("dialog", name="People and roles")
    await roles.get_by_role("combobox", name="Role of Grace").select_option(label="Admin")
    await expect(other.get_by_role("link", name="All chats")).to_be_visible()
    await one.keyboard.press("Escape")
    await other.get_by_role("link", name="All chats").tap()
    await expect(await opened(other)).to_contain_text(["People and roles…"])
    await other.keyboard.press("Escape")

    # Somebody who has an account is invited by name, sees it at once, and is in.
    third = (await (await window(viewport={"width": 390, "height": 844})).tab("/", mary.email, PASSWORD)).page
    await menu(one, "Invite people")
    invite = one.get_by_role("dialog", name="Invite people")
    await invite.get_by_label("E-mail or user name").fill(f"@{(await mary.users.me()).username}")
    await invite.get_by_role("button", name="Invite", exact=True).click()
    await expect(invite.get_by_role("status").filter(has_text="is invited")).to_be_visible()
    await one.keyboard.press("Escape")
    invitations = third.get_by_role("region", name="Your colleagues are waiting")
    await expect(invitations).to_contain_text("Ada invites you into Moon base.")
    await sound(third, "invited-phone")
    await invitations.get_by_role("button", name="Join").click()
    await expect(third.get_by_role("navigation", name="Chats").get_by_role("button", name="Moon base")).to_be_visible()

    await third.get_by_role("button", name="Join a channel").click()
    await third.get_by_role("option", name="lunch").click()
    await expect(third.get_by_role("heading", name="lunch", level=1)).to_be_visible()

    # An archived chat is read, and nobody writes there.
    await other.get_by_role("link", name="lunch").tap()
    await expect(field).to_be_visible()
    await one.get_by_role("button", name="More", exact=True).click()
    await one.get_by_role("menuitem", name="Details").click()
    await one.get_by_role("button", name="Archive").click()
    await expect(other.get_by_text("This chat is archived.")).to_be_visible()
    await expect(other.get_by_role("article")).to_contain_text("Your soup is cold")
    await expect(field).to_have_count(0)
    await expect(one.get_by_role("link", name="lunch")).to_have_count(0)


async def opened(page: Page) -> Locator:
    """The entries of the menu of workspaces."""
    await page.locator("button.workspace").click()
    return page.get_by_role("menu", name="Workspaces").get_by_role("menuitem")


async def menu(page: Page, name: str) -> None:
    await (await opened(page)).filter(has_text=name).click()
