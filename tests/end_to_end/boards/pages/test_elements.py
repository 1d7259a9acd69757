"""What goes on a board and off it again, in a real browser: arrows, pictures, copies, files, paper, people."""

import re
from base64 import b64encode
from pathlib import Path

from playwright.async_api import Page, expect

from tests.end_to_end.boards.pages.people import at_board, made_board
from tests.end_to_end.system import System
from tests.support.clients.browser import NewWindow, same

# In a page: pastes a file, a red picture of 800 × 400 pixels, or one that is no picture.
PASTE = """async (good) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 800, height: 400 });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#d01020";
    pen.fillRect(0, 0, 800, 400);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    const transfer = new DataTransfer();
    transfer.items.add(new File([good ? blob : "no picture"], "red.png", { type: "image/png" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
}"""
# In a page: what colours a file of a picture has, as #rrggbb, and its size.
COLOURS = """async (bytes) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))]));
    const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
    const pen = canvas.getContext("2d");
    pen.drawImage(bitmap, 0, 0);
    const { data } = pen.getImageData(0, 0, bitmap.width, bitmap.height);
    const found = new Set();
    for (let at = 0; at < data.length; at += 4) {
        found.add("#" + [0, 1, 2].map((one) => data[at + one].toString(16).padStart(2, "0")).join(""));
    }
    return [...found];
}"""
# In a page: pastes this text, as JSON of the page's own type.
PASTE_ELEMENTS = """(text) => {
    const transfer = new DataTransfer();
    transfer.setData("application/vnd.fechatter.elements+json", text);
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
}"""


async def downloaded(page: Page, name: str) -> bytes:
    async with page.expect_download() as download:
        await page.get_by_role("button", name=name).click()
    return Path(await (await download.value).path()).read_bytes()


async def test_arrows_widths_and_the_eraser(system: System, window: NewWindow) -> None:
    ada = await system.sign_up("Ada")
    board, browser = await made_board(ada), await window()
    hers, theirs = await at_board(browser, ada, board), await at_board(browser, ada, board)
    await hers.tool("Arrow")
    await hers.page.get_by_role("button", name="Line 8 wide").click()
    await hers.drag((300, 200), (420, 300), (600, 260))
    arrow = theirs.page.locator(".element[data-kind=line]")
    await expect(arrow).to_have_count(1)
    await same(hers, theirs)
    drawn = await arrow.locator("path").first.get_attribute("d")
    assert drawn is not None
    assert drawn.count("M") == 2, "the shaft, and the head"
    assert await arrow.evaluate("(node) => getComputedStyle(node.querySelector('path')).strokeWidth") == "8px"

    # What is selected becomes thinner, and what is drawn next is as wide.
    await hers.page.get_by_role("button", name="Line 2 wide").click()
    await expect(arrow).to_have_css("--width", "2")
    await hers.tool("Pen")
    await hers.drag((300, 400), (420, 430), (600, 400))
    await hers.write("Sticky note", (900, 300), "stays")
    await expect(theirs.elements).to_have_count(3)

    # The eraser takes what it passes over, in one step.
    await theirs.tool("Eraser")
    await theirs.drag((450, 180), (450, 320), (450, 450))
    await expect(hers.elements).to_have_count(1)
    await expect(hers.element("stays")).to_be_visible()
    await theirs.page.keyboard.press("Control+z")
    await expect(hers.elements).to_have_count(3)


async def test_elements_text_and_pictures_are_copied_and_pasted(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await made_board(ada, viewer=grace)
    browser = await window()
    hers, theirs = await at_board(browser, ada, board), await at_board(await window(), grace, board)
    await hers.write("Sticky note", (400, 300), "Boots 🥾", "pink")
    await hers.element("Boots").click()
    await hers.page.keyboard.press("Control+d")
    await expect(theirs.elements).to_have_count(2)
    await expect(hers.page.locator(".element.selected")).to_have_count(1)
    await hers.page.keyboard.press("Control+x")
    await expect(hers.elements).to_have_count(1)
    for amount in (2, 3):
        await hers.page.keyboard.press("Control+v")
        await expect(hers.elements).to_have_count(amount)
    assert len({place for _, _, place in (await hers.places()).values()}) == 3, "no copy hides another"
    await expect(theirs.page.locator(".element.pink")).to_have_count(3)

    # On another board, too; and in a text field it is text.
    other = await at_board(browser, ada, await made_board(ada))
    await other.page.keyboard.press("Control+v")
    await expect(other.element("Boots 🥾")).to_have_class(re.compile("pink"))
    await other.write("Text", (700, 500), "before ")
    await other.element("before").dblclick()
    await other.page.keyboard.press("End")
    await other.page.keyboard.press("Control+v")
    await other.page.keyboard.press("Escape")
    await expect(other.element("before")).to_have_text("before Boots 🥾")

    # A picture is there for everybody, smaller than it was; what is none is refused in words.
    await hers.page.evaluate(PASTE, True)
    shown = theirs.page.locator(".element[data-kind=picture] img")
    await expect(shown).to_have_js_property("naturalWidth", 800)
    box = await hers.page.locator(".element[data-kind=picture]").bounding_box()
    assert box is not None
    assert box["width"] == 2 * box["height"]
    await hers.page.evaluate(PASTE, False)
    await expect(hers.page.get_by_role("alert").first).to_contain_text("red.png is not a picture")

    # What somebody else's page has put on the clipboard is drawn only where it can be.
    before = await hers.places()
    for text in ('[{"kind": "note", "x": 1e999, "y": 0}]', '{"kind": "note"}', "[1, null]", "no JSON"):
        await hers.page.evaluate(PASTE_ELEMENTS, text)
    assert await hers.places() == before
    strange = '[{"kind": "picture", "x": 0, "y": 0, "type": "image/svg+xml", "data": {"base64": "PHN2Zy8+"}}]'
    await hers.page.evaluate(PASTE_ELEMENTS, strange)
    assert await hers.places() == before

    # Who only looks pastes nothing.
    await theirs.page.evaluate(PASTE, True)
    await theirs.page.keyboard.press("Control+v")
    await same(hers, theirs)


async def test_a_board_leaves_as_a_picture_as_a_drawing_and_on_paper(system: System, window: NewWindow) -> None:
    ada = await system.sign_up("Ada")
    tab = await at_board(await window(), ada, await made_board(ada))
    await tab.write("Sticky note", (400, 300), "<b>山中露營</b>", "yellow")
    await tab.page.evaluate(PASTE, True)
    await tab.tool("Arrow")
    await tab.colour("green")
    await tab.drag((300, 500), (500, 560))
    await expect(tab.elements).to_have_count(3)
    await tab.page.get_by_role("button", name="Versions").click()
    drawing = (await downloaded(tab.page, "Download as SVG")).decode()
    assert "&lt;b&gt;" in drawing
    assert re.search(r'<image [^>]*href="data:image/webp;base64,[A-Za-z0-9+/=]{100}', drawing)
    assert 'stroke="#1d7a4b"' in drawing
    assert "blob:" not in drawing
    picture = await downloaded(tab.page, "Download as PNG")
    assert picture.startswith(b"\x89PNG")
    colours = set(await tab.page.evaluate(COLOURS, b64encode(picture).decode()))
    assert {"#ffe27a", "#1d7a4b", "#f6f6f3"} <= colours
    assert any(re.fullmatch("#[cd].[01].[12].", colour) for colour in colours), "the red picture is in it"

    await tab.page.evaluate(
        "addEventListener('beforeprint',"
        " () => { window.printed = document.querySelectorAll('#sheet svg :not(tspan)').length; })"
    )
    paper = await tab.page.pdf(landscape=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    # Paper, note and its text (in as many rows as the font needs), picture, arrow.
    assert await tab.page.evaluate("window.printed") == 5
    await expect(tab.page.locator("#sheet svg")).to_have_count(0)


async def test_colleagues_are_let_in_by_name(system: System, window: NewWindow) -> None:
    ada, grace, alan = await system.team("Ada", "Grace", "Alan")
    board = await made_board(ada)
    tab = await at_board(await window(), ada, board)
    await tab.page.get_by_role("button", name="Share").click()
    name, add = tab.page.get_by_label("Name", exact=True), tab.page.get_by_role("button", name="Add")
    await expect(tab.page.locator("#colleagues option")).to_have_count(2)
    await name.fill("Nobody")
    await add.click()
    await expect(tab.page.get_by_text("Nobody in this workspace is called Nobody")).to_be_visible()
    await name.fill(f"@{(await grace.users.me()).username}")
    await add.click()
    await expect(tab.page.locator("#members li")).to_have_count(2)
    await expect(tab.page.locator("#colleagues option")).to_have_count(1)
    added = {member.user_id: member.role async for member in ada.boards.members(board)}
    assert added == {ada.id: "owner", grace.id: "editor"}
    assert alan.id not in added
