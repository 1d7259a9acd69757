"""A link is posted at once; those who see the message learn a moment later what it leads to, and nobody else does."""

import asyncio
import io
from collections.abc import AsyncIterator

import psutil
import pytest
from fechatter_client import Message, Problem
from PIL import Image

from tests.end_to_end.system import System
from tests.support.servers import free_port
from tests.support.services.web_peer import WebPeer, response, web_peer

PORT = free_port()
PUBLIC = "https://chat.example.com"
pytestmark = pytest.mark.system(links__previews=True, links__allow_hosts=f"127.0.0.1:{PORT}", server__public_url=PUBLIC)


@pytest.fixture
async def web() -> AsyncIterator[WebPeer]:
    async with web_peer(PORT) as peer:
        yield peer


def picture() -> bytes:
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (1200, 800), "teal").save(made, "JPEG", exif=exif)
    return made.getvalue()


async def test_what_a_link_leads_to_comes_to_those_who_see_the_message(system: System, web: WebPeer) -> None:
    url = web.says(
        "/news",
        '<title>x</title><meta property="og:title" content="上海 &amp; more"><meta property=og:image content=cat.jpg>',
    )
    web.says("/cat.jpg", picture(), "image/jpeg")
    ada, grace, mary = await system.team("Ada", "Grace", "Mary")
    chat = await system.group(ada, grace)
    async with ada.listen(), grace.listen() as other, mary.listen() as colleague:
        posted = await ada.messages.post(chat, f"Look: {url}.")
        assert posted.links == []
        shown = (await other.until_kind("MessageLinksUpdated")).to(Message)
        [link] = shown.links
        assert (link.url, link.kind, link.title, link.description) == (url, "website", "上海 & more", None)
        assert (shown.content, shown.updated_at) == (posted.content, None)
        assert link.image is not None
        assert link.id is not None
        assert (link.image.width, link.image.height) == (360, 240)
        with Image.open(io.BytesIO(await grace.links.fetch_image(shown, link.id))) as image:
            assert (image.format, image.size, dict(image.getexif())) == ("WEBP", (360, 240), {})
        with pytest.raises(Problem, match="404"):
            await mary.links.fetch_image(shown, link.id)
        assert (await grace.messages.get(chat, posted.id)).links == shown.links
        await mary.users.update_me(fullname="Mary Two")
        await colleague.until_kind("UserUpdated")
        assert set(colleague.kinds()) == {"UserUpdated"}


async def test_the_same_url_is_fetched_once_and_what_is_own_never(system: System, web: WebPeer) -> None:
    url, broken = web.says("/once", "<title>Once</title>"), f"{web.url}/missing"
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    own = f"{PUBLIC}/chat/{chat}"
    async with grace.listen() as other:
        for number in range(3):
            await ada.messages.post(chat, f"{number}: {own} {broken} {url}#{number}")
        await other.until_kind("MessageLinksUpdated", 3)
        shown = [event.to(Message).links for event in other.events("MessageLinksUpdated")]
    for first, second in shown:
        assert (first.url, first.kind, first.title) == (own, "chat", None)
        assert second.title == "Once"
    assert sorted(web.paths()) == ["/missing", "/once"]


async def test_edits_and_refusals(system: System, web: WebPeer) -> None:
    a, b = web.says("/a", "<title>A</title>"), web.says("/b", "<title>B</title>")
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.listen() as other:
        silent = await ada.messages.post(chat, b, metadata={"no_preview": True})
        message = await ada.messages.post(chat, a)
        await other.until_kind("MessageLinksUpdated")
        edited = await ada.messages.edit(chat, message.id, b)
        assert edited.links == []
        await other.until_kind("MessageLinksUpdated", 2)
        [link] = (await grace.messages.get(chat, message.id)).links
        assert (link.url, link.title) == (b, "B")
        assert (await ada.links.remove(chat, message.id)).links == []
        await other.until_kind("MessageLinksUpdated", 3)
        await ada.messages.edit(chat, message.id, f"{a} {b}")
        await ada.messages.delete(chat, message.id)
        last = await ada.messages.post(chat, a)
        assert (await other.until_kind("MessageLinksUpdated", 4)).data["id"] == last.id
    assert (await grace.messages.get(chat, silent.id)).links == []
    async with system.sql() as sql:
        told = "SELECT count(*) FROM events WHERE message_id = $1 AND payload::text LIKE '%website%'"
        assert await sql.fetchval(told, message.id) == 0


async def test_what_fetches_is_killed_and_so_is_the_server(system: System, web: WebPeer) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await answer.wait()
        writer.write(response("<title>At last</title>", "text/html"))

    web.answers["/slow"] = slow
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.listen() as other:
        await ada.messages.post(chat, f"{web.url}/slow")
        await asked.wait()
        asked.clear()
        children = psutil.Process(system.chat.pid).children()
        [fetching] = [child for child in children if "chat_server.links.worker" in child.cmdline()]
        fetching.kill()
        await asked.wait()  # by another one
        await system.chat.kill()
        async with system.sql() as sql:
            await sql.execute("UPDATE link_lookups SET due_at = now()")  # its lease has ended
        answer.set()
        await system.chat.start()
        shown = (await other.until_kind("MessageLinksUpdated")).to(Message)
    assert shown.links[0].title == "At last"
