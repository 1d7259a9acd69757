"""Names as they are typed: their Chinese characters by pinyin or its initials, and the initials of their words.

What was typed becomes a regular expression for the names that it may mean, so nothing of a name is stored. The table of
pinyin is that of the chat client, which its bundle has as `syllable:"characters"`.
"""

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).parent.parent / "web" / "vendor" / "pinyin.js"
_LETTERS: Final = re.compile("[a-z]{1,24}")
_ENTRY: Final = re.compile('([a-z]+):"([\u4e00-\u9fff]+)"')
# Longer words are found by whole syllables alone, and of the ways to divide a word the first few are tried.
MOST_INITIALS: Final = 4
MOST_DIVISIONS: Final = 6


@functools.cache
def syllables() -> dict[str, str]:
    """The characters of each syllable, without tones."""
    return dict(_ENTRY.findall(_TABLE.read_text()))


@functools.lru_cache(maxsize=1000)
def pattern(word: str) -> str | None:
    """What names in small letters have that this word may mean, besides itself; None if it can mean nothing else."""
    word = word.lower()
    if _LETTERS.fullmatch(word) is None:
        return None
    found = ["".join(map(_characters, division)) for division in _some(_divisions(word))]
    if 1 < len(word) <= MOST_INITIALS:
        found.append("".join(_of_initial(letter) for letter in word))
        found.append(r"[^[:alnum:]]+".join(rf"\m{letter}[[:alnum:]]*" for letter in word))
    return "|".join(dict.fromkeys(found)) or None


def _divisions(word: str) -> Iterator[list[str]]:
    """The word as syllables, of which the last may have only begun; longer syllables first."""
    for length in range(min(6, len(word)), 0, -1):
        first, rest = word[:length], word[length:]
        if not rest and any(syllable.startswith(first) for syllable in syllables()):
            yield [first + "*"]
        elif rest and first in syllables():
            for others in _divisions(rest):
                yield [first, *others]


def _some(divisions: Iterator[list[str]]) -> list[list[str]]:
    return [division for division, _ in zip(divisions, range(MOST_DIVISIONS), strict=False)]


def _characters(syllable: str) -> str:
    if syllable.endswith("*"):
        return _of_initial(syllable[:-1])
    return f"[{syllables()[syllable]}]"


@functools.cache
def _of_initial(beginning: str) -> str:
    characters = {one for syllable, said in syllables().items() if syllable.startswith(beginning) for one in said}
    return f"[{''.join(sorted(characters))}]" if characters else f"[{beginning}]"
