"""One text for equal documents; test_javascript.py compares it with JavaScript's."""

import copy
import random
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.documents.patches.canonical import canonical, checksum, digest
from chat_core.documents.patches.values import equal
from tests.support.documents import patches

chances = st.integers(0, 2**32).map(random.Random)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('{"b": 1, "a": [true, null]}', '{"a":[true,null],"b":1}'),
        ("[1.0, -0.0, -0, 1e2, 12.50, 1e16, 1e-6, 1e-7]", "[1,0,0,100,12.5,10000000000000000,0.000001,1e-7]"),
        (
            "[1e20, 123456789012345678901, 1e21, 1.5e300]",
            "[100000000000000000000,123456789012345680000,1e+21,1.5e+300]",
        ),
        ("[9007199254740993, -9007199254740993]", "[9007199254740992,-9007199254740992]"),
        # What looks like such numbers in strings stays.
        (
            r'["a:1.0,", "[1e5]", ":12345678901234567890", "\\\",1.0", 2.0]',
            r'["a:1.0,","[1e5]",":12345678901234567890","\\\",1.0",2]',
        ),
        (r'{"\ue000": 1, "\ud83d\ude00": 2, "\u0001\u007f": "\u2028"}', '{"\\u0001\x7f":"\u2028","\ue000":1,"😀":2}'),
        ("1.0", "1"),
        ("[1e-7]", "[1e-7]"),
        ("[1e-6]", "[0.000001]"),
        ("[1e21]", "[1e+21]"),
    ],
)
def test_canonical(written: str, expected: str) -> None:
    assert canonical(msgspec.json.decode(written)).decode() == expected


def test_checksum_is_that_of_zlib() -> None:
    assert checksum({"b": 1.0, "a": "ü"}) == zlib.crc32(b'{"a":"\xc3\xbc","b":1}')


@given(chances)
def test_equal_documents_have_one_text_and_others_another(chance: random.Random) -> None:
    one, other = patches.document(chance), patches.document(chance)
    assert (canonical(one) == canonical(other)) is equal(one, other)
    again = {name: one[name] for name in reversed(one)} if isinstance(one, dict) else copy.deepcopy(one)
    assert checksum(again) == checksum(one)


def test_digest() -> None:
    patch = [{"op": "add", "path": "/a", "value": 1}]
    assert len(digest(patch)) == 16
    assert digest(patch) == digest([{"value": 1.0, "path": "/a", "op": "add"}])
    assert digest(patch) != digest([{"op": "add", "path": "/a", "value": True}])
