"""An organisation in the chats, in a real browser: the directory, acting for somebody, groups and publishing."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.end_to_end.admin_pages.firm import ON, firm
from tests.end_to_end.admin_pages.test_admin_pages import WIDE, sound
from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.browser import NewWindow


@pytest.mark.system(**ON)
async def test_an_organisation_in_the_chats(system: System, window: NewWindow) -> None:
    team = await firm(system)
    hers = await window(viewport=WIDE, timezone_id="UTC")
    lena = (await hers.tab(f"/chat/{team.channel}", team.lena.email, PASSWORD)).page
    dialog = lena.get_by_role("dialog")

    # The directory finds by pinyin and by department, and leads to what somebody is.
    await menu(lena, ".workspace", "Directory…")
    people = dialog.get_by_role("list", name="People").get_by_role("listitem")
    await expect(people).to_have_count(4)
    await dialog.get_by_role("combobox", name="Department").select_option(label="\u2003Engineering")
    await expect(people).to_have_count(2)
    await dialog.get_by_role("searchbox").fill("lsy")
    await expect(people).to_have_count(1)
    await sound(lena, "directory")
    await people.get_by_role("button").click()
    await expect(dialog).to_contain_text("Engineering · Engineer 工程师")
    await sound(lena, "profile")
    await dialog.get_by_role("button", name="Manager: 王小明").click()
    await expect(dialog).to_contain_text("Engineering · Lead · Head")
    await lena.keyboard.press("Escape")

    # A group is completed as a person is, and mentions who is in it.
    field = lena.locator(".centre .composer-frame textarea")
    await field.press_sequentially("@onc")
    await expect(lena.get_by_role("option", name=re.compile("@oncall"))).to_be_visible()
    await field.press("Enter")
    await expect(field).to_have_value("@oncall ")
    await field.press_sequentially("the lamp is out")
    async with team.siyu.follow() as heard:
        await field.press("Enter")
        assert (await heard.until_kind("NewMessage")).data["mentions"] == [team.siyu.id]

    # Lena lets Priya act for her; Priya accepts, and writes in her name until it ends.
    await menu(lena, ".me", "Acting for others…")
    await dialog.get_by_role("button", name="Let somebody act for me…").click()
    await dialog.get_by_role("combobox", name="Who may act for you?").fill("priya")
    await dialog.get_by_role("option", name=re.compile("Priya")).click()
    await dialog.get_by_label("Where").select_option(label="design")
    await dialog.get_by_label("Reason").fill("On leave")
    await dialog.get_by_role("button", name="Offer it").click()
    await expect(dialog.get_by_role("list", name="Who acts for you")).to_contain_text("waits for acceptance")
    await sound(lena, "delegations")
    theirs = await window(viewport=WIDE, timezone_id="UTC")
    priya = (await theirs.tab(f"/chat/{team.channel}", team.priya.email, PASSWORD)).page
    other = priya.get_by_role("dialog")
    await priya.get_by_role("button", name="Lena Hoffmann asks you to act for them").click()
    await other.get_by_role("button", name="Accept").click()
    await other.get_by_role("button", name="Act for Lena Hoffmann").click()
    await expect(other.get_by_role("note")).to_contain_text("You are acting for Lena Hoffmann")
    written = other.get_by_role("textbox", name="Write for Lena Hoffmann")
    await written.fill("I have replaced it")
    await written.press("Enter")
    shown = other.get_by_role("list", name="Messages").get_by_role("listitem").last
    await expect(shown).to_contain_text("Priya Natarajan for Lena Hoffmann")
    # What others write there comes by the stream that is hers for Lena.
    await team.ming.messages.post(team.channel, "谢谢")
    await expect(shown).to_contain_text("谢谢")
    await sound(priya, "acting")
    await expect(lena.locator(".timeline article").filter(has_text="I have replaced it")).to_contain_text(
        "Priya Natarajan for Lena Hoffmann"
    )
    await dialog.get_by_role("button", name="End: Priya Natarajan").click()
    await expect(dialog).to_contain_text("Nobody acts for you.")
    await expect(other).to_have_count(0)
    await lena.keyboard.press("Escape")

    # Whether pages may be public is one of the workspace's settings.
    await menu(lena, ".workspace", "People and roles…")
    switch = dialog.get_by_role("switch", name=re.compile("Pages may be published for everyone"))
    await expect(switch).to_be_checked()
    await switch.click()
    await expect(switch).not_to_be_checked()
    workspaces = [one async for one in team.lena.workspaces.list()]
    assert [one.public_publishing for one in workspaces] == [False]
    await lena.keyboard.press("Escape")

    # What is announced stays above the chats until it is acknowledged.
    await team.ming.announcements.publish(
        team.id,
        "We move on Friday 周五搬家",
        "Pack your desk by **Thursday**. The new address is 7 Harbour Street.",
        acknowledgement_required=True,
    )
    banner = lena.get_by_role("region", name="Announcement", exact=True)
    await expect(banner).to_contain_text("We move on Friday")
    await banner.get_by_role("button", name="Read").click()
    told = dialog.get_by_role("list", name="Announcements").get_by_role("listitem").first
    await expect(told.locator("strong")).to_have_text("Thursday")
    await sound(lena, "announced")
    await told.get_by_role("button", name="Acknowledge: We move on Friday 周五搬家").click()
    await expect(told).to_contain_text("acknowledged")
    await expect(banner).to_have_count(0)
    [published] = [one async for one in team.lena.announcements.published(team.id)]
    assert published.acknowledged_count == 1


async def menu(page: Page, button: str, item: str) -> None:
    await page.locator(f"button{button}").first.click()
    await page.locator(".menu:popover-open [role^=menuitem]").filter(has_text=item).click()
