"""What messages bring besides text, in a real browser: sound, film, cards of links; files that fail; and on paper."""

import io
import json
import math
import wave
from pathlib import Path

from playwright.async_api import Route, expect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.accessibility import sound
from tests.support.clients.browser import NewWindow, until

LINK = {
    "url": "https://example.com/noodles",
    "kind": "website",
    "title": "Noodles <b>of</b> the north",
    "description": "How they are pulled, in twelve pictures.",
    "site_name": "The Table",
    "image": None,
}
# The head of a film, which the server knows by it; no browser plays it.
FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64)
ON_PAPER = """() => {
    const shown = (selector) => [...document.querySelectorAll(selector)].some((one) => one.offsetParent !== null);
    const list = document.querySelector(".timeline .scroller");
    const others = [".sidebar", ".composer", ".pane", ".chat-header .tools"].filter(shown);
    return { whole: list.scrollHeight <= list.clientHeight, others, title: shown(".chat-header h1"),
             paper: getComputedStyle(document.body).backgroundColor, ink: getComputedStyle(document.body).color };
}"""


def tone() -> bytes:
    """A second of A."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        samples = (round(8000 * math.sin(at * 440 * math.tau / 8000)) for at in range(8000))
        file.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
    return content.getvalue()


async def test_sound_films_links_failing_files_and_paper(system: System, window: NewWindow, tmp_path: Path) -> None:
    [ada] = await system.team("Ada")
    chat = (await ada.chats.create("PublicChannel", [], name="lunch", workspace_id=ada.workspace)).id
    for number in range(40):
        await ada.messages.post(chat, f"Line {number} of a long talk\nand a second line")
    async with ada.listen() as heard:
        song = await ada.files.upload_bytes(ada.workspace, tone(), "song.wav")
        film = await ada.files.upload_bytes(ada.workspace, FILM, "film.mp4")
        await heard.until_kind("FileReady", 2)
    await ada.messages.post(chat, files=[song.id])
    await ada.messages.post(chat, files=[film.id])
    linked = await ada.messages.post(chat, f"Read {LINK['url']}")
    async with system.sql() as sql:  # as if the server had asked the website
        await sql.execute("SET session_replication_role = replica")
        await sql.execute("UPDATE messages SET links = $2 WHERE id = $1", linked.id, json.dumps([LINK]))
    hers = await window(viewport={"width": 1280, "height": 800}, forgiven=["status of 507"])
    page = (await hers.tab(f"/chat/{chat}", ada.email, PASSWORD)).page

    # Sound and films are played where they are.
    audio = page.locator("audio[aria-label='song.wav']")
    await expect(audio).to_have_attribute("src", f"/api/files/{song.id}")
    await audio.evaluate("(one) => { one.muted = true; return one.play(); }")
    await until(page, "() => document.querySelector('audio').currentTime > 0")
    assert 0.9 < await audio.evaluate("(one) => one.duration") < 1.1
    video = page.locator("video[aria-label='film.mp4']")
    await expect(video).to_have_attribute("src", f"/api/files/{film.id}")
    assert await video.evaluate("(one) => one.controls && one.offsetHeight > 100")

    # A card says what a link leads to, as text.
    card = page.get_by_role("link", name="The Table Noodles <b>of</b> the north")
    await expect(card).to_have_attribute("href", LINK["url"] or "")
    await expect(card).to_have_attribute("rel", "noopener noreferrer nofollow")
    await expect(card).to_contain_text("in twelve pictures")
    await sound(page, "media")

    # A file that was not uploaded waits until somebody says so, and goes with its message then.
    full = True

    async def perhaps(route: Route) -> None:
        if full and route.request.method == "POST":
            await route.fulfill(status=507, json={"title": "Full", "status": 507, "code": "quota_exceeded"})
        else:
            await route.continue_()

    await page.route("**/api/workspaces/*/uploads", perhaps)
    (tmp_path / "notes.txt").write_bytes(b"ships\n")
    await page.locator("input[type=file]").set_input_files([tmp_path / "notes.txt"])
    files = page.get_by_role("list", name="Files of this message").get_by_role("listitem")
    await expect(files.get_by_role("alert")).to_have_text("There is no room left for files")
    field = page.get_by_role("textbox", name="Message lunch")
    await field.fill("Here it is")
    await field.press("Enter")
    await expect(field).to_have_value("Here it is")
    full = False
    await files.get_by_role("button", name="Try again").click()
    await expect(files.get_by_role("alert")).to_have_count(0)
    await expect(files.get_by_role("progressbar")).to_have_count(0)
    await field.press("Enter")
    await expect(page.get_by_role("link", name="notes.txt 6 bytes")).to_be_visible()
    await expect(page.locator(".pending")).to_have_count(0)

    # On paper is the conversation and nothing else, all that was loaded, dark on light.
    await page.get_by_role("button", name="Files", exact=True).click()
    await page.emulate_media(media="print", color_scheme="dark")
    assert await page.evaluate(ON_PAPER) == {
        "whole": True, "others": [], "title": True,
        "paper": "rgb(255, 255, 255)", "ink": "rgb(0, 0, 0)",
    }  # fmt: skip
    paper = await page.pdf(format="A4")
    assert paper.count(b"/Type /Page\n") >= 3, "it goes on on the next sheet"
