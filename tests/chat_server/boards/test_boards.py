"""Boards over REST: making and finding them, members, thumbnails, deletion; and who sees nothing of them."""

import asyncio
from typing import Any

import pytest

from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
JPEG = b"\xff\xd8\xff\xe0" + b"a picture"
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 "


async def names(who: Person, workspace: int, **options: str) -> list[str]:
    return [board["name"] for board in ok(await who.api.get(f"/api/workspaces/{workspace}/boards", params=options))]


async def role_of(who: Person, board: int) -> str:
    return str(ok(await who.api.get(f"/api/boards/{board}"))["role"])


async def invite(who: Person, board: int, **options: Any) -> str:
    token: str = ok(await who.api.post(f"/api/boards/{board}/invites", json=options), 201)["token"]
    return token


async def test_a_board_is_made_found_and_renamed(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    path = f"/api/workspaces/{ada.workspace}/boards"
    answer = await ada.api.post(path, json={"name": "plans"})
    made = ok(answer, 201)
    assert answer.headers["location"] == f"/api/boards/{made['id']}"
    assert (made["role"], made["member_count"], made["created_by"]) == ("owner", 1, ada.id)
    assert (made["thumbnail"], made["deleted_at"]) == (None, None)
    assert ok(await ada.api.get(f"/api/boards/{made['id']}")) == made
    assert ok(await ada.api.patch(f"/api/boards/{made['id']}", json={"name": "Blueprints"}))["name"] == "Blueprints"
    assert ok(await ada.api.patch(f"/api/boards/{made['id']}", json={}))["name"] == "Blueprints"
    for number in range(3):
        await ada.board(name=f"board {number}")
    assert await names(ada, ada.workspace) == ["Blueprints", "board 0", "board 1", "board 2"]
    assert await names(ada, ada.workspace, search="PRINT") == ["Blueprints"]
    first = await ada.api.get(path, params={"limit": 2, "search": "b"})
    following = await ada.api.get(first.links["next"]["url"])
    assert [board["name"] for board in ok(following)] == ["board 1", "board 2"]
    assert "next" not in following.links
    assert await names(bob, ada.workspace) == []
    for bad in ({}, {"name": " "}, {"name": "x" * 81}, {"name": "x", "role": "owner"}):
        problem(await ada.api.post(path, json=bad), 422, "validation_failed")


async def test_who_is_not_on_a_board_sees_nothing_of_it(chat_server: ChatServer) -> None:
    """Neither somebody of the same workspace nor a stranger: to them it is as a board that never was."""
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    stranger = await chat_server.sign_up("Stranger")
    board = await ada.board(bob)
    ok(await ada.api.put(f"/api/boards/{board}/thumbnail", content=PNG))
    made = ok(await ada.api.post(f"/api/boards/{board}/invites", json={}), 201)
    version = ok(await ada.api.post(f"/api/boards/{board}/versions", json={"name": "first"}), 201)["id"]
    for outsider in (carol, stranger):
        calls: list[tuple[str, str, Any]] = [
            ("GET", "", None),
            ("PATCH", "", {"name": "mine"}),
            ("DELETE", "", None),
            ("POST", "/restore", None),
            ("GET", "/members", None),
            ("POST", "/members", {"user_id": outsider.id, "role": "owner"}),
            ("PATCH", f"/members/{ada.id}", {"role": "viewer"}),
            ("DELETE", f"/members/{bob.id}", None),
            ("DELETE", f"/members/{outsider.id}", None),
            ("POST", "/transfer", {"user_id": outsider.id}),
            ("GET", "/invites", None),
            ("POST", "/invites", {}),
            ("DELETE", f"/invites/{made['id']}", None),
            ("GET", "/export", None),
            ("GET", "/versions", None),
            ("POST", "/versions", {"name": "mine"}),
            ("GET", f"/versions/{version}", None),
            ("PATCH", f"/versions/{version}", {"name": "mine"}),
            ("DELETE", f"/versions/{version}", None),
            ("GET", f"/versions/{version}/compare", None),
            ("GET", f"/versions/{version}/export", None),
            ("POST", f"/versions/{version}/restore", None),
            ("GET", "/thumbnail", None),
            ("PUT", "/thumbnail", PNG),
            ("DELETE", "/thumbnail", None),
        ]
        for method, path, body in calls:
            sent: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
            seen = problem(await outsider.api.request(method, f"/api/boards/{board}{path}", **sent), 404, "not_found")
            absent = await outsider.api.request(method, f"/api/boards/{2**40}{path}", **sent)
            assert absent.json() == seen, f"{method} {path}"
        assert ok(await outsider.api.get("/api/sync"))["boards"] == []
    assert await names(carol, ada.workspace) == []
    problem(await stranger.api.get(f"/api/workspaces/{ada.workspace}/boards"), 404, "not_found")
    problem(await stranger.api.post(f"/api/workspaces/{ada.workspace}/boards", json={"name": "x"}), 404, "not_found")
    problem(await chat_server.anybody.get(f"/api/boards/{board}"), 401, "unauthorized")
    shown = ok(await ada.api.get(f"/api/boards/{board}"))
    assert (shown["name"], shown["member_count"], shown["thumbnail"]["bytes"]) == ("plans", 2, len(PNG))


async def test_members_have_roles_and_somebody_owns_it(chat_server: ChatServer) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    board = await ada.board(bob)
    members = f"/api/boards/{board}/members"
    added = ok(await bob.api.post(members, json={"user_id": carol.id}), 201)
    assert (added["role"], added["invited_by"], added["fullname"]) == ("viewer", bob.id, "Carol")
    assert [m["role"] for m in ok(await carol.api.get(members))] == ["owner", "editor", "viewer"]
    problem(await bob.api.post(members, json={"user_id": carol.id}), 409, "board_members_pkey")
    problem(await bob.api.patch(f"{members}/{carol.id}", json={"role": "editor"}), 403, "forbidden")
    assert ok(await ada.api.patch(f"{members}/{carol.id}", json={"role": "editor"}))["role"] == "editor"
    problem(await ada.api.delete(f"{members}/{ada.id}"), 409, "board_keeps_owner")
    problem(await ada.api.patch(f"{members}/{ada.id}", json={"role": "viewer"}), 409, "board_keeps_owner")
    assert ok(await ada.api.post(f"/api/boards/{board}/transfer", json={"user_id": bob.id}))["role"] == "editor"
    assert await role_of(bob, board) == "owner"
    problem(await bob.api.post(f"/api/boards/{board}/transfer", json={"user_id": bob.id}), 422, "validation_failed")
    ok(await ada.api.delete(f"{members}/{ada.id}"), 204)
    problem(await ada.api.get(f"/api/boards/{board}"), 404, "not_found")
    ok(await bob.api.delete(f"{members}/{carol.id}"), 204)
    problem(await bob.api.delete(f"{members}/{carol.id}"), 404, "not_found")
    problem(await bob.api.patch(f"{members}/{carol.id}", json={"role": "owner"}), 404, "not_found")


async def test_members_are_of_the_workspace_and_no_higher_than_who_adds_them(chat_server: ChatServer) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    stranger = await chat_server.sign_up("Stranger")
    board = await ada.board(bob)
    members = f"/api/boards/{board}/members"
    problem(await ada.api.post(members, json={"user_id": stranger.id}), 409, "board_members_in_workspace")
    problem(await bob.api.post(members, json={"user_id": carol.id, "role": "owner"}), 403, "forbidden")
    problem(await ada.api.post(members, json={"user_id": carol.id, "role": "admin"}), 422, "validation_failed")


async def test_of_two_owners_who_leave_at_once_one_stays(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    board = await ada.board(bob)
    members = f"/api/boards/{board}/members"
    ok(await ada.api.patch(f"{members}/{bob.id}", json={"role": "owner"}))
    left = await asyncio.gather(*(who.api.delete(f"{members}/{who.id}") for who in (ada, bob)))
    assert sorted(answer.status_code for answer in left) == [204, 409]


async def test_a_board_has_at_most_so_many_members(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    board = await ada.board()
    async with database.connect() as sql:
        await sql.execute("UPDATE documents SET member_count = 1000")
    added = await ada.api.post(f"/api/boards/{board}/members", json={"user_id": bob.id})
    problem(added, 409, "board_members_amount")


async def test_a_deleted_board_is_there_for_its_owners_to_restore(chat_server: ChatServer) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    board = await ada.board(bob)
    path = f"/api/boards/{board}"
    token = await invite(ada, board)
    for _ in range(2):
        ok(await ada.api.delete(path), 204)
    deleted = ok(await ada.api.get(path))
    assert deleted["deleted_at"]
    assert ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/boards", params={"deleted": True})) == [deleted]
    assert [len(ok(await who.api.get("/api/sync"))["boards"]) for who in (ada, bob)] == [0, 0]
    for who in (ada, bob):
        assert await names(who, ada.workspace) == []
    assert await names(bob, ada.workspace, deleted="true") == []
    for call in (path, f"{path}/members", f"{path}/thumbnail"):
        problem(await bob.api.get(call), 404, "not_found")
    problem(await bob.api.post(f"{path}/restore"), 404, "not_found")
    assert len(ok(await ada.api.get(f"{path}/members"))) == 2
    problem(await ada.api.patch(path, json={"name": "x"}), 409, "board_is_deleted")
    problem(await ada.api.post(f"{path}/members", json={"user_id": carol.id}), 409, "board_is_deleted")
    problem(await ada.api.put(f"{path}/thumbnail", content=PNG), 409, "board_is_deleted")
    problem(await carol.api.get(f"/api/invites/{token}"), 404, "not_found")
    problem(await carol.api.post(f"/api/invites/{token}/accept"), 404, "not_found")
    for _ in range(2):
        assert ok(await ada.api.post(f"{path}/restore"))["deleted_at"] is None
    assert await role_of(bob, board) == "editor"
    assert ok(await carol.api.post(f"/api/invites/{token}/accept"))["role"] == "viewer"


@pytest.mark.parametrize(
    ("picture", "media_type"),
    [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")],
    ids=["png", "jpeg", "webp"],
)
async def test_a_thumbnail_is_what_its_first_bytes_say(
    chat_server: ChatServer, picture: bytes, media_type: str
) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    board = await ada.board(bob)
    path = f"/api/boards/{board}/thumbnail"
    problem(await ada.api.get(path), 404, "not_found")
    # What the sender calls it is of no account.
    kept = ok(await bob.api.put(path, content=picture, headers={"Content-Type": "text/html"}))
    assert (kept["media_type"], kept["bytes"]) == (media_type, len(picture))
    shown = await ada.api.get(path)
    assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, picture, media_type)
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    again = await ada.api.get(path, headers={"If-None-Match": shown.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert ok(await ada.api.get(f"/api/boards/{board}"))["thumbnail"] == kept
    ok(await bob.api.put(path, content=PNG + b"another"))
    changed = await ada.api.get(path, headers={"If-None-Match": shown.headers["etag"]})
    assert (changed.status_code, changed.content) == (200, PNG + b"another")
    ok(await bob.api.delete(path), 204)
    problem(await ada.api.get(path), 404, "not_found")


@pytest.mark.parametrize(
    "picture", [b"", b"GIF89a", b"<svg/>", b"RIFF\0\0\0\0WAVE"], ids=["none", "gif", "svg", "wave"]
)
async def test_what_is_no_picture_is_no_thumbnail(chat_server: ChatServer, picture: bytes) -> None:
    ada = await chat_server.sign_up("Ada")
    board = await ada.board()
    refused = await ada.api.put(f"/api/boards/{board}/thumbnail", content=picture)
    problem(refused, 415, "board_thumbnails_media_type_known")


async def test_a_thumbnail_is_small(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    path = f"/api/boards/{await ada.board()}/thumbnail"
    assert ok(await ada.api.put(path, content=PNG.ljust(262_144, b"x")))["bytes"] == 262_144
    problem(await ada.api.put(path, content=PNG.ljust(262_145, b"x")), 413, "body_too_large")
