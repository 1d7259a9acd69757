"""The language of queries: words, "phrases", -not, and filters such as from:ada (docs/search/queries.md).

Parsing knows no names: `from` and `in` are looked up among what the caller sees (scope.py).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from chat_server.search.analysis import fold, normalised
from chat_server.search.terms import Span, Term

MOST_CLAUSES = 32
# Words and runs of characters in all terms together: each is looked for in each candidate.
MOST_WORDS = 64
HAS = ("file", "link", "image", "code")
IS = ("pinned", "thread", "edited")
ME = "me"

_WHITE = re.compile(r"\s+")
_KEY = re.compile(r"(from|in|before|after|on|has|is|mentions|file):", re.IGNORECASE)
_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»"}
DATES = "a day such as 2026-01-31, or a time such as 2026-01-31T18:00Z"


class QueryError(Exception):
    """What the query lacks at a character, counted from 0 in Unicode code points."""

    def __init__(self, position: int, expected: str) -> None:
        super().__init__(f"at character {position + 1}: expected {expected}")
        self.position, self.expected = position, expected


@dataclass(frozen=True, slots=True)
class Name:
    """A name or id to look up, as it was written; `not_` if what it has is not wanted."""

    text: str
    position: int
    not_: bool = False


@dataclass(slots=True)
class ParsedQuery:
    """`since` and `until` are the first moment that is included, and the first that is not. `has`, `is_` and `mentions`
    map what is asked for to whether it is wanted; `files` are parts of file names, folded, and whether they are
    wanted. `places` are those of the terms in the query."""

    terms: list[Term] = field(default_factory=list)
    places: list[Span] = field(default_factory=list)
    unwanted: list[Term] = field(default_factory=list)
    senders: list[Name] = field(default_factory=list)
    chats: list[Name] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None
    has: dict[str, bool] = field(default_factory=dict)
    is_: dict[str, bool] = field(default_factory=dict)
    mentions: bool | None = None
    files: list[tuple[str, bool]] = field(default_factory=list)

    def begins_at(self, moment: datetime) -> None:
        self.since = max(self.since or moment, moment)

    def ends_at(self, moment: datetime) -> None:
        self.until = min(self.until or moment, moment)


def parse(text: str, *, prefix: bool = False, filters: bool = True) -> ParsedQuery:
    """Raises QueryError. `prefix`: the last word, if the query ends with it, is found by its beginning. `filters`: they
    may be in it; they ask for properties of messages."""
    query = ParsedQuery()
    at, clauses = 0, 0
    while True:
        if white := _WHITE.match(text, at):
            at = white.end()
        if at == len(text):
            break
        clauses += 1
        if clauses > MOST_CLAUSES:
            raise QueryError(at, f"the end, since a query has at most {MOST_CLAUSES} parts")
        at = _clause(query, text, at, prefix, filters)
    if not (query.terms or query.senders or query.chats or query.since or query.until or query.has or query.is_) and (
        query.mentions is None and not query.unwanted and not query.files
    ):
        raise QueryError(0, "a word, a character of a word, an emoji or a filter")
    return query


def _clause(query: ParsedQuery, text: str, at: int, prefix: bool, filters: bool) -> int:
    """Reads one clause; returns where it ends."""
    begin = at
    unwanted = text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace()
    at += unwanted
    if key := _KEY.match(text, at):
        if not filters:
            raise QueryError(begin, f"words alone, since {key[1].lower()}: is about messages")
        position = key.end()
        value, at = _value(text, position)
        if not value:
            raise QueryError(position, f"a value right after {key[1].lower()}:")
        _FILTERS[key[1].lower()](query, value, position, unwanted)
        return at
    quoted = text[at] in _QUOTES
    value, at = _value(text, at)
    term = Term.of(value, prefix=prefix and not quoted and not unwanted and at == len(text))
    if len(term.units) + sum(len(other.units) for other in (*query.terms, *query.unwanted)) > MOST_WORDS:
        raise QueryError(begin, f"the end, since a query has at most {MOST_WORDS} words")
    if term.units and unwanted:
        query.unwanted.append(term)
    elif term.units:
        query.terms.append(term)
        query.places.append((begin, at))
    elif quoted:
        raise QueryError(begin, "a word between the quotation marks")
    return at


def _value(text: str, at: int) -> tuple[str, int]:
    """A word, or what stands between quotation marks; and where it ends."""
    if at < len(text) and text[at] in _QUOTES:
        end = min((place for mark in (_QUOTES[text[at]], '"') if (place := text.find(mark, at + 1)) >= 0), default=-1)
        if end < 0:
            raise QueryError(len(text), f"the quotation mark that closes the one at character {at + 1}")
        return text[at + 1 : end], end + 1
    white = _WHITE.search(text, at)
    end = white.start() if white else len(text)
    return text[at:end], end


def _one_of(known: Sequence[str], value: str, position: int) -> str:
    if value.lower() not in known:
        raise QueryError(position, f"one of {', '.join(known)}")
    return value.lower()


def _day(value: str, position: int) -> tuple[datetime, datetime]:
    """When it begins and ends, in UTC; a time lasts a microsecond."""
    text = normalised(value)
    try:
        if len(text) <= 10:
            begin = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
            return begin, begin + timedelta(days=1)
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        return moment, moment + timedelta(microseconds=1)
    except (ValueError, OverflowError):
        raise QueryError(position, DATES) from None


def _wanted(position: int, unwanted: bool) -> None:
    if unwanted:
        raise QueryError(position, "no minus before a time: before: and after: are each other's opposite")


def _before(query: ParsedQuery, value: str, position: int, unwanted: bool) -> None:
    _wanted(position, unwanted)
    query.ends_at(_day(value, position)[0])


def _after(query: ParsedQuery, value: str, position: int, unwanted: bool) -> None:
    _wanted(position, unwanted)
    query.begins_at(_day(value, position)[1])


def _on(query: ParsedQuery, value: str, position: int, unwanted: bool) -> None:
    _wanted(position, unwanted)
    begin, end = _day(value, position)
    if end - begin < timedelta(days=1):
        raise QueryError(position, "a day such as 2026-01-31")
    query.begins_at(begin)
    query.ends_at(end)


def _mentions(query: ParsedQuery, value: str, position: int, unwanted: bool) -> None:
    _one_of([ME], value, position)
    query.mentions = not unwanted


def _from(query: ParsedQuery, value: str, position: int, unwanted: bool) -> None:
    query.senders.append(Name(value, position, unwanted))


def _in(query: ParsedQuery, value: str, position: int, unwanted: bool) -> None:
    query.chats.append(Name(value, position, unwanted))


def _has(query: ParsedQuery, value: str, position: int, unwanted: bool) -> None:
    query.has[_one_of(HAS, value, position)] = not unwanted


def _is(query: ParsedQuery, value: str, position: int, unwanted: bool) -> None:
    query.is_[_one_of(IS, value, position)] = not unwanted


def _file(query: ParsedQuery, value: str, position: int, unwanted: bool) -> None:
    query.files.append((fold(normalised(value)), not unwanted))


_FILTERS: dict[str, Callable[[ParsedQuery, str, int, bool], None]] = {
    "from": _from,
    "in": _in,
    "before": _before,
    "after": _after,
    "on": _on,
    "has": _has,
    "is": _is,
    "mentions": _mentions,
    "file": _file,
}
