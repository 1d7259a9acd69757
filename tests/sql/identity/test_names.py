"""Names are compared as Unicode folds them, on every PostgreSQL alike."""

import sys
from unicodedata import category, normalize, ucd_3_2_0

import asyncpg
import pytest

from tests.sql.world import World

FOLD = "SELECT array_agg(fold_name(text) ORDER BY place) FROM unnest($1::text[]) WITH ORDINALITY AS given (text, place)"
# Not seen, and so not compared (Unicode's Default_Ignorable_Code_Point).
IGNORED = {0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0} | {
    *(*range(0x180B, 0x1810), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)),
    *range(0xFE00, 0xFE10),
}


async def test_every_character_is_folded_as_unicode_does(world: World) -> None:
    """Python's str.casefold() is the full folding too. Its tables may be newer: what has come since is left out."""
    known = category if sys.version_info < (3, 12) else ucd_3_2_0.category
    characters = [chr(code) for code in range(1, sys.maxunicode) if known(chr(code)) not in ("Cn", "Cs")]
    characters = [char for char in characters if ord(char) not in IGNORED and not 0xE0000 <= ord(char) < 0xE1000]
    # Of those that have neither case nor other forms some are enough.
    plain = [char for char in characters if normalize("NFKD", char).casefold() == char]
    syllables = [char for char in characters if "\uac00" <= char <= "\ud7a3"]
    characters = sorted({*characters} - {*plain, *syllables} | {*plain[::100], *syllables[::100]})
    expected = [
        "".join(c for c in normalize("NFKC", normalize("NFKD", char).casefold()) if ord(c) not in IGNORED)
        for char in characters
    ]
    folded = await world.sql.fetchval(FOLD, characters)
    differing = [pair for pair in zip(characters, folded, expected, strict=True) if pair[1] != pair[2]]
    assert differing == []
    assert len(characters) > 6_000


@pytest.mark.parametrize(
    "alike",
    [
        ("ΟΔΟΣ", "οδος", "οδοσ"),
        ("STRASSE", "straße", "STRAẞE"),
        ("Café", "cafe\u0301", "CAFÉ"),
        ("ﬁle", "FILE", "ｆｉｌｅ"),
        ("İstanbul", "i\u0307stanbul"),
        ("Ǆ", "ǅ", "dž"),
        ("❤", "❤\ufe0f"),
    ],
)
async def test_a_public_channel_has_its_name_to_itself_however_it_is_written(
    world: World, alike: tuple[str, ...]
) -> None:
    assert len(set(await world.sql.fetchval(FOLD, list(alike)))) == 1
    channel = "INSERT INTO chats (workspace_id, type, name) VALUES ($1, 'PublicChannel', $2)"
    transaction = world.sql.transaction()
    await transaction.start()
    await world.sql.execute(channel, world.acme, alike[0])
    for other in alike[1:]:
        with pytest.raises(asyncpg.UniqueViolationError, match="chats_public_name_key"):
            async with world.sql.transaction():
                await world.sql.execute(channel, world.acme, other)
    await world.sql.execute(channel, world.acme, alike[0] + "x")
    await transaction.rollback()  # nobody owns these


async def test_what_is_not_seen_is_not_compared(world: World) -> None:
    assert set(await world.sql.fetchval(FOLD, ["file", "fi\u00adle", "\u200bfile", "fi\u2060le\ufeff"])) == {"file"}


async def test_what_differs_stays_apart(world: World) -> None:
    apart = ["a", "ä", "i", "ı", "o", "ø", "σ", "s", "n", "ñ", "и", "й", "1", "🇬🇧", "🇫🇷", "👍", "👍🏽"]
    assert len(set(await world.sql.fetchval(FOLD, apart))) == len(apart)
