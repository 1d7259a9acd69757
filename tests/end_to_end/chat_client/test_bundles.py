"""The chats as a package serves them: bundles, of which most are fetched when they are first needed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, Route, expect

from tests.end_to_end.chat_client.test_offline import CONTROLLED, until_kept
from tests.end_to_end.system import PASSWORD, System
from tests.support import bundles
from tests.support.clients.browser import NewWindow

pytestmark = pytest.mark.skipif(not bundles.possible(), reason="bundles are made by node and npm")


async def test_bundles_come_as_they_are_needed_and_what_does_not_come_is_tried_again(
    system: System, window: NewWindow
) -> None:
    ada, bob = await system.team("Ada", "Bob")
    chat = (await ada.chats.create("Group", [bob.id], name="lunch", workspace_id=ada.workspace)).id
    await bob.messages.post(chat, "Noodles at noon?")
    # What is cut off is told on the console as well, and so is what a page without its words is left with.
    hers = await window(forgiven=["Failed to load resource", "net::ERR_"])
    page = (await hers.tab(f"/chat/{chat}", ada.email, PASSWORD)).page
    await expect(page.get_by_text("Noodles at noon?")).to_be_visible()
    asked = await page.evaluate("performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)")
    assert not [path for path in asked if path.startswith("/pages/") and not path.endswith((".svg", ".png"))]
    assert not [path for path in asked if path.startswith("/assets/zh-")]

    pane = page.get_by_role("complementary", name="Members")
    async with cut_off(page, "people-"):
        await page.locator("button.tool.people").click()
        await expect(pane.get_by_role("alert")).to_contain_text("cannot be reached")
    await pane.get_by_role("button", name="Try again").click()
    await expect(pane.get_by_text("Bob", exact=True)).to_be_visible()

    dialog = page.get_by_role("dialog")
    async with cut_off(page, "switcher-"):
        await page.keyboard.press("Control+k")
        await expect(dialog.get_by_role("alert")).to_contain_text("cannot be reached")
    await dialog.get_by_role("button", name="Try again").click()
    await expect(dialog.get_by_role("combobox")).to_be_focused()
    await page.keyboard.press("Escape")

    await page.get_by_role("button", name="Ada Online").click()
    await page.get_by_role("menuitem", name="Settings").click()
    async with cut_off(page, "zh-"):
        await dialog.get_by_role("radio", name="简体中文").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("cannot be reached")
    await page.reload()  # it was not chosen, since nothing could be said in it
    await expect(page.get_by_role("textbox", name="Message lunch")).to_be_visible()

    async with cut_off(page, "en-"):
        await page.reload()
        await expect(page.get_by_role("alert")).to_contain_text("页面未能加载")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_text("Noodles at noon?")).to_be_visible()

    his = await window(
        offline=True, locale="zh-CN", forgiven=["Failed to load resource", "WebSocket connection", "net::ERR_"]
    )
    other = (await his.tab(f"/chat/{chat}", bob.email, PASSWORD)).page
    await expect(other.get_by_text("Noodles at noon?")).to_be_visible()
    assert await other.evaluate(CONTROLLED)
    await until_kept(other, "Noodles at noon?")
    await his.context.set_offline(True)
    await other.goto(f"/chat/{chat}?pane=pins")
    await expect(other.get_by_text("Noodles at noon?")).to_be_visible()
    await expect(other.get_by_role("complementary", name="已置顶").get_by_role("heading")).to_be_visible()
    await other.keyboard.press("Control+k")
    await expect(other.get_by_role("dialog").get_by_role("combobox")).to_be_focused()


@asynccontextmanager
async def cut_off(page: Page, name: str) -> AsyncIterator[None]:
    """Bundles of this name do not come."""

    async def fail(route: Route) -> None:
        await route.abort()

    await page.route(f"**/assets/{name}*", fail)
    yield
    await page.unroute(f"**/assets/{name}*")
