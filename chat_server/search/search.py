"""Finding messages: candidates from Postgres, newest first, each decided by its current content."""

import asyncio
import functools
from dataclasses import dataclass

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_server.search.analysis import Atom, atoms, normalised
from chat_server.search.terms import Span, Term

# Candidates of one statement, and of one request; a page that has examined so many may be short.
MOST_AT_ONCE = 500
MOST_EXAMINED = 5000
# Messages of the log's tail that a search reads. If more are not indexed yet, the oldest of these may be missed.
TAIL = 2000
# Candidates that are examined before the event loop has a turn.
_EXAMINED_AT_ONCE = 25
# Of characters: what is longer is not kept to be examined again.
_LONG = 300
END = 2**63 - 1

SEARCH_MESSAGES = query("search_messages", "user", "query", "before", "limit", "tail")


@dataclass(frozen=True, slots=True)
class Found:
    """`message` is its JSON. `spans` are of its normalised content."""

    id: int
    content: str
    message: str
    spans: list[Span]


@dataclass(frozen=True, slots=True)
class Page:
    """`next_before`: where the next page begins; None at the end. `complete`: no message was left out because it is
    still to be indexed."""

    found: list[Found]
    next_before: int | None
    complete: bool


async def find(pool: Pool, user_id: int, terms: list[Term], before: int, limit: int) -> Page:
    """The newest messages with all terms that the user may read, below an id."""
    condition = " & ".join(f"({term.tsquery})" for term in terms)
    found: list[Found] = []
    examined, amount = 0, min(MOST_AT_ONCE, 2 * limit + 10)
    while True:
        rows = await SEARCH_MESSAGES.rows(pool, user=user_id, query=condition, before=before, limit=amount, tail=TAIL)
        complete = rows[0]["complete"]
        if rows[0]["id"] is None:
            return Page(found, None, complete)
        for row in rows:
            examined += 1
            before = row["id"]
            if examined % _EXAMINED_AT_ONCE == 0:
                await asyncio.sleep(0)
            if (spans := spans_of(terms, row["content"])) is not None:
                if len(found) == limit:
                    return Page(found, found[-1].id, complete)
                found.append(Found(row["id"], row["content"], row["message"], spans))
        if len(rows) < amount:
            return Page(found, None, complete)
        if examined >= MOST_EXAMINED:
            return Page(found, before, complete)
        amount = min(MOST_AT_ONCE, 2 * amount)


def spans_of(terms: list[Term], content: str) -> list[Span] | None:
    """Where a text has the terms, in order; None unless it has all of them."""
    text = _atoms(content) if len(content) > _LONG else _atoms_again(content)
    spans: set[Span] = set()
    for term in terms:
        places = list(term.find(text))
        if not places:
            return None
        spans.update(places)
    return sorted(spans)


def _atoms(content: str) -> list[Atom]:
    return list(atoms(normalised(content)))


# Messages of the tail are candidates of every search.
_atoms_again = functools.lru_cache(4000)(_atoms)
