"""How a query is best answered, by about how many messages fulfil it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chat_core.database.pool import Source
from chat_core.database.queries import query
from chat_server.search.clauses import Clause, Token
from chat_server.search.scope import Scope

SEARCH_FREQUENCIES = query("search_frequencies", "user", "chats", "tokens", "beginnings")

Way = Literal["rare", "few", "near", "walk"]

# Microseconds of one core, as measured with a million messages (make bench BENCH=search QUERIES=tuning).
_READ = 2.0  # a row that the index has named, or that is read in a chat
_WALK = 0.5  # a row that is walked over
_ENTRY, _ENTRY_OF_MANY = 0.025, 0.25  # an entry of the index: of a token, and of one of all that begin alike
_CHAT, _ROW = 20.0, 0.15  # a chat that the index is asked for, and a row of it
_NEAR = 6.0  # a chat whose newest messages are looked for
# The newest messages: the least that are looked at, and those of each statement if there is no index to ask.
_LEAST_WALKED, _WALKED_ALONE = 1_000, 20_000


@dataclass(frozen=True, slots=True)
class Condition:
    """`tsquery` is one for the index, null if it is not to be asked. Every result fulfils all clauses. `exact`: what
    fulfils them is a result, or nearly always."""

    tsquery: str | None
    clauses: Sequence[Clause]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """`walked`: among how many of the newest messages to look first. If these have too few hits, which the estimate did
    not expect, more are looked at, `most` in all; then `then` goes on."""

    way: Way
    walked: int
    most: int
    then: Way


async def choose(source: Source, condition: Condition, scope: Scope, amount: int) -> Plan:
    if condition.tsquery is None or not condition.clauses:
        return Plan("walk", _WALKED_ALONE, _WALKED_ALONE, "walk")
    tokens = sorted({token for clause in condition.clauses for tokens in clause for token in tokens})
    whole = [token for token, starts in tokens if not starts]
    beginnings = [token for token, starts in tokens if starts]
    row = await SEARCH_FREQUENCIES.one(
        source, user=scope.user_id, chats=scope.chats, tokens=whole, beginnings=beginnings
    )
    known = {(token, False): documents for token, documents in zip(whole, row["tokens"], strict=True)}
    known |= {(token, True): documents for token, documents in zip(beginnings, row["beginnings"], strict=True)}
    documents = max(1, row["documents"], *known.values())
    hits = estimated(condition.clauses, known, documents)
    entries = min(known[token] for token in known)
    many = sum(known[token] for token in known if token[1])
    return cheapest(Costs(hits, entries, many, documents, row["chats"], max(1, row["volume"])), amount)


def estimated(clauses: Sequence[Clause], known: Mapping[Token, int], documents: int) -> float:
    """About how many of the documents fulfil all clauses. `known` has how many contain each token. The estimate lies
    between those of the rarest clause and what independent clauses would leave."""
    each = [min(documents, sum(min(known[token] for token in tokens) for tokens in clause)) for clause in clauses]
    return math.sqrt(min(each) * documents * math.prod(one / documents for one in each))


@dataclass(frozen=True, slots=True)
class Costs:
    """Of a condition that `hits` of the `documents` fulfil about, and a user with `volume` messages in `chats`. The
    rarest token has `entries` in the index, and tokens of which the beginning is asked for have `many`."""

    hits: float
    entries: int
    many: int
    documents: int
    chats: int
    volume: int

    @property
    def share(self) -> float:
        return min(1.0, self.volume / self.documents)

    def rows(self, amount: int) -> float:
        """About how many of the user's messages have this number of hits; all if there are fewer hits."""
        return min(self.volume, amount * self.documents / max(1.0, self.hits))

    def of(self, way: Way, amount: int) -> float:
        """Microseconds."""
        match way:
            case "rare":
                return self.hits * _READ + self.entries * _ENTRY + self.many * _ENTRY_OF_MANY
            case "few":
                chats = self.chats * _CHAT + self.volume * _ROW
                return chats + self.entries * _ENTRY + self.many * _ENTRY_OF_MANY + self.hits * self.share * _READ
            case "near":
                return self.chats * _NEAR + self.rows(amount) * _READ
            case "walk":
                return self.rows(amount) / self.share * _WALK


def cheapest(costs: Costs, amount: int) -> Plan:
    def cost(way: Way) -> float:
        return costs.of(way, amount)

    index_ways: tuple[Way, ...] = ("rare", "few")
    index = min(index_ways, key=cost)
    ways: tuple[Way, ...] = (index, "near", "walk")
    way = min(ways, key=cost)
    # Reading in vain is not to take longer than the index would.
    most = min(costs.documents, cost(index) / (_WALK if way == "walk" else _READ * costs.share))
    walked = min(2 * costs.rows(amount) / costs.share, most)
    return Plan(way, max(_LEAST_WALKED, int(walked)), int(most), index)
