"""The chat client's frame, in real browsers on the running servers: who sees what, and how one gets to it."""

import os
from pathlib import Path

from playwright.async_api import Page, expect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.accessibility import violations
from tests.support.clients.browser import UNNAMED, NewWindow


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=Path(folder, f"{name}.png"))


async def sound(page: Page, where: str) -> None:
    """Both themes have no faults that axe knows, and all controls have names."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await violations(page) == [], f"{where}, {scheme}"
        await picture(page, f"{where}-{scheme}")
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert await page.evaluate(UNNAMED) == [], where


async def test_two_people_find_each_other_and_talk(system: System, window: NewWindow) -> None:
    ada, ming = await system.team("Ada", "Ming")
    await ming.request("PATCH", "/api/users/me", json={"fullname": "王小明"})
    lunch = (
        await ada.chats.create(
            "PublicChannel", [ming.id], name="lunch", workspace_id=ada.workspace, description="Where and when we eat"
        )
    ).id
    await ada.chats.create("PublicChannel", [ming.id], name="moon landing", workspace_id=ada.workspace)
    await ada.chats.create("Single", [ming.id], workspace_id=ada.workspace)
    hers = await window(viewport={"width": 1280, "height": 800})
    one = (await hers.tab(f"/chat/{lunch}", ada.email, PASSWORD)).page
    await expect(one.get_by_role("heading", name="lunch", level=1)).to_be_visible()
    await expect(one.get_by_role("textbox", name="Message lunch")).to_be_focused()

    his = await window(viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True)
    other = (await his.tab("/", ming.email, PASSWORD)).page
    rows = other.get_by_role("navigation", name="聊天列表").get_by_role("link")
    await expect(rows.filter(has_text="lunch")).to_be_visible()
    await sound(other, "list-phone")

    await one.keyboard.type("Noodles at noon?")
    await one.keyboard.press("Enter")
    await expect(one.get_by_role("article").get_by_text("Noodles at noon?")).to_be_visible()
    await expect(rows.filter(has_text="lunch")).to_have_class("row unread ")
    await rows.filter(has_text="lunch").tap()
    await expect(other.get_by_role("article").get_by_text("Noodles at noon?")).to_be_visible()
    await sound(other, "chat-phone")
    await other.get_by_role("textbox").fill("好的")
    await other.keyboard.press("Enter")
    await expect(one.get_by_role("article").get_by_text("好的")).to_be_visible()
    await sound(one, "chat")
