"""Invites over REST: links that lead into a chat or onto a board, which are the same but for their names and roles."""

import asyncio
from dataclasses import dataclass

import pytest

from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database


@dataclass(frozen=True)
class Kind:
    """`helper` may invite too, `guest` may not."""

    name: str
    helper: str
    guest: str

    async def make(self, owner: Person, *helpers: Person) -> str:
        """The path of a private channel or a board."""
        if self.name == "board":
            return f"/api/boards/{await owner.board(*helpers)}"
        chat = f"/api/chats/{await owner.chat(*helpers, type='PrivateChannel', name='plans')}"
        for helper in helpers:
            ok(await owner.api.patch(f"{chat}/members/{helper.id}", json={"role": "admin"}))
        return chat


CHAT, BOARD = Kind("chat", "admin", "member"), Kind("board", "editor", "viewer")
of_both = pytest.mark.parametrize("kind", [CHAT, BOARD], ids=["chat", "board"])


async def invite(who: Person, place: str, **options: object) -> str:
    """The path of a new invite, by its token."""
    return f"/api/invites/{ok(await who.api.post(f'{place}/invites', json=options), 201)['token']}"


@of_both
async def test_an_invite_leads_to_a_chat_or_a_board(chat_server: ChatServer, database: Database, kind: Kind) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    place = await kind.make(ada)
    path = f"{place}/invites"
    answer = await ada.api.post(path, json={"role": kind.helper, "expires_in": 60, "max_uses": 3})
    made = ok(answer, 201)
    token = made.pop("token")
    assert answer.headers["location"] == f"{path}/{made['id']}"
    assert (made["role"], made["max_uses"], made["uses"], made["created_by"]) == (kind.helper, 3, 0, ada.id)
    assert ok(await ada.api.get(path)) == [made]
    shown = ok(await bob.api.get(f"/api/invites/{token}"))
    assert {name: shown[f"{name}_id"] for name in ("chat", "board")} == {"chat": None, "board": None, kind.name: 1}
    assert (shown["name"], shown["type"]) == ("plans", "PrivateChannel" if kind is CHAT else None)
    assert (shown["role"], shown["invited_by"], shown["joined"]) == (kind.helper, ada.id, False)
    for _ in range(2):
        assert ok(await bob.api.post(f"/api/invites/{token}/accept"))["role"] == kind.helper
    assert ok(await bob.api.get(f"/api/invites/{token}"))["joined"] is True
    assert [one["uses"] for one in ok(await ada.api.get(path))] == [1]
    [_, member] = ok(await ada.api.get(f"{place}/members"))
    assert (member["user_id"], member.get("invited_by", ada.id)) == (bob.id, ada.id)
    async with database.connect() as sql:
        everything = await sql.fetchval("SELECT string_agg(i::text, '') FROM invites i")
        told = await sql.fetchval("SELECT string_agg(payload::text, '') FROM events")
    assert token not in everything + told
    if kind is CHAT:  # an admin may revoke it, an editor not
        ok(await bob.api.delete(f"{path}/{made['id']}"), 204)
    else:
        problem(await bob.api.delete(f"{path}/{made['id']}"), 403, "forbidden")
        ok(await ada.api.delete(f"{path}/{made['id']}"), 204)
    problem(await ada.api.delete(f"{path}/{made['id']}"), 404, "not_found")
    problem(await bob.api.get(f"/api/invites/{token}"), 404, "not_found")
    problem(await bob.api.post(f"/api/invites/{token}/accept"), 404, "not_found")


@pytest.mark.chat_server
async def test_an_invite_is_found_where_it_leads_alone(chat_server: ChatServer) -> None:
    """Not at the board that has the chat's id, nor at another chat."""
    ada = await chat_server.sign_up("Ada")
    chat, other, board = await CHAT.make(ada), await CHAT.make(ada), await BOARD.make(ada)
    assert chat.split("/")[-1] == board.split("/")[-1]
    made = {place: ok(await ada.api.post(f"{place}/invites", json={}), 201)["id"] for place in (chat, other, board)}
    for place, own in made.items():
        for elsewhere in {*made.values()} - {own}:
            problem(await ada.api.delete(f"{place}/invites/{elsewhere}"), 404, "not_found")
        assert [one["id"] for one in ok(await ada.api.get(f"{place}/invites"))] == [own]


@of_both
async def test_an_invite_lets_into_the_workspace_only_if_its_maker_may(chat_server: ChatServer, kind: Kind) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    place = await kind.make(ada, bob)
    of_bob, of_ada = await invite(bob, place), await invite(ada, place)
    problem(await eve.api.post(f"{of_bob}/accept"), 403, "invite_within_workspace")
    problem(await chat_server.anybody.get(f"{of_bob}/preview"), 403, "invite_within_workspace")
    shown, preview = ok(await eve.api.get(of_ada)), ok(await chat_server.anybody.get(f"{of_ada}/preview"))
    assert preview == {name: shown[name] for name in preview}
    assert set(preview) == {"type", "name", "workspace_name", "role", "invited_by_name", "expires_at"}
    problem(await eve.api.get(f"/api/workspaces/{ada.workspace}"), 404, "not_found")
    assert ok(await eve.api.post(f"{of_ada}/accept"))["role"] == kind.guest
    assert ok(await eve.api.get(f"/api/workspaces/{ada.workspace}"))["role"] == "member"


@of_both
async def test_the_last_use_of_an_invite_is_one_persons(chat_server: ChatServer, kind: Kind) -> None:
    ada, *others = await chat_server.team("Ada", *(f"Guest {number}" for number in range(4)))
    place = await kind.make(ada)
    path = await invite(ada, place, max_uses=2)
    answers = await asyncio.gather(*(other.api.post(f"{path}/accept") for other in others))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 404, 404]
    assert len(ok(await ada.api.get(f"{place}/members"))) == 3
    assert [one["uses"] for one in ok(await ada.api.get(f"{place}/invites"))] == [2]
    # Whoever is in may try again, and has used none up by that.
    for other, answer in zip(others, answers, strict=True):
        for again in (await other.api.get(path), await other.api.post(f"{path}/accept")):
            assert again.status_code == answer.status_code


@of_both
async def test_an_invite_is_no_better_than_its_maker(chat_server: ChatServer, database: Database, kind: Kind) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    place = await kind.make(ada, bob)
    member = f"{place}/members/{bob.id}"
    problem(await bob.api.post(f"{place}/invites", json={"role": "owner"}), 403, "forbidden")
    as_helper, as_guest = await invite(bob, place, role=kind.helper), await invite(bob, place, role=kind.guest)
    ok(await ada.api.patch(member, json={"role": kind.guest}))
    for path in (as_helper, as_guest):
        problem(await carol.api.post(f"{path}/accept"), 404, "not_found")
        problem(await chat_server.anybody.get(f"{path}/preview"), 404, "not_found")
    ok(await ada.api.patch(member, json={"role": "owner"}))
    assert ok(await carol.api.post(f"{as_helper}/accept"))["role"] == kind.helper
    ok(await ada.api.delete(f"{place}/members/{carol.id}"), 204)
    ok(await ada.api.delete(member), 204)
    for who in (bob, carol):
        problem(await who.api.post(f"{as_helper}/accept"), 404, "not_found")
    problem(await chat_server.anybody.get(f"{as_helper}/preview"), 404, "not_found")
    of_ada = await invite(ada, place)
    async with database.connect() as sql:
        await sql.execute("UPDATE users SET status = 'suspended' WHERE id = $1", ada.id)
    problem(await carol.api.post(f"{of_ada}/accept"), 404, "not_found")
    problem(await chat_server.anybody.get(f"{of_ada}/preview"), 404, "not_found")


@of_both
async def test_an_invite_that_has_ended_lets_nobody_in(chat_server: ChatServer, database: Database, kind: Kind) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    place = await kind.make(ada)
    for ended in (
        "UPDATE invites SET uses = max_uses",
        "UPDATE invites SET created_at = now() - interval '2 days', expires_at = now()",
        "DELETE FROM invites",
    ):
        path = await invite(ada, place, max_uses=1)
        async with database.connect() as sql:
            await sql.execute(ended)
        problem(await bob.api.get(path), 404, "not_found")
        problem(await bob.api.post(f"{path}/accept"), 404, "not_found")
        problem(await chat_server.anybody.get(f"{path}/preview"), 404, "not_found")
        assert [one["uses"] for one in ok(await ada.api.get(f"{place}/invites"))] == [1] * ("max_uses" in ended)


CLOSED = {
    "the chat is archived": ("chat", "UPDATE chats SET archived_at = now()", "chat_is_archived"),
    "the group is full": ("chat", "UPDATE chats SET member_count = 1000", "chat_full"),
    "the board is full": ("board", "UPDATE documents SET member_count = 1000", "board_members_amount"),
}


@pytest.mark.parametrize("way", CLOSED)
async def test_where_nobody_joins_nobody_is_shown_it(chat_server: ChatServer, database: Database, way: str) -> None:
    """To look asks what to follow asks, of those who have signed in and of those who have not."""
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    name, statement, code = CLOSED[way]
    place = f"/api/boards/{await ada.board()}" if name == "board" else f"/api/chats/{await ada.chat(type='Group')}"
    path = await invite(ada, place)
    async with database.connect() as sql:
        await sql.execute(f"SET session_replication_role = replica; {statement}")
    for who in (bob, eve):
        problem(await who.api.post(f"{path}/accept"), 409, code)
        problem(await who.api.get(path), 409, code)
    problem(await chat_server.anybody.get(f"{path}/preview"), 409, code)
    ok(await ada.api.get(path))  # who is in already sees it


@of_both
async def test_a_bad_invite_is_refused(chat_server: ChatServer, kind: Kind) -> None:
    ada = await chat_server.sign_up("Ada")
    place = await kind.make(ada)
    roles = [{"role": role} for role in ("king", BOARD.helper if kind is CHAT else CHAT.helper)]
    for bad in (*roles, {"expires_in": 0}, {"expires_in": 10**9}, {"max_uses": 0}, {"max_uses": 10_001}):
        problem(await ada.api.post(f"{place}/invites", json=bad), 422, "validation_failed")
    problem(await ada.api.post("/api/invites/unknown/accept"), 404, "not_found")
    problem(await ada.api.get(f"/api/invites/{'x' * 101}"), 404, "not_found")
    problem(await chat_server.anybody.get("/api/invites/unknown"), 401, "unauthorized")
