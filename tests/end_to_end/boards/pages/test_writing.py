"""Writing in a text while somebody else writes in it too, by input methods (pinyin, kana, hangul) as well, in a real
browser."""

from playwright.async_api import CDPSession, Locator, expect

from tests.end_to_end.boards.pages.people import at_board, made_board
from tests.end_to_end.system import System
from tests.support.clients.browser import NewWindow, Tab

# What is composed, step by step, and what comes of it.
COMPOSED = (
    (("n", "ni", "ni h", "ni hao"), "你好"),
    (("k", "か", "かn", "かん", "かんj", "かんじ", "漢字"), "漢字"),
    (("ㅎ", "하", "한"), "한"),
    (("ㄱ", "그", "글"), "글"),
)
HALVES = {step for steps, _ in COMPOSED for step in steps} - {text for _, text in COMPOSED}

# In a page: notes every text that an element has shown.
NOTE_TEXTS = """() => {
    window.shownTexts = new Set();
    const note = () => document.querySelectorAll(".element .text").forEach((node) => shownTexts.add(node.textContent));
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


class InputMethod:
    def __init__(self, session: CDPSession) -> None:
        self._session = session

    async def compose(self, text: str) -> None:
        end = len(text)
        await self._session.send("Input.imeSetComposition", {"text": text, "selectionStart": end, "selectionEnd": end})

    async def commit(self, text: str) -> None:
        await self._session.send("Input.insertText", {"text": text})

    async def cancel(self) -> None:
        await self.compose("")


async def input_method(tab: Tab) -> InputMethod:
    return InputMethod(await tab.page.context.new_cdp_session(tab.page))


def written(tab: Tab) -> Locator:
    """Of the one element on it: what others are shown of it."""
    return tab.elements.locator(".text")


async def test_what_is_composed_is_ones_own_until_it_ends(system: System, window: NewWindow) -> None:
    """Grace writes in front of it, behind it and in between while Ada composes, and neither loses a letter."""
    ada, grace = await system.team("Ada", "Grace")
    board = await made_board(ada, editor=grace)
    hers, theirs = await at_board(await window(), ada, board), await at_board(await window(), grace, board)
    await hers.write("Sticky note", (400, 300), "[]")
    await expect(theirs.element("[]")).to_be_visible()
    await theirs.page.evaluate(NOTE_TEXTS)
    for tab in (hers, theirs):
        await tab.elements.dblclick()
    await hers.page.keyboard.press("End")
    await hers.page.keyboard.press("ArrowLeft")  # between the brackets
    method = await input_method(hers)
    front = behind = inside = ""
    for number, (steps, text) in enumerate(COMPOSED):
        for step in steps:
            await method.compose(step)
            key = "Control+Home" if len(front) <= len(behind) else "Control+End"
            await theirs.page.keyboard.press(key)
            await theirs.page.keyboard.type(str(number))
            if key == "Control+Home":
                front = str(number) + front
            else:
                behind += str(number)
            await expect(written(hers)).to_have_text(f"{front}[{inside}]{behind}")
        await method.commit(text)
        inside += text
        for tab in (hers, theirs):
            await expect(tab.page.locator("textarea")).to_have_value(f"{front}[{inside}]{behind}")
    shown: list[str] = await theirs.page.evaluate("[...shownTexts]")
    assert not [text for text in shown if any(half in text for half in HALVES)]


async def test_a_selection_composed_over_keeps_what_others_write_in_it(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await made_board(ada, editor=grace)
    hers, theirs = await at_board(await window(), ada, board), await at_board(await window(), grace, board)
    await hers.write("Sticky note", (400, 300), "abcd")
    await expect(theirs.element("abcd")).to_be_visible()
    area = hers.page.locator("textarea")
    method = await input_method(hers)
    await hers.elements.dblclick()  # selects all
    await method.compose("ni")
    await theirs.elements.dblclick()
    await theirs.page.keyboard.press("Control+Home")
    await theirs.page.keyboard.press("ArrowRight")
    await theirs.page.keyboard.type("XY")
    await expect(written(hers)).to_have_text("aXYbcd")
    await expect(area).to_have_value("ni")
    await method.commit("你")
    for tab in (hers, theirs):
        await expect(tab.page.locator("textarea")).to_have_value("你XY")

    # It is one step to be undone, which takes back nothing of Grace's.
    for key, text in (("Control+z", "aXYbcd"), ("Control+Shift+z", "你XY")):
        await hers.page.keyboard.press(key)
        for tab in (hers, theirs):
            await expect(tab.page.locator("textarea")).to_have_value(text)

    # What is called off was never there, and what is left in the middle of it stays, as a browser has it.
    await hers.page.keyboard.press("Control+Home")
    await hers.page.keyboard.press("ArrowRight")
    await method.compose("ni h")
    await method.cancel()
    await theirs.page.keyboard.type("Z")
    for tab in (hers, theirs):
        await expect(tab.page.locator("textarea")).to_have_value("你XYZ")
    await method.compose("好")
    await hers.stage.click(position={"x": 900, "y": 500})
    for tab in (hers, theirs):
        await expect(written(tab)).to_have_text("你好XYZ")

    # A text has a bound, and what is beyond it does not vanish without a word.
    await hers.elements.dblclick()
    await hers.page.keyboard.insert_text("x" * 10_001)
    await expect(hers.page.get_by_role("alert").filter(has_text="10,000 characters")).to_be_visible()
    await expect(area).to_have_value("x" * 10_000)
