"""The HTML page that a publication is shown as. Nothing in it runs: it has no script, and its policy allows none, of
whatever origin, nor forms, frames, plug-ins and styles of users. It loads pictures from this site or over https."""

import asyncio
import html
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime
from string import Template
from typing import Any, Final, NamedTuple

import msgspec

from chat_core.documents.patches.values import depth
from chat_core.languages import Language
from chat_server.http.pages import WEB
from chat_server.page_content.rendering.components import rendered

HEADERS: Final = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "img-src 'self' https: data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            # Even a page that could run something would have no origin, and with it neither sessions nor storage.
            "sandbox allow-popups allow-popups-to-escape-sandbox",
        )
    ),
    "Referrer-Policy": "no-referrer",
}
WORDS: dict[Language, dict[str, str]] = {
    "en": {"published": "Published", "made_with": "Made with Fechatter"},
    "zh": {"published": "发布于", "made_with": "由 Fechatter 制作"},
}
# Levels of JSON: a value costs two characters more for each.
MOST_INDENTED: Final = 8
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
# Only an Image makes this: all that users say is escaped.
_UPLOADED = re.compile(r'<img src="/api/files/([1-9][0-9]{0,17})"')


class Shown(NamedTuple):
    """`pictures`: the ids of the uploaded ones that it shows, which are below its own address."""

    page: bytes
    pictures: frozenset[int]


# Pages that were shown a moment ago, by ETag.
MOST_KEPT_BYTES: Final = 16 * 1_048_576
_kept: OrderedDict[str, Shown] = OrderedDict()
_being_made: dict[str, asyncio.Task[Shown]] = {}


def known(etag: str) -> Shown | None:
    if shown := _kept.get(etag):
        _kept.move_to_end(etag)
    return shown


async def show(
    etag: str,
    name: str,
    slug: str,
    published_at: datetime,
    language: Language,
    read: Callable[[], Awaitable[tuple[str, str]]],
) -> Shown:
    """The page, which `known` then has for a while; `read` returns the schema and content. It is made once for all who
    ask meanwhile, however many leave."""
    making = _being_made.get(etag)
    if making is None:
        making = _being_made[etag] = asyncio.create_task(_make(etag, name, slug, published_at, language, read))
        making.add_done_callback(lambda made: (_being_made.pop(etag), made.cancelled() or made.exception()))
    return await asyncio.shield(making)


async def _make(
    etag: str,
    name: str,
    slug: str,
    published_at: datetime,
    language: Language,
    read: Callable[[], Awaitable[tuple[str, str]]],
) -> Shown:
    """A large one takes a while, beside the event loop."""
    shown = await asyncio.to_thread(_page, name, slug, *await read(), published_at, language)
    _kept[etag] = shown
    while sum(len(kept.page) for kept in _kept.values()) > MOST_KEPT_BYTES:
        _kept.popitem(last=False)
    return shown


def _page(name: str, slug: str, schema: str, content: str, published_at: datetime, language: Language) -> Shown:
    document = msgspec.json.decode(content)
    body = rendered(document) if schema == "page" else _free(document)
    pictures = frozenset(int(found) for found in _UPLOADED.findall(body))
    body = _UPLOADED.sub(rf'<img src="/p/{slug}/files/\1"', body)
    words = WORDS[language]
    page = _template().substitute(
        # Of what the page says, for screen readers and fonts.
        content_language="zh" if _HAN.search(name) or _HAN.search(body) else "en",
        language=language,
        name=html.escape(name),
        body=body,
        published=words["published"],
        date=published_at.date().isoformat(),
        made_with=words["made_with"],
    )
    return Shown(page.encode(errors="replace"), pictures)


def _free(document: Any) -> str:
    """JSON of no known kind, as it is: indented, unless that would be most of it."""
    indent = 2 if depth(document) <= MOST_INDENTED else 0
    text = msgspec.json.format(msgspec.json.encode(document), indent=indent).decode()
    return f'<pre tabindex="0">{html.escape(text)}</pre>'


def _template() -> Template:
    return Template((WEB / "published" / "published.html").read_text())
