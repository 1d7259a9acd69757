"""The layout of personal access tokens, and their checksum."""

import re
import zlib

from hypothesis import given, settings
from hypothesis import strategies as st

from chat_core.personal_tokens import ALPHABET, LENGTH, is_well_formed, new_token
from chat_core.tokens import hash_secret


def test_a_token_has_a_prefix_random_characters_and_their_crc_32_in_base_62() -> None:
    token, hashed = new_token()
    assert re.fullmatch(r"fct_[0-9A-Za-z]{36}", token)
    assert (len(token), hashed) == (LENGTH, hash_secret(token))
    number = 0
    for digit in token[-6:]:
        number = number * 62 + ALPHABET.index(digit)
    assert number == zlib.crc32(token[4:34].encode())
    assert is_well_formed(token)
    assert new_token()[0] != token


@given(place=st.integers(4, LENGTH - 1), other=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(place: int, other: str) -> None:
    token, _ = new_token()
    changed = token[:place] + other + token[place + 1 :]
    assert is_well_formed(changed) == (changed == token)


@settings(max_examples=50)
@given(st.one_of(st.text(max_size=60), st.text(max_size=40).map("fct_".__add__)))
def test_anything_else_is_not_one(text: str) -> None:
    assert not is_well_formed(text)


def test_a_part_of_one_is_not_one() -> None:
    token, _ = new_token()
    assert not is_well_formed(token[:-1])
    assert not is_well_formed(token + "0")
