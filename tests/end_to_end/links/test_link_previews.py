"""A link is posted at once; those who see the message learn a moment later what it leads to, and nobody else does."""

import io
from collections.abc import AsyncIterator

import pytest
from fechatter_client import Message, Problem
from PIL import Image

from tests.end_to_end.system import System
from tests.support.servers import free_port
from tests.support.web_peer import WebPeer, web_peer

PORT = free_port()
pytestmark = pytest.mark.system(links__previews=True, links__allow_hosts=f"127.0.0.1:{PORT}")


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
