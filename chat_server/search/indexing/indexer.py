"""Fills the index of messages: follows the log by a position that is stored with what is indexed. Pages wait until the
log is followed to its end.

A step commits documents and position together, so a follower that is killed repeats a step and loses none. Whatever the
index does not have yet, searches read from the log; how far behind it is costs time and no results.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import asyncpg
import structlog

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_server.search.analysis import ANALYSER, tokens
from chat_server.search.facets import facets
from chat_server.search.indexing import page_indexer

# Events and messages of one step: it is a transaction of some tenths of a second. Larger ones cost less a message: each
# counts a frequent token once.
EVENTS = 4000
MESSAGES = 4000
CHARACTERS = 1_000_000
# Ids of messages that are gone, of one look: looking again reads those rows again, until they are vacuumed.
GONE = 200_000

SEARCH_BEGIN = query("search_begin", "analyser", "sound")
SEARCH_CHANGES = query("search_changes", "position", "amount")
SEARCH_CONTENTS = query("search_contents", "messages")
SEARCH_CONTENTS_BELOW = query("search_contents_below", "message", "amount")
SEARCH_GONE_OF_CHAT = query("search_gone_of_chat", "chat", "below", "amount")
SEARCH_GONE_WITH_CHATS = query("search_gone_with_chats", "amount")
SEARCH_PROGRESS = query("search_progress")
SEARCH_STORE = query(
    "search_store",
    *("from_position", "from_remaining", "to_position", "to_made_at", "to_remaining"),
    *("messages", "chats", "senders", "created_at", "tokens", "gone"),
)
SEARCH_TIDY = query("search_tidy")
SEARCH_WITHOUT_MESSAGE = query("search_without_message", "lowest", "below")

_log = structlog.get_logger()


@dataclass(slots=True)
class _Changes:
    """What the events of a step ask for. `chats`: the id below which messages are gone, by chat; both null: of all."""

    messages: set[int] = field(default_factory=set)
    chats: dict[int | None, int | None] = field(default_factory=dict)


async def step(connection: Connection) -> bool:
    """Indexes the next events. If there are no more, the next older messages of an index that is being built, and a
    page. Returns whether there may be more to do."""
    state = await SEARCH_PROGRESS.one(connection)
    if state["analyser"] != ANALYSER or not state["continues"]:
        _log.info("search: indexing all messages", analyser=ANALYSER, same_log=state["continues"])
        await SEARCH_BEGIN.value(connection, analyser=ANALYSER, sound=False)
        return True
    rows = await SEARCH_CHANGES.rows(connection, position=state["position"], amount=EVENTS)
    if rows:
        if await _follow(connection, state, rows):
            return True
        state = await SEARCH_PROGRESS.one(connection)  # what is older has its turn, however much is written
    filled = state["remaining"] is not None and await _fill(connection, state)
    return await page_indexer.step(connection) or filled


async def run(connection: Connection) -> None:
    """All steps that there are. Then what came last is put in its place in the index, where searches find it faster."""
    before = await SEARCH_PROGRESS.one(connection)
    while await step(connection):
        pass
    after = await SEARCH_PROGRESS.one(connection)
    if (before["position"], before["remaining"]) != (after["position"], after["remaining"]):
        await SEARCH_TIDY.value(connection)


async def _follow(connection: Connection, state: asyncpg.Record, rows: list[asyncpg.Record]) -> bool:
    changes = _Changes()
    for row in rows:
        if row["kind"] == "message":
            changes.messages.add(row["message_id"])
            if len(changes.messages) >= MESSAGES:
                rows = rows[: rows.index(row) + 1]
                break
        elif row["kind"] == "chat":
            changes.chats[row["chat_id"]] = row["message_id"]
    for chat, below in changes.chats.items():
        if not await _forget(connection, state, chat, below):
            return True
    found = {row["id"]: row for row in await SEARCH_CONTENTS.rows(connection, messages=list(changes.messages))}
    size, ids = 0, set[int]()
    for number, row in enumerate(rows):
        if row["kind"] == "message" and row["message_id"] not in ids:
            size += len(found[row["message_id"]]["content"]) if row["message_id"] in found else 0
            if size > CHARACTERS and ids:
                rows = rows[:number]
                break
            ids.add(row["message_id"])
    last = rows[-1]
    await page_indexer.expect(connection, {row["page_id"] for row in rows if row["kind"] == "page"})
    stored = [found[id_] for id_ in ids if id_ in found]
    gone_ids = [id_ for id_ in ids if id_ not in found]
    await _store(connection, state, stored, gone=gone_ids, position=last["position"], made_at=last["made_at"])
    return bool(last["position"] < state["position"] + state["events_behind"])


async def _forget(connection: Connection, state: asyncpg.Record, chat: int | None, below: int | None) -> bool:
    """Deletes what the index has of messages that are gone with their chats. False if another one was faster."""
    while True:
        if chat is None:
            rows = await SEARCH_GONE_WITH_CHATS.rows(connection, amount=GONE)
        else:
            rows = await SEARCH_GONE_OF_CHAT.rows(connection, chat=chat, below=below, amount=GONE)
        if not rows:
            return True
        for at in range(0, len(rows), MESSAGES):
            if not await _store(connection, state, gone=[row["message_id"] for row in rows[at : at + MESSAGES]]):
                return False


async def _fill(connection: Connection, state: asyncpg.Record) -> bool:
    below = state["remaining"]
    rows = await SEARCH_CONTENTS_BELOW.rows(connection, message=below, amount=MESSAGES)
    sizes = itertools.accumulate(len(row["content"]) for row in rows)
    few = max(1, sum(size <= CHARACTERS for size in sizes))
    lowest = rows[few - 1]["id"] if few < len(rows) or len(rows) == MESSAGES else 0
    rows = rows[:few]
    gone = await SEARCH_WITHOUT_MESSAGE.rows(connection, lowest=lowest, below=below)
    await _store(
        connection,
        state,
        [row for row in rows if row["content"] or row["file_types"]],
        gone=[row["message_id"] for row in gone],
        remaining=lowest or None,
    )
    return True


async def _store(
    connection: Connection,
    state: asyncpg.Record,
    found: list[asyncpg.Record] | None = None,
    *,
    gone: list[int],
    position: int | None = None,
    made_at: object = None,
    remaining: int | None = -1,
) -> bool:
    found = found or []
    stored: bool = await SEARCH_STORE.value(
        connection,
        from_position=state["position"],
        from_remaining=state["remaining"],
        to_position=state["position"] if position is None else position,
        to_made_at=state["made_at"] if position is None else made_at,
        to_remaining=state["remaining"] if remaining == -1 else remaining,
        messages=[row["id"] for row in found],
        chats=[row["chat_id"] for row in found],
        senders=[row["sender_id"] for row in found],
        created_at=[row["created_at"] for row in found],
        tokens=[" ".join(_tokens(row)) for row in found],
        gone=gone,
    )
    return stored


def _tokens(row: asyncpg.Record) -> Iterator[str]:
    yield from tokens(row["content"])
    yield from facets(
        *(row["sender_id"], row["type"], row["content"], row["mentions"], row["mentions_everyone"], row["file_types"])
    )
