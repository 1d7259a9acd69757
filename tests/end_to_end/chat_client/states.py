"""How a page of the chats comes into each state that is looked at: by the keys and buttons that people use, in either
language, and without loading it anew."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Page, expect

from tests.end_to_end.chat_client.scene import Scene
from tests.support.clients.browser import until

GO = """(address) => {
    history.pushState(null, "", address);
    dispatchEvent(new PopStateEvent("popstate"));
}"""
LOADED = """() => [...document.images].every((image) => image.complete && image.naturalWidth > 0)"""


@dataclass
class View:
    page: Page
    scene: Scene

    @property
    def narrow(self) -> bool:
        size = self.page.viewport_size
        assert size is not None
        return size["width"] < 720

    async def at(self, address: str) -> None:
        await self.page.evaluate(GO, address)

    async def chat(self, chat: int, pane: str = "") -> None:
        await self.at(f"/chat/{chat}{f'?pane={pane}' if pane else ''}")

    async def design(self, pane: str = "") -> None:
        await self.chat(self.scene.design, pane)

    async def my_menu(self, at: int) -> None:
        """One of the entries at the bottom of the sidebar."""
        if self.narrow:
            await self.at("/")
        await self.page.locator(".me").first.click()
        await self.page.locator(".menu:popover-open [role^=menuitem]").nth(at).click()


State = Callable[[View], Awaitable[None]]
REPORTS = re.compile("Reports|举报")
NOTIFICATIONS = re.compile("Notifications|通知")


async def chat(view: View) -> None:
    await view.design()
    await expect(view.page.locator(".timeline .picture img")).to_have_count(3)


async def sidebar(view: View) -> None:
    await view.at("/")
    await expect(view.page.locator(".sidebar .row").first).to_be_visible()


async def thread(view: View) -> None:
    await view.design(f"thread:{view.scene.thread}")
    await expect(view.page.locator(".pane article")).to_have_count(3)


async def search(view: View) -> None:
    await view.design("search")
    box = view.page.locator(".pane input[type=search]")
    await box.fill("messages")
    await box.press("Enter")
    await expect(view.page.locator(".pane mark").first).to_be_visible()


async def people(view: View) -> None:
    await view.design("people")
    await expect(view.page.locator(".pane .people-list li")).to_have_count(5)


async def gallery(view: View) -> None:
    await view.chat(view.scene.general, "files")
    await expect(view.page.locator(".gallery img")).to_have_count(5)


async def lightbox(view: View) -> None:
    await gallery(view)
    await view.page.locator(".gallery button").nth(1).click()
    await expect(view.page.locator("dialog.lightbox img")).to_be_visible()


async def switcher(view: View) -> None:
    await view.design()
    await view.page.keyboard.press("Control+k")
    await view.page.locator("dialog input").fill("l")
    await expect(view.page.locator("dialog [role=option]").first).to_be_visible()


async def emoji(view: View) -> None:
    await view.design()
    await view.page.locator(".centre .writing-row .icon").nth(1).click()
    await expect(view.page.locator(".emoji-picker [role=gridcell]").first).to_be_visible()


async def completion(view: View) -> None:
    await view.design()
    field = view.page.locator(".centre .composer-frame textarea")
    await field.fill("")
    await field.press_sequentially("@")
    await expect(view.page.locator(".completions li")).not_to_have_count(0)


async def message_menu(view: View) -> None:
    await view.design()
    await view.page.locator(".timeline article").last.focus()
    await view.page.keyboard.press("Enter")
    await expect(view.page.locator(".menu:popover-open")).to_be_visible()


async def settings(view: View) -> None:
    await view.my_menu(6)
    await expect(view.page.locator("dialog .settings")).to_be_visible()


async def devices(view: View) -> None:
    await view.my_menu(7)
    await expect(view.page.locator("dialog .devices li").first).to_be_visible()


async def keys(view: View) -> None:
    await view.my_menu(8)
    await expect(view.page.locator("dialog kbd").first).to_be_visible()


async def readers(view: View) -> None:
    await view.design()
    await view.page.locator(".timeline article").last.focus()
    await view.page.keyboard.press("s")
    await expect(view.page.locator("dialog .readers li")).to_have_count(4)


async def profile(view: View) -> None:
    await view.my_menu(1)
    await expect(view.page.locator("dialog .profile")).to_be_visible()


async def status(view: View) -> None:
    await view.my_menu(0)
    await expect(view.page.locator("dialog .chosen")).to_be_visible()


async def my_own_menu(view: View) -> None:
    if view.narrow:
        await view.at("/")
    await view.page.locator(".me").first.click()
    await expect(view.page.locator(".menu:popover-open")).to_be_visible()


async def new_chat(view: View) -> None:
    await view.at("/")
    await view.page.locator(".sidebar > header > button.icon").click()
    await view.page.locator("dialog .tabs button").nth(1).click()


async def new_direct(view: View) -> None:
    await view.at("/")
    await view.page.locator(".sidebar > header > button.icon").click()
    await expect(view.page.locator("dialog [role=option]").first).to_be_visible()


async def reports(view: View) -> None:
    await view.at("/")
    await view.page.locator("button.workspace").click()
    await view.page.locator(".menu:popover-open [role=menuitem]").filter(has_text=REPORTS).click()
    await expect(view.page.locator("dialog .owned-list li")).to_have_count(1)


async def nothing_yet(view: View) -> None:
    await view.chat(view.scene.empty)
    await expect(view.page.locator(".timeline .begins")).to_be_visible()


async def pins(view: View) -> None:
    await view.design("pins")
    await expect(view.page.locator(".pane .line")).to_have_count(1)


async def details(view: View) -> None:
    await view.design()
    await view.page.locator(".what h1 button").click()
    await expect(view.page.locator("dialog form")).to_be_visible()


async def notifications(view: View) -> None:
    await view.design()
    await view.page.locator(".chat-header .tools > button.icon").click()
    await view.page.locator(".menu:popover-open [role=menuitem]").filter(has_text=NOTIFICATIONS).first.click()
    await expect(view.page.locator("dialog form")).to_be_visible()


async def contrast(view: View) -> None:
    """High contrast, which stays until the page is closed."""
    await chat(view)
    await view.page.evaluate("""() => {
        localStorage.setItem("fechatter.contrast", "more");
        document.dispatchEvent(new CustomEvent("fechatter:theme"));
    }""")


async def leave(view: View) -> None:
    """Closes what is open above the page, and empties what was begun."""
    page = view.page
    await page.mouse.move(0, 0)  # and points at nothing
    for _ in range(3):
        if not await page.locator("dialog[open], :popover-open, .completions").count():
            break
        await page.keyboard.press("Escape")
    field = page.locator(".centre .composer-frame textarea")
    if await field.count() and await field.is_visible() and await field.input_value():
        await field.fill("")


async def settled(page: Page) -> None:
    await until(page, LOADED)
    await page.evaluate("() => Promise.all(document.getAnimations().map(({ finished }) => finished))")
