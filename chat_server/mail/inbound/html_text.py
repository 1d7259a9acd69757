"""The text of a mail that has only HTML, without what the mail client quotes in it. No markup of it is kept.

The scan is our own, since that of html.parser takes quadratic time for what is never closed, until Python 3.13.6: each
character is passed once here. It need not be exact, since its result is shown as text.
"""

import html
import re
from typing import Final

_TAG: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9:-]*)")
_ATTRIBUTE: Final = re.compile(r"""\b(class|id)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_LONGEST_TAG: Final = 4000  # whose attributes are looked at

_NOTHING_TO_READ: Final = frozenset(
    {"head", "script", "style", "title", "template", "noscript", "object", "svg", "math"}
)
_BLOCKS: Final = frozenset(
    {"address", "article", "center", "div", "dl", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
     "pre", "section", "table", "tr", "ul"}
)  # fmt: skip
_APART: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre"})
_VOID: Final = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
# What clients put around a quote, by class; and what everything after is a quote of, by id: Outlook's.
_QUOTES: Final = frozenset(
    {"gmail_quote", "gmail_quote_container", "gmail_attr", "gmail_signature", "moz-cite-prefix", "moz-signature",
     "yahoo_quoted", "protonmail_quote", "tutanota_quote", "ntes-mailmaster-quote"}
)  # fmt: skip
_QUOTED_FROM: Final = frozenset(
    {"divRplyFwdMsg", "appendonsend", "mail-editor-reference-message-container", "isReplyContent"}
)
# Deeper than any client nests; below it nothing is followed.
_DEEPEST: Final = 500


def text_of(markup: str) -> str:
    reading = _Reading()
    reading.read(markup)
    lines = "".join(reading.parts).split("\n")
    return "\n".join(line.strip() for line in lines).strip()


class _Reading:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self._open: list[str] = []
        self._hidden_at: int | None = None  # how many elements were open when something hidden began
        self._over = False

    def read(self, markup: str) -> None:
        place = 0
        while place < len(markup) and not self._over:
            begins = markup.find("<", place)
            if begins < 0:
                begins = len(markup)
            if begins > place:
                self._text(html.unescape(markup[place:begins]))
            if begins == len(markup):
                return
            if markup.startswith("<!--", begins):
                ends = markup.find("-->", begins + 4)
                place = ends + 3 if ends >= 0 else len(markup)
                continue
            tag = _TAG.match(markup, begins)
            if tag is None and not markup.startswith(("<!", "<?"), begins):
                self._text("<")
                place = begins + 1
                continue
            ends = markup.find(">", begins)
            if ends < 0:
                return
            place = ends + 1
            if tag is not None:
                name = tag[1].lower()
                if markup[begins + 1] == "/":
                    self._end(name)
                else:
                    self._start(name, markup[tag.end() : min(ends, tag.end() + _LONGEST_TAG)])

    def _start(self, tag: str, written: str) -> None:
        given = {name.lower(): double or single or bare for name, double, single, bare in _ATTRIBUTE.findall(written)}
        if given.get("id") in _QUOTED_FROM:
            self._over = True
            return
        if self._hidden_at is None:
            if tag == "br":
                self.parts.append("\n")
            elif tag in _BLOCKS:
                self._begin_line(apart=tag in _APART)
            if tag == "li":
                self.parts.append("- ")
        if tag in _VOID or len(self._open) >= _DEEPEST:
            return
        self._open.append(tag)
        hides = tag in _NOTHING_TO_READ or tag == "blockquote" or not _QUOTES.isdisjoint(given.get("class", "").split())
        if self._hidden_at is None and hides:
            self._begin_line(apart=True)
            self._hidden_at = len(self._open)

    def _end(self, tag: str) -> None:
        if tag not in self._open:
            return
        while self._open.pop() != tag:
            pass
        if self._hidden_at is not None and len(self._open) < self._hidden_at:
            self._hidden_at = None
        if self._hidden_at is None and tag in _BLOCKS:
            self._begin_line(apart=tag in _APART)

    def _text(self, data: str) -> None:
        if self._hidden_at is not None:
            return
        if "pre" in self._open:
            self.parts.append(data)
            return
        words = " ".join(data.split())
        if not words:
            words = " " if data and self.parts and not self.parts[-1].endswith(("\n", " ")) else ""
        else:
            words = (" " if data[0].isspace() else "") + words + (" " if data[-1].isspace() else "")
        if words:
            self.parts.append(words)

    def _begin_line(self, *, apart: bool) -> None:
        while self.parts and self.parts[-1] == " ":
            self.parts.pop()
        if not self.parts:
            return
        if not self.parts[-1].endswith("\n"):
            self.parts.append("\n")
        if apart and not "".join(self.parts[-2:]).endswith("\n\n"):
            self.parts.append("\n")
