"""How a query is best answered, by about how many messages fulfil its rarest condition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_server.search.clauses import Clause, Token
from chat_server.search.scope import Scope

SEARCH_FREQUENCIES = query("search_frequencies", "tokens", "beginnings")

Way = Literal["rare", "few", "walk"]

# Microseconds of one core (make bench BENCH=search QUERIES=tuning).
_READ = 2.0  # a row that the index has named
_WALK = 0.6  # a row that is walked over
_SKIP = 0.05  # an entry of the index that is of another chat
_CHAT = 15.0  # a chat that the index is asked for
# Rows that one statement walks over: before the index goes on, and where there is nothing that it could be asked.
_LEAST_WALKED, _MOST_WALKED = 1_000, 50_000
_WALKED_ALONE = 20_000


@dataclass(frozen=True, slots=True)
class Condition:
    """`tsquery` is one for the index, null if it is not to be asked. Every result fulfils all clauses. `exact`: what
    fulfils them is a result, or nearly always."""

    tsquery: str | None
    clauses: Sequence[Clause]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Where walking over `walked` rows has not found enough, which the estimate did not expect, `then` goes on."""

    way: Way
    walked: int
    then: Way


async def choose(pool: Pool, condition: Condition, scope: Scope, amount: int) -> Plan:
    if condition.tsquery is None or not condition.clauses:
        return Plan("walk", _WALKED_ALONE, "walk")
    tokens = sorted({token for clause in condition.clauses for tokens in clause for token in tokens})
    whole = [token for token, starts in tokens if not starts]
    beginnings = [token for token, starts in tokens if starts]
    row = await SEARCH_FREQUENCIES.one(pool, tokens=whole, beginnings=beginnings)
    known = {(token, False): documents for token, documents in zip(whole, row["tokens"], strict=True)}
    known |= {(token, True): documents for token, documents in zip(beginnings, row["beginnings"], strict=True)}
    hits = estimated(condition.clauses, known)
    return cheapest(hits, max(1, row["documents"], hits), len(scope.chats), max(1, scope.volume), amount)


def estimated(clauses: Sequence[Clause], documents: Mapping[Token, int]) -> int:
    """How many documents fulfil all clauses at most, if so many have each token."""
    return min(sum(min(documents[token] for token in tokens) for tokens in clause) for clause in clauses)


def cheapest(hits: int, documents: int, chats: int, volume: int, amount: int) -> Plan:
    """For a condition that `hits` of the `documents` fulfil, and a user with `volume` messages in `chats`."""
    share = min(1.0, volume / documents)
    rare = hits * _READ
    few = chats * _CHAT + hits * _SKIP + hits * share * _READ
    walk = _WALK * min(documents, amount * documents / max(1.0, hits * share))
    index: Way = "rare" if rare <= few else "few"
    # At worst, walking in vain doubles what the index takes.
    walked = min(_MOST_WALKED, max(_LEAST_WALKED, int(min(rare, few) / _WALK)))
    return Plan("walk" if walk < min(rare, few) else index, walked, index)
