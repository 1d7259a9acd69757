"""How far somebody has read, what they want to be told of, and their drafts."""

import asyncio
from typing import Any

from tests.chat_server.people import ChatServer, Person, blocked, ok, problem
from tests.support.postgres import Database


async def read(person: Person, chat: int, seq: int) -> Any:
    return ok(await person.api.post(f"/api/chats/{chat}/read", json={"seq": seq}))


async def test_the_read_marker_goes_forward_only(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    for number in range(4):
        await ada.say(chat, str(number))
    assert await read(bob, chat, 2) == {"chat_id": chat, "last_read_seq": 2, "unread": 2}
    assert await read(bob, chat, 1) == {"chat_id": chat, "last_read_seq": 2, "unread": 2}
    assert await read(bob, chat, 2**63 - 1) == {"chat_id": chat, "last_read_seq": 4, "unread": 0}
    for seq in (-1, 2**63, "1", 1.5, True):
        answer = await bob.api.post(f"/api/chats/{chat}/read", json={"seq": seq})
        problem(answer, 422, "validation_failed")


async def test_nothing_is_unread_below_zero(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    async with database.connect() as sql:
        async with sql.transaction():
            await sql.execute("SELECT FROM chat_members FOR UPDATE")
            reading = asyncio.create_task(read(ada, chat, 1))
            await blocked(sql)
            # It has seen the chat as it was, and gets to see the marker as this message leaves it.
            await sql.execute("INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'x')", chat, ada.id)
        assert await reading == {"chat_id": chat, "last_read_seq": 1, "unread": 0}


async def test_a_message_is_marked_unread(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    for number in range(4):
        await ada.say(chat, str(number))
    await read(bob, chat, 4)
    unread = f"/api/chats/{chat}/unread"
    for seq, marker in ((3, 2), (4, 2), (2**63 - 1, 2), (1, 0)):
        answer = ok(await bob.api.post(unread, json={"seq": seq}))
        assert answer == {"chat_id": chat, "last_read_seq": marker, "unread": 4 - marker}
    assert ok(await bob.api.get(f"/api/chats/{chat}"))["unread"] == 4
    for wrong in (0, -1, 2**63, "1", None):
        problem(await bob.api.post(unread, json={"seq": wrong}), 422, "validation_failed")


async def test_who_has_read_up_to_where(chat_server: ChatServer) -> None:
    ada, bob, cleo = await chat_server.team("Ada", "Bob", "Cleo")
    chat = await ada.chat(bob, cleo)
    posted = await ada.say(chat, "one")
    await ada.say(chat, "two")
    await read(bob, chat, 1)
    first = await ada.api.get(f"/api/chats/{chat}/readers?limit=2")
    assert [(reader["user_id"], reader["last_read_seq"]) for reader in ok(first)] == [(ada.id, 2), (bob.id, 1)]
    assert all(reader["read_at"] >= posted["created_at"] for reader in ok(first))
    second = await ada.api.get(first.links["next"]["url"])
    assert ok(second) == [{"user_id": cleo.id, "last_read_seq": 0, "read_at": None}]
    assert "next" not in second.links
    members = ok(await ada.api.get(f"/api/chats/{chat}/members"))
    assert [member["last_read_seq"] for member in members] == [2, 1, 0]


async def test_how_one_hears_of_a_chat_is_ones_own(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    me = f"/api/chats/{chat}/me"
    until = "2030-01-01T00:00:00+00:00"
    changed = ok(await bob.api.patch(me, json={"muted_until": "2030-01-01T02:00:00+02:00"}))
    assert changed == {"chat_id": chat, "user_id": bob.id, "notification_level": "all", "muted_until": until}
    assert ok(await bob.api.patch(me, json={"notification_level": "none"}))["muted_until"] == until
    for seen in (ok(await bob.api.get(f"/api/chats/{chat}")), ok(await bob.api.get("/api/sync"))["chats"][0]):
        assert (seen["notification_level"], seen["muted_until"]) == ("none", until)
    others = ok(await ada.api.get(f"/api/chats/{chat}"))
    assert (others["notification_level"], others["muted_until"]) == ("all", None)
    forever = ok(await bob.api.patch(me, json={"muted_until": "9999-12-31T23:59:59Z"}))
    assert forever["muted_until"] == "9999-12-31T23:59:59+00:00"
    assert ok(await bob.api.patch(me, json={"muted_until": None}))["muted_until"] is None
    assert ok(await bob.api.patch(me, json={}))["notification_level"] == "none"


async def test_a_bad_choice_is_refused(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    me = f"/api/chats/{await ada.chat()}/me"
    for body in (
        {"notification_level": "some"},
        {"muted_until": "tomorrow"},
        {"muted_until": "2030-01-01T00:00:00"},
        {"muted_until": "1969-12-31T23:59:59Z"},
        {"muted_until": "0001-01-01T00:00:00+14:00"},
        {"muted_until": "9999-12-31T23:59:59-14:00"},
        {"muted_until": 7},
    ):
        problem(await ada.api.patch(me, json=body), 422, "validation_failed")


async def test_a_draft_is_kept_until_it_is_dropped(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    draft = f"/api/chats/{chat}/draft"
    problem(await bob.api.get(draft), 404, "no_draft")
    await bob.api.put(draft, json={"content": "Dear"})
    saved = ok(await bob.api.put(draft, json={"content": "Dear 😀"}))
    assert (saved["chat_id"], saved["content"]) == (chat, "Dear 😀")
    await bob.say(chat, "something else")
    assert ok(await bob.api.get(draft)) == ok(await bob.api.get("/api/sync"))["chats"][0]["draft"] == saved
    problem(await ada.api.get(draft), 404, "no_draft")
    assert ok(await ada.api.get("/api/sync"))["chats"][0]["draft"] is None
    for _ in range(2):
        ok(await bob.api.delete(draft), 204)
        problem(await bob.api.get(draft), 404, "no_draft")
    changed = await bob.api.put(draft, json={"content": "again"}, params={"updated_at": saved["updated_at"]})
    problem(changed, 409, "draft_changed")
    for wrong in ("", " ", "x" * 10_001, "a\0b", None, 1):
        problem(await bob.api.put(draft, json={"content": wrong}), 422, "validation_failed")


async def test_a_draft_is_replaced_and_dropped_only_if_it_is_still_the_same(chat_server: ChatServer) -> None:
    """On one device somebody goes on writing, while another sends what was there before."""
    [ada] = await chat_server.team("Ada")
    draft = f"/api/chats/{await ada.chat()}/draft"
    first = ok(await ada.api.put(draft, json={"content": "Dear"}))
    second = ok(await ada.api.put(draft, json={"content": "Dear B"}, params={"updated_at": first["updated_at"]}))
    assert second["updated_at"] > first["updated_at"]
    for stale in (
        ada.api.put(draft, json={"content": "lost"}, params={"updated_at": first["updated_at"]}),
        ada.api.delete(draft, params={"updated_at": first["updated_at"]}),
    ):
        problem(await stale, 409, "draft_changed")
    assert ok(await ada.api.get(draft)) == second
    for _ in range(2):  # that it is gone is what was wanted
        ok(await ada.api.delete(draft, params={"updated_at": second["updated_at"]}), 204)
    problem(await ada.api.delete(draft, params={"updated_at": "yesterday"}), 400, "validation_failed")


async def test_a_draft_of_a_reply_is_the_threads_own(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    chat, other = await ada.chat(bob), await bob.chat()
    asked = await ada.say(chat, "Noon?")
    path = f"/api/chats/{chat}/messages/{asked['id']}/thread/draft"
    problem(await bob.api.get(path), 404, "no_draft")
    ok(await bob.api.put(f"/api/chats/{chat}/draft", json={"content": "of the chat"}))
    first = ok(await bob.api.put(path, json={"content": "One"}))
    assert first == {**first, "chat_id": chat, "thread_id": asked["id"], "content": "One"}
    saved = ok(await bob.api.put(path, json={"content": "One, rather"}, params={"updated_at": first["updated_at"]}))
    for stale in (
        bob.api.put(path, json={"content": "lost"}, params={"updated_at": first["updated_at"]}),
        bob.api.delete(path, params={"updated_at": first["updated_at"]}),
    ):
        problem(await stale, 409, "draft_changed")
    for shape in ("full", "lean"):
        snapshot = ok(await bob.api.get("/api/sync", params={"shape": shape}))
        assert snapshot["thread_drafts"] == [saved]
        assert {draft["content"] for one in snapshot["chats"] if (draft := one["draft"])} == {"of the chat"}
        assert ok(await ada.api.get("/api/sync", params={"shape": shape}))["thread_drafts"] == []
    assert ok(await bob.api.get(path)) == saved
    problem(await ada.api.get(path), 404, "no_draft")
    answer = await bob.api.post(f"/api/chats/{chat}/messages", json={"content": "Two", "reply_to": asked["id"]})
    reply = ok(answer, 201)
    for nothing in (
        f"/api/chats/{other}/messages/{asked['id']}/thread/draft",
        f"/api/chats/{chat}/messages/{reply['id']}/thread/draft",  # in which no thread begins
        f"/api/chats/{chat}/messages/999999999/thread/draft",
    ):
        problem(await bob.api.put(nothing, json={"content": "x"}), 404, "not_found")
        problem(await bob.api.get(nothing), 404, "no_draft")
    for method, body in (("GET", None), ("PUT", {"content": "x"}), ("DELETE", None)):
        problem(await eve.api.request(method, path, json=body), 404, "not_found")
        problem(await chat_server.anybody.request(method, path, json=body), 401, "unauthorized")
    for wrong in ("", " ", "x" * 10_001, "a\0b", None, 1):
        problem(await bob.api.put(path, json={"content": wrong}), 422, "validation_failed")
    for _ in range(2):
        ok(await bob.api.delete(path, params={"updated_at": saved["updated_at"]}), 204)
        problem(await bob.api.get(path), 404, "no_draft")


async def test_drafts_of_replies_are_few(chat_server: ChatServer, database: Database) -> None:
    [ada] = await chat_server.team("Ada")
    chat = await ada.chat()
    async with database.connect() as sql:
        said = await sql.fetch(
            "INSERT INTO messages (chat_id, sender_id, content) "
            "SELECT $1, $2, n::text FROM generate_series(1, 101) n RETURNING id",
            chat,
            ada.id,
        )
        await sql.execute(
            "INSERT INTO thread_drafts (thread_id, user_id, content) SELECT id, $1, 'x' FROM messages "
            "WHERE chat_id = $2 AND id < $3",
            ada.id,
            chat,
            said[100]["id"],
        )
    paths = [f"/api/chats/{chat}/messages/{row['id']}/thread/draft" for row in (said[0], said[100])]
    ok(await ada.api.put(paths[0], json={"content": "goes on"}))
    problem(await ada.api.put(paths[1], json={"content": "one more"}), 409, "thread_drafts_amount")
    ok(await ada.api.delete(paths[0]), 204)
    ok(await ada.api.put(paths[1], json={"content": "one more"}))
    assert len(ok(await ada.api.get("/api/sync"))["thread_drafts"]) == 100
