"""Quotas of storage over REST: what is stored is shown, and what is too much refused."""

import asyncio

import pytest

from tests.chat_server.boards.test_board_export import draw, note
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database

PICTURE = {"Content-Type": "image/jpeg"}


async def storage(who: Person, workspace: int) -> dict[str, object]:
    return dict(ok(await who.api.get(f"/api/workspaces/{workspace}/storage")))


async def quotas_are_set(database: Database, user_bytes: int) -> None:
    """The server has told Postgres of its settings, which it does beside everything else."""
    async with database.connect() as sql, asyncio.timeout(60):
        while await sql.fetchval("SELECT user_bytes FROM storage_quotas") != user_bytes:
            pass


async def test_members_see_what_is_stored_and_what_may_be(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    board = await ada.board(bob)
    async with database.connect() as sql:
        workspace = await sql.fetchval("SELECT workspace_id FROM documents")
    await draw(database, board, ada.id, note("a" * 1000))
    assert ok(await bob.api.post(f"/api/boards/{board}/versions", json={"name": "first"}), 201)
    ok(await ada.api.put(f"/api/boards/{board}/thumbnail", content=b"\xff\xd8\xff" + bytes(97), headers=PICTURE))
    seen = await storage(ada, workspace)
    versions = seen["kinds"]["versions"]  # type: ignore[index]
    assert 2000 < versions < 2200
    assert seen == {
        "workspace_id": workspace,
        "bytes": 1024 + versions + 100,
        "allowed": 10 * 2**30,
        "kinds": {
            "boards": 1024,
            "pages": 0,
            "versions": versions,
            "thumbnails": 100,
            "files": 0,
            "uploads": 0,
        },  # what is edited is counted in steps
        "yours": {"bytes": 1024 + 100, "allowed": 2**29},
    }
    assert (await storage(bob, workspace))["yours"] == {"bytes": versions, "allowed": 2**29}
    eve = await chat_server.sign_up("Eve")
    problem(await eve.api.get(f"/api/workspaces/{workspace}/storage"), 404, "not_found")
    assert ok(await ada.api.delete(f"/api/boards/{board}/thumbnail"), 204) is None
    assert (await storage(ada, workspace))["bytes"] == 1024 + versions


@pytest.mark.chat_server(storage={"user_bytes": 100_000}, limits={"versions": 1000}, background=True)
async def test_versions_of_a_large_board_end_at_the_quota(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    await quotas_are_set(database, 100_000)
    board = await ada.board(bob)
    await draw(database, board, ada.id, note("a" * 14_000))
    path = f"/api/boards/{board}/versions"
    answers = [await ada.api.post(path, json={"name": "v"}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 409, 409]
    refused = problem(answers[-1], 409, "quota_exceeded")
    assert (refused["quota"], refused["allowed"]) == ("user", 100_000)
    assert refused["used"] + refused["needed"] > 100_000 > refused["used"]
    assert ok(await bob.api.post(path, json={"name": "mine"}), 201)  # another one's quota
    first = answers[0].json()["id"]
    await draw(database, board, bob.id, note("b"))
    problem(await ada.api.post(f"{path}/{first}/restore"), 409, "quota_exceeded")  # what is there would be kept first
    picture = b"\xff\xd8\xff" + bytes(20_000)
    refused = problem(
        await ada.api.put(f"/api/boards/{board}/thumbnail", content=picture, headers=PICTURE), 409, "quota_exceeded"
    )
    assert 'chat_quota_exceeded_total{quota="user"} 4.0' in (await chat_server.anybody.get("/metrics")).text
    ok(await ada.api.delete(f"{path}/{first}"), 204)
    assert ok(await ada.api.post(path, json={"name": "again"}), 201)


@pytest.mark.chat_server(limits={"versions": 2})
async def test_versions_have_a_rate(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    board = await ada.board()
    path = f"/api/boards/{board}/versions"
    for _ in range(2):
        made = ok(await ada.api.post(path, json={"name": "v"}), 201)
    for refused in (await ada.api.post(path, json={"name": "v"}), await ada.api.post(f"{path}/{made['id']}/restore")):
        assert problem(refused, 429, "rate_limited")["limit"] == "versions"
    ok(await ada.api.get(path))
