"""Bots: who makes and manages them, what they may, and when they are suspended."""

import pytest

from tests.chat_server.people import ChatServer, Json, Person, ok, problem
from tests.sql.world import until
from tests.support.postgres import Database

pytestmark = pytest.mark.chat_server(features={"enable_bot_messages": True})
SCOPES = ["messages:read", "messages:write", "chats:read", "chats:write", "workspaces:read"]


async def bot_of(owner: Person, name: str = "builds", **fields: object) -> Json:
    body = {"username": name, "fullname": "Build Reports", **fields}
    made: Json = ok(await owner.api.post(f"/api/workspaces/{owner.workspace}/bots", json=body), 201)
    return made


async def chat_with(bot: int, ada: Person, *others: Person) -> int:
    """A group of Ada's with others and a bot."""
    chat = await ada.chat(*others)
    ok(await ada.api.post(f"/api/chats/{chat}/members", json={"user_id": bot}), 201)
    return chat


async def token_of(owner: Person, bot: int, **wish: object) -> Json:
    asked = {"name": "ci", "scopes": SCOPES, "days": 30, **wish}
    made: Json = ok(await owner.api.post(f"/api/bots/{bot}/tokens", json=asked), 201)
    return made


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_bot_posts_with_its_token_and_is_known_as_one(chat_server: ChatServer) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    bot = await bot_of(ada, description="Says what was built.")
    assert (bot["owner_id"], bot["status"], bot["description"]) == (ada.id, "active", "Says what was built.")
    chat = await chat_with(bot["id"], ada, grace)
    api = bearer((await token_of(ada, bot["id"]))["token"])
    posted = ok(
        await chat_server.anybody.post(f"/api/chats/{chat}/messages", json={"content": "green"}, headers=api), 201
    )
    assert posted["sender_id"] == bot["id"]
    (profile,) = ok(await grace.api.get("/api/users", params={"ids": bot["id"]}))
    assert (profile["kind"], profile["username"]) == ("bot", "builds")
    assert ok(await grace.api.get("/api/users", params={"ids": ada.id}))[0]["kind"] == "person"
    assert [each["id"] for each in ok(await grace.api.get(f"/api/workspaces/{ada.workspace}/bots"))] == [bot["id"]]


async def test_who_makes_and_manages_one(chat_server: ChatServer) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    outsider = await chat_server.sign_up("Mallory")
    bot = (await bot_of(ada))["id"]
    new = {"username": "another", "fullname": "Another"}
    problem(await grace.api.post(f"/api/workspaces/{ada.workspace}/bots", json=new), 403, "forbidden")
    problem(await outsider.api.post(f"/api/workspaces/{ada.workspace}/bots", json=new), 404, "not_found")
    problem(await chat_server.anybody.post(f"/api/workspaces/{ada.workspace}/bots", json=new), 401, "unauthorized")
    wish = {"name": "ci", "scopes": SCOPES, "days": 1}
    for person, status, code in ((grace, 403, "forbidden"), (outsider, 404, "not_found")):
        problem(await person.api.post(f"/api/bots/{bot}/tokens", json=wish), status, code)
        problem(await person.api.get(f"/api/bots/{bot}/tokens"), status, code)
        problem(await person.api.patch(f"/api/bots/{bot}", json={"fullname": "Mine"}), status, code)
        problem(await person.api.delete(f"/api/bots/{bot}"), status, code)
    problem(await ada.api.patch(f"/api/bots/{bot}", json={"owner_id": outsider.id}), 422, "bots_owner_is_member")
    problem(await ada.api.patch(f"/api/bots/{bot}", json={"owner_id": bot}), 422, "bots_owner_is_member")

    # The owner manages it, whatever their role.
    assert ok(await ada.api.patch(f"/api/bots/{bot}", json={"owner_id": grace.id}))["owner_id"] == grace.id
    made = await token_of(grace, bot)
    assert [each["id"] for each in ok(await grace.api.get(f"/api/bots/{bot}/tokens"))] == [made["id"]]
    ok(await grace.api.delete(f"/api/bots/{bot}/tokens/{made['id']}"), 204)
    problem(await grace.api.delete(f"/api/bots/{bot}/tokens/{made['id']}"), 404, "not_found")
    renamed = ok(await grace.api.patch(f"/api/bots/{bot}", json={"fullname": "Builds", "description": ""}))
    assert (renamed["fullname"], renamed["description"]) == ("Builds", None)


async def test_a_bot_owns_nothing_and_stays_in_its_workspace(chat_server: ChatServer, database: Database) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    bot = (await bot_of(ada))["id"]
    api = bearer((await token_of(ada, bot, scopes=[*SCOPES, "workspaces:write", "boards:write"]))["token"])
    chat = await chat_with(bot, ada, grace)
    for path, body in (
        ("/api/chats", {"type": "PublicChannel", "name": "mine", "members": [], "workspace_id": ada.workspace}),
        (f"/api/workspaces/{ada.workspace}/boards", {"name": "mine"}),
        ("/api/workspaces", {"name": "mine"}),
    ):
        problem(await chat_server.anybody.post(path, json=body, headers=api), 403, "bots_own_nothing")
    role = ada.api.patch(f"/api/chats/{chat}/members/{bot}", json={"role": "owner"})
    assert (await role).status_code in (400, 403, 422)
    other = await grace.api.get("/api/workspaces")
    elsewhere = next(each["id"] for each in ok(other) if each["id"] != ada.workspace)
    async with database.connect() as sql:
        for statement in (
            f"INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ({elsewhere}, {bot}, 'member')",
            f"UPDATE chat_members SET role = 'owner' WHERE (chat_id, user_id) = ({chat}, {bot})",
            f"UPDATE users SET kind = 'person' WHERE id = {bot}",
        ):
            with pytest.raises(Exception, match=r"another workspace|is a bot|cannot be changed"):
                await sql.execute(statement)
    # Of the places that an owner leaves behind, a bot is no heir.
    ok(await grace.api.delete(f"/api/chats/{chat}/members/{grace.id}"), 204)
    await ada.api.post(f"/api/workspaces/{ada.workspace}/members", json={"user_id": grace.id})
    ok(await ada.api.patch(f"/api/workspaces/{ada.workspace}/members/{grace.id}", json={"role": "owner"}))
    ok(await ada.api.delete(f"/api/workspaces/{ada.workspace}/members/{ada.id}"), 204)
    async with database.connect() as sql:
        assert not await sql.fetchval("SELECT EXISTS (SELECT FROM chats WHERE id = $1)", chat)


async def test_without_its_owner_it_is_suspended_until_somebody_takes_it_over(
    chat_server: ChatServer, database: Database
) -> None:
    ada, grace, alan = await chat_server.team("Ada", "Grace", "Alan")
    bot = (await bot_of(ada))["id"]
    ok(await ada.api.patch(f"/api/bots/{bot}", json={"owner_id": grace.id}))
    api = bearer((await token_of(grace, bot))["token"])
    ok(await chat_server.anybody.get(f"/api/workspaces/{ada.workspace}", headers=api))
    ok(await grace.api.delete(f"/api/workspaces/{ada.workspace}/members/{grace.id}"), 204)

    async def refused() -> bool:
        return (await chat_server.anybody.get(f"/api/workspaces/{ada.workspace}", headers=api)).status_code == 401

    await until(refused, "the server is notified of the session's end")
    (suspended,) = ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/bots"))
    assert (suspended["owner_id"], suspended["status"]) == (None, "suspended")
    wish = {"name": "ci", "scopes": SCOPES, "days": 1}
    problem(await ada.api.post(f"/api/bots/{bot}/tokens", json=wish), 409, "bot_suspended")
    assert ok(await ada.api.patch(f"/api/bots/{bot}", json={"owner_id": alan.id}))["status"] == "active"
    api = bearer((await token_of(alan, bot))["token"])
    ok(await chat_server.anybody.get(f"/api/workspaces/{ada.workspace}", headers=api))

    # An operator's suspension outlives a new owner; so does the owner's own end the bot's.
    async with database.connect() as sql:
        await sql.execute("UPDATE users SET status = 'suspended' WHERE id = $1", bot)
        await sql.execute("UPDATE users SET status = 'inactive' WHERE id = $1", alan.id)
    assert ok(await ada.api.patch(f"/api/bots/{bot}", json={"owner_id": ada.id}))["status"] == "suspended"


async def test_a_deleted_bot_leaves_what_it_posted(chat_server: ChatServer) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    bot = (await bot_of(ada))["id"]
    chat = await chat_with(bot, ada, grace)
    api = bearer((await token_of(ada, bot))["token"])
    ok(await chat_server.anybody.post(f"/api/chats/{chat}/messages", json={"content": "green"}, headers=api), 201)
    ok(await ada.api.delete(f"/api/bots/{bot}"), 204)
    problem(await chat_server.anybody.get(f"/api/chats/{chat}/messages", headers=api), 401, "unauthorized")
    problem(await ada.api.delete(f"/api/bots/{bot}"), 404, "not_found")
    assert [each["sender_id"] for each in ok(await grace.api.get(f"/api/chats/{chat}/messages"))] == [bot]
    audited = ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/audit", params={"limit": 50}))
    assert {"bot_created", "bot_deleted"} <= {each["action"] for each in audited}
    assert (await bot_of(ada))["username"] == "builds", "the name is free again"


async def test_switched_off_no_bot_is_let_in(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    bot = (await bot_of(ada))["id"]
    api = bearer((await token_of(ada, bot))["token"])
    path = f"/api/workspaces/{ada.workspace}"
    ok(await chat_server.anybody.get(path, headers=api))  # the server remembers that it is good
    async with database.connect() as sql:
        good = "SELECT is_in_use(users) FROM users WHERE id = $1"
        assert await sql.fetchval(good, bot)
        await sql.execute("UPDATE features SET enabled = false WHERE name = 'enable_bot_messages'")
        assert not await sql.fetchval(good, bot)
        assert await sql.fetchval(good, ada.id)

    async def is_refused() -> bool:
        return (await chat_server.anybody.get(path, headers=api)).status_code == 401

    await until(is_refused, "the server has heard of it")
    problem(await chat_server.anybody.get(path, headers=api), 401, "unauthorized")
