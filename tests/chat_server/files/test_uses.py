"""What uses a file besides messages: users' pictures, icons, boards; and forwards into another workspace."""

import json
from typing import Any

import asyncpg
import pytest

from tests.chat_server.files.test_files import PNG, upload
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database


async def sees(person: Person, file: int) -> bool:
    return (await person.api.get(f"/api/files/{file}")).status_code == 200


async def test_an_avatar_is_seen_by_whoever_sees_the_profile_and_only_while_it_is_one(chat_server: ChatServer) -> None:
    ada, bob, eve = *(await chat_server.team("Ada", "Bob")), await chat_server.sign_up("Eve")
    first, second = await upload(ada), await upload(ada, PNG + b"2")
    shown = ok(await ada.api.patch("/api/users/me", json={"avatar_file_id": first}))
    assert shown["avatar"] == f"/api/files/{first}/picture"
    [_, seen] = sorted(
        ok(await bob.api.get("/api/users", params={"workspace_id": ada.workspace})), key=lambda u: -u["id"]
    )
    assert seen["avatar"] == shown["avatar"]
    picture = await bob.api.get(seen["avatar"])
    assert (picture.status_code, picture.headers["content-type"], picture.content) == (200, "image/png", PNG)
    problem(await eve.api.get(seen["avatar"]), 404, "not_found")

    again = ok(await ada.api.patch("/api/users/me", json={"avatar_file_id": first}))
    assert again["avatar"] == shown["avatar"]
    ok(await ada.api.patch("/api/users/me", json={"avatar_file_id": second}))
    assert [await sees(who, first) for who in (ada, bob)] == [False, False]
    assert await sees(bob, second)
    ok(await ada.api.delete(f"/api/workspaces/{ada.workspace}/members/{bob.id}"), 204)
    assert [await sees(who, second) for who in (ada, bob)] == [True, False]

    url = ok(await ada.api.patch("/api/users/me", json={"avatar": "https://example.com/a.png"}))
    assert url["avatar"] == "https://example.com/a.png"
    assert not await sees(ada, second)
    third = await upload(ada)
    ok(await ada.api.patch("/api/users/me", json={"avatar_file_id": third}))
    assert ok(await ada.api.patch("/api/users/me", json={"avatar_file_id": None}))["avatar"] is None
    assert not await sees(ada, third)


async def test_only_a_picture_that_one_sees_becomes_an_avatar_or_an_icon(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    text, theirs, foreign = await upload(ada, b"hello", "a.txt"), await upload(bob), 999
    space = f"/api/workspaces/{ada.workspace}"
    elsewhere = int(
        ok(await ada.api.post(f"/api/workspaces/{await another(ada)}/files", params={"name": "x"}, content=PNG), 201)[
            "id"
        ]
    )
    for file in (text, theirs, foreign):
        problem(await ada.api.patch("/api/users/me", json={"avatar_file_id": file}), 422, "picture_is_seen")
    for file in (text, theirs, foreign, elsewhere):
        problem(await ada.api.put(space, json={"icon_file_id": file}), 422, "picture_is_seen")
    both = {"avatar": "x", "avatar_file_id": elsewhere}
    problem(await ada.api.patch("/api/users/me", json=both), 422, "validation_failed")
    problem(await bob.api.put(space, json={"icon_file_id": theirs}), 403, "forbidden")


async def another(person: Person) -> int:
    return int(ok(await person.api.post("/api/workspaces", json={"name": "another"}), 201)["id"])


async def test_an_icon_is_seen_by_members_and_an_avatar_dies_with_its_workspace(chat_server: ChatServer) -> None:
    ada, bob, eve = *(await chat_server.team("Ada", "Bob")), await chat_server.sign_up("Eve")
    space = await another(ada)
    await ada.invite(bob, workspace=space)
    path = f"/api/workspaces/{space}"
    file = ok(await ada.api.post(f"{path}/files", params={"name": "icon.png"}, content=PNG), 201)
    assert ok(await ada.api.put(path, json={"icon_file_id": file["id"]}))["icon"] == file
    assert ok(await bob.api.get("/api/sync"))["workspaces"][-1]["icon"] == file
    assert [await sees(who, file["id"]) for who in (ada, bob, eve)] == [True, True, False]
    other = ok(await ada.api.post(f"{path}/files", params={"name": "other.png"}, content=PNG), 201)["id"]
    ok(await ada.api.put(path, json={"icon_file_id": other}))
    assert [await sees(who, one) for one in (file["id"], other) for who in (ada, bob)] == [False, False, True, True]

    file = ok(await ada.api.post(f"{path}/files", params={"name": "icon.png"}, content=PNG), 201)
    ok(await ada.api.put(path, json={"icon_file_id": file["id"]}))
    avatar = ok(await ada.api.patch("/api/users/me", json={"avatar_file_id": file["id"]}))["avatar"]
    assert ok(await ada.api.put(path, json={"icon_file_id": None}))["icon"] is None
    assert (await bob.api.get(avatar)).content == PNG  # still the avatar
    ok(await ada.api.delete(path), 204)
    assert ok(await ada.api.get("/api/auth/me"))["avatar"] is None
    problem(await bob.api.get(avatar), 404, "not_found")


async def test_a_forward_takes_its_files_into_another_workspace(chat_server: ChatServer) -> None:
    ada, bob, eve = *(await chat_server.team("Ada", "Bob")), await chat_server.sign_up("Eve")
    space = await another(bob)
    await bob.invite(eve, workspace=space)
    chat = await ada.chat(bob)
    there = ok(
        await bob.api.post(
            "/api/chats", json={"type": "Group", "name": "x", "members": [eve.id], "workspace_id": space}
        ),
        201,
    )["id"]
    file = await upload(ada)
    posted = ok(await ada.api.post(f"/api/chats/{chat}/messages", json={"content": "see", "files": [file]}), 201)
    path = f"/api/chats/{there}/messages"
    first, _ = [ok(await bob.api.post(path, json={"forward_of": posted["id"]}), 201) for _ in range(2)]
    [brought] = first["files"]
    assert brought == posted["files"][0] | {"id": brought["id"]}
    assert ok(await eve.api.get(f"{path}/{first['id']}"))["files"] == [brought]
    assert (await eve.api.get(f"/api/files/{brought['id']}")).content == PNG
    assert [await sees(who, brought["id"]) for who in (ada, bob, eve)] == [False, True, True]
    assert [await sees(who, file) for who in (ada, bob, eve)] == [True, True, False]
    assert ok(await bob.api.get(f"/api/workspaces/{space}/storage"))["kinds"]["files"] == 2 * len(PNG)
    full = await bob.api.post(path, json={"forward_of": posted["id"], "content": "x"})
    problem(full, 422, "validation_failed")
    problem(await eve.api.post(path, json={"forward_of": posted["id"]}), 422, "validation_failed")


async def test_whoever_sees_a_board_fetches_its_files(chat_server: ChatServer, database: Database) -> None:
    ada, bob, cara, eve = *(await chat_server.team("Ada", "Bob", "Cara")), await chat_server.sign_up("Eve")
    board = await ada.board(bob)
    path = f"/api/boards/{board}/files"
    cara.workspace = ada.workspace
    first, second, theirs = await upload(ada), await upload(ada, PNG + b"2"), await upload(cara)
    elsewhere = await upload(eve)
    shown = ok(await ada.api.put(f"{path}/{first}"))
    assert ok(await ada.api.put(f"{path}/{first}")) == shown == ok(await bob.api.get(f"/api/files/{first}/info"))
    ok(await ada.api.put(f"{path}/{second}"))
    listed = await bob.api.get(path, params={"limit": 1})
    assert ok(listed) == [shown]
    assert [file["id"] for file in ok(await bob.api.get(listed.links["next"]["url"]))] == [second]
    for file in (theirs, elsewhere, 999):
        problem(await bob.api.put(f"{path}/{file}"), 422, "board_files_are_seen")
    assert [await sees(who, first) for who in (ada, bob, cara, eve)] == [True, True, False, False]

    ok(await ada.api.delete(f"/api/boards/{board}"), 204)
    problem(await ada.api.put(f"{path}/{first}"), 409, "board_is_deleted")
    assert [await sees(who, first) for who in (ada, bob)] == [False, False]
    ok(await ada.api.post(f"/api/boards/{board}/restore"))
    assert await sees(bob, first)
    ok(await ada.api.delete(f"/api/boards/{board}/members/{bob.id}"), 204)
    assert [await sees(who, first) for who in (ada, bob)] == [True, False]

    for _ in range(2):
        ok(await ada.api.delete(f"{path}/{first}"), 204)
    async with database.connect() as sql:
        left = "SELECT array_agg(id) FROM files WHERE uploader_id = $1"
        assert await sql.fetchval(left, ada.id) == [second]
        with pytest.raises(asyncpg.PostgresError, match="cannot be attached to board"):
            await sql.execute("INSERT INTO file_uses (file_id, document_id) VALUES ($1, $2)", elsewhere, board)
        await sql.execute("INSERT INTO file_uses (file_id, document_id) VALUES ($1, $2)", theirs, board)
        assert await sees(ada, theirs)
        await sql.execute("DELETE FROM documents WHERE id = $1", board)
        assert await sql.fetchval("SELECT array_agg(id) FROM files") == [elsewhere]


async def test_a_board_has_a_thousand_files(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up()
    board, file = await ada.board(), await upload(ada)
    async with database.connect() as sql:
        await sql.execute(
            """INSERT INTO files (workspace_id, uploader_id, sha256, size, type, name)
               SELECT workspace_id, uploader_id, sha256, size, type, name FROM files, generate_series(1, 999)"""
        )
        await sql.execute("INSERT INTO file_uses (file_id, document_id) SELECT id, $1 FROM files", board)
    ok(await ada.api.put(f"/api/boards/{board}/files/{file}"))
    problem(await ada.api.put(f"/api/boards/{board}/files/{await upload(ada)}"), 409, "board_files_amount")


async def test_pages_have_files_as_boards_do(chat_server: ChatServer) -> None:
    ada, bob, cara = await chat_server.team("Ada", "Bob", "Cara")
    page = int(ok(await ada.api.post(f"/api/workspaces/{ada.workspace}/pages", json={"name": "plans"}), 201)["id"])
    ok(await ada.api.post(f"/api/pages/{page}/members", json={"user_id": bob.id, "role": "viewer"}), 201)
    path, file = f"/api/pages/{page}/files", await upload(ada)
    problem(await bob.api.put(f"{path}/{file}"), 403, "forbidden")
    problem(await ada.api.put(f"/api/boards/{page}/files/{file}"), 404, "not_found")
    problem(await ada.api.put(f"{path}/999"), 422, "page_files_are_seen")
    shown = ok(await ada.api.put(f"{path}/{file}"))
    assert ok(await bob.api.get(path)) == [shown]
    assert [await sees(who, file) for who in (bob, cara)] == [True, False]
    [found] = ok(await bob.api.get("/api/search/files", params={"q": "cat"}))
    assert (found["page_id"], found["board_id"], found["message_id"]) == (page, None, None)
    ok(await ada.api.delete(f"{path}/{file}"), 204)
    assert [await sees(who, file) for who in (ada, bob)] == [False, False]


async def test_members_learn_of_files_that_are_attached_or_in_another_state(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    board, page, chat = await ada.board(bob), await ada.page(bob), await ada.chat(bob)
    file = await upload(ada)
    async with database.connect() as sql:
        seen = await sql.fetchval("SELECT max(position) FROM events")

        async def told() -> list[tuple[str, str, Any]]:
            nonlocal seen
            rows = await sql.fetch(
                "SELECT position, kind, audience, payload FROM events WHERE position > $1 ORDER BY position", seen
            )
            seen = rows[-1]["position"] if rows else seen
            return [(row["kind"], row["audience"], json.loads(row["payload"])) for row in rows]

        for kind, id_ in (("board", board), ("page", page)):
            path = f"/api/{kind}s/{id_}/files/{file}"
            for _ in range(2):  # the second one changes nothing
                ok(await ada.api.put(path))
            event = f"{kind.title()}FilesUpdated"
            expected = {f"{kind}_id": id_, "file_id": file, "attached": True}
            assert await told() == [(event, "document", expected)]
        ok(await ada.api.post(f"/api/chats/{chat}/messages", json={"files": [file]}), 201)
        ok(await ada.api.put(f"/api/workspaces/{ada.workspace}", json={"icon_file_id": file}))
        await told()
        # It is scanned once more, which all learn who see it somewhere.
        await sql.execute("UPDATE files SET state = 'scanning' WHERE id = $1", file)
        events = {kind: payload for kind, _, payload in await told()}
        assert events.keys() == {"MessageFilesReady", "WorkspaceUpdated", "BoardFilesUpdated", "PageFilesUpdated"}
        assert events["MessageFilesReady"]["files"][0]["state"] == "scanning"
        assert events["WorkspaceUpdated"]["icon"]["state"] == "scanning"
        await sql.execute("UPDATE files SET state = 'ready' WHERE id = $1", file)
        assert {kind for kind, _, _ in await told()} == events.keys() | {"FileReady"}
        ok(await ada.api.delete(f"/api/boards/{board}/files/{file}"), 204)
        detached = {"board_id": board, "file_id": file, "attached": False}
        assert await told() == [("BoardFilesUpdated", "document", detached)]
        # A deleted page has no events, and none of a document that is gone as a whole.
        await sql.execute("UPDATE documents SET deleted_at = now() WHERE id = $1", page)
        assert {kind for kind, _, _ in await told()} == {"PageDeleted"}
        await sql.execute("DELETE FROM file_uses WHERE document_id = $1", page)
        await sql.execute("DELETE FROM documents WHERE id = $1", page)
        assert {kind for kind, _, _ in await told()} <= {"PageDeleted"}
