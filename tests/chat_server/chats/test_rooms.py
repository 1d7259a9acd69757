"""Rooms: finding and joining them, passwords; bans, silences, the archive, ownership; deactivated accounts."""

import asyncio
from collections import Counter

import httpx
import pytest

from chat_server.identity.passwords import OTHERS_WAITING_EACH
from tests.chat_server.people import PASSWORD, ChatServer, Person, ok, problem
from tests.support.postgres import Database

SESAME = "open sesame"


async def invite(who: Person, chat: int, **options: object) -> str:
    """The token of a new invite."""
    token: str = ok(await who.api.post(f"/api/chats/{chat}/invites", json=options), 201)["token"]
    return token


async def locked_room(owner: Person, *others: Person) -> int:
    chat = await owner.chat(*others, type="PrivateChannel", name="Vault")
    ok(await owner.api.put(f"/api/chats/{chat}/password", json={"password": SESAME}), 204)
    return chat


async def found(who: Person, **params: str | int) -> list[str]:
    return [chat["name"] for chat in ok(await who.api.get("/api/chats", params={"joinable": True, **params}))]


async def test_channels_are_found_by_a_part_of_their_name(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    for name, kind in (
        ("Lunch", "PublicChannel"),
        ("launch", "PublicChannel"),
        ("lunacy", "PrivateChannel"),
        ("50%", "Group"),
    ):
        await ada.chat(type=kind, name=name)
    assert await found(bob) == ["Lunch", "launch"]
    assert await found(bob, search="LUN") == ["Lunch"]
    assert await found(bob, search="unch") == ["Lunch", "launch"]
    assert await found(bob, search="%") == []
    assert await found(bob, search="l", workspace_id=bob.workspace) == []
    [seen] = ok(await ada.api.get("/api/chats", params={"search": "0%"}))
    assert seen["name"] == "50%"
    page = await bob.api.get("/api/chats", params={"joinable": True, "search": "unch", "limit": 1})
    assert [chat["name"] for chat in ok(page)] == ["Lunch"]
    assert [chat["name"] for chat in ok(await bob.api.get(page.links["next"]["url"]))] == ["launch"]
    problem(await bob.api.get("/api/chats", params={"search": "x" * 81}), 400, "validation_failed")


async def test_a_public_channel_has_its_name_to_itself(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    news = await ada.chat(type="PublicChannel", name="News")
    other = await ada.chat(type="PublicChannel", name="other")
    for kind in ("Group", "PrivateChannel"):
        await ada.chat(bob, type=kind, name="News")
    body = {"type": "PublicChannel", "name": "NEWS", "members": [], "workspace_id": ada.workspace}
    problem(await bob.api.post("/api/chats", json=body), 409, "chats_public_name_key")
    problem(await ada.api.put(f"/api/chats/{other}", json={"name": "news"}), 409, "chats_public_name_key")
    street = await ada.chat(type="PublicChannel", name="ΟΔΟΣ")
    problem(await ada.api.put(f"/api/chats/{other}", json={"name": "οδος"}), 409, "chats_public_name_key")
    assert [chat["id"] for chat in ok(await bob.api.get("/api/chats?joinable=true&search=οδοσ"))] == [street]
    ok(await ada.api.post(f"/api/chats/{news}/archive"))
    problem(await bob.api.post("/api/chats", json=body), 409, "chats_public_name_key")
    ok(await bob.api.post("/api/chats", json={**body, "workspace_id": bob.workspace}), 201)
    ok(await ada.api.delete(f"/api/chats/{news}"), 204)
    ok(await bob.api.post("/api/chats", json=body), 201)


async def test_a_burst_of_new_passwords_is_refused_before_the_database_is_asked(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    async with database.connect() as sql:
        async with sql.transaction():
            await sql.execute("LOCK TABLE chats IN ACCESS EXCLUSIVE MODE")  # nobody learns what chat that is
            allowed = 1 + OTHERS_WAITING_EACH
            asked = [
                asyncio.create_task(ada.api.put("/api/chats/1/password", json={"password": SESAME}))
                for _ in range(allowed + 4)
            ]
            refused: list[httpx.Response] = []
            for first in asyncio.as_completed(asked):
                refused.append(await first)
                if len(refused) == 4:
                    break
        answers = await asyncio.gather(*asked)
    for answer in refused:
        problem(answer, 429, "rate_limited")
    assert Counter(answer.status_code for answer in answers) == {429: 4, 404: allowed}


async def test_a_private_channel_is_joined_with_its_password(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    chat = await locked_room(ada)
    path = f"/api/chats/{chat}"
    assert await found(bob) == ["Vault"]
    seen = ok(await bob.api.get(path))
    assert (seen["has_password"], seen["role"], seen["last_message"], seen["member_count"]) == (True, None, None, 1)
    problem(await bob.api.get(f"{path}/messages"), 403, "forbidden")
    problem(await bob.api.post(f"{path}/messages", json={"content": "hi"}), 403, "forbidden")
    problem(await bob.api.post(f"{path}/join"), 403, "password_needed")
    problem(await bob.api.post(f"{path}/join", json={}), 403, "password_needed")
    problem(await bob.api.post(f"{path}/join", json={"password": "open barley"}), 403, "wrong_password")
    problem(await bob.api.post(f"{path}/join", json={"password": 1}), 422, "validation_failed")
    problem(await eve.api.get(path), 404, "not_found")
    problem(await eve.api.post(f"{path}/join", json={"password": SESAME}), 404, "not_found")
    assert ok(await bob.api.post(f"{path}/join", json={"password": SESAME}))["role"] == "member"
    assert ok(await bob.api.post(f"{path}/join"))["role"] == "member"
    async with database.connect() as sql:
        assert (await sql.fetchval("SELECT password_hash FROM chats")).startswith("$argon2id$")
        told = await sql.fetchval("SELECT string_agg(payload::text, '') FROM events")
    assert "$argon2id$" not in told
    assert '"has_password":true' in told


async def test_without_its_password_a_private_channel_is_hidden_again(chat_server: ChatServer) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    chat = await locked_room(ada, carol)
    ok(await ada.api.delete(f"/api/chats/{chat}/password"), 204)
    assert await found(bob) == []
    problem(await bob.api.get(f"/api/chats/{chat}"), 404, "not_found")
    problem(await bob.api.post(f"/api/chats/{chat}/join", json={"password": SESAME}), 404, "not_found")
    assert ok(await carol.api.get(f"/api/chats/{chat}"))["has_password"] is False


@pytest.mark.chat_server(auth={"signin_attempts_per_account": 3})
async def test_guessing_a_channels_password_is_limited(chat_server: ChatServer) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    chat = await locked_room(ada)
    join = f"/api/chats/{chat}/join"
    for _ in range(3):
        problem(await bob.api.post(join, json={"password": "guess"}), 403, "wrong_password")
    limited = await bob.api.post(join, json={"password": SESAME})
    problem(limited, 429, "rate_limited")
    assert int(limited.headers["retry-after"]) > 0
    ok(await carol.api.post(join, json={"password": SESAME}))
    ok(await chat_server.sign_in(bob))


@pytest.mark.chat_server
async def test_who_is_banned_is_taken_out_and_kept_out_until_it_is_lifted(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob, type="PublicChannel")
    path = f"/api/chats/{chat}"
    token = await invite(ada, chat)
    made = ok(await ada.api.put(f"{path}/bans/{bob.id}", json={"reason": "noise"}))
    assert (made["user_id"], made["username"], made["reason"], made["banned_by"]) == (bob.id, "bob", "noise", ada.id)
    assert made["expires_at"] is None
    assert ok(await ada.api.get(f"{path}/bans")) == [made]
    assert [member["user_id"] for member in ok(await ada.api.get(f"{path}/members"))] == [ada.id]
    problem(await bob.api.post(f"{path}/join"), 403, "member_is_banned")
    problem(await bob.api.post(f"/api/invites/{token}/accept"), 403, "member_is_banned")
    problem(await ada.api.post(f"{path}/members", json={"user_id": bob.id}), 403, "member_is_banned")
    problem(await bob.api.get(f"{path}/bans"), 403, "forbidden")
    problem(await bob.api.delete(f"{path}/bans/{bob.id}"), 403, "forbidden")
    assert await found(bob) == []
    # To leave the workspace and come back does not help.
    ok(await bob.api.delete(f"/api/workspaces/{ada.workspace}/members/{bob.id}"), 204)
    await ada.invite(bob)
    problem(await bob.api.post(f"{path}/join"), 403, "member_is_banned")
    assert [one["uses"] for one in ok(await ada.api.get(f"{path}/invites"))] == [0]
    ok(await ada.api.delete(f"{path}/bans/{bob.id}"), 204)
    problem(await ada.api.delete(f"{path}/bans/{bob.id}"), 404, "not_found")
    ok(await bob.api.post(f"{path}/join"))


async def test_a_ban_may_end_by_itself_and_be_replaced(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob, type="PublicChannel")
    path = f"/api/chats/{chat}"
    assert ok(await ada.api.put(f"{path}/bans/{bob.id}", json={}))["expires_at"] is None
    assert ok(await ada.api.put(f"{path}/bans/{bob.id}", json={"seconds": 60}))["expires_at"] is not None
    problem(await bob.api.post(f"{path}/join"), 403, "member_is_banned")
    async with database.connect() as sql:
        await sql.execute("UPDATE chat_bans SET created_at = now() - interval '2 days', expires_at = now()")
    assert ok(await ada.api.get(f"{path}/bans")) == []
    ok(await bob.api.post(f"{path}/join"))


async def test_nobody_bans_above_their_rank_or_themselves(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    chat = await ada.chat(bob, type="PublicChannel")
    ok(await ada.api.patch(f"/api/chats/{chat}/members/{bob.id}", json={"role": "admin"}))
    problem(await bob.api.put(f"/api/chats/{chat}/bans/{ada.id}", json={}), 403, "forbidden")
    problem(await bob.api.put(f"/api/chats/{chat}/bans/{bob.id}", json={}), 403, "forbidden")
    problem(await bob.api.put(f"/api/chats/{chat}/bans/{eve.id}", json={}), 404, "not_found")
    refused = problem(
        await ada.api.put(f"/api/chats/{chat}/bans/{bob.id}", json={"reason": "x" * 501}), 422, "validation_failed"
    )
    assert refused["errors"][0]["path"] == "reason"


async def test_a_silenced_member_reads_and_does_not_post(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob, type="PublicChannel")
    path = f"/api/chats/{chat}"
    silence = f"{path}/members/{bob.id}/silence"
    said = await bob.say(chat, "before")
    until = ok(await ada.api.put(silence, json={"seconds": 3600}))["silenced_until"]
    edit = await bob.api.patch(f"{path}/messages/{said['id']}", json={"content": "what I may not post"})
    problem(edit, 403, "member_is_silenced")
    typing = await bob.api.post(f"{path}/typing", json={"typing": True})
    assert until[:19] in problem(typing, 403, "member_is_silenced")["detail"]
    ok(await bob.api.post(f"{path}/typing", json={"typing": False}), 204)
    refused = problem(await bob.api.post(f"{path}/messages", json={"content": "hi"}), 403, "member_is_silenced")
    assert until[:19] in refused["detail"]
    assert ok(await bob.api.get(path))["silenced_until"] == until
    ok(await bob.api.get(f"{path}/messages"))
    await ada.say(chat, "one hears the others")
    # To leave and come back does not end it, nor does the member.
    ok(await bob.api.post(f"{path}/leave"), 204)
    assert ok(await bob.api.post(f"{path}/join"))["silenced_until"] == until
    problem(await bob.api.post(f"{path}/messages", json={"content": "hi"}), 403, "member_is_silenced")
    problem(await bob.api.delete(silence), 403, "forbidden")
    ok(await ada.api.delete(silence), 204)
    await bob.say(chat, "hi")
    ok(await ada.api.put(silence, json={"seconds": 3600}))
    async with database.connect() as sql:
        await sql.execute("UPDATE chat_members SET silenced_until = now() WHERE user_id = $1", bob.id)
    await bob.say(chat, "it is over")


async def test_nobody_silences_above_their_rank_nor_ends_a_silence_of_their_own(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    members = f"/api/chats/{chat}/members"
    ok(await ada.api.patch(f"{members}/{bob.id}", json={"role": "admin"}))
    problem(await bob.api.put(f"{members}/{ada.id}/silence", json={"seconds": 60}), 403, "forbidden")
    ok(await ada.api.put(f"{members}/{bob.id}/silence", json={"seconds": 60}))
    problem(await bob.api.delete(f"{members}/{bob.id}/silence"), 403, "forbidden")
    problem(await ada.api.put(f"{members}/{bob.id}/silence", json={"seconds": 0}), 422, "validation_failed")
    problem(await ada.api.put(f"{members}/{10**12}/silence", json={"seconds": 1}), 404, "not_found")


async def test_a_silenced_member_does_not_hold_up_others_in_the_same_batch(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    ok(await ada.api.put(f"/api/chats/{chat}/members/{bob.id}/silence", json={"seconds": 60}))
    path = f"/api/chats/{chat}/messages"
    answers = await asyncio.gather(
        *(who.api.post(path, json={"content": "hi"}) for _ in range(10) for who in (ada, bob))
    )
    assert [answer.status_code for answer in answers] == [201, 403] * 10


async def test_an_archived_chat_is_read_and_not_written_to(chat_server: ChatServer) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    chat = await ada.chat(bob, type="PublicChannel")
    path = f"/api/chats/{chat}"
    said = await bob.say(chat, "before")
    token = await invite(ada, chat)
    problem(await bob.api.post(f"{path}/archive"), 403, "forbidden")
    archived = ok(await ada.api.post(f"{path}/archive"))
    assert archived["archived_at"]
    assert ok(await ada.api.post(f"{path}/archive")) == archived
    assert await found(carol) == []
    assert ok(await bob.api.get(f"{path}/messages")) == [said]
    for method, where, body in (
        ("POST", f"{path}/messages", {"content": "after"}),
        ("PUT", path, {"name": "x"}),
        ("POST", f"{path}/members", {"user_id": carol.id}),
        ("POST", f"{path}/invites", {}),
        ("POST", f"{path}/typing", {"typing": True}),
    ):
        problem(await ada.api.request(method, where, json=body), 409, "chat_is_archived")
    problem(await carol.api.post(f"{path}/join"), 409, "chat_is_archived")
    problem(await carol.api.post(f"/api/invites/{token}/accept"), 409, "chat_is_archived")
    ok(await bob.api.post(f"{path}/read", json={"seq": 1}))
    message = f"{path}/messages/{said['id']}"
    problem(await bob.api.delete(message), 409, "chat_is_archived")
    problem(await carol.api.delete(message), 403, "forbidden")
    ok(await ada.api.delete(message), 204)
    assert ok(await ada.api.post(f"{path}/unarchive"))["archived_at"] is None
    await bob.say(chat, "after")
    ok(await carol.api.post(f"{path}/join"))


async def test_ownership_goes_over_in_one_step(chat_server: ChatServer) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    chat = await ada.chat(bob)
    path = f"/api/chats/{chat}/transfer"
    problem(await bob.api.post(path, json={"user_id": bob.id}), 403, "forbidden")
    problem(await ada.api.post(path, json={"user_id": carol.id}), 404, "not_found")
    problem(await ada.api.post(path, json={"user_id": ada.id}), 422, "validation_failed")
    assert ok(await ada.api.post(path, json={"user_id": bob.id}))["role"] == "admin"
    members = ok(await ada.api.get(f"/api/chats/{chat}/members"))
    assert [member["role"] for member in members] == ["admin", "owner"]
    problem(await ada.api.post(path, json={"user_id": ada.id}), 403, "forbidden")


async def test_ownership_goes_to_no_account_that_is_shut(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    places = f"/api/chats/{await ada.chat(bob)}", f"/api/boards/{await ada.board(bob)}"
    ok(await bob.api.post("/api/users/me/deactivate", json={"current_password": PASSWORD}), 204)
    for place in places:
        refused = problem(await ada.api.post(f"{place}/transfer", json={"user_id": bob.id}), 422, "validation_failed")
        assert refused["errors"] == [{"path": "user_id", "expected": "a member whose account is active"}]
        assert ok(await ada.api.get(place))["role"] == "owner"


async def test_a_deactivated_account_is_signed_out_and_an_operator_alone_takes_that_back(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    await ada.chat(bob)
    path = "/api/users/me/deactivate"
    problem(await bob.api.post(path, json={"current_password": "wrong password"}), 403, "wrong_password")
    ok(await bob.api.post(path, json={"current_password": PASSWORD}), 204)
    problem(await bob.api.get("/api/auth/me"), 401, "unauthorized")
    refresh = {"refresh_token": bob.refresh_token}
    problem(await chat_server.anybody.post("/api/auth/refresh", json=refresh), 401, "invalid_refresh_token")
    problem(await chat_server.sign_in(bob), 403, "account_inactive")
    problem(await chat_server.sign_in(bob, "wrong password"), 401, "wrong_credentials")
    seen = ok(await ada.api.get("/api/users", params={"workspace_id": ada.workspace}))
    assert [user["status"] for user in seen] == ["active", "inactive"]
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT status FROM ops.reinstate('@bob')") == "active"
    ok(await chat_server.sign_in(bob))
