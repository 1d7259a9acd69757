"""Nobody looks at what they may not do: each look asks what the act beside it asks."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.chat_server.people import ChatServer, Person, ok
from tests.support.postgres import Database

PICTURE = b"\x89PNG\r\n\x1a\n"


async def invite(maker: Person, place: str, **terms: Any) -> str:
    made = ok(await maker.api.post(f"{place}/invites", json=terms), 201)
    return f"/api/invites/{made['token']}"


async def alike(guest: Person, path: str) -> int:
    """The status of looking at an invite and of following it: the same, and for the same reason."""
    look = await guest.api.get(path)
    act = await guest.api.post(f"{path}/accept")
    assert (look.status_code, look.json().get("code")) == (act.status_code, act.json().get("code")), (
        look.text,
        act.text,
    )
    return act.status_code


CHANGES: dict[str, tuple[str | None, int]] = {
    "nothing": (None, 200),
    "its maker was removed": ("DELETE FROM {members} WHERE user_id = {maker}", 404),
    "its maker was demoted": ("UPDATE {members} SET role = '{least}' WHERE user_id = {maker}", 404),
    "its maker has left the workspace": (
        "DELETE FROM workspace_members WHERE workspace_id = {home} AND user_id = {maker}",
        404,
    ),
    "its maker is suspended": ("UPDATE users SET status = 'suspended' WHERE id = {maker}", 404),
    "its maker's account is gone": (
        "DELETE FROM workspaces WHERE id <> {home}; DELETE FROM users WHERE id = {maker}",
        404,
    ),
    "it is used up": ("UPDATE invites SET uses = max_uses", 404),
    "it has expired": ("UPDATE invites SET created_at = now() - interval '2 days', expires_at = now()", 404),
    "it was revoked": ("DELETE FROM invites", 404),
}
OF_CHATS: dict[str, tuple[str | None, int]] = {
    "the guest is banned": ("INSERT INTO chat_bans (chat_id, user_id) VALUES ({place}, {guest})", 403),
    "the chat is archived": ("UPDATE chats SET archived_at = now()", 409),
    "the chat is gone": ("DELETE FROM chats", 404),
}
OF_BOARDS: dict[str, tuple[str | None, int]] = {
    "the board is deleted": ("UPDATE documents SET deleted_at = now()", 404),
    "the board is full": (
        "WITH made AS (INSERT INTO users (email, fullname, password_hash) SELECT n || '@x', 'X', '' "
        "FROM generate_series(1, 998) n RETURNING id), "
        "home AS (INSERT INTO workspace_members (workspace_id, user_id) SELECT {home}, id FROM made RETURNING user_id) "
        "SELECT 1; INSERT INTO document_members (document_id, user_id, role) SELECT {place}, id, 'viewer' FROM users "
        "WHERE email LIKE '%@x'",
        409,
    ),
}


@pytest.mark.parametrize("what", CHANGES | OF_CHATS)
async def test_an_invite_to_a_chat(chat_server: ChatServer, database: Database, what: str) -> None:
    statement, status = (CHANGES | OF_CHATS)[what]
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    place = await ada.chat(bob, type="PrivateChannel", name="plans")
    ok(await ada.api.patch(f"/api/chats/{place}/members/{bob.id}", json={"role": "admin"}))
    path = await invite(bob, f"/api/chats/{place}", max_uses=1)
    values = {"members": "chat_members", "least": "member", "place": place, "maker": bob.id, "guest": carol.id}
    values["home"] = ada.workspace
    async with database.connect() as sql:
        await sql.execute((statement or "SELECT 1").format(**values))
    assert await alike(carol, path) == status


@pytest.mark.parametrize("what", CHANGES | OF_BOARDS)
async def test_an_invite_to_a_board(chat_server: ChatServer, database: Database, what: str) -> None:
    statement, status = (CHANGES | OF_BOARDS)[what]
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    place = await ada.board(bob)
    path = await invite(bob, f"/api/boards/{place}", max_uses=1)
    values = {"members": "document_members", "least": "viewer", "place": place, "maker": bob.id, "home": ada.workspace}
    async with database.connect() as sql:
        await sql.execute((statement or "SELECT 1").format(**values))
    assert await alike(carol, path) == status


async def test_an_invite_of_somebody_who_may_not_add_to_the_workspace(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    path = await invite(bob, f"/api/boards/{await ada.board(bob)}")
    assert await alike(eve, path) == 403


async def test_looking_at_an_invite_leaves_no_trace(chat_server: ChatServer, database: Database) -> None:
    ada, eve = await chat_server.sign_up("Ada"), await chat_server.sign_up("Eve")
    chat = await ada.chat()
    path = await invite(ada, f"/api/chats/{chat}", max_uses=1)
    everything = (
        "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM audit_log), (SELECT max(uses) FROM invites), "
        "(SELECT count(*) FROM chat_members), (SELECT count(*) FROM workspace_members), "
        "(SELECT max(member_count) FROM chats)"
    )
    async with database.connect() as sql:
        before = await sql.fetchrow(everything)
        shown = ok(await eve.api.get(path))
        assert (shown["joined"], shown["member_count"], shown["invited_by"]) == (False, 1, ada.id)
        assert await sql.fetchrow(everything) == before


Call = Callable[[Person], Awaitable[httpx.Response]]


async def chat_pairs(ada: Person, bob: Person) -> tuple[int, dict[str, tuple[Call, Call]]]:
    """A private channel of theirs, and what is looked at in it beside what is done with that."""
    chat = await ada.chat(bob, type="PrivateChannel", name="plans")
    said = (await ada.say(chat, "secret"))["id"]
    own = (await bob.say(chat, "mine"))["id"]
    ok(await bob.api.put(f"/api/chats/{chat}/draft", json={"content": "half"}))
    ok(await bob.api.put(f"/api/chats/{chat}/messages/{said}/thread/draft", json={"content": "half"}))
    path = f"/api/chats/{chat}"
    message = f"{path}/messages/{said}"
    return chat, {
        "the chat": (lambda who: who.api.get(path), lambda who: who.api.put(path, json={"name": "x"})),
        "messages": (
            lambda who: who.api.get(f"{path}/messages"),
            lambda who: who.api.post(f"{path}/messages", json={"content": "x"}),
        ),
        "a message": (
            lambda who: who.api.get(f"{path}/messages/{own}"),
            lambda who: who.api.patch(f"{path}/messages/{own}", json={"content": "x"}),
        ),
        "its history": (
            lambda who: who.api.get(f"{path}/messages/{own}/edits"),
            lambda who: who.api.delete(f"{path}/messages/{own}"),
        ),
        "its thread": (
            lambda who: who.api.get(f"{message}/thread"),
            lambda who: who.api.put(f"{message}/thread/follow"),
        ),
        "reactions": (
            lambda who: who.api.get(f"{message}/reactions"),
            lambda who: who.api.put(f"{message}/reactions/x"),
        ),
        "pins": (lambda who: who.api.get(f"{path}/pins"), lambda who: who.api.put(f"{message}/pin")),
        "a draft": (
            lambda who: who.api.get(f"{path}/draft"),
            lambda who: who.api.put(f"{path}/draft", json={"content": "x"}),
        ),
        "a draft of a reply": (
            lambda who: who.api.get(f"{message}/thread/draft"),
            lambda who: who.api.put(f"{message}/thread/draft", json={"content": "x"}),
        ),
        "who has read": (
            lambda who: who.api.get(f"{path}/readers"),
            lambda who: who.api.post(f"{path}/read", json={"seq": 1}),
        ),
        "members": (
            lambda who: who.api.get(f"{path}/members"),
            lambda who: who.api.post(f"{path}/members", json={"user_id": ada.id}),
        ),
        "bans": (lambda who: who.api.get(f"{path}/bans"), lambda who: who.api.put(f"{path}/bans/{ada.id}", json={})),
        "invites": (lambda who: who.api.get(f"{path}/invites"), lambda who: who.api.post(f"{path}/invites", json={})),
        "a report": (
            lambda who: who.api.get(message),
            lambda who: who.api.post(f"{message}/report", json={"reason": "spam"}),
        ),
    }


async def board_pairs(ada: Person, bob: Person) -> tuple[int, dict[str, tuple[Call, Call]]]:
    board = await ada.board(bob)
    path = f"/api/boards/{board}"
    version = ok(await ada.api.post(f"{path}/versions", json={"name": "first"}), 201)["id"]
    png = {"Content-Type": "image/png"}
    ok(await ada.api.put(f"{path}/thumbnail", content=PICTURE, headers=png))
    return board, {
        "the board": (lambda who: who.api.get(path), lambda who: who.api.patch(path, json={"name": "x"})),
        "its export": (
            lambda who: who.api.get(f"{path}/export"),
            lambda who: who.api.post(f"{path}/versions", json={"name": "x"}),
        ),
        "its versions": (
            lambda who: who.api.get(f"{path}/versions"),
            lambda who: who.api.patch(f"{path}/versions/{version}", json={"name": "x"}),
        ),
        "a version": (
            lambda who: who.api.get(f"{path}/versions/{version}/export"),
            lambda who: who.api.post(f"{path}/versions/{version}/restore"),
        ),
        "its thumbnail": (
            lambda who: who.api.get(f"{path}/thumbnail"),
            lambda who: who.api.put(f"{path}/thumbnail", content=PICTURE, headers=png),
        ),
        "its files": (
            lambda who: who.api.get(f"{path}/files"),
            lambda who: who.api.delete(f"{path}/files/1"),
        ),
        "members": (
            lambda who: who.api.get(f"{path}/members"),
            lambda who: who.api.post(f"{path}/members", json={"user_id": ada.id, "role": "viewer"}),
        ),
        "invites": (lambda who: who.api.get(f"{path}/invites"), lambda who: who.api.post(f"{path}/invites", json={})),
    }


def workspace_pairs(ada: Person) -> dict[str, tuple[Call, Call]]:
    path = f"/api/workspaces/{ada.workspace}"
    return {
        "the workspace": (lambda who: who.api.get(path), lambda who: who.api.put(path, json={"name": "x"})),
        "members": (
            lambda who: who.api.get(f"{path}/members"),
            lambda who: who.api.post(f"{path}/members", json={"user_id": ada.id}),
        ),
        "emoji": (
            lambda who: who.api.get(f"{path}/emoji"),
            lambda who: who.api.delete(f"{path}/emoji/none"),
        ),
        "profiles": (
            lambda who: who.api.get("/api/users", params={"workspace_id": ada.workspace}),
            lambda who: who.api.patch(f"{path}/members/{ada.id}", json={"role": "member"}),
        ),
        "presence": (
            lambda who: who.api.get("/api/presence", params={"workspace_id": ada.workspace}),
            lambda who: who.api.delete(f"{path}/members/{ada.id}"),
        ),
        "reports": (
            lambda who: who.api.get(f"{path}/reports"),
            lambda who: who.api.patch(f"{path}/reports/1", json={}),
        ),
        "boards": (
            lambda who: who.api.get(f"{path}/boards"),
            lambda who: who.api.post(f"{path}/boards", json={"name": "x"}),
        ),
        "channels": (
            lambda who: who.api.get(f"{path}/channels"),
            lambda who: who.api.post(
                "/api/chats", json={"type": "Group", "members": [], "workspace_id": ada.workspace}
            ),
        ),
    }


WAYS_OUT: dict[str, str | None] = {
    "was never in": None,
    "was removed": "DELETE FROM {members} WHERE user_id = {who}",
    "is banned": "INSERT INTO chat_bans (chat_id, user_id) VALUES ({chat}, {who})",
    "has left the workspace": "DELETE FROM workspace_members WHERE workspace_id = {home} AND user_id = {who}",
    "had a board that was deleted": "UPDATE documents SET deleted_at = now()",
}


@pytest.mark.parametrize("way", WAYS_OUT)
async def test_who_is_out_sees_no_more_than_they_do(chat_server: ChatServer, database: Database, way: str) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    chat, of_chat = await chat_pairs(ada, bob)
    _, of_board = await board_pairs(ada, bob)
    of_workspace = workspace_pairs(ada)
    who = bob if WAYS_OUT[way] else eve
    for look, _ in (of_chat | of_board if who is bob else {}).values():
        if (answer := await look(bob)).status_code != 403:  # a member's looks, but those of admins and owners
            assert answer.is_success, answer.text
    async with database.connect() as sql:
        for members in ("chat_members", "document_members") if "{members}" in (WAYS_OUT[way] or "") else ("",):
            values = {"members": members, "who": who.id, "chat": chat, "home": ada.workspace}
            await sql.execute((WAYS_OUT[way] or "SELECT 1").format(**values))
    pairs: dict[str, tuple[Call, Call]] = {}
    if way != "had a board that was deleted":
        pairs |= {f"chat: {name}": pair for name, pair in of_chat.items()}
    if way != "is banned":
        pairs |= {f"board: {name}": pair for name, pair in of_board.items()}
    if way in ("was never in", "has left the workspace"):
        pairs |= {f"workspace: {name}": pair for name, pair in of_workspace.items()}
    seen = {name: ((await look(who)).status_code, (await act(who)).status_code) for name, (look, act) in pairs.items()}
    assert seen == dict.fromkeys(pairs, (404, 404))
