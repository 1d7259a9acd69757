"""One term of a query: what the index is asked for it, and where a text has it.

The index answers with candidates. Whether a text has a term, and where, is decided here, on its current content.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from chat_server.search.analysis import LONGEST_TOKEN, Atom, atoms, normalised
from chat_server.search.clauses import Clause, Token

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A word with its parts, a run of characters without spaces, or an emoji: `texts` follow each other immediately.
    `after`: how many places it stands after the unit before it."""

    texts: tuple[str, ...]
    dense: bool
    after: int

    @property
    def whole(self) -> str:
        return "".join(self.texts)


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand next to each other; of the last one only the beginning if `prefix` is set."""

    units: tuple[_Unit, ...]
    prefix: bool = False

    @classmethod
    def of(cls, text: str, *, prefix: bool = False) -> Self:
        """Without units if the text has nothing that could be found."""
        units: list[_Unit] = []
        last: Atom | None = None
        left = 0
        for atom in atoms(normalised(text)):
            if last is not None and (left or (atom.dense and last.dense and atom.place == last.place + 1)):
                units[-1] = _Unit((*units[-1].texts, atom.text), atom.dense, units[-1].after)
                left = max(0, left - 1)
            else:
                units.append(_Unit((atom.text,), atom.dense, atom.place - last.place if last else 0))
                left = atom.parts - 1
            last = atom
        return cls(tuple(units), prefix)

    @property
    def clauses(self) -> Iterator[Clause]:
        """What every text with this term fulfils. A text may have a compound word in parts or as a whole."""
        for number, unit in enumerate(self.units, start=1):
            starts = self.prefix and number == len(self.units)
            if unit.dense and len(unit.texts) == 1:
                yield [[(unit.texts[0], True)]]
            elif unit.dense:
                yield from ([[(one + two, False)]] for one, two in itertools.pairwise(unit.texts))
            elif len(unit.texts) == 1:
                yield [[_token(unit.texts[0], starts)]]
            else:
                parts = [_token(part, False) for part in unit.texts[:-1]]
                yield [[*parts, _token(unit.texts[-1], starts)], [_token(unit.whole, starts)]]

    @property
    def tsquery(self) -> str:
        """A condition on the index that every text with this term fulfils."""
        return tsquery_of(self.clauses)

    @property
    def is_exact(self) -> bool:
        """Whether a text that fulfils the clauses has the term."""
        return len(self.units) == 1 and len(self.units[0].texts) <= (2 if self.units[0].dense else 1)

    def find(self, text: Sequence[Atom]) -> Iterator[Span]:
        """Where a text has it, by the positions of its atoms."""
        at, begin = 0, self.units[0].texts[0] if self.units else ""
        while at < len(text):
            # Most atoms are not where it begins, which is seen at once.
            could = text[at].text.startswith(begin) or text[at].whole.startswith(begin)
            end = self._match(text, at) if could else None
            if end is not None:
                yield text[at].start, text[end - 1].end
            at = max(at + 1, end or 0)

    def _match(self, text: Sequence[Atom], at: int) -> int | None:
        """The end of a match that begins at an atom. A unit has one end at most, so nothing is tried twice."""
        place: int | None = None
        for number, unit in enumerate(self.units, start=1):
            if at >= len(text) or (place is not None and text[at].place != place + unit.after):
                return None
            end = _end(unit, text, at, self.prefix and number == len(self.units) and not unit.dense)
            if end is None:
                return None
            at, place = end, text[end - 1].place
        return at


def _end(unit: _Unit, text: Sequence[Atom], at: int, starts: bool) -> int | None:
    """Where the unit ends if it begins at an atom: as its parts, or as a whole."""
    first, count = text[at], len(unit.texts)
    if at + count <= len(text) and all(
        _equals(text[at + number].text, part, starts and number == count - 1)
        and text[at + number].place == first.place + number
        and text[at + number].dense == unit.dense
        for number, part in enumerate(unit.texts)
    ):
        return at + count
    if unit.dense or first.dense:
        return None
    if count > 1 and _equals(first.text, unit.whole, starts):
        return at + 1
    return at + first.parts if first.whole and _equals(first.whole, unit.whole, starts) else None


def _equals(text: str, wanted: str, starts: bool) -> bool:
    return text.startswith(wanted) if starts else text == wanted


def _token(text: str, starts: bool) -> Token:
    """What is cut off in the index is found by what is left."""
    return text[:LONGEST_TOKEN], starts and len(text) <= LONGEST_TOKEN


def tsquery_of(clauses: Iterable[Clause]) -> str:
    """All of these clauses, for PostgreSQL; empty if there are none."""
    found = []
    for clause in clauses:
        either = [" & ".join(_lexeme(*token) for token in tokens) for tokens in clause]
        found.append(either[0] if len(either) == 1 else "(" + " | ".join(f"({one})" for one in either) + ")")
    return " & ".join(found)


def _lexeme(token: str, starts: bool) -> str:
    escaped = token.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'" + (":*" if starts else "")
