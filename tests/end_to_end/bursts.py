"""What several people do in chats at the same moment, posts and acts, so that they share transactions (ADR 92)."""

import asyncio
import random
import uuid
from collections import Counter
from contextlib import suppress
from typing import Any, Protocol

from fechatter_client import Problem, Unreachable

from tests.end_to_end.system import Person

AT_ONCE = 12
# Of some chats the newest messages.
PLACES = """
SELECT chats.id AS chat, coalesce(message.id, 0) AS message, coalesce(message.seq, 1) AS seq,
       array_agg(user_id) AS members
FROM chats JOIN chat_members ON chat_id = chats.id LEFT JOIN LATERAL (
    SELECT id, seq FROM messages WHERE chat_id = chats.id AND deleted_at IS NULL ORDER BY seq DESC LIMIT 2
) message ON true
WHERE archived_at IS NULL GROUP BY 1, 2, 3 ORDER BY random() LIMIT 3
"""
# Each of a burst has an emoji of its own, so an event for it is that act's.
REACTED = "SELECT payload ->> 'emoji', count(*) FROM events WHERE kind = 'ReactionAdded' GROUP BY 1"
KINDS = [
    *(["post", "react"] * 4),
    *(["agree", "disagree", "read", "edit"] * 2),
    *("mark unread", "delete", "pin", "unpin"),
]


class Scene(Protocol):
    sql: Any
    people: list[Person]
    acknowledged: set[int | str]
    acts: Counter[str]

    async def call(self, person: Person, method: str, path: str, body: dict[str, Any] | None = None) -> Any: ...


def request(kind: str, emoji: str, chat: int, message: int, seq: int) -> tuple[str, str, dict[str, Any] | None]:
    """Method, path and body."""
    of_chat, of_message = f"/chats/{chat}", f"/chats/{chat}/messages/{message}"
    requests: dict[str, tuple[str, str, dict[str, Any] | None]] = {
        "post": ("POST", f"{of_chat}/messages", {"content": emoji}),
        "react": ("PUT", f"{of_message}/reactions/{emoji}", None),
        "agree": ("PUT", f"{of_message}/reactions/👍", None),
        "disagree": ("DELETE", f"{of_message}/reactions/👍", None),
        "read": ("POST", f"{of_chat}/read", {"seq": seq}),
        "mark unread": ("POST", f"{of_chat}/unread", {"seq": max(1, seq - 1)}),
        "edit": ("PATCH", of_message, {"content": emoji}),
        "delete": ("DELETE", of_message, None),
        "pin": ("PUT", f"{of_message}/pin", None),
        "unpin": ("DELETE", f"{of_message}/pin", None),
    }
    return requests[kind]


async def burst(scene: Scene, rng: random.Random) -> None:
    """Keeps the emoji of each reaction that is acknowledged, and how often each kind was that answers anything."""
    places = await scene.sql.fetch(PLACES)

    async def one(kind: str) -> None:
        emoji = f":{uuid.uuid4().hex[:16]}:"
        place = rng.choice(places)
        among = [person for person in scene.people if person.id in place["members"]] or scene.people
        with suppress(Unreachable, TimeoutError, Problem):
            asked = request(kind, emoji, place["chat"], place["message"], place["seq"])
            if await scene.call(rng.choice(among), *asked):
                scene.acts[kind] += 1
                if kind == "react":
                    scene.acknowledged.add(emoji)

    async with asyncio.TaskGroup() as group:
        for kind in rng.choices(KINDS, k=AT_ONCE if places else 0):
            group.create_task(one(kind))
