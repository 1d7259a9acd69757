"""How the chats look: each of some states has no fault that axe knows, in both languages, themes and widths.

An ordinary run looks at narrow, dark and Chinese pages; other tests look at light and English ones.

With PICTURES=FOLDER (`make pictures`) this takes the pictures of docs/pictures/chat, of more states.
"""

import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.end_to_end.chat_client import states
from tests.end_to_end.chat_client.scene import scene
from tests.end_to_end.chat_client.states import State, View
from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.accessibility import violations
from tests.support.clients.browser import NewWindow, Window

LARGEST = 60_000
WIDE, NARROW = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
# The widths and themes of each language: all of them in `make test-long`.
LOOKS: Mapping[str, Sequence[tuple[ViewportSize, Sequence[Literal["light", "dark"]]]]] = (
    {language: [(WIDE, ("light", "dark")), (NARROW, ("light", "dark"))] for language in LANGUAGES}
    if "LONG" in os.environ
    else {"zh": [(NARROW, ("dark",))]}
)
# Each with what is there only in that state; the first is looked at as a whole.
LOOKED_AT: Mapping[State, str | None] = {
    states.chat: None,
    states.thread: ".pane",
    states.search: ".pane",
    states.people: ".pane",
    states.gallery: ".pane",
    states.completion: ".composer",
    states.switcher: "dialog",
    states.settings: "dialog",
}
# state, language, theme, width
PICTURES = """
chat en light 1280, chat zh dark 1280, thread zh light 1280, search en dark 1280, people zh dark 1280,
gallery en light 1280, lightbox zh light 1280, switcher zh light 1280, emoji en light 1280, completion zh dark 1280,
message_menu en light 1280, my_own_menu zh light 1280, settings en light 1280, devices zh dark 1280,
profile en dark 1280, status zh light 1280, new_chat en dark 1280, nothing_yet en light 1280, reports en light 1280,
keys en light 1280, readers zh dark 1280, notifications zh dark 1280, contrast zh light 1280,
sidebar en light 390, sidebar zh dark 390, chat zh light 390, chat en dark 390, thread en light 390,
settings zh dark 390, gallery zh light 390, message_menu en dark 390, new_direct zh light 390
"""


async def test_no_state_has_a_fault_in_any_language_theme_or_width(system: System, window: NewWindow) -> None:
    team = await scene(system)
    for language, looks in LOOKS.items():
        locale, who = LANGUAGES[language], team.lena if language == "en" else team.ming
        # A draft that is written again just after it was emptied is asked for twice: the first time it is another one.
        browser = await window(locale=locale, timezone_id="UTC", viewport=WIDE, forgiven=["status of 409"])
        view = View((await browser.tab(f"/chat/{team.design}", who.email, PASSWORD)).page, team)
        for size, themes in looks:
            await view.page.set_viewport_size(size)
            for state, within in LOOKED_AT.items():
                await state(view)
                for number, theme in enumerate(themes):
                    await view.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                    # What is no colour is the same in both.
                    found = await violations(view.page, "cat.color" if number else None, within)
                    assert not found, f"{state.__name__}, {language}, {theme}, {size}: {found}"
                await states.leave(view)


@pytest.mark.skipif("PICTURES" not in os.environ, reason="without PICTURES=FOLDER there is nothing to take")
async def test_pictures(system: System, browser: Browser) -> None:
    folder = Path(os.environ["PICTURES"])
    team = await scene(system)
    wanted = [tuple(line.split()) for line in PICTURES.replace("\n", " ").split(",")]
    for language, locale in LANGUAGES.items():
        who = team.lena if language == "en" else team.ming
        for size in (WIDE, NARROW):
            options: dict[str, Any] = {
                "locale": locale,
                "timezone_id": "UTC",
                "viewport": size,
                "device_scale_factor": 2,
            }
            async with Window.of(browser, system.chat.url, **options) as opened:
                view = View((await opened.tab("/", who.email, PASSWORD)).page, team)
                for name, of, theme, width in wanted:
                    if (of, int(width)) == (language, size["width"]):
                        await view.page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
                        await getattr(states, name)(view)
                        await take(view.page, folder, f"{name}-{language}-{theme}-{width}")
                        await states.leave(view)
    await first_run(system, browser, folder)
    written = list(folder.glob("*.webp"))
    assert len(written) >= len(wanted)
    assert max(file.stat().st_size for file in written) <= LARGEST


async def first_run(system: System, browser: Browser, folder: Path) -> None:
    """Of somebody who comes first, on a laptop and on a phone."""
    for language, size, theme in (("en", WIDE, "light"), ("zh", NARROW, "dark")):
        person = await system.sign_up("Lena")
        await person.users.update_me(fullname="Lena Hoffmann" if language == "en" else "林雨")
        options: dict[str, Any] = {"locale": LANGUAGES[language], "viewport": size, "device_scale_factor": 2}
        async with Window.of(browser, system.chat.url, color_scheme=theme, **options) as opened:
            page = (await opened.tab("/", person.email, PASSWORD)).page
            name = page.locator(".welcome input").first
            await name.fill("Lighthouse" if language == "en" else "灯塔工作室")
            await take(page, folder, f"welcome-{language}-{theme}-{size['width']}")
            await page.locator(".welcome .primary").click()
            await expect(page.locator(".welcome .code svg")).to_be_visible()
            await take(page, folder, f"welcome_link-{language}-{theme}-{size['width']}")


async def take(page: Page, folder: Path, name: str) -> None:
    """Of a phone with all its pixels; larger ones are taken at twice their size and halved, which is smoother."""
    await states.settled(page)
    folder.mkdir(parents=True, exist_ok=True)
    with Image.open(io.BytesIO(await page.screenshot())) as picture:
        halved = picture if picture.width < 1000 else picture.resize((picture.width // 2, picture.height // 2))
        for quality in (82, 74, 66, 58):
            content = io.BytesIO()
            halved.convert("RGB").save(content, "WEBP", quality=quality, method=6)
            if len(content.getvalue()) <= LARGEST:
                break
        (folder / f"{name}.webp").write_bytes(content.getvalue())
