"""One transaction of posts and acts: locked together, decided one by one, written together.

Posts come before acts, and those by which somebody leaves a chat come last: whether an act may be done is decided
before any is. Everything is locked first, in one order, so that concurrent batches never wait for each other in a
circle (sql/README.md). Under these locks it is decided of each act whether its user may do it; those that may be done
are done each in a subtransaction, and fail alone (docs/adr/0092-every-write-of-a-chat-is-batched.md).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import asyncpg

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.parts.act import Act, Apart, Done, Found
from chat_server.parts.post import Post, Posted

Item = Post | Act
Written = Posted | Done
# Raises Problem unless an act may be done; or Apart, unless it is `alone`, if finding that out takes further queries.
Require = Callable[[Connection, Act, Found, bool], Awaitable[None]]

MESSAGES_POST = query(
    "messages_post",
    *("sender_ids", "chat_ids", "contents", "extras", "idempotency_keys", "patience_ms", "judging", "whole"),
)
BATCH_LOCK = query(
    "batch_lock",
    *("sender_ids", "post_chats", "keys", "kinds", "user_ids", "chat_ids", "message_ids", "locking"),
    *("patience_ms", "alone"),
)
ACTS_PERFORM = query(
    "acts_perform",
    *("kinds", "user_ids", "delegate_ids", "addresses", "chat_ids", "message_ids", "arguments", "patience_ms"),
)
_OF_CHAT = ("type", "member_count", "has_password", "archived", "role", "silenced_until", "workspace_role")


@dataclass(frozen=True, slots=True)
class Batch:
    """`patience_ms` is how long it waits for each row that is locked elsewhere. `alone`: its only item is by itself, so
    nothing of it is apart, and it waits for no lock that is there for the order of a batch alone."""

    items: Sequence[Item]
    patience_ms: int
    alone: bool = False

    async def write(self, connection: Connection, require: Require) -> list[Written | Exception]:
        """Within a transaction; what came of each item, once that is committed."""
        posts = [item for item in self.items if isinstance(item, Post)]
        places = sorted(
            (place for place, item in enumerate(self.items) if isinstance(item, Act)),
            key=lambda place: cast("Act", self.items[place]).takes_access,
        )
        acts = [cast("Act", self.items[place]) for place in places]
        refused = await self._require(connection, posts, acts, require)
        posted = iter(await post_messages(connection, posts, self.patience_ms) if posts else ())
        done = iter(await self._perform(connection, [act for act, no in zip(acts, refused, strict=True) if no is None]))
        answers = {place: no or next(done) for place, no in zip(places, refused, strict=True)}
        return [answers[place] if place in answers else next(posted) for place in range(len(self.items))]

    async def _require(
        self, connection: Connection, posts: list[Post], acts: list[Act], require: Require
    ) -> list[Exception | None]:
        """Locks what the batch changes, and says of each act why it is not done."""
        rows = await BATCH_LOCK.rows(
            connection,
            sender_ids=[one.sender_id for one in posts],
            post_chats=[one.chat_id for one in posts],
            keys=[one.idempotency_key for one in posts],
            kinds=[act.kind for act in acts],
            user_ids=[act.user_id for act in acts],
            chat_ids=[act.chat_id for act in acts],
            message_ids=[act.message_id for act in acts],
            locking=[act.locks_chat for act in acts],
            patience_ms=self.patience_ms,
            alone=self.alone,
        )
        gone = set[tuple[int, int]]()
        refused: list[Exception | None] = []
        for act, row in zip(acts, rows, strict=True):
            if (act.chat_id, act.user_id) in gone:
                refused.append(Apart())  # what was found of its user is over by then
                continue
            refused.append(await self._refusal(connection, act, row, require))
            if act.takes_access and refused[-1] is None:
                gone.add((act.chat_id, act.user_id))
        return refused

    async def _refusal(
        self, connection: Connection, act: Act, row: asyncpg.Record, require: Require
    ) -> Exception | None:
        if row["apart"]:
            return Apart()
        chat = None if row["type"] is None else {name: row[name] for name in _OF_CHAT}
        found = Found(chat, row["message_sender"], bool(row["message_deleted"]))
        try:
            await require(connection, act, found, self.alone)
        except (Problem, Apart) as refusal:
            return refusal
        return None

    async def _perform(self, connection: Connection, acts: list[Act]) -> list[Done | Exception]:
        if not acts:
            return []
        rows = await ACTS_PERFORM.rows(
            connection,
            kinds=[act.kind for act in acts],
            user_ids=[act.user_id for act in acts],
            delegate_ids=[act.delegate_id for act in acts],
            addresses=[act.address for act in acts],
            chat_ids=[act.chat_id for act in acts],
            message_ids=[act.message_id for act in acts],
            arguments=[act.arguments for act in acts],
            patience_ms=self.patience_ms,
        )
        return [_error(row) if row["state"] else Done(row["result"]) for row in rows]


async def post_messages(
    connection: Connection | Pool, posts: list[Post], patience_ms: int, *, judging: bool = False, whole: bool = False
) -> list[Posted]:
    """`whole`: this is all that its transaction does."""
    rows = await MESSAGES_POST.rows(
        connection,
        sender_ids=[one.sender_id for one in posts],
        chat_ids=[one.chat_id for one in posts],
        contents=[one.content for one in posts],
        extras=[one.extra for one in posts],
        idempotency_keys=[one.idempotency_key for one in posts],
        patience_ms=patience_ms,
        judging=judging,
        whole=whole,
    )
    return [Posted(row["outcome"], row["message"] or "") for row in rows]


def _error(row: asyncpg.Record) -> Exception:
    """As asyncpg would have raised it."""
    fields = {"C": row["state"], "M": row["message"], "D": row["detail"], "n": row["rule"]}
    return database_error({name: value for name, value in fields.items() if value})


def database_error(fields: dict[str, Any]) -> Exception:
    """An error of PostgreSQL from the fields of its message."""
    error: Exception = asyncpg.PostgresError.new(fields)
    return error
