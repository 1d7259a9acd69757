"""Names and types of files, by generation: whatever an uploader sends, what is stored and sent is harmless."""

import re
import unicodedata
import urllib.parse

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat_server.files.names import LONGEST_BYTES, clean, disposition
from chat_server.files.types import INLINE, KNOWN, sniff
from chat_server.identity.names import PLAIN

NAMES = st.one_of(
    st.text(max_size=400),
    st.text(alphabet="a.\\/\u202e\u200d\U0001f469\U0001f680\x00\ufe0f \u0301é", max_size=400),
)


@given(NAMES)
@example("A\x1f\u0300")
@example("../../etc/passwd")
@example("C:\\Users\\x\\invoice\u202egpj.exe")
@example("\U0001f469\u200d\U0001f680" * 100 + ".png")
@example("a" * 300 + ".tar.gz")
def test_a_name_is_plain_and_has_no_path(name: str) -> None:
    kept = clean(name)
    assert re.fullmatch(PLAIN, kept)
    assert 1 <= len(kept.encode()) <= LONGEST_BYTES
    assert not set(kept) & {"/", "\\"}
    assert kept not in (".", "..")
    assert clean(kept) == kept == unicodedata.normalize("NFC", kept)


@given(NAMES)
def test_a_name_survives_the_header(name: str) -> None:
    kept = clean(name)
    header = disposition("attachment", kept)
    found = re.fullmatch(r"attachment; filename=\"([\x20-\x7e]*)\"; filename\*=UTF-8''([\x21-\x7e]+)", header)
    assert found is not None
    assert urllib.parse.unquote(found[2], errors="strict") == kept
    assert not set(found[1]) & {'"', "\\", "%"}


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"<html><script>", "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "image/svg+xml"),
        (b"\xef\xbb\xbf<!doctype html>", "text/plain"),
        (b"GIF89a/*<script>x()</script>*/=0", "image/gif"),
        (b"MZ\x90\x00", "application/octet-stream"),
        (b"PK\x03\x04<html>", "application/zip"),
        (b"", "application/octet-stream"),
        ("gr\u00fc\u00df".encode()[:-1], "text/plain"),
    ],
)
def test_a_type_is_what_the_bytes_say(head: bytes, kind: str) -> None:
    assert sniff(head) == kind


@given(st.binary(max_size=64))
@example(b"<svg xmlns='http://www.w3.org/2000/svg'>")
def test_no_bytes_are_shown_as_a_type_that_a_browser_would_run(head: bytes) -> None:
    assert sniff(head) in KNOWN
    assert not re.search("html|svg|xml|script", sniff(head)) or sniff(head) not in INLINE
    assert not INLINE & {"text/plain", "text/html", "image/svg+xml"}
