"""What opens beside a chat, in a real browser on the running servers: threads, search, pins, files."""

import re

from playwright.async_api import expect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.accessibility import sound
from tests.support.clients.browser import NewWindow


async def test_threads_search_pins_and_files_open_beside_a_chat(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = (await ada.chats.create("PublicChannel", [grace.id], name="lunch", workspace_id=ada.workspace)).id
    question = await ada.messages.post(chat, "Where is the **red** boat? <b>now</b>")
    await grace.messages.post(chat, "At the pier", reply_to=question.id)
    await grace.messages.post(chat, "码头上的小船")
    uploaded = await grace.files.upload_bytes(ada.workspace, b"a plan", "plan of the pier.txt")
    await grace.messages.post(chat, files=[uploaded.id])
    harbour = await ada.pages.create(ada.workspace, "harbour", content=["The pier is of <b>stone</b>."], schema="free")
    hers = await window(viewport={"width": 1280, "height": 800}, forgiven=["status of 400"])  # a search that is wrong
    page = (await hers.tab(f"/chat/{chat}", ada.email, PASSWORD)).page

    # The threads that one follows lead to one of them, which is read by that.
    await page.get_by_role("button", name="Threads", exact=True).click()
    pane = page.locator(".pane")
    lines = pane.get_by_role("listitem")
    await expect(lines).to_have_count(1)
    await expect(lines.locator(".badge")).to_have_text("1 unread")
    # A reply that is being written elsewhere is listed, and leads to its thread.
    plan = await grace.messages.post(chat, "Who brings the soup?")
    draft = await ada.reading.save_draft(chat, "I do, with **bread**", thread_id=plan.id)
    drafts = pane.get_by_role("list", name="Replies that are being written")
    await expect(drafts.get_by_role("listitem")).to_contain_text("I do, with **bread**")
    await expect(drafts.get_by_role("link")).to_have_attribute("href", f"/chat/{chat}?pane=thread%3A{plan.id}")
    await sound(page, "pane-threads")
    await ada.reading.drop_draft(chat, draft, thread_id=plan.id)
    await expect(drafts).to_have_count(0)
    await lines.get_by_role("link").click()
    await page.wait_for_url(f"**/chat/{chat}?pane=thread%3A{question.id}")
    await expect(pane.get_by_text("At the pier")).to_be_visible()
    await expect(pane.get_by_role("list", name="What this thread is about")).to_contain_text("Where is the red boat?")
    reply = pane.get_by_role("textbox", name="Reply in this thread")
    await reply.fill("Thank you")
    await expect(page.get_by_role("textbox", name="Message lunch")).to_have_value("")
    await reply.press("Enter")
    await expect(pane.get_by_text("Thank you")).to_be_visible()
    await expect(reply).to_have_value("")
    await expect(page.locator(".pending")).to_have_count(0)
    follow = pane.get_by_role("button", name="Following")
    await expect(follow).to_have_attribute("aria-pressed", "true")
    await follow.click()
    await pane.get_by_role("button", name="Follow", exact=True).click()
    await expect(follow).to_be_visible()

    # One box finds all there is, shows what it found as text, and leads there.
    await page.get_by_role("button", name="Search", exact=True).first.click()
    box = pane.get_by_role("searchbox", name="Search messages, files, people…")
    await expect(box).to_be_focused()
    await box.fill("red boat")
    await box.press("Enter")
    found = pane.get_by_role("list", name="Messages")
    await expect(found.locator("mark")).to_have_text(["red", "boat"])
    await expect(found).to_contain_text("<b>now</b>")
    await box.fill("pier")
    await box.press("Enter")
    await expect(pane.get_by_role("region", name="Files").locator("mark")).to_have_text(["pier"])
    await expect(found.get_by_role("listitem")).to_have_count(1)
    pages = pane.get_by_role("region", name="Pages")
    await expect(pages.locator("mark")).to_have_text(["pier"])
    await expect(pages.get_by_role("link", name="harbour The pier is of <b>stone</b>.")).to_have_attribute(
        "href", f"/page/{harbour.id}"
    )
    await pane.get_by_text("Filters").click()
    await pane.get_by_role("button", name="From me").click()
    await expect(pane.get_by_text("No message has all of that.")).to_be_visible()
    await pane.get_by_role("button", name="Without this filter: From me").click()
    await expect(found.get_by_role("listitem")).to_have_count(1)
    await found.get_by_role("link").click()
    await page.wait_for_url(f"**/chat/{chat}/*?pane=search*")
    await box.fill("小船")
    await box.press("Enter")
    await expect(found.locator("mark")).to_have_text(["小船"])
    await box.fill("has:nothing")
    await box.press("Enter")
    await expect(pane.get_by_role("alert")).to_contain_text("This search is not understood:")

    # What somebody else pins is there, and what one takes away is not.
    await page.get_by_role("button", name="Pinned", exact=True).first.click()
    await expect(pane.get_by_text("Nothing is pinned here.")).to_be_visible()
    await grace.request("PUT", f"/chats/{chat}/messages/{question.id}/pin")
    await ada.request("PUT", f"/chats/{chat}/messages/{question.id}/pin")
    await expect(pane.get_by_role("listitem")).to_contain_text("Where is the red boat?")
    await pane.get_by_role("button", name="Unpin").click()
    await expect(pane.get_by_text("Nothing is pinned here.")).to_be_visible()

    await page.get_by_role("button", name="Files", exact=True).click()
    await expect(pane.get_by_text(re.compile("No picture has been posted here yet"))).to_be_visible()
    await pane.get_by_role("button", name="Other files").click()
    await expect(pane.get_by_role("listitem")).to_contain_text("plan of the pier.txt")
    await sound(page, "pane-files")
