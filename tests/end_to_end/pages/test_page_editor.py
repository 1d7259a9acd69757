"""The editor of pages, in two real browsers on the running servers."""

import io

from PIL import Image
from playwright.async_api import Locator, Page, expect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.accessibility import sound
from tests.support.clients.browser import UNNAMED, NewWindow, Tab

PROBE = '<img src=x onerror="document.title=1">'


class Editor:
    """A tab with a page, and what people see and do on it."""

    def __init__(self, tab: Tab) -> None:
        self.tab, self.page = tab, tab.page
        self.sheet = tab.page.locator("#sheet")
        self.people = tab.page.locator("#people").get_by_role("button")
        self.tree = tab.page.get_by_role("tree").get_by_role("treeitem")

    async def add(self, kind: str) -> None:
        await self.page.locator(f"[data-add={kind}]").click()

    async def write(self, text: str) -> None:
        """Into what is selected, by keyboard."""
        await self.page.keyboard.press("Enter")
        await self.page.keyboard.type(text)
        await self.page.keyboard.press("Escape")

    async def drag(self, what: Locator, onto: Locator) -> None:
        await onto.scroll_into_view_if_needed()
        start, end = await what.bounding_box(), await onto.bounding_box()
        assert start is not None
        assert end is not None
        await self.tab.drag(
            (start["x"] + 10, start["y"] + 10),
            (start["x"] + 30, start["y"] + 20),
            (end["x"] + end["width"] / 2, end["y"] + end["height"] / 2),
        )

    async def until_saved(self) -> None:
        await expect(self.page.locator("#status")).to_have_attribute("data-saved", "true")

    async def shows(self, *names: str) -> None:
        """The tree, from above."""
        await expect(self.tree).to_have_text(names)


def png(width: int, height: int) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(data, "PNG")
    return data.getvalue()


async def give(page: Page, how: str, onto: str, data: bytes, media_type: str) -> None:
    """A file is pasted, or dropped there."""
    given = """(element, [how, data, type]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(data)], "flag.png", { type }));
      const { left, top } = element.getBoundingClientRect();
      const at = { bubbles: true, cancelable: true, clientX: left + 5, clientY: top + 5 };
      element.dispatchEvent(how === "drop" ? new DragEvent(how, { ...at, dataTransfer: transfer })
        : new ClipboardEvent(how, { ...at, clipboardData: transfer }));
    }"""
    await page.locator(onto).evaluate(given, [how, list(data), media_type])


async def test_two_people_build_a_page_one_of_them_offline_for_a_while(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    # A page is made where boards are, and shared by the same dialog.
    hers = await window(viewport={"width": 1360, "height": 860}, forgiven=["status of 404"])  # nothing is published yet
    shelf = await hers.tab("/pages", ada.email, PASSWORD)
    await shelf.page.get_by_label("Name of a new page").fill("Moon landing")
    await sound(shelf.page, "the list of pages")
    await shelf.page.get_by_role("button", name="New page").click()
    await shelf.until("live")
    one = Editor(shelf)
    path = "/" + one.page.url.split("/", 3)[3]
    page_id = int(path.rsplit("/", 1)[1])
    await ada.pages.add_member(page_id, grace.id, role="editor")
    # What his pages ask for in the moment in which his rights end is refused.
    his = await window(
        viewport={"width": 1360, "height": 860}, locale="zh-CN", forgiven=["status of 404", "status of 403"]
    )
    other = Editor(await his.tab(path, grace.email, PASSWORD))
    await other.tab.until("live")

    # What one does is there for the other, and nobody's text is HTML.
    await one.add("Heading")
    await one.write(f"To the moon {PROBE}")
    await one.add("Columns")
    await expect(other.sheet.locator("h2")).to_have_text(f"To the moon {PROBE}")
    column = other.sheet.locator("[data-kind=Column]").first
    await other.drag(other.page.locator("[data-add=Text]"), column)
    await other.write("What do we need?")
    await one.shows("Page", f"HeadingTo the moon {PROBE}", "Columns", "Column", "TextWhat do we need?", "Column")
    await one.drag(one.sheet.locator("p"), one.sheet.locator("[data-kind=Column]").nth(1))
    await other.shows("页面", f"标题To the moon {PROBE}", "分栏", "列", "列", "文字What do we need?")

    # Each sees who is here, what they have selected, and what they are editing.
    for editor, name in ((one, "Grace"), (other, "Ada")):
        await expect(editor.people).to_have_count(2)
        await expect(editor.people.nth(1)).to_have_accessible_name(name)
    await other.sheet.locator("h2").click()
    await other.page.keyboard.press("Enter")
    await expect(one.sheet.locator("[data-held]")).to_have_attribute("data-held", "Grace is editing")
    await one.sheet.locator("h2").click()
    await expect(one.page.locator("#locked")).to_have_text("Grace is editing this just now.")
    await expect(other.tab.cursors.filter(has_text="Ada")).to_be_visible()
    await other.page.keyboard.press("Escape")

    # One is offline, and both edit; what was edited offline outlives the tab, and is there afterwards, once.
    await his.context.set_offline(True)
    await other.tab.until("offline")
    await other.add("Divider")
    await other.add("Board")
    await one.add("Card")
    await one.page.keyboard.press("Escape")
    await one.add("Button")
    await one.until_saved()
    await expect(other.page.locator("#status")).to_have_text("离线：修改保存在本机，稍后发送")
    await other.page.close()
    await his.context.set_offline(False)
    other = Editor(await his.tab(path, grace.email, PASSWORD))
    await other.until_saved()
    for kind, amount in (("Divider", 1), ("Board", 1), ("Card", 1), ("Button", 1)):
        for editor in (one, other):
            await expect(editor.sheet.locator(f"[data-kind={kind}]")).to_have_count(amount)

    # An undo takes back one's own, and not what another has done since.
    await one.page.keyboard.press("Control+z")
    await expect(other.sheet.locator("[data-kind=Button]")).to_have_count(0)
    await one.page.keyboard.press("Control+Shift+z")
    await one.sheet.locator("h2").click()
    await one.write("To Mars")
    await expect(other.sheet.locator("h2")).to_have_text("To Mars")
    await other.sheet.locator("h2").click()
    await other.write("To the moon")
    await expect(one.sheet.locator("h2")).to_have_text("To the moon")
    await one.page.keyboard.press("Control+z")
    await expect(one.page.get_by_role("alert").first).to_contain_text("It was not undone: somebody has changed")
    await expect(one.sheet.locator("h2")).to_have_text("To the moon")
    await one.page.get_by_role("button", name="Dismiss").click()

    # A comment on a component; a property that leads nowhere; and a link that does.
    await other.page.keyboard.press("c")
    await other.page.keyboard.type("Which one?")
    # The chats' picker of emoji, by keys.
    await other.page.locator("#commenting").get_by_role("button", name="表情").press("Enter")
    await other.page.locator(".emoji-picker input").press_sequentially("rocket")
    await expect(other.page.locator(".emoji-picker .about")).to_contain_text("火箭")
    await other.page.keyboard.press("Enter")
    await expect(other.page.locator("#commenting textarea")).to_have_value("Which one?🚀")
    await expect(other.page.locator("#commenting textarea")).to_be_focused()
    await other.page.get_by_role("button", name="评论", exact=True).and_(other.page.locator(".primary")).click()
    await expect(one.sheet.locator("h2 ~ .pin")).to_have_text("1")
    await one.sheet.locator("[data-kind=Button]").click()
    await one.page.get_by_label("Leads to").fill("javascript:alert(1)")
    await expect(one.page.locator("#fields .failure:not(:empty)")).to_have_text(
        "It must begin with https://, mailto:, tel:, / or #."
    )
    await one.page.get_by_label("Leads to").fill("https://example.com/")
    await one.until_saved()
    assert await one.page.evaluate(UNNAMED) == []
    await other.sheet.locator("h2").hover()
    await one.tab.picture("page-editor")
    await sound(one.page, "the editor")

    # Pictures are uploaded by a button, by paste and by drop, and belong to the page.
    await one.add("Image")
    async with one.page.expect_file_chooser() as choosing:
        await one.page.get_by_role("button", name="Upload a picture").click()
    await (await choosing.value).set_files({"name": "flag.png", "mimeType": "image/png", "buffer": png(4, 3)})
    pictures = other.sheet.locator("[data-kind=Image] img")
    await expect(pictures).to_have_js_property("naturalWidth", 4)
    await other.sheet.locator("h2").click()
    await give(other.page, "paste", "#stage", png(5, 3), "image/png")
    await expect(one.sheet.locator("[data-kind=Image] img[alt=flag]")).to_have_js_property("naturalWidth", 5)
    await give(one.page, "drop", "#sheet [data-kind=Image] >> nth=0", png(6, 3), "image/png")
    await expect(pictures.nth(0)).to_have_js_property("naturalWidth", 6)
    await expect(pictures).to_have_count(2)
    attached = [file.id async for file in grace.pages.files(page_id)]
    assert await pictures.nth(0).get_attribute("src") == f"/api/files/{attached[2]}"
    await give(other.page, "paste", "#stage", b"<svg/>", "image/svg+xml")
    refused = other.page.get_by_role("region", name="正在上传的图片")
    await expect(refused).to_contain_text("不是所有浏览器都能显示的图片")
    await sound(other.page, "a refused picture")
    await refused.get_by_role("button", name="知道了").click()
    await expect(refused.get_by_role("listitem")).to_have_count(0)

    # The history: the page as it was, and as it is again.
    await one.page.get_by_role("button", name="History").click()
    first = one.page.locator("#past-list button").last
    await first.click()
    await expect(one.page.locator("#past-sheet h2")).to_be_visible()
    await one.tab.picture("page-history")
    await sound(one.page, "history")
    await one.page.get_by_role("button", name="Restore this version").click()
    await expect(other.sheet.locator("[data-kind=Button]")).to_have_count(0)
    await one.page.locator("#stage").focus()
    await one.page.keyboard.press("Control+z")
    await expect(other.sheet.locator("[data-kind=Button]")).to_have_count(1)

    # What is done to several is one step; keys that type a character can be switched off.
    await one.sheet.locator("h2").click()
    await one.sheet.locator("[data-kind=Button]").click(modifiers=["ControlOrMeta"])
    await expect(one.page.locator("#outline [aria-selected=true]")).to_have_count(2)
    await expect(one.sheet.locator(".selected")).to_have_count(2)
    await one.page.keyboard.press("Delete")
    await expect(other.sheet.locator("[data-kind=Button], h2")).to_have_count(0)
    await one.page.keyboard.press("Control+z")
    await expect(other.sheet.locator("[data-kind=Button], h2")).to_have_count(2)
    await one.page.keyboard.press("?")
    await one.page.get_by_label("Letters, digits and signs are keys too").uncheck()
    await sound(one.page, "keys")
    await one.page.keyboard.press("Escape")
    await one.page.locator("#stage").focus()
    await one.page.keyboard.press("?")
    await expect(one.page.locator("#help")).to_be_hidden()
    await one.page.locator("#outline [role=treeitem]").first.click()  # the comments are those of all
    await other.page.get_by_role("button", name="分享").click()
    await expect(other.page.get_by_role("heading", name="分享此页面")).to_be_visible()
    await other.page.get_by_role("button", name="创建链接").click()
    await expect(other.page.locator("#links li")).to_contain_text("可编辑，有效至")
    await sound(other.page, "sharing, in Chinese")
    await other.page.keyboard.press("Escape")

    # Published, it is for everybody who has the address.
    await one.page.get_by_role("button", name="Publish").click()
    await one.page.get_by_label("Who can see it").select_option("public")
    await one.page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    address = await one.page.locator("#published a").get_attribute("href")
    assert address is not None
    await sound(one.page, "publishing")
    anybody = await (await window()).context.new_page()
    await anybody.goto(address)
    await expect(anybody.get_by_role("heading", name="To the moon")).to_be_visible()
    await anybody.locator("figure img").first.scroll_into_view_if_needed()
    await expect(anybody.locator("figure img").first).to_have_js_property("naturalWidth", 6)
    # Of what is for members, a member's browser gets the pictures, too.
    await ada.request("POST", f"/pages/{page_id}/publish", json={"audience": "members"})
    member = await other.page.context.new_page()
    await member.goto(address)
    await expect(member.get_by_role("heading", name="To the moon")).to_be_visible()
    await member.locator("figure img").first.scroll_into_view_if_needed()
    await expect(member.locator("figure img").first).to_have_js_property("naturalWidth", 6)

    # Who may only look sees it change, and may comment, on a phone.
    await ada.pages.set_role(page_id, grace.id, "viewer")
    await expect(other.page.locator("#palette")).to_be_hidden()
    phone = await window(
        viewport={"width": 390, "height": 780}, has_touch=True, forgiven=["status of 404", "status of 403"]
    )
    small = Editor(await phone.tab(path, grace.email, PASSWORD))
    await small.tab.until("live")
    await expect(small.page.locator("#status")).to_have_text("Live, to look at")
    await small.page.get_by_role("button", name="Comments", exact=True).tap()
    await expect(small.page.locator(".thread .said")).to_have_text("Which one?🚀")
    await small.page.get_by_role("button", name="Reply").tap()
    await small.page.get_by_role("button", name="Cancel").tap()
    await expect(small.page.get_by_role("button", name="Reply")).to_be_visible()
    await small.page.locator("#commenting textarea").press_sequentially("The near one :tada:")
    await expect(small.page.locator("#commenting textarea")).to_have_value("The near one 🎉")
    await small.page.locator("#commenting .primary").tap()
    await expect(one.page.locator(".thread")).to_have_count(2)
    await expect(one.page.locator(".thread .said").filter(has_text="The near one")).to_have_text("The near one 🎉")
    assert await small.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await small.tab.picture("page-phone")
    await sound(small.page, "on a phone")

    # One who is removed has nothing of it any more.
    await ada.pages.remove_member(page_id, grace.id)
    await expect(small.page.get_by_role("heading", level=1)).to_have_text("You are not on this page any more")
    assert await small.page.locator("#sheet > *").count() == 0
    assert await one.page.evaluate("document.title") == "Moon landing · Fechatter"
