"""Finding pages: candidates from Postgres, by id, each decided by its name and its current content."""

import asyncio
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
from asyncpg import Record

from chat_core.database.pool import Source
from chat_core.database.queries import query
from chat_core.documents.patches.history import StoredPatch, Unreachable, fold
from chat_server.search import analysis
from chat_server.search.analysis import atoms, normalised
from chat_server.search.page_texts import Text, texts
from chat_server.search.query_language import ParsedQuery
from chat_server.search.search import MOST_SPANS, merged
from chat_server.search.terms import Span, Term, tsquery_of

# Of one statement, and of one request; a list that has reached the second may be short.
CANDIDATES, BYTES = 50, 2_000_000
MOST_BYTES = 16_000_000
# Texts of a page that are shown, the first ones in which something is found.
MOST_PASSAGES = 5

SEARCH_PAGES = query("search_pages", "user", "workspace", "words", "query", "after", "amount", "bytes")

_NO_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of a page, and the places in its normalised form."""

    text: Text
    spans: list[Span]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """`page` is its JSON. `spans` are of its normalised name."""

    id: int
    name: str
    page: str
    spans: list[Span]
    passages: list[Passage]


async def find_pages(
    source: Source, parsed: ParsedQuery, words: Sequence[str], user: int, workspace: int | None, after: int, limit: int
) -> tuple[list[FoundPage], int | None]:
    """Pages that the user is a member of whose names have all of these words as parts, or that say what the query asks
    for, by id after an id; and the id after which the list goes on, None at its end."""
    tsquery = tsquery_of(clause for term in parsed.terms for clause in term.clauses) or None
    given = {"user": user, "workspace": workspace, "words": words, "query": tsquery}
    found: list[FoundPage] = []
    examined = 0
    while True:
        rows = await SEARCH_PAGES.rows(source, **given, after=after, amount=CANDIDATES, bytes=BYTES)
        # A page may be large, and has no turn to give others: it is examined beside the event loop.
        found += await asyncio.to_thread(_judged, rows, parsed)
        if len(found) > limit:
            return found[:limit], found[limit - 1].id
        if not rows or rows[0]["candidates"] == len(rows) < CANDIDATES:
            return found, None
        after = rows[-1]["id"]
        examined += sum(len(row["content"]) + 10_000 for row in rows)
        if examined >= MOST_BYTES:
            return found, after


def _judged(rows: Iterable[Record], parsed: ParsedQuery) -> list[FoundPage]:
    judged = (_judge(row, parsed) for row in rows)
    return [found for found in judged if found is not None]


def _judge(row: Record, parsed: ParsedQuery) -> FoundPage | None:
    """None if it is not what was asked for."""
    name = Text(None, "", row["name"])
    said = [name, *_said(row)]
    folded = [_letters(each.text) for each in said]
    spans: dict[int, set[Span]] = {}
    for term in parsed.terms:
        places = _places(term, said, folded)
        if not places:
            return _named(row) if row["named"] else None
        for place, some in places.items():
            spans.setdefault(place, set()).update(some)
    if any(_places(term, said, folded) for term in parsed.unwanted):
        return None
    shown = {place: list(merged(sorted(some))) for place, some in sorted(spans.items())}
    passages = [Passage(said[place], some) for place, some in shown.items() if place > 0]
    return FoundPage(row["id"], row["name"], row["page"], shown.get(0, []), passages[:MOST_PASSAGES])


def _named(row: Record) -> FoundPage:
    """By parts of its name alone."""
    return FoundPage(row["id"], row["name"], row["page"], [], [])


def _said(row: Record) -> list[Text]:
    """The texts of a page as it is now; none if its history is not what any server can read."""
    later = [StoredPatch(*each) for each in zip(row["versions"], row["patches"], strict=True)]
    try:
        document = msgspec.json.decode(row["content"])
        return list(texts(fold(document, row["snapshot_version"], later, row["version"], row["schema"]), row["schema"]))
    except (msgspec.DecodeError, RecursionError, Unreachable):
        return []


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", analysis.fold(normalised(text)))


def _places(term: Term, said: Sequence[Text], folded: Sequence[str]) -> dict[int, list[Span]]:
    """Where texts have a term, by their places. Most do not have its letters, which is seen without parsing them."""
    letters = _NO_LETTER.sub("", term.units[0].texts[0])
    return {
        place: spans
        for place, each in enumerate(said)
        if letters in folded[place]
        and (spans := list(itertools.islice(term.find(list(atoms(normalised(each.text)))), MOST_SPANS)))
    }
