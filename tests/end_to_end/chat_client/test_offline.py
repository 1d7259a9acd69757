"""The chats without a network: they start, what was read can be read, and what is written then is posted once."""

import time

from playwright.async_api import Page, expect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.browser import NewWindow, until

# The worker has a complete set, and the page is started from it.
CONTROLLED = """
async () => {
    await navigator.serviceWorker.ready;
    const names = (await caches.keys()).filter((name) => /^fechatter-/.test(name));
    return (await Promise.all(names.map(async (name) => (await caches.open(name)).match("/complete")))).some(Boolean);
}
"""
# Whether any store of any database has this text.
KEPT = """
async (text) => {
    const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    for (const { name } of await indexedDB.databases()) {
        const database = await done(indexedDB.open(name));
        for (const store of database.objectStoreNames) {
            const all = await done(database.transaction(store).objectStore(store).getAll());
            if (JSON.stringify(all).includes(text)) return true;
        }
        database.close();
    }
    return false;
}
"""
# No database of the chats.
NOTHING = """
async () => (await indexedDB.databases()).every(({ name }) => !name.startsWith("fechatter."))
"""


async def test_it_starts_reads_and_writes_without_a_network(system: System, window: NewWindow) -> None:
    ada, bob = await system.team("Ada", "Bob")
    chat = (await ada.chats.create("Group", [bob.id], name="lunch", workspace_id=ada.workspace)).id
    said = [await bob.messages.post(chat, f"dish {number}") for number in range(1, 6)]
    asked = await bob.messages.post(chat, "Noodles at noon?")
    async with system.sql() as sql:  # the history is shorter than a page, and does not begin with the first seq
        await sql.execute("DELETE FROM messages WHERE id = $1", said[0].id)
    hers = await window(offline=True, forgiven=["Failed to load resource", "WebSocket connection", "net::ERR_"])
    page = (await hers.tab(f"/chat/{chat}", ada.email, PASSWORD)).page
    await expect(page.get_by_text("Noodles at noon?")).to_be_visible()
    assert await page.evaluate(CONTROLLED)
    for kept in ("dish 2", "Noodles at noon?"):  # the history, and the snapshot
        await until_kept(page, kept)

    await hers.context.set_offline(True)
    await page.goto(f"/chat/{chat}?pane=thread:{asked.id}")
    asked_at: list[float] = []
    page.on("request", lambda request: asked_at.append(time.monotonic()) if "/thread?" in request.url else None)
    pane = page.get_by_role("complementary", name="Thread")
    await expect(pane.get_by_text("Noodles at noon?")).to_be_visible()
    async with page.expect_request(lambda request: "/thread?" in request.url and len(asked_at) > 3):
        pass  # what cannot be had is asked for now and then
    assert asked_at[-1] - asked_at[-2] > 0.5
    await page.goto(f"/chat/{chat}")
    await expect(page.get_by_text("Noodles at noon?")).to_be_visible()
    for number in range(2, 6):
        await expect(page.get_by_text(f"dish {number}")).to_be_visible()
    box = page.get_by_role("textbox", name="Message lunch")
    await box.fill("Yes, at the corner")
    await box.press("Enter")
    await expect(page.get_by_text("Yes, at the corner")).to_be_visible()
    await page.reload()  # it is on the disk, too
    await expect(page.get_by_text("Yes, at the corner")).to_be_visible()

    async with bob.listen() as heard:
        await hers.context.set_offline(False)
        posted = await heard.until_kind("NewMessage")
        assert (posted.data["sender_id"], posted.data["content"]) == (ada.id, "Yes, at the corner")
    await expect(page.get_by_text("Yes, at the corner")).to_have_count(1)
    async with system.sql() as sql:
        assert await sql.fetchval("SELECT count(*) FROM messages WHERE content = 'Yes, at the corner'") == 1

    # Signing out, from another page than the chats, leaves nothing, though a tab with a chat is open.
    boards = (await hers.tab("/boards", ada.email, PASSWORD)).page
    await boards.get_by_role("button", name="Sign out").click()
    for left in (boards, page):
        await left.wait_for_url("**/signin**")
        await left.wait_for_load_state()
    await until(boards, NOTHING)


async def until_kept(page: Page, text: str) -> None:
    """Until the browser's database has a message."""
    await until(page, KEPT, text)
