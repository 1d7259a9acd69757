"""The snapshot."""

from tests.chat_server.people import ChatServer, ok, problem
from tests.support.postgres import Database


async def test_the_snapshot_has_all_that_one_may_see(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    group, single = await ada.chat(bob), await ada.chat(bob, type="Single")
    await ada.chat(type="PrivateChannel", name="not for Bob")
    await eve.chat()
    posted = [await ada.say(group, str(number)) for number in range(21)]
    snapshot = ok(await bob.api.get("/api/sync"))
    assert snapshot["user"] == ok(await bob.api.get("/api/auth/me"))
    assert snapshot["workspaces"] == ok(await bob.api.get("/api/workspaces"))
    assert [chat["id"] for chat in snapshot["chats"]] == [group, single]
    assert snapshot["chats"][0]["messages"] == posted[1:]
    assert snapshot["chats"][0]["unread"] == 21
    assert snapshot["chats"][0]["members"] == ok(await bob.api.get(f"/api/chats/{group}/members"))
    async with database.connect() as sql:
        cursor = await sql.fetchval("SELECT epoch || '.' || (SELECT max(position) FROM events) FROM log_state")
    assert snapshot["cursor"] == cursor


async def test_the_snapshot_has_as_many_messages_as_fit(chat_server: ChatServer) -> None:
    [ada] = await chat_server.team("Ada")
    chat = await ada.chat()
    posted = [await ada.say(chat, str(number) * 10_000) for number in range(5)]
    snapshot = ok(await ada.api.get("/api/sync"))["chats"][0]
    assert snapshot["messages"] == posted[2:]
    assert snapshot["first_seq"] < snapshot["messages"][0]["seq"], "so there are older ones"
    older = ok(await ada.api.get(f"/api/chats/{chat}/messages?before_id={snapshot['messages'][0]['id']}"))
    assert older == [posted[1], posted[0]]


async def test_a_lean_snapshot_has_what_an_overview_shows(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    group, single = await ada.chat(bob), await ada.chat(bob, type="Single")
    await ada.say(group, "first")
    newest = await ada.say(group, "second")
    ok(await ada.api.put(f"/api/chats/{group}/draft", json={"content": "not yet"}))
    full, lean = [ok(await ada.api.get("/api/sync", params={"shape": shape})) for shape in ("full", "lean")]
    of_group, of_single = lean["chats"]
    assert of_group == {**full["chats"][0], "members": None, "messages": [newest], "bans": None, "invites": None}
    assert of_single == {**full["chats"][1], "bans": None, "invites": None}
    assert [member["fullname"] for member in of_single["members"]] == ["Ada", "Bob"]
    assert of_single["id"] == single
    assert {**lean, "chats": full["chats"]} == full
    problem(await ada.api.get("/api/sync?shape=fat"), 400, "validation_failed")
