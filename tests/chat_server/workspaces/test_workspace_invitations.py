"""Nobody is in a workspace without having been asked, and addresses are shown as the workspace has it."""

from typing import Any

import pytest

from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database


def members(host: Person) -> str:
    return f"/api/workspaces/{host.workspace}/members"


def invitations(host: Person) -> str:
    return f"/api/workspaces/{host.workspace}/invitations"


async def workspaces(person: Person) -> list[int]:
    return [space["id"] for space in ok(await person.api.get("/api/workspaces"))]


async def test_a_stranger_harvests_nothing(chat_server: ChatServer) -> None:
    """A new account goes through all ids, and asks for what it gets of them."""
    victims = [await chat_server.sign_up() for _ in range(3)]
    eve = await chat_server.sign_up("Eve")
    for user in range(1, eve.id):
        problem(await eve.api.post(members(eve), json={"user_id": user}), 403, "invitation_needed")
    for victim in victims:
        problem(await eve.api.post(members(eve), json={"email": victim.email}), 403, "invitation_needed")
        made = ok(await eve.api.post(invitations(eve), json={"user_id": victim.id}), 201)
        assert made.keys() == {
            *("workspace_id", "workspace_name", "user_id", "role", "invited_by", "inviter_name", "created_at")
        }
    assert [user["id"] for user in ok(await eve.api.get("/api/users", params={"workspace_id": eve.workspace}))] == [
        eve.id
    ]
    assert [member["user_id"] for member in ok(await eve.api.get(members(eve)))] == [eve.id]
    assert all([await workspaces(victim) == [victim.workspace] for victim in victims])


async def test_an_invitation_is_accepted(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.sign_up("Ada"), await chat_server.sign_up("Bob")
    made = ok(await ada.api.post(invitations(ada), json={"email": bob.email.upper(), "role": "admin"}), 201)
    assert ok(await bob.api.get("/api/invitations")) == ok(await ada.api.get(invitations(ada))) == [made]
    assert ok(await bob.api.get("/api/sync"))["invitations"] == [made]
    assert (made["inviter_name"], made["workspace_name"]) == ("Ada", "Ada's workspace")
    ok(await ada.api.put(f"/api/workspaces/{ada.workspace}", json={"name": "Secret"}))
    assert ok(await bob.api.get("/api/invitations")) == [made], "later names are not told outside"
    problem(await bob.api.get(f"/api/workspaces/{ada.workspace}"), 404, "not_found")
    path = f"/api/invitations/{ada.workspace}/accept"
    space = ok(await bob.api.post(path))
    assert (space["id"], space["role"], space["name"]) == (ada.workspace, "admin", "Secret")
    assert ok(await bob.api.post(path)) == space, "again changes nothing"
    assert ok(await bob.api.get("/api/invitations")) == ok(await ada.api.get(invitations(ada))) == []
    eve = await chat_server.sign_up("Eve")
    problem(await eve.api.post(path), 404, "not_found")
    problem(await ada.api.post(invitations(ada), json={"user_id": bob.id}), 409, "workspace_members_pkey")


async def test_somebody_of_another_workspace_is_added_directly(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    ok(await bob.api.post(members(bob), json={"user_id": ada.id}), 201)
    assert await workspaces(ada) == [ada.workspace, bob.workspace]


async def test_who_has_left_is_not_added_again(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    ok(await bob.api.post(members(bob), json={"user_id": ada.id}), 201)  # they share another one
    ok(await bob.api.delete(f"{members(ada)}/{bob.id}"), 204)
    problem(await ada.api.post(members(ada), json={"user_id": bob.id}), 403, "invitation_needed")
    await ada.invite(bob)
    ok(await ada.api.delete(f"{members(ada)}/{bob.id}"), 204)
    ok(await ada.api.post(members(ada), json={"user_id": bob.id}), 201)  # whom an admin has removed an admin adds


async def test_an_invitation_is_declined_and_its_maker_or_the_workspace_blocked(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    decline = f"/api/invitations/{ada.workspace}/decline"
    ok(await bob.api.delete(f"{members(ada)}/{bob.id}"), 204)
    ok(await ada.api.post(invitations(ada), json={"user_id": bob.id}), 201)
    ok(await bob.api.post(decline), 204)
    problem(await bob.api.post(decline), 404, "not_found")
    problem(await bob.api.post(f"/api/invitations/{ada.workspace}/accept"), 404, "not_found")
    other = ok(await ada.api.post("/api/workspaces", json={"name": "Other"}), 201)["id"]
    for block, elsewhere in (("workspace", 201), ("inviter", 403)):
        ok(await ada.api.post(invitations(ada), json={"user_id": bob.id}), 201)
        ok(await bob.api.post(decline, json={"block": block}), 204)
        problem(await ada.api.post(invitations(ada), json={"user_id": bob.id}), 403, "invitation_is_blocked")
        answer = await ada.api.post(f"/api/workspaces/{other}/invitations", json={"user_id": bob.id})
        assert answer.status_code == elsewhere
        [blocked] = ok(await bob.api.get("/api/invitation-blocks"))
        expected = (ada.workspace, None) if block == "workspace" else (None, ada.id)
        assert (blocked["workspace_id"], blocked["inviter_id"]) == expected
        problem(await ada.api.delete(f"/api/invitation-blocks/{blocked['id']}"), 404, "not_found")
        ok(await bob.api.delete(f"/api/invitation-blocks/{blocked['id']}"), 204)
        if elsewhere == 201:
            ok(await bob.api.post(f"/api/invitations/{other}/decline"), 204)
    ok(await ada.api.post(invitations(ada), json={"user_id": bob.id}), 201)


async def test_whom_one_has_blocked_adds_one_nowhere(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    other = ok(await ada.api.post("/api/workspaces", json={"name": "Other"}), 201)["id"]
    ok(await ada.api.post(f"/api/workspaces/{other}/invitations", json={"user_id": bob.id}), 201)
    ok(await bob.api.post(f"/api/invitations/{other}/decline", json={"block": "inviter"}), 204)
    third = ok(await ada.api.post("/api/workspaces", json={"name": "Third"}), 201)["id"]
    problem(await ada.api.post(f"/api/workspaces/{third}/members", json={"user_id": bob.id}), 403, "invitation_needed")


@pytest.mark.parametrize("way", ["withdrawn", "left", "removed", "demoted", "suspended", "deleted workspace"])
async def test_an_invitation_goes_with_its_makers_right_to_it(
    chat_server: ChatServer, database: Database, way: str
) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    eve = await chat_server.sign_up("Eve")
    ok(await ada.api.patch(f"{members(ada)}/{bob.id}", json={"role": "admin"}))
    ok(await bob.api.post(invitations(ada), json={"user_id": eve.id}), 201)
    problem(await carol.api.post(invitations(ada), json={"user_id": eve.id}), 403, "forbidden")
    problem(await carol.api.get(invitations(ada)), 403, "forbidden")
    problem(await ada.api.post(invitations(ada), json={"user_id": eve.id}), 409, "workspace_invitations_pkey")
    calls: dict[str, tuple[Person, str, str, Any]] = {
        "withdrawn": (ada, "DELETE", f"{invitations(ada)}/{eve.id}", None),
        "left": (bob, "DELETE", f"{members(ada)}/{bob.id}", None),
        "removed": (ada, "DELETE", f"{members(ada)}/{bob.id}", None),
        "demoted": (ada, "PATCH", f"{members(ada)}/{bob.id}", {"role": "member"}),
        "deleted workspace": (ada, "DELETE", f"/api/workspaces/{ada.workspace}", None),
    }
    if way in calls:
        who, method, path, body = calls[way]
        assert (await who.api.request(method, path, json=body)).is_success
    else:
        async with database.connect() as sql:
            await sql.execute("UPDATE users SET status = 'suspended' WHERE id = $1", bob.id)
    assert ok(await eve.api.get("/api/invitations")) == []
    problem(await eve.api.post(f"/api/invitations/{ada.workspace}/accept"), 404, "not_found")


async def test_nobody_invites_to_a_role_above_their_own(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    ok(await ada.api.patch(f"{members(ada)}/{bob.id}", json={"role": "admin"}))
    problem(await bob.api.post(invitations(ada), json={"user_id": eve.id, "role": "owner"}), 403, "forbidden")
    ok(await ada.api.post(invitations(ada), json={"user_id": eve.id, "role": "owner"}), 201)
    problem(await bob.api.delete(f"{invitations(ada)}/{eve.id}"), 403, "forbidden")
    for body in ({"user_id": ada.id}, {"email": "x@example.com"}, {}):
        problem(await ada.api.post(invitations(ada), json=body), 422, "validation_failed")


async def test_one_has_a_hundred_invitations_open(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.sign_up("Ada"), await chat_server.sign_up("Bob")
    async with database.connect() as sql:
        await sql.execute(
            "WITH made AS (INSERT INTO users (email, fullname, password_hash) "
            "SELECT n || '@x', 'X', '' FROM generate_series(1, 100) n RETURNING id) "
            "INSERT INTO workspace_invitations (workspace_id, user_id, invited_by) SELECT $1, id, $2 FROM made",
            ada.workspace,
            ada.id,
        )
    problem(await ada.api.post(invitations(ada), json={"user_id": bob.id}), 409, "workspace_invitations_amount")
    first = await ada.api.get(invitations(ada), params={"limit": 60})
    assert len(ok(first)) == 60
    assert len(ok(await ada.api.get(first.links["next"]["url"]))) == 40


async def test_addresses_are_shown_by_a_setting(chat_server: ChatServer, database: Database) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    await bob.invite(carol)
    space = f"/api/workspaces/{ada.workspace}"

    async def emails(who: Person, workspace: int) -> list[str | None]:
        return [user["email"] for user in ok(await who.api.get("/api/users", params={"workspace_id": workspace}))]

    everybody = [person.email for person in (ada, bob, carol)]
    assert await emails(carol, ada.workspace) == everybody
    problem(await bob.api.put(space, json={"show_emails": False}), 403, "forbidden")
    assert ok(await ada.api.put(space, json={"show_emails": False}))["show_emails"] is False
    assert await emails(carol, ada.workspace) == [None, None, carol.email]
    assert await emails(ada, ada.workspace) == everybody
    assert await emails(carol, bob.workspace) == [bob.email, carol.email]
    ok(await bob.api.patch("/api/users/me", json={"fullname": "Robert"}))
    async with database.connect() as sql:
        told = await sql.fetch(
            "SELECT workspace_ids, payload ->> 'email' FROM events WHERE kind = 'UserUpdated' ORDER BY position"
        )
    assert [tuple(row) for row in told] == [([ada.workspace], None), ([bob.workspace], bob.email)]
