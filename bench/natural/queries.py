"""What people would search for, of what was written: words by how frequent they are, phrases, the beginning of a word,
identifiers, and characters of scripts without spaces.

Half of the possible queries are for tuning the search, the other half for measuring it: which one a query belongs to
follows from its text alone, so none is in both.
"""

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chat_server.search.analysis import Atom, atoms, normalised

RARE, COMMON = 1e-4, 1e-2
# These are said to be hard for any index.
NASTY = ("one character", "three letters of a word")


@dataclass(frozen=True, slots=True)
class Asked:
    """`q` is for GET /api/search, `prefix` too; `parts` are what a content has that ILIKE would find, of `sender`."""

    kind: str
    q: str
    parts: tuple[str, ...]
    prefix: bool = False
    sender: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    sender: int
    content: str


def words(written: Sequence[Written]) -> set[str]:
    """The tokens whose frequencies `choose` asks for."""
    return {word.text for one in written for word in _words(list(atoms(normalised(one.content))))}


def choose(
    written: Sequence[Written], frequencies: Mapping[str, int], documents: int, amounts: Mapping[str, int], tuning: bool
) -> dict[str, list[Asked]]:
    """Queries by kind, so many as there are of each; `frequencies`: how many of the `documents` have a token."""
    found: dict[str, dict[str, Asked]] = defaultdict(dict)
    for one in written:
        for asked in _of(one, frequencies, documents):
            if _is_for_tuning(asked.q) == tuning and len(found[asked.kind]) < amounts[asked.kind]:
                found[asked.kind].setdefault(asked.q, asked)
    return {kind: list(of_kind.values()) for kind, of_kind in sorted(found.items())}


KINDS = (
    *("rare word", "middling word", "common word", "two words", "phrase", "identifier", "word of somebody"),
    *("two characters, zh", "two characters, ja", "two characters, ko", "four characters", *NASTY),
)


def _is_for_tuning(q: str) -> bool:
    return hashlib.sha256(q.casefold().encode()).digest()[0] % 2 == 0


def _of(written: Written, frequencies: Mapping[str, int], documents: int) -> Iterator[Asked]:
    """At most one of each kind, of places that the text decides."""
    text = normalised(written.content)
    found = list(atoms(text))
    chance = random.Random(text)

    def slice_(first: Atom, last: Atom) -> str:
        return text[first.start : last.end]

    if plain := _words(found):
        word = chance.choice(plain)
        share = frequencies.get(word.text, 0) / documents
        one = slice_(word, word)
        if frequencies.get(word.text, 0) > 1:
            yield Asked(
                "rare word" if share <= RARE else "common word" if share > COMMON else "middling word", one, (one,)
            )
        yield Asked("three letters of a word", one[:3], (one[:3],), prefix=True)
        yield Asked("word of somebody", f"from:{written.sender} {one}", (one,), sender=written.sender)
        if len(plain) > 1:
            other = chance.choice(plain)
            both = (one, slice_(other, other))
            if one != both[1]:
                yield Asked("two words", " ".join(both), both)
    if compounds := [atom for atom in found if atom.parts > 1 and atom.whole.isalpha()]:
        compound = chance.choice(compounds)
        last = found[found.index(compound) + compound.parts - 1]
        yield Asked("identifier", slice_(compound, last), (slice_(compound, last),))
    if pairs := [(one, two) for one, two in pairwise(found) if two.place == one.place + 1 and text[one.end] == " "]:
        phrase = slice_(*chance.choice(pairs))
        if all(part.isalpha() for part in phrase.split(" ")):
            yield Asked("phrase", f'"{phrase}"', (phrase,))
    yield from _without_spaces(text, found, chance)


def _without_spaces(text: str, found: Sequence[Atom], chance: random.Random) -> Iterator[Asked]:
    for length, kind in ((1, "one character"), (2, f"two characters, {_script(text)}"), (4, "four characters")):
        runs = [
            found[at : at + length]
            for at in range(len(found) - length + 1)
            if all(atom.dense for atom in found[at : at + length])
            and found[at + length - 1].place == found[at].place + length - 1
        ]
        if runs:
            run = chance.choice(runs)
            characters = text[run[0].start : run[-1].end]
            if characters.isalnum() and len(characters) == length:
                yield Asked(kind, characters, (characters,))


def _script(text: str) -> str:
    if any("\u3041" <= character <= "\u30fa" for character in text):
        return "ja"
    return "ko" if any("\uac00" <= character <= "\ud7af" for character in text) else "zh"


def _words(found: Sequence[Atom]) -> list[Atom]:
    """Words of letters alone that are no parts of others."""
    inside = {at + part for at, atom in enumerate(found) if atom.parts > 1 for part in range(atom.parts)}
    return [
        atom
        for at, atom in enumerate(found)
        if at not in inside and len(atom.text) > 2 and atom.text.isalpha() and not atom.dense
    ]
