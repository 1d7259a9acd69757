"""A mail as it was received: whether a person wrote it, its text, its files, and its id."""

import codecs
import hashlib
import mimetypes
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from typing import Any, Final, NamedTuple, TypeAlias, cast

from chat_server.mail.inbound.bounds import restored
from chat_server.mail.inbound.html_text import text_of
from chat_server.mail.inbound.quotes import own_words

Mail: TypeAlias = "Message[Any, Any]"

# Of a text, before it is decoded and what is quoted in it is taken out.
MOST_BYTES: Final = 128 * 1024
_LONGEST_FROM: Final = 2_000
_MOST_PARTS: Final = 100
MOST_FILES: Final = 10  # as messages_files_amount
# What mail programs add for each other.
_SIGNATURES: Final = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)
_TEXTS: Final = frozenset({"text/plain", "text/html"})
# Encodings that leave bytes as they are.
_AS_IT_IS: Final = frozenset({"", "7bit", "8bit", "binary"})
# Charsets that text does not come in, and that take quadratic time.
_NO_CHARSETS: Final = frozenset({"punycode", "idna"})
# Names that mail uses for more than they say (as the WHATWG's Encoding Standard has it).
_CHARSETS: Final = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "us-ascii": "utf-8"}


class Attached(NamedTuple):
    name: str
    content: bytes


class Unreadable(Exception):
    """There is nothing in this mail that could be posted; the text says why."""


def parse(raw: bytes) -> Mail:
    """By the policy that leaves headers as they are: the others parse each, and fail at some."""
    return message_from_bytes(raw)


def header(message: Mail, name: str) -> str:
    """Its text; empty if it is not there."""
    return " ".join(str(message.get(name, "")).split())


def is_automatic(message: Mail) -> bool:
    """Nobody wrote it: an absence notice, a list, a report, or a mail of ours (RFC 3834)."""
    if header(message, "Auto-Submitted").partition(";")[0].strip().lower() not in ("", "no"):
        return True
    if header(message, "Precedence").lower() in ("bulk", "junk", "list", "auto_reply"):
        return True
    if any(header(message, name) for name in ("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond")):
        return True
    return message.get_content_type() in ("multipart/report", "message/delivery-status")


def senders(message: Mail) -> list[str]:
    """The addresses in From; none if it is too long to be one person's."""
    written = header(message, "From")
    return [address for _, address in getaddresses([written]) if address] if len(written) <= _LONGEST_FROM else []


def digest_of_id(message: Mail, raw: bytes, to: str) -> bytes:
    """By which a mail that comes again to the same place is known: of its Message-ID and its sender, or of all of it.
    One mail may answer to several places."""
    named = header(message, "Message-ID")
    said = " ".join([named, *senders(message)]).encode() if named else raw
    return hashlib.sha256(f"{to}\n".encode() + said).digest()


def reply_in(message: Mail, taken: list[str]) -> tuple[str, list[Attached]]:
    """What the sender has written, and the files that they have attached; `taken` is what was taken out of the mail
    (bounds). Raises Unreadable if that is nothing, or cannot be posted."""
    texts: dict[str, str] = {}
    files: list[Attached] = []
    for number, (part, is_alternative) in enumerate(_leaves(message)):
        if number == _MOST_PARTS:
            raise Unreadable(f"it has more than {_MOST_PARTS} parts")
        kind, name = part.get_content_type(), _file_name(part)
        if kind in _TEXTS and part.get_content_disposition() != "attachment" and not name:
            texts.setdefault(kind, _decoded(part, taken))
        elif kind == "message/rfc822":
            raise Unreadable("there is a mail in it, which cannot be posted: save it as a file, and attach that")
        elif part.get_content_maintype() == "multipart":
            raise Unreadable("it is damaged: it says that it has parts, and they never begin")
        elif kind not in _SIGNATURES and not is_alternative:
            files.append(Attached(name or _name_of(kind), _bytes(part, taken)))
    if len(files) > MOST_FILES:
        raise Unreadable(f"a message has at most {MOST_FILES} files")
    words = own_words(texts.get("text/plain", ""))
    if not words and "text/html" in texts:
        words = own_words(text_of(texts["text/html"]))
    words = "".join(each for each in words if each in "\n\t" or each.isprintable())
    if not words.strip() and not files:
        raise Unreadable("there is no text above what is quoted, and no file")
    return words, files


def _leaves(part: Mail, *, is_alternative: bool = False) -> Iterator[tuple[Mail, bool]]:
    """Its parts that have no parts, a mail in a mail among them; and whether each is the same as its neighbours."""
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        inside = part.get_content_subtype() == "alternative"
        for each in cast("list[Mail]", part.get_payload()):
            yield from _leaves(each, is_alternative=inside)
    else:
        yield part, is_alternative


def _file_name(part: Mail) -> str:
    """As its sender calls it. Many clients encode it as only texts of headers are (RFC 2047)."""
    try:
        name = str(part.get_filename() or "")
        return str(make_header(decode_header(name)))
    except (HeaderParseError, LookupError, ValueError):
        return ""


def _name_of(kind: str) -> str:
    return f"{kind.partition('/')[0]}{mimetypes.guess_extension(kind) or ''}"


def _bytes(part: Mail, taken: list[str]) -> bytes:
    """Decoded. What was taken out is put back before that: an encoding can make bytes that look like its marks."""
    encoded = part.get_payload()
    is_ascii = isinstance(encoded, str) and encoded.isascii()
    if is_ascii:
        part.set_payload(restored(str(encoded), taken))
    raw = part.get_payload(decode=True)
    content = raw if isinstance(raw, bytes) else b""
    if is_ascii or header(part, "Content-Transfer-Encoding").lower() not in _AS_IT_IS:
        return content
    return restored(content.decode("latin-1"), taken).encode("latin-1")


def _decoded(part: Mail, taken: list[str]) -> str:
    content = _bytes(part, taken)[:MOST_BYTES]
    charset = (part.get_content_charset() or "utf-8").lower()
    charset = _CHARSETS.get(charset, charset)
    try:
        known = codecs.lookup(charset).name not in _NO_CHARSETS
        text = content.decode(charset if known else "utf-8", "replace")
    except (LookupError, ValueError):  # unknown, or no charset at all, such as base64
        text = content.decode("utf-8", "replace")
    if str(part.get_param("format", "")).lower() == "flowed":
        text = _unflowed(text, joins=str(part.get_param("delsp", "")).lower() == "yes")
    return text


def _unflowed(text: str, *, joins: bool) -> str:
    """Format=flowed (RFC 3676): a space at a line's end says that its paragraph goes on. Quotes stay as they are."""
    paragraphs: list[list[str]] = []
    goes_on = False
    for line in text.replace("\r\n", "\n").split("\n"):
        if line.startswith(">"):
            paragraphs.append([line])
            goes_on = False
            continue
        unstuffed = line[1:] if line.startswith(" ") else line
        continues = goes_on
        goes_on = unstuffed.endswith(" ") and unstuffed != "-- "
        piece = unstuffed[:-1] if goes_on and joins else unstuffed
        if continues:
            paragraphs[-1].append(piece)
        else:
            paragraphs.append([piece])
    return "\n".join(map("".join, paragraphs))
