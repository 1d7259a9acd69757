"""Names of emoji, as Slack has them, and what they stand for: the table of the chat client's picker."""

import json
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).parents[3] / "web" / "vendor" / "emoji_en.js"
_TONES = {f"skin-tone-{number}": chr(0x1F3F9 + number) for number in range(2, 7)}


def emoji_of(name: str) -> str:
    """`tada` as 🎉, `wave::skin-tone-3` with its tone, and a name of a workspace's own as `:shipit:`."""
    plain, _, tone = name.strip(":").partition("::")
    found = _by_name().get(plain)
    if found is None:
        return f":{plain}:"
    return found.rstrip("\ufe0f") + _TONES[tone] if tone in _TONES else found


def name_of(emoji: str) -> str:
    toned = next((mark for mark, tone in _TONES.items() if tone in emoji), None)
    bare = emoji.replace(_TONES[toned], "") if toned else emoji
    found = _by_emoji().get(bare.replace("\ufe0f", ""))
    if found is None:
        return emoji.strip(":")
    return f"{found}::{toned}" if toned else found


@cache
def _by_name() -> dict[str, str]:
    rows = json.loads(_TABLE.read_text("utf-8").partition("export default ")[2].rstrip().removesuffix(";"))
    table: dict[str, str] = {}
    for row in rows.splitlines():
        emoji, _, columns = row.partition("\t")
        for name in columns.split("\t")[1].split() if columns else ():
            table.setdefault(name, emoji)
    return table


@cache
def _by_emoji() -> dict[str, str]:
    table: dict[str, str] = {}
    for name, emoji in _by_name().items():
        table.setdefault(emoji.replace("\ufe0f", ""), name)
    return table
