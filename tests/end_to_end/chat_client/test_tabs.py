"""The chats in several tabs of one browser: one stream for all, whichever of them closes, crashes or has no network."""

from contextlib import suppress

import anyio
import pytest
from fechatter_client import Message
from playwright.async_api import Error, Page, expect

from tests.end_to_end.raw import until_figures
from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.browser import NewWindow


@pytest.mark.system  # whose streams are counted
async def test_three_tabs_have_one_stream_and_outlive_the_one_that_has_it(system: System, window: NewWindow) -> None:
    ada, bob = await system.team("Ada", "Bob")
    chat = (await ada.chats.create("Group", [bob.id], name="lunch", workspace_id=ada.workspace)).id
    hers = await window(forgiven=["Failed to load resource", "WebSocket connection", "net::ERR_"])
    his = await window()
    tabs = [(await hers.tab(f"/chat/{chat}", ada.email, PASSWORD)).page for _ in range(3)]
    other = (await his.tab(f"/chat/{chat}", bob.email, PASSWORD)).page
    await bob.messages.post(chat, "Noodles at noon?")
    for page in (*tabs, other):
        await expect(page.get_by_text("Noodles at noon?", exact=True)).to_be_visible()
    await one_each(system)

    # What is being written in one tab is no other device's in another; what is sent from one is in all.
    fields = [page.get_by_role("textbox", name="Message lunch") for page in tabs]
    async with tabs[1].expect_response("**/draft*"):
        await fields[1].fill("Yes, at the cor")
    await expect(fields[2]).to_have_value("Yes, at the cor")
    await expect(tabs[2].locator(".remote-draft")).to_have_count(0)
    await fields[2].fill("Yes, at the corner")
    await fields[2].press("Enter")
    for page in (*tabs, other):
        await expect(page.get_by_text("Yes, at the corner", exact=True)).to_have_count(1)
    await expect(fields[1]).to_have_value("")

    await tabs[0].close()
    await everywhere(tabs[1:], await bob.messages.post(chat, "after a tab was closed"))
    await one_each(system)

    await hers.context.set_offline(True)
    for page in tabs[1:]:
        await expect(page.get_by_text("You are offline.")).to_be_visible()
    missed = await bob.messages.post(chat, "while there was no network")
    await hers.context.set_offline(False)
    await everywhere(tabs[1:], missed)
    await one_each(system)

    session = await hers.context.new_cdp_session(tabs[1])
    async with tabs[1].expect_event("crash"):
        with suppress(Error):  # who is asked to crash does not answer
            with anyio.move_on_after(1):
                await session.send("Page.crash")
    await everywhere(tabs[2:], await bob.messages.post(chat, "after a tab has crashed"))
    await one_each(system)


async def one_each(system: System) -> None:
    """Each of the two browsers has one stream, once it is settled which tab has it."""
    await until_figures(system, lambda found: found["fechatter_streams_open"] == 2)


async def everywhere(pages: list[Page], message: Message) -> None:
    for page in pages:
        await expect(page.get_by_text(message.content, exact=True)).to_be_visible()
