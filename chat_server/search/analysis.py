"""What a text consists of, for the index and for queries alike.

A text is a sequence of atoms: the parts of words, the characters of scripts that put no spaces between words, and
emoji. `fooBar_baz` has three, and 你好 two. The index has tokens: each part of a word, a compound word as a whole, and
each pair of neighbouring characters of such a script.

Words compare by NFKC, case and Latin and Greek marks: Straße = STRASSE, Łódź = lodz. No dictionary takes part, so what
a word is found by never depends on what stands next to it.
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

# Raise it when the same text would get other tokens: the index is then built anew, while it is in use.
ANALYSER: Final = 1
# A lexeme of Postgres has at most 2046 bytes. What is longer is found by its beginning, and compared as a whole.
LONGEST_TOKEN: Final = 64


class Atom(NamedTuple):
    """`text` is folded. It stands at [start, end) of the normalised text. `place` counts atoms, and counts one more
    where a run of characters without spaces begins or ends: 世界 is not 世 界. `whole` is the folded compound word that
    begins here, of `parts` atoms."""

    text: str
    start: int
    end: int
    place: int
    dense: bool = False
    whole: str = ""
    parts: int = 1


# Where Unicode has characters that modify the one before them.
_MARKS_IN = ((0x300, 0x3100), (0xA66F, 0xABEE), (0xFB1E, 0xFE30), (0x10A00, 0x11F60), (0x1E000, 0x1E94B))


def _marks() -> str:
    """These characters, as ranges of a character class."""
    ranges: list[list[int]] = []
    for code in itertools.chain.from_iterable(range(*block) for block in _MARKS_IN):
        if unicodedata.category(chr(code))[0] == "M":
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


# And what is invisible inside a word: soft hyphens and joiners.
_INVISIBLE = "\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f"
MARK = _marks() + _INVISIBLE
# Scripts that put no spaces between words: Thai and Lao, Myanmar and Khmer, some of whose characters are marks; Chinese
# and Japanese; and Hangul, whose words carry their particles.
_WITH_MARKS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_WITHOUT_MARKS = (
    "\u1100-\u11ff\uac00-\ud7af\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_LETTER = rf"[^\W{_WITH_MARKS}{_WITHOUT_MARKS}]"
_EMOJI = (
    "\u231a-\u23ff\u25aa-\u25fe\u2600-\u27bf\u2b05-\u2b55"
    "\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff"  # neither flags nor tones of skin
)
# A word is letters and marks, and begins with a letter; a run of dense characters likewise. Marks are looked for where
# letters end, not after each: that takes half of the time.
_UNIT = re.compile(
    rf"(?P<word>{_LETTER}+(?:[{MARK}]+{_LETTER}*)*)"
    rf"|(?P<dense>(?:[{_WITHOUT_MARKS}]+|(?![{MARK}])[{_WITH_MARKS}])(?:[{_WITHOUT_MARKS}]+|[{MARK}]+|[{_WITH_MARKS}])*)"
    rf"|[\U0001f1e6-\U0001f1ff]{{2}}|[{_EMOJI}]"
)
_ASCII_WORD = re.compile(r"\w+", re.ASCII)
_DENSE_CHARACTER = re.compile(rf".[{MARK}]*", re.DOTALL)
# The parts of a word: HTTPServer, fooBar, foo_bar and utf8Text have two each.
_UPPER, _LOWER = "A-Z\u00c0-\u00d6\u00d8-\u00de", "a-z\u00df-\u00f6\u00f8-\u00ff"
_PART = re.compile(
    rf"(?:[{_UPPER}](?![{_LOWER}])[{MARK}]*[0-9]*)+"
    rf"|[{_UPPER}]?[{MARK}]*(?:(?![{_UPPER}_])\w[{MARK}]*)+"
    rf"|[{_UPPER}][{MARK}]*"
)
_NOT_DECOMPOSED = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŋ": "n"}
)
_DROPPED = re.compile(rf"(?<=[a-z\u0370-\u03ff])[\u0300-\u036f]+|(?<=\u0435)\u0308|[{_INVISIBLE}]")


def fold(word: str) -> str:
    """Without case, and without the marks of Latin and Greek; ё is е."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", word).casefold()).translate(_NOT_DECOMPOSED)
    return unicodedata.normalize("NFC", _DROPPED.sub("", decomposed))


class _Word(NamedTuple):
    """The parts of a word with their places in it, the compound as a whole, and all of these as tokens."""

    parts: list[tuple[str, int, int]]
    whole: str
    tokens: frozenset[str]


def _word(word: str) -> _Word:
    return _known(word) if len(word) <= LONGEST_TOKEN else _parted(word)


def _parted(word: str) -> _Word:
    spans = [part.span() for part in _PART.finditer(word)]
    parts = [(folded, first, last) for first, last in spans if (folded := fold(word[first:last]))]
    whole = "".join(part[0] for part in parts) if len(parts) > 1 else ""
    found = frozenset(token[:LONGEST_TOKEN] for token in (whole, *(part[0] for part in parts)) if token)
    return _Word(parts, whole, found)


# Long ones are rare, and would fill the memory.
_known = functools.lru_cache(50_000)(_parted)


def normalised(text: str) -> str:
    """The text in which atoms have their places."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def atoms(text: str) -> Iterator[Atom]:
    """The atoms of a normalised text, in order."""
    place = 0
    for unit in _UNIT.finditer(text):
        start = unit.start()
        if unit.lastgroup == "word":
            parts, whole, _ = _word(unit[0])
            count = len(parts)
            for part, first, last in parts:
                yield Atom(part, start + first, start + last, place, False, whole, count)
                whole, count, place = "", 1, place + 1
        elif unit.lastgroup == "dense":
            place += 1
            for character in _DENSE_CHARACTER.finditer(unit[0]):
                first, last = character.span()
                yield Atom(fold(character[0]), start + first, start + last, place, True)
                place += 1
            place += 1
        else:
            yield Atom(unit[0], start, unit.end(), place)
            place += 1


def tokens(text: str) -> set[str]:
    """The tokens under which the index has a text."""
    found: set[str] = set()
    if text.isascii():
        for word in _ASCII_WORD.findall(text):
            found |= _word(word).tokens
        return found
    for unit in _UNIT.finditer(normalised(text)):
        run = unit[0]
        if unit.lastgroup == "word":
            found |= _word(run).tokens
        elif unit.lastgroup == "dense" and run.isalnum():
            found.update([run[at : at + 2] for at in range(len(run))])  # the last one by itself
        elif unit.lastgroup == "dense":
            characters = [fold(one) for one in _DENSE_CHARACTER.findall(run)]
            found.update((one + two)[:LONGEST_TOKEN] for one, two in itertools.pairwise(characters))
            found.add(characters[-1][:LONGEST_TOKEN])
        else:
            found.add(run)
    return found
