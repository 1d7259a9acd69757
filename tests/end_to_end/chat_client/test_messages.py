"""Messages in the chat client, between two people in real browsers on the running servers."""

import io

from PIL import Image
from playwright.async_api import expect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.accessibility import sound
from tests.support.clients.browser import NewWindow, until

DIRECTION = "(one) => getComputedStyle(one).direction"
MARKUP = '**请注意：**今天 `a<b` [x](javascript:alert(1)) <img src=x onerror="document.title=1"> @grace'


def _png(width: int, height: int) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 60)).save(content, "PNG")
    return content.getvalue()


async def test_two_people_and_all_that_a_message_can_have(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    async with system.sql() as sql:
        await sql.execute("UPDATE users SET username = 'grace' WHERE id = $1", grace.id)
    lunch = await system.group(ada, grace)
    pictures = [(await ada.files.upload_bytes(ada.workspace, _png(640, side), f"{side}.png")).id for side in (480, 320)]
    notes = (await ada.files.upload_bytes(ada.workspace, b"noodles", "notes.txt")).id
    board = (await ada.boards.create(ada.workspace, name="Roadmap")).id
    await ada.boards.add_member(board, grace.id, role="viewer")
    first = await ada.messages.post(lunch, f"{MARKUP} {system.chat.url}/board/{board}", files=[*pictures, notes])

    hers = await window(viewport={"width": 1200, "height": 900})
    one = (await hers.tab(f"/chat/{lunch}", ada.email, PASSWORD)).page
    his = await window(viewport={"width": 1200, "height": 900})
    other = (await his.tab(f"/chat/{lunch}", grace.email, PASSWORD)).page

    # Text is text, a mention is the server's, a board is a card, and files are there.
    row = other.locator(f"article[data-key='{first.id}']")
    await expect(row.locator(".message-text strong")).to_have_text("请注意：")
    await expect(row.locator(".message-text")).to_contain_text(
        '[x](javascript:alert(1)) <img src=x onerror="document.title=1">'
    )
    await expect(row.locator(".mention.mine")).to_have_text("@grace")
    await expect(row.locator(".message-text")).to_have_attribute("lang", "zh-Hans")
    await expect(row.get_by_role("link", name="Roadmap Board")).to_have_attribute("href", f"/board/{board}")
    await expect(row.get_by_role("link", name="notes.txt 7 bytes")).to_be_visible()
    shown = row.locator(".picture img")
    await expect(shown).to_have_count(2)
    await until(other, "() => [...document.querySelectorAll('.picture img')].every((one) => one.naturalWidth > 0)")

    # The lightbox: by keyboard from one to the next, and back to the row.
    await row.get_by_role("button", name="Open 480.png").click()
    lightbox = other.get_by_role("dialog", name="Picture 480.png")
    await expect(lightbox.get_by_role("img", name="480.png")).to_be_visible()
    await other.keyboard.press("ArrowRight")
    await expect(other.get_by_role("dialog", name="Picture 320.png").get_by_role("status")).to_have_text("2 / 2")
    await other.keyboard.press("Escape")
    await expect(other.get_by_role("dialog")).to_have_count(0)
    await expect(row).to_be_focused()

    # A reaction of one is seen by both, with who has given it; the other adds to it, and takes it back.
    await other.keyboard.press("r")
    await other.get_by_role("toolbar", name="Add a reaction").get_by_role("button", name="🎉").click()
    mine = one.locator(f"article[data-key='{first.id}']")
    await mine.get_by_role("button", name="🎉 1: Grace").click()
    both = row.get_by_role("button", name="🎉 2: Grace and Ada").or_(
        row.get_by_role("button", name="🎉 2: you and Ada")
    )
    await expect(both).to_contain_text("2")
    await expect(both).to_have_attribute("aria-pressed", "true")
    await mine.get_by_role("button", name="🎉 2: Grace and you").click()
    await expect(row.get_by_role("button", name="🎉 1: you")).to_contain_text("1")

    await row.get_by_role("button", name="Add a reaction").last.click()
    await other.get_by_role("button", name="Choose an emoji").click()
    await expect(other.get_by_role("dialog", name="Choose an emoji").get_by_role("searchbox")).to_be_focused()
    await other.keyboard.type("rocket")
    await expect(other.get_by_role("dialog", name="Choose an emoji").locator(".about")).to_contain_text("rocket")
    await other.keyboard.press("Enter")
    await expect(mine.get_by_role("button", name="🚀 1: Grace")).to_be_visible()

    # A reply: its quote, and the summary of the thread on what it answers.
    reply = await grace.messages.post(lunch, "me too", reply_to=first.id)
    answer = one.locator(f"article[data-key='{reply.id}']")
    await expect(answer.locator(".quote")).to_contain_text("Ada 请注意：今天 a<b")
    await expect(mine.get_by_role("button", name="1 reply")).to_be_visible()
    # Edited, pinned, forwarded, deleted: each is seen by the other.
    await answer.focus()
    assert await one.evaluate("document.activeElement.dataset.key") == str(reply.id)
    await one.keyboard.press("p")
    await one.keyboard.press("Enter")
    await expect(one.get_by_role("menuitem", name="Unpin")).to_be_visible()
    await expect(one.get_by_role("menuitem", name="Edit")).to_have_count(0)
    await one.get_by_role("menuitem", name="Forward").click()
    dialog = one.get_by_role("dialog", name="Forward to")
    await dialog.get_by_role("checkbox", name="lunch").check()
    await dialog.get_by_role("button", name="Forward").click()
    forwarded = other.get_by_role("article").filter(has_text="Forwarded from")
    await expect(forwarded).to_contain_text("me too")
    await grace.messages.edit(lunch, reply.id, "me three")
    await expect(answer).to_contain_text("me three")
    await expect(answer.locator(".edited")).to_be_visible()
    for page in (one, other):
        await sound(page, "messages")
    await other.locator(f"article[data-key='{reply.id}']").focus()
    await other.keyboard.press("Delete")
    await other.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(answer).to_contain_text("This message was deleted.")
    await expect(mine.get_by_role("button", name="1 reply")).to_have_count(0)

    # Each message has the direction of its own text, as it is written and as it is read: its quotes and lists, too.
    field = one.get_by_role("textbox", name="Message lunch")
    await field.fill("> مرحبا\n\nשלום, how are you?\n\n- אחת")
    assert await field.evaluate(DIRECTION) == "rtl"
    await field.press("Enter")
    text = other.locator(".message-text", has_text="how are you?")
    await expect(text).to_be_visible()
    assert [await text.locator(part).evaluate(DIRECTION) for part in ("blockquote", ":scope > p", "li")] == ["rtl"] * 3
    assert await text.locator("blockquote").evaluate("(one) => getComputedStyle(one).borderRightWidth") == "3px"
    assert await row.locator(".message-text").evaluate(DIRECTION) == "ltr"
