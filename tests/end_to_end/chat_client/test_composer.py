"""Writing in the chat client, in real browsers on the running servers."""

import base64
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import CDPSession, Locator, expect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.accessibility import picture, sound
from tests.support.clients.browser import NewWindow

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
BY_INPUT_METHOD = 229
# What three input methods show while somebody types, and what they leave: Chinese by pinyin, Japanese by kana, Korean
# by letters, which puts out the last syllable with the Enter that would send.
SEQUENCES: Sequence[tuple[Sequence[str], str]] = (
    (("n", "ni", "ni h", "ni hao"), "你好"),
    (("k", "か", "かん", "かんじ", "漢字"), "漢字"),
    (("ㅎ", "하", "한", "한ㄱ", "한구", "한국"), "한국"),
)


class InputMethod:
    """Keys as Chromium tells of them while an input method has the keyboard; on a Mac with the names that they have."""

    def __init__(self, keys: CDPSession) -> None:
        self._keys = keys

    async def _press(self, name: str) -> None:
        key = {"windowsVirtualKeyCode": BY_INPUT_METHOD, "key": name}
        await self._keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})

    async def compose(self, shown: Sequence[str]) -> None:
        for text in shown:
            await self._press("Process")
            await self._keys.send(
                "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
            )

    async def enter(self, text: str) -> None:
        """The Enter that chooses what was composed."""
        await self._press("Enter")
        await self._keys.send("Input.insertText", {"text": text})
        await self._press("Enter")  # which Safari tells after it


async def test_no_input_method_is_broken_in_any_field_of_the_chat_page(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = (await ada.chats.create("PublicChannel", [grace.id], name="lunch", workspace_id=ada.workspace)).id
    hers = await window(viewport={"width": 1280, "height": 800})
    page = (await hers.tab(f"/chat/{chat}", ada.email, PASSWORD)).page
    field = page.get_by_role("textbox", name="Message lunch")
    await expect(field).to_be_focused()
    keys = InputMethod(await page.context.new_cdp_session(page))
    for shown, text in SEQUENCES:
        await keys.compose(shown)
        await expect(field).to_have_value(shown[-1])
        await keys.enter(text)
        await expect(field).to_have_value(text)
        assert await page.get_by_text(text).count() == 0, "the Enter was the input method's"
        await page.keyboard.press("Enter")
        await expect(page.get_by_text(text, exact=True)).to_be_visible()
        await expect(field).to_have_value("")

    async def kept(other: Locator) -> None:
        """A field has what was composed, and did nothing at its Enters."""
        await expect(other).to_be_focused()
        for shown, text in SEQUENCES:
            await other.fill("")
            await keys.compose(shown)
            await keys.enter(text)
            await expect(other).to_have_value(text)
            await expect(other).to_be_focused()

    # A list of completions takes no key of an input method either.
    await page.keyboard.type("@gr")
    await expect(page.get_by_role("option")).to_have_count(1)
    await keys.compose(["ㅎ", "한"])
    await expect(page.get_by_role("option")).to_have_count(0)
    await keys.enter("한")
    await expect(field).to_have_value("@gr한")
    await field.fill("")
    # An own message, edited in its place.
    await page.keyboard.press("ArrowUp")
    edited = page.get_by_role("textbox", name="Text of the message")
    await kept(edited)
    await edited.fill("한국어")
    await page.keyboard.press("Enter")
    await expect(edited).to_have_count(0)
    await expect(page.get_by_text("한국어", exact=True)).to_be_visible()
    # Emoji, jumping to a chat, search.
    await page.get_by_role("button", name="Emoji", exact=True).click()
    await kept(page.get_by_role("searchbox", name="Search emoji"))
    await page.keyboard.press("Escape")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("")
    await page.keyboard.press("Control+k")
    await kept(page.get_by_role("dialog").get_by_role("combobox"))
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Search", exact=True).first.click()
    await kept(page.get_by_role("searchbox", name="Search messages, files, people…"))
    assert page.url.endswith("pane=search"), "nothing was searched"


async def test_emoji_and_commands_are_chosen_by_keyboard(system: System, window: NewWindow) -> None:
    [ada] = await system.team("Ada")
    chat = (await ada.chats.create("PublicChannel", [], name="lunch", workspace_id=ada.workspace)).id
    page = (await (await window(viewport={"width": 390, "height": 844})).tab(f"/chat/{chat}", ada.email, PASSWORD)).page
    field = page.get_by_role("textbox", name="Message lunch")
    await page.get_by_role("button", name="Emoji", exact=True).click()
    box = page.get_by_role("searchbox", name="Search emoji")
    cells = page.get_by_role("gridcell")
    await box.fill("party")
    await expect(cells.first.get_by_role("button")).to_have_attribute("title", ":tada:")
    await box.fill("")
    await expect(page.get_by_role("rowgroup", name="Flags")).to_be_attached()
    await sound(page, "emoji-picker")
    await box.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("End")
    assert await page.locator(".emoji-grid [tabindex='0']").count() == 1, "one tab stop"
    await page.get_by_label("Skin tone", exact=True).select_option(label="✋🏽")
    await box.fill("waving hand")
    await box.press("Enter")
    await expect(field).to_have_value("👋🏽")
    await expect(field).to_be_focused()

    await field.fill("")
    await page.keyboard.type("/to")
    await expect(page.get_by_role("option")).to_contain_text("Set what this chat is about")
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("/topic ")
    await page.keyboard.type("Where we eat")
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("")
    [shown] = [one for one in (await ada.request("GET", "/chats")).json() if one["id"] == chat]
    assert shown["description"] == "Where we eat"
    await page.keyboard.type("/invite @nobody")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Nobody in this workspace is called @nobody.")).to_be_visible()
    await field.fill("/nothing of that")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Send it as a message").click()
    await expect(page.get_by_text("/nothing of that", exact=True)).to_be_visible()
    await field.fill("x" * 10_001)
    await expect(page.get_by_text("1 character too many: a message has at most 10,000.")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("x" * 10_001)


async def test_a_message_with_files_completions_and_a_draft_goes_from_device_to_device(
    system: System, window: NewWindow, tmp_path: Path
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    await grace.request("PATCH", "/users/me", json={"fullname": "王小明"})
    chat = (await ada.chats.create("PublicChannel", [grace.id], name="lunch", workspace_id=ada.workspace)).id
    members = (await ada.request("GET", f"/chats/{chat}/members")).json()
    at = "@" + next(member["username"] for member in members if member["user_id"] == grace.id)
    await ada.chats.create("PublicChannel", [], name="产品讨论", workspace_id=ada.workspace)
    laptop_window = await window(viewport={"width": 1280, "height": 800})
    laptop = (await laptop_window.tab(f"/chat/{chat}", ada.email, PASSWORD)).page
    phone_window = await window(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone = (await phone_window.tab(f"/chat/{chat}", ada.email, PASSWORD)).page
    field, other = (page.get_by_role("textbox", name="Message lunch") for page in (laptop, phone))

    # Names by pinyin, chats, emoji: Enter takes what the list says and sends nothing.
    await expect(field).to_be_focused()
    options = laptop.get_by_role("listbox", name="Suggestions").get_by_role("option")
    await laptop.keyboard.type("@wangx")
    await expect(options).to_have_text(["小明王小明" + at])
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await expect(field).to_have_attribute("aria-activedescendant", str(await options.first.get_attribute("id")))
    await laptop.keyboard.press("Enter")
    await expect(field).to_have_value(f"{at} ")
    await expect(options).to_have_count(0)
    await laptop.keyboard.type("#cp")
    await expect(options).to_have_count(1)
    await picture(laptop, "composer-completion")
    await laptop.keyboard.press("Tab")
    await laptop.keyboard.type(":tad")
    await expect(options.first).to_contain_text(":tada:")
    await laptop.keyboard.press("ArrowDown")
    await laptop.keyboard.press("ArrowUp")
    await laptop.keyboard.press("Enter")
    await expect(field).to_have_value(f"{at} #产品讨论 🎉 ")
    await laptop.keyboard.type("@wa")
    await expect(options).not_to_have_count(0)
    await laptop.keyboard.press("Escape")
    await expect(options).to_have_count(0)
    await expect(field).to_be_focused()
    for _ in "@wa":
        await laptop.keyboard.press("Backspace")
    await laptop.keyboard.type("bold")
    await laptop.keyboard.press("Shift+Control+ArrowLeft")
    await laptop.keyboard.press("Control+b")
    text = f"{at} #产品讨论 🎉 **bold**"
    await expect(field).to_have_value(text)
    await laptop.keyboard.press("Control+z")
    await expect(field).to_have_value(text.replace("*", ""))
    await laptop.keyboard.press("Control+b")

    # The phone has it where nobody writes, and is only offered it where somebody does.
    await expect(other).to_have_value(text)
    await other.fill("on my way")
    offered = laptop.get_by_text("You wrote something else on another device:")
    await expect(offered).to_be_visible()
    await expect(field).to_have_value(text)
    await sound(laptop, "composer-offered")
    await laptop.get_by_role("button", name="Keep mine").click()
    await expect(offered).to_have_count(0)
    await expect(phone.get_by_text("You wrote something else on another device:")).to_be_visible()
    await phone.get_by_role("button", name="Use it").click()
    await expect(other).to_have_value(text)

    # Files are uploaded while one writes, and what cannot be sent says so before.
    for name, content in (("nothing.txt", b""), ("notes.txt", b"ships\n"), ("dot.png", PNG)):
        (tmp_path / name).write_bytes(content)
    chooser = laptop.locator("input[type=file]")
    await chooser.set_input_files([tmp_path / "nothing.txt"])
    await expect(laptop.get_by_text("nothing.txt is empty.")).to_be_visible()
    await chooser.set_input_files([tmp_path / "notes.txt", tmp_path / "dot.png"])
    files = laptop.get_by_role("list", name="Files of this message").get_by_role("listitem")
    await expect(files).to_have_count(2)
    await expect(files.get_by_role("progressbar")).to_have_count(0)
    await sound(laptop, "composer-files")
    await laptop.get_by_role("button", name="Remove notes.txt").click()
    await field.press("Enter")
    await expect(laptop.locator(".timeline").get_by_text("产品讨论")).to_be_visible()
    await expect(field).to_have_value("")
    await expect(files).to_have_count(0)
    await expect(other).to_have_value("")  # what was sent is a draft nowhere
    await expect(phone.get_by_role("feed").get_by_text("产品讨论")).to_be_visible()
    [message] = (await ada.request("GET", f"/chats/{chat}/messages")).json()
    assert message["content"] == text
    assert [file["name"] for file in message["files"]] == ["dot.png"]
    assert message["mentions"] == [grace.id]

    # A reply is begun on one of them and finished on the other; it is a draft nowhere once it is posted.
    for page in (laptop, phone):
        await page.goto(f"/chat/{chat}?pane=thread:{message['id']}")
    reply, there = (page.get_by_role("textbox", name="Reply in this thread") for page in (laptop, phone))
    await reply.fill("begun here")
    await expect(there).to_have_value("begun here")
    await expect(field).to_have_value("")
    await there.fill("begun here, finished there")
    await expect(laptop.get_by_text("You wrote something else on another device:")).to_be_visible()
    await there.press("Enter")
    await expect(laptop.get_by_role("region", name="Replies").get_by_text("finished there")).to_be_visible()
    await phone.goto(f"/chat/{chat}")
    await phone.goto(f"/chat/{chat}?pane=thread:{message['id']}")
    await expect(there).to_have_value("")
    await expect(laptop.get_by_text("You wrote something else on another device:")).to_have_count(0)
