"""The chat client's timeline in a real browser, fed by hand (`web/tests/timeline_page`): there is no server, and no
chance in what comes when. The policy is that of the pages."""

import mimetypes
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.support.clients.accessibility import sound
from tests.support.clients.browser import until

ROOT = Path(__file__).parents[3]
SERVED = ROOT / "chat_server/web"
FED = ROOT / "web/tests/timeline_page"
# From 90 on all is met that _PREPENDS varies; each takes the browser a frame.
STEPS = 200 if "LONG" in os.environ else 90
HOST = "http://timeline.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf50070003830180b9d4d5b0"
    "0000000049454e44ae426082"
)


async def _serve(route: Route) -> None:
    path = route.request.url.removeprefix(HOST).split("?")[0]
    if path.startswith("/api/files/"):
        await route.fulfill(body=PIXEL, content_type="image/png")
        return
    file = FED / "page.html"
    if path == "/pages/lib/session.js":
        file = FED / "session.js"
    elif path.startswith("/pages/tests/timeline_page/"):
        file = FED / Path(path).name
    elif path.startswith("/pages/"):
        file = SERVED / path.removeprefix("/pages/")
    kind = mimetypes.guess_type(file.name)[0]
    await route.fulfill(body=file.read_bytes(), content_type=kind, headers={"Content-Security-Policy": POLICY})


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 900, "height": 640}, reduced_motion="reduce")
    faults: list[str] = []
    page = await context.new_page()
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.route("**/*", _serve)
    await page.goto(f"{HOST}/chat/1")
    await until(page, "() => globalThis.isReady")
    yield page
    await context.close()
    assert faults == []


async def show(page: Page, **options: Any) -> None:
    await page.evaluate("options => show(options)", options)
    await expect(page.get_by_role("article").first).to_be_visible()


# Scrolls to where history is loaded, and says where a row in view was before and is afterwards.
_PREPENDS = """async (amount) => {
  const frame = () => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
  const scroller = document.querySelector(".scroller");
  const moved = [];
  let [most, loaded] = [0, 0];
  for (let step = 0; step < amount; step += 1) {
    scroller.scrollTop = 30 + (step % 90);
    const begin = scroller.getBoundingClientRect().top;
    const row = [...document.querySelectorAll("article")].find((one) => one.getBoundingClientRect().top >= begin);
    const { key } = row.dataset;
    const { top } = row.getBoundingClientRect();
    const place = timeline.known.value.findIndex(({ id }) => String(id) === key);
    const above = (by) => timeline.known.value[place - by]?.seq;
    const before = timeline.known.value[0].seq;
    if (step % 3 === 0) timeline.comes();
    if (step % 4 === 0 && above(2)) timeline.change(above(2), { content: "more\\n\\nlines\\n- than\\n- before" });
    const files = [timeline.picture(step, step % 2 ? 640 : 200)];
    if (step % 5 === 0 && above(1)) timeline.change(above(1), { files });
    if (step % 6 === 0 && above(3)) timeline.known.value = timeline.known.value.filter(({ seq }) => seq !== above(3));
    await frame();
    const now = document.querySelector(`article[data-key="${key}"]`)?.getBoundingClientRect().top;
    if (now !== top) moved.push([step, top, now ?? null]);
    most = Math.max(most, document.querySelectorAll("article").length);
    loaded += timeline.known.value[0].seq < before;
  }
  return { moved, most, loaded };
}"""


async def test_what_is_read_stays_where_it_is_while_history_pictures_and_others_come(page: Page) -> None:
    await show(page)
    found = await page.evaluate(_PREPENDS, STEPS)
    assert found["moved"] == []
    assert found["loaded"] > STEPS * 0.75
    assert found["most"] <= 150


_LAST_IN_VIEW = """() => {
  const end = document.querySelector(".scroller").getBoundingClientRect().bottom + 1;
  const rows = [...document.querySelectorAll("article")].filter((row) => row.getBoundingClientRect().bottom <= end);
  return Number(rows.at(-1).dataset.seq);
}"""


async def test_it_opens_at_the_first_unread_message_and_keeps_to_the_end(page: Page) -> None:
    # The first unread message is not among those that are here: it is looked for.
    await show(page, firstUnread=2901, unread=100)
    line = page.locator(".new-line")
    await expect(line).to_be_in_viewport()
    await expect(page.locator("article:has(.new-line)")).to_have_attribute("data-seq", "2901")
    # Half a second in view is read, in a window with the focus; further down nothing is.
    await until(page, "() => done.some(([name]) => name === 'seen')")
    seen = await page.evaluate("done.filter(([name]) => name === 'seen').map(([, seq]) => seq)")
    last = await page.evaluate(_LAST_IN_VIEW)
    assert seen == [last]
    assert last < 2930
    newest = page.get_by_role("button", name="100 new messages")
    await newest.click()
    await expect(page.locator('[data-seq="3000"]')).to_be_in_viewport()
    await expect(newest).to_have_count(0)
    # At the end it stays at the end; what comes is read out, what was loaded is not.
    log = page.get_by_role("log")
    await expect(log).to_be_empty()
    await page.evaluate("timeline.comes({ content: '**请注意：**今天', sender_id: 2 })")
    await expect(page.locator('[data-seq="3001"]')).to_be_in_viewport()
    await expect(log).to_have_text("Grace writes: 请注意：今天")
    await page.evaluate("timeline.comes({ sender_id: 1, content: 'mine' })")
    await page.evaluate("timeline.change(3001, { reactions: [{ emoji: '👍', count: 1, user_ids: [3] }] })")
    await expect(page.locator('[data-seq="3002"]')).to_be_in_viewport()
    await expect(log).not_to_contain_text("mine")
    await expect(page.locator('[data-seq="3001"] .message-text strong')).to_have_text("请注意：")
    # A permalink to what is far away: it is marked, and what is around it follows.
    await show(page, target=1500)
    target = page.locator('[data-seq="500"]')
    await expect(target).to_be_in_viewport()
    await expect(target).to_have_class(re.compile(r"\btarget\b"))
    await expect(page.get_by_role("button", name="Newest messages")).to_be_visible()


# How often a message is read to draw its row: at first, after events that leave it as it is (another message, a read
# position, a draft), and after one that changes what may be done with it.
_READ = """async () => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  let reads = 0;
  const counted = (message) => new Proxy(message, { get: (of, name) => ((reads += 1), of[name]) });
  const more = { content: "#general :party: @ada 请注意", reply_to: 3960 };
  timeline.known.value = timeline.known.value.map((one, at) => (at === 40 ? counted({ ...one, ...more }) : one));
  await drawn();
  const first = reads;
  reads = 0;
  for (let seq = 1; seq <= 3; seq += 1) {
    const read = { unread: seq, last_seq: 3000 + seq, last_read_seq: seq };
    chat.value = { ...chat.value, ...read, messages: [], draft: { content: String(seq) } };
    await drawn();
  }
  const afterwards = reads;
  chat.value = { ...chat.value, archived_at: "2026-11-02T00:00:00Z" };
  await drawn();
  return [first > 0, afterwards, reads > afterwards];
}"""


async def test_a_row_is_not_drawn_again_for_what_happens_elsewhere_in_its_chat(page: Page) -> None:
    await show(page)
    assert await page.evaluate(_READ) == [True, 0, True]


@pytest.mark.long
async def test_rows_that_are_gone_are_not_kept(page: Page) -> None:
    await show(page)
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Performance.enable")
    nodes = []
    for _ in range(3):
        await page.evaluate(_COME, 300)
        await devtools.send("HeapProfiler.collectGarbage")
        found = (await devtools.send("Performance.getMetrics"))["metrics"]
        nodes.append(next(one["value"] for one in found if one["name"] == "Nodes"))
    # The window has 150 rows of some 20 nodes by then.
    assert nodes[2] - nodes[1] < 1_000, nodes


# Each is drawn before the next one comes.
_COME = """
async (amount) => {
    for (let n = 0; n < amount; n += 1) {
        const seq = timeline.comes({ sender_id: 2, content: `message ${n}` });
        while (!document.querySelector(`[data-seq="${seq}"]`)) await new Promise(requestAnimationFrame);
    }
}
"""


async def test_messages_are_used_by_keyboard_alone(page: Page) -> None:
    await show(page)
    await page.keyboard.press("Tab")
    last = page.locator('[data-seq="3000"]')
    await expect(last).to_be_focused()
    # Read as name, text, time.
    await expect(last).to_have_accessible_name(f"Grace 3000 short {await last.locator('time').inner_text()}")
    for _ in range(3):
        await page.keyboard.press("ArrowUp")
    await expect(page.locator('[data-seq="2997"]')).to_be_focused()
    await page.keyboard.press("Home")
    first = page.locator('article[data-seq="2951"]')
    await expect(first).to_be_focused()
    await page.keyboard.press("End")
    await expect(last).to_be_focused()
    # A key of the table, the menu, and Escape back to the row.
    await page.keyboard.press("u")
    await until(page, "() => done.some(([name, seq]) => name === 'markUnread' && seq === 3000)")
    await expect(page.locator("article:has(.new-line)")).to_have_attribute("data-seq", "3000")
    await page.keyboard.press("Enter")
    menu = page.get_by_role("menu", name="Actions for this message")
    await expect(menu.get_by_role("menuitem", name="Add a reaction")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(menu).to_have_count(0)
    await expect(last).to_be_focused()
    await page.keyboard.press("r")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await until(page, "() => done.some(([name, seq, emoji]) => name === 'react' && seq === 3000 && emoji === '❤️')")
    await expect(last).to_be_focused()
    # An own message is edited in its place; a key of an input method is none of ours.
    await page.evaluate("timeline.comes({ sender_id: 1, content: 'hello' })")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("e")
    field = page.get_by_role("textbox", name="Text of the message")
    await expect(field).to_be_focused()
    await field.fill("hello, all")
    await field.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    await expect(field).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(field).to_have_count(0)
    assert await page.evaluate("done.find(([name]) => name === 'edit')") == ["edit", 3001, "hello, all"]
    await expect(page.locator('[data-seq="3001"]')).to_be_focused()  # in a task of its own
    await page.keyboard.press("Delete")
    dialog = page.get_by_role("dialog", name="Delete this message?")
    await dialog.get_by_role("button", name="Delete").click()
    await expect(dialog).to_have_count(0)
    assert await page.evaluate("done.at(-1)") == ["remove", 3001]
    await sound(page, "timeline")
