"""How a query is best answered, by how many messages have its rarest word."""

from dataclasses import dataclass
from typing import Literal

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_server.search.scope import Scope

SEARCH_FREQUENCIES = query("search_frequencies", "tokens", "beginnings")

Way = Literal["rare", "few", "walk"]

# Microseconds, as measured on one core (docs/adr/0037-search-in-postgres.md).
_READ = 2.0  # a row that the index has named
_WALK = 0.6  # a row that is walked over
_SKIP = 0.05  # an entry of the index that is of another chat
_CHAT = 15.0  # a chat that the index is asked for


@dataclass(frozen=True, slots=True)
class Condition:
    """`tsquery` is one for the index, null if it is not to be asked. `tokens`: what every result has of it, with True
    for the beginning of tokens."""

    tsquery: str | None
    tokens: tuple[tuple[str, bool], ...]


async def choose(pool: Pool, condition: Condition, scope: Scope, amount: int) -> Way:
    if condition.tsquery is None or not condition.tokens:
        return "walk"
    whole = [token for token, starts in condition.tokens if not starts]
    beginnings = [token for token, starts in condition.tokens if starts]
    row = await SEARCH_FREQUENCIES.one(pool, tokens=whole, beginnings=beginnings)
    hits = min([*row["tokens"], *row["beginnings"]])
    return cheapest(hits, max(1, row["documents"], hits), len(scope.chats), max(1, scope.volume), amount)


def cheapest(hits: int, documents: int, chats: int, volume: int, amount: int) -> Way:
    """For a token that `hits` of the `documents` have, and a user with `volume` messages in `chats`."""
    share = min(1.0, volume / documents)
    costs: dict[Way, float] = {
        "rare": hits * _READ,
        "few": chats * _CHAT + hits * _SKIP + hits * share * _READ,
        "walk": _WALK * min(documents, amount * documents / max(1.0, hits * share)),
    }
    return min(costs, key=lambda way: costs[way])
