"""How one wants to be seen, what one says of oneself, who is typing. What others hear of it: tests/end_to_end."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tests.chat_server.people import ChatServer, Json, ok, problem
from tests.support.postgres import Database

LUNCH = {"text": "Lunch", "emoji": "🍜", "until": "2100-01-01T12:00:00Z"}


async def test_a_status_is_part_of_the_profile_until_it_is_taken_back(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    await ada.chat(bob)
    set_to: Json = {**LUNCH, "until": "2100-01-01T12:00:00+00:00"}
    assert ok(await ada.api.put("/api/users/me/status", json=LUNCH))["custom_status"] == set_to
    seen = ok(await bob.api.get("/api/users", params={"workspace_id": ada.workspace}))
    assert [user["custom_status"] for user in seen] == [set_to, None]
    members = ok(await bob.api.get("/api/sync"))["chats"][0]["members"]
    assert [member["custom_status"] for member in members] == [set_to, None]
    changed = ok(await ada.api.put("/api/users/me/status", json={"text": "Back"}))
    assert changed["custom_status"] == {"text": "Back", "emoji": None, "until": None}
    assert ok(await ada.api.put("/api/users/me/status", json={}))["custom_status"] is None


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("status", {"text": "x" * 101}, "text"),
        ("status", {"text": " "}, "text"),
        ("status", {"emoji": "x" * 65}, "emoji"),
        ("status", {"text": "x", "until": (datetime.now(UTC) - timedelta(seconds=1)).isoformat()}, "until"),
        ("status", {"until": "2100-01-01T12:00:00Z"}, "until"),
        ("status", {"text": "x", "until": "2100-01-01T12:00:00"}, "until"),
        ("presence", {"presence_mode": "offline"}, "presence_mode"),
        ("activity", {"idle": "yes"}, "idle"),
    ],
)
async def test_bad_input(chat_server: ChatServer, path: str, body: Json, field: str) -> None:
    ada = await chat_server.sign_up("Ada")
    refused = problem(await ada.api.put(f"/api/users/me/{path}", json=body), 422, "validation_failed")
    assert [error["path"] for error in refused["errors"]] == [field]


async def test_presence_is_paged_and_of_those_who_are_named(chat_server: ChatServer) -> None:
    people = await chat_server.team("Ada", "Bob", "Carol")
    where = {"workspace_id": people[0].workspace}
    first = await people[1].api.get("/api/presence", params={**where, "limit": 2})
    rest = await people[1].api.get(first.links["next"]["url"])
    offline = [{"user_id": person.id, "presence": "offline", "last_seen": None} for person in people]
    assert ok(first) + ok(rest) == offline
    named: Json = {**where, "user_ids": [people[2].id, people[0].id, 10**15]}
    assert ok(await people[1].api.get("/api/presence", params=named)) == [offline[0], offline[2]]
    too_many: Json = {**where, "user_ids": list(range(1, 102))}
    problem(await people[1].api.get("/api/presence", params=too_many), 400, "validation_failed")
    problem(await people[1].api.get("/api/presence", params={**where, "user_ids": [-1]}), 400, "validation_failed")


async def test_what_comes_at_once_is_told_together(chat_server: ChatServer, database: Database) -> None:
    people = await chat_server.team("Ada", "Bob", "Carol")
    stranger = await chat_server.sign_up("Eve")
    chat = await people[0].chat(*people[1:])
    channel = await people[0].chat(type="PublicChannel")
    heard: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
    listener: asyncpg.Connection[asyncpg.Record]
    async with database.connect() as listener:
        await listener.add_listener(
            "fechatter_ephemeral", lambda _c, pid, _channel, text: heard.put_nowait((pid, text))
        )
        calls = [
            *(person.api.post(f"/api/chats/{chat}/typing", json={"typing": True}) for person in people * 20),
            *(
                who.api.post(f"/api/chats/{place}/typing", json={"typing": True})
                for who, place in ((people[1], channel), (stranger, chat), (stranger, channel), (people[0], 10**15))
            ),
        ]
        *told, forbidden, strange, hidden, unknown = await asyncio.gather(*calls)
        for answer in told:
            ok(answer, 204)
        problem(forbidden, 403, "forbidden")
        for answer in (strange, hidden, unknown):
            problem(answer, 404, "not_found")
        await people[2].api.put("/api/users/me/presence", json={"presence_mode": "invisible"})
        invisible_from = await listener.fetchval("SELECT log_head()")
        ok(await people[2].api.post(f"/api/chats/{chat}/typing", json={"typing": True}), 204)  # and nobody is told
        ok(await people[0].api.post(f"/api/chats/{chat}/typing", json={"typing": False}), 204)
        texts = [(await heard.get())[1]]
        while "false" not in texts[-1]:
            texts.append((await heard.get())[1])
    notices = [notice for text in texts for notice in json.loads(text)["typing"]]
    assert [chat, people[0].id, False] in [[chat, user, typing] for chat, user, _, typing, _, _ in notices]
    # What was judged before they became invisible may still be on its way: notify_server knows by the position.
    assert all(position < invisible_from for _, user, _, _, position, _ in notices if user == people[2].id)
    assert 2 <= len(texts) < 20
