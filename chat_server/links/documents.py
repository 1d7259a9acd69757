"""What an HTML document says of itself: OpenGraph, Twitter's cards, its title and description; as text alone.

The tokenizer reads each byte once, whatever the document: the standard library's takes quadratic time for some
(https://github.com/python/cpython/issues/135462, https://github.com/python/cpython/issues/153030), and building a tree
takes memory that a hostile document chooses.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Final

# Code points, of which a mark or a letter of any script is one.
TITLE: Final = 200
DESCRIPTION: Final = 500
SITE_NAME: Final = 80
# A document that has more of them says nothing that is worth reading.
_MOST_TAGS: Final = 20_000

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_ATTRIBUTE: Final = re.compile(r"[\s/]*([^\s/>=\"'<]+|[\"'<=])(\s*=\s*)?")
_UNQUOTED: Final = re.compile(r"[^\s>]*")
_SPACE: Final = re.compile(r"\s+")
# Its content is no markup.
_RAW: Final = frozenset({"script", "style", "textarea", "iframe", "noembed", "noframes", "xmp"})
_META_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_.:-]{2,40})", re.I)

# The encodings of the web and what they are in Python; a label of one names its superset, as browsers take it. Others,
# some of which are no encodings of text, are not looked up.
# https://encoding.spec.whatwg.org/#names-and-labels
_ENCODINGS: Final = {
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "x-gbk", "gb_2312-80", "chinese"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "x-x-big5", "cn-big5"), "big5hkscs"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "ms_kanji"), "cp932"),
    **dict.fromkeys(("euc-jp", "x-euc-jp"), "euc_jp"),
    "iso-2022-jp": "iso2022_jp",
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "korean", "windows-949"), "cp949"),
    **dict.fromkeys(("iso-8859-1", "latin1", "us-ascii", "ascii", "windows-1252", "cp1252", "x-cp1252"), "cp1252"),
    **{f"windows-{number}": f"cp{number}" for number in range(1250, 1259) if number != 1252},
    **{f"iso-8859-{number}": f"iso8859_{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **dict.fromkeys(("iso-8859-9", "latin5"), "cp1254"),
    **dict.fromkeys(("koi8-r", "koi8"), "koi8_r"),
    "koi8-u": "koi8_u",
    **dict.fromkeys(("utf-16", "utf-16le"), "utf-16-le"),
    "utf-16be": "utf-16-be",
}
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Said:
    """`image` is a URL, relative to `base` if there is one, and that to the document."""

    title: str | None = None
    description: str | None = None
    site_name: str | None = None
    image: str | None = None
    base: str | None = None


def text_of(document: bytes, charset: str | None) -> str:
    """In the encoding that its first bytes say, the response, or the document itself; else in UTF-8 if it is, or
    GB18030, or windows-1252."""
    for mark, encoding in _MARKS:
        if document.startswith(mark):
            return document[len(mark) :].decode(encoding, "replace")
    known = _ENCODINGS.get((charset or "").strip().lower())
    if known is None and (declared := _META_CHARSET.search(document[:4096])):
        known = _ENCODINGS.get(declared[1].decode("ascii").lower())
        known = "utf-8" if known in ("utf-16-le", "utf-16-be") else known  # or it could not have been read
    if known is not None:
        return document.decode(known, "replace")
    for guess in ("utf-8", "gb18030"):
        try:
            return codecs.getincrementaldecoder(guess)().decode(document)  # the end may be cut off
        except UnicodeDecodeError:
            continue
    return document.decode("cp1252", "replace")


def said(document: str) -> Said:
    named: dict[str, str] = {}
    title = image_link = base = None
    for tag, attributes, text in _tags(document):
        if tag == "title" and title is None:
            title = text
        elif tag == "meta":
            name = (attributes.get("property") or attributes.get("name") or "").strip().lower()
            if name and attributes.get("content", "").strip():
                named.setdefault(name, attributes["content"])
        elif tag == "base":
            base = base or attributes.get("href")
        elif tag == "link" and "image_src" in attributes.get("rel", "").lower().split():
            image_link = image_link or attributes.get("href")

    def first(*names: str) -> str | None:
        return next((named[name] for name in names if name in named), None)

    return Said(
        shortened(first("og:title", "twitter:title") or title, TITLE),
        shortened(first("og:description", "twitter:description", "description"), DESCRIPTION),
        shortened(first("og:site_name", "application-name"), SITE_NAME),
        first("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src") or image_link,
        base,
    )


def shortened(text: str | None, most: int) -> str | None:
    """One line without invisible characters, of at most `most` code points; None if nothing is left."""
    if text is None:
        return None
    text = _SPACE.sub(" ", text[: 20 * most])
    text = "".join(letter for letter in text if unicodedata.category(letter)[0] != "C" or letter == "\u200d").strip()
    return (text if len(text) <= most else text[: most - 1].rstrip() + "…") or None


def _tags(document: str) -> Iterator[tuple[str, Mapping[str, str], str]]:
    """Each start tag in lower case with its attributes; `title` with its text."""
    at, end = 0, len(document)
    for _ in range(_MOST_TAGS):
        at = document.find("<", at)
        if at < 0:
            return
        if document.startswith("<!--", at):
            at = _after(document, "-->", at + 4)
            continue
        opened = _TAG.match(document, at)
        if opened is None:
            at = _after(document, ">", at) if document.startswith(("<!", "<?", "</"), at) else at + 1
            continue
        name = opened[2].lower()
        attributes, at = _attributes(document, opened.end())
        if opened[1]:
            continue
        if name == "title" or name in _RAW:
            closed = _closing(document, name, at)
            if name == "title" and closed < end:
                yield name, attributes, unescape(document[at : min(closed, at + 20 * TITLE)])
            at = closed
            continue
        yield name, attributes, ""


def _attributes(document: str, at: int) -> tuple[dict[str, str], int]:
    """Those of a tag, and where it ends: at the end of the document if nothing closes it."""
    found: dict[str, str] = {}
    while (match := _ATTRIBUTE.match(document, at)) is not None:
        at, value = match.end(), ""
        if match[2]:
            quote = document[at : at + 1]
            if quote in ('"', "'"):
                closed = document.find(quote, at + 1)
                if closed < 0:
                    return {}, len(document)
                value, at = document[at + 1 : closed], closed + 1
            elif (unquoted := _UNQUOTED.match(document, at)) is not None:
                value, at = unquoted[0], unquoted.end()
        if len(found) < 50 and len(value) <= 20 * DESCRIPTION:
            found.setdefault(match[1].lower(), unescape(value))
    return found, _after(document, ">", at)


def _closing(document: str, name: str, at: int) -> int:
    """Where the end tag begins; the end of the document if there is none."""
    match = re.compile(f"</{name}", re.I).search(document, at)
    return match.start() if match else len(document)


def _after(document: str, what: str, at: int) -> int:
    found = document.find(what, at)
    return len(document) if found < 0 else found + len(what)
