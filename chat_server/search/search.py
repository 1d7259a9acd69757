"""Finding messages: candidates from Postgres, newest first, each decided by its current content."""

import asyncio
import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from asyncpg import Record

from chat_core.database.pool import Source
from chat_core.database.queries import query
from chat_server.search.analysis import Atom, atoms, fold, normalised
from chat_server.search.facets import has_code, has_file, has_image, has_link
from chat_server.search.plan import Condition, choose
from chat_server.search.query_language import ParsedQuery
from chat_server.search.scope import Scope
from chat_server.search.terms import Span, tsquery_of

# Candidates of one statement, and of one request; a page that has reached the second may be short.
MOST_AT_ONCE = 500
MOST_EXAMINED = 5000
MOST_STATEMENTS = 20
# Messages of the log's tail that a search reads. If more are not indexed yet, the oldest of these may be missed.
TAIL = 2000
# Results, the newest, of which the most relevant are shown; characters of a usual message.
RELEVANT, USUAL_LENGTH = 1000, 80
# Work of examining candidates, in characters times words of the query: of one request, and before the event loop has
# a turn, which is some milliseconds.
MOST_WORK = 20_000_000
_WORK_AT_ONCE = 100_000
# Places that are shown of one message.
MOST_SPANS = 200
# Of characters: what is longer is not kept to be examined again.
_LONG = 300
END = 2**63 - 1

SEARCH_MESSAGES = query(
    "search_messages",
    *("user", "chats", "plan", "walked", "query", "below", "since", "until", "pinned", "amount", "tail"),
)


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


async def find(source: Source, parsed: ParsedQuery, scope: Scope, before: int, limit: int) -> Page:
    """The newest messages that the query asks for and the user may read, below an id."""
    condition = condition_of(parsed, scope)
    found: list[Found] = []
    examined, amount, complete = 0, min(MOST_AT_ONCE, limit + 1 if condition.exact else 2 * limit + 10), True
    work, turn_at = 0, _WORK_AT_ONCE
    words = 1 + sum(len(term.units) for term in (*parsed.terms, *parsed.unwanted))
    plan = await choose(source, condition, scope, amount)
    way, walked, left = plan.way, plan.walked, plan.most - plan.walked
    for _ in range(MOST_STATEMENTS):
        rows = await SEARCH_MESSAGES.rows(
            source,
            user=scope.user_id,
            chats=scope.chats,
            plan=way,
            walked=walked,
            query=condition.tsquery,
            below=before,
            since=parsed.since,
            until=parsed.until,
            pinned=parsed.is_.get("pinned", False),
            amount=amount,
            tail=TAIL,
        )
        complete = complete and rows[0]["complete"]
        for row in rows if rows[0]["id"] is not None else ():
            examined += 1
            work += words * (100 + len(row["content"]))
            if work >= turn_at:
                turn_at = work + _WORK_AT_ONCE
                await asyncio.sleep(0)
            if (spans := judge(parsed, scope, row)) is not None:
                if len(found) == limit:
                    return Page(found, found[-1].id, complete)
                found.append(Found(row["id"], row["content"], row["message"], spans))
            if work >= MOST_WORK:
                return Page(found, row["id"], complete)
        if rows[0]["cut"] is None:
            return Page(found, None, complete)
        before = rows[0]["cut"]
        if examined >= MOST_EXAMINED:
            break
        if way != plan.then and len(rows) < amount:  # without an index to ask, each statement looks at as many
            walked = min(4 * walked, left)
            left -= walked
            way = way if walked > 0 else plan.then
        amount = min(MOST_AT_ONCE, 2 * amount)
    return Page(found, before, complete)


async def find_best(source: Source, parsed: ParsedQuery, scope: Scope, limit: int) -> Page:
    """The most relevant of the newest thousand: those that have the terms more often for their length."""
    page = await find(source, parsed, scope, END, RELEVANT)
    best = sorted(page.found, key=lambda found: (_relevance(found), found.id), reverse=True)
    return Page(best[:limit], page.next_before, page.complete)


def _relevance(found: Found) -> float:
    """As BM25 weighs how often a term occurs: less and less, and less in a longer text."""
    often = len(found.spans)
    return often / (often + 1.2 * (0.25 + 0.75 * len(found.content) / USUAL_LENGTH))


def condition_of(parsed: ParsedQuery, scope: Scope) -> Condition:
    """What the index is asked for: no result is without it."""
    clauses = [clause for term in parsed.terms for clause in term.clauses]
    facets = [f"has:{name}" for name, wanted in parsed.has.items() if wanted]
    if any(wanted for _, wanted in parsed.files) and "has:file" not in facets:
        facets.append("has:file")
    clauses += [[[(facet, False)]] for facet in facets]
    if scope.senders is not None:
        clauses.append([[(f"from:{sender}", False)] for sender in sorted(scope.senders)])
    if parsed.mentions:
        clauses.append([[(f"mentions:{scope.user_id}", False)], [("mentions:everyone", False)]])
    decides = not (parsed.unwanted or scope.not_senders or parsed.files or parsed.is_ or parsed.mentions is False)
    exact = decides and all(parsed.has.values()) and all(term.is_exact for term in parsed.terms)
    return Condition(tsquery_of(clauses) or None, clauses, exact)


def judge(parsed: ParsedQuery, scope: Scope, row: Record) -> list[Span] | None:
    """Where a message has the terms, in order; None if it is not what the query asks for."""
    content: str = row["content"]
    if (scope.senders is not None and row["sender_id"] not in scope.senders) or row["sender_id"] in scope.not_senders:
        return None
    if any(_has(name, row) != wanted for name, wanted in parsed.has.items()):
        return None
    if any(_is_named(part, row) != wanted for part, wanted in parsed.files):
        return None
    if any(row[name] != wanted for name, wanted in parsed.is_.items()):
        return None
    if parsed.mentions is not None and parsed.mentions != _mentions(scope.user_id, row):
        return None
    text = _atoms(content) if len(content) > _LONG else _atoms_again(content)
    if any(next(term.find(text), None) for term in parsed.unwanted):
        return None
    spans: set[Span] = set()
    for term in parsed.terms:
        places = list(itertools.islice(term.find(text), MOST_SPANS))
        if not places:
            return None
        spans.update(places)
    return list(merged(sorted(spans)))


def _has(name: str, row: Record) -> bool:
    match name:
        case "link":
            return has_link(row["content"])
        case "code":
            return has_code(row["content"])
        case "image":
            return has_image(row["type"], row["file_types"])
        case _:
            return has_file(row["type"], row["file_types"])


def _is_named(part: str, row: Record) -> bool:
    return any(part in fold(normalised(name)) for name in row["file_names"] or ())


def _mentions(user_id: int, row: Record) -> bool:
    return row["mentions_everyone"] is not None or user_id in (row["mentions"] or ())


def merged(spans: list[Span]) -> Iterator[Span]:
    """Without overlaps."""
    last: Span | None = None
    for span in spans:
        if last is None or span[0] > last[1]:
            if last is not None:
                yield last
            last = span
        else:
            last = last[0], max(last[1], span[1])
    if last is not None:
        yield last


def _atoms(content: str) -> list[Atom]:
    return list(atoms(normalised(content)))


# Messages of the tail are candidates of every search.
_atoms_again = functools.lru_cache(1000)(_atoms)
