"""Files: uploading small ones, fetching them, and who may."""

import hashlib

import pytest

from tests.chat_server.people import ChatServer, Person, ok, problem

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
ETAG = f'"{hashlib.sha256(PNG).hexdigest()}"'


async def upload(person: Person, data: bytes = PNG, name: str = "cat.png") -> int:
    path = f"/api/workspaces/{person.workspace}/files"
    return int(ok(await person.api.post(path, params={"name": name}, content=data), 201)["id"])


async def test_a_file_is_seen_by_its_uploader_until_it_is_posted_and_then_by_the_chat(chat_server: ChatServer) -> None:
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    chat = await ada.chat(bob)
    file = await upload(ada)
    shown = ok(await ada.api.get(f"/api/files/{file}/info"))
    assert (shown["name"], shown["size"], shown["type"]) == ("cat.png", len(PNG), "image/png")
    problem(await bob.api.get(f"/api/files/{file}"), 404, "not_found")

    posted = ok(await ada.api.post(f"/api/chats/{chat}/messages", json={"files": [file]}), 201)
    assert (posted["content"], posted["files"]) == ("", [shown])
    assert ok(await bob.api.get(f"/api/chats/{chat}/messages"))[0]["files"] == [shown]
    fetched = await bob.api.get(f"/api/files/{file}")
    assert (fetched.status_code, fetched.content) == (200, PNG)
    problem(await eve.api.get(f"/api/files/{file}"), 404, "not_found")

    ok(await ada.api.delete(f"/api/chats/{chat}/members/{bob.id}"), 204)
    problem(await bob.api.get(f"/api/files/{file}"), 404, "not_found")


async def test_headers_of_a_fetched_file(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up()
    file = await upload(ada, name="../Größe 猫\u202egnp.png")
    response = await ada.api.get(f"/api/files/{file}")
    headers = response.headers
    assert headers["etag"] == ETAG
    assert headers["content-disposition"] == (
        "inline; filename=\"Gro__e _gnp.png\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E7%8C%ABgnp.png"
    )
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "private, no-cache")
    headed = await ada.api.head(f"/api/files/{file}")
    assert (headed.content, headed.headers["content-length"]) == (b"", str(len(PNG)))
    saved = await ada.api.get(f"/api/files/{file}", params={"download": "true"})
    assert saved.headers["content-disposition"].startswith("attachment; ")


@pytest.mark.parametrize(
    ("given", "status", "content", "content_range"),
    [
        ({"Range": "bytes=0-3"}, 206, PNG[:4], f"bytes 0-3/{len(PNG)}"),
        ({"Range": "bytes=10-"}, 206, PNG[10:], f"bytes 10-{len(PNG) - 1}/{len(PNG)}"),
        ({"Range": "bytes=-5"}, 206, PNG[-5:], f"bytes {len(PNG) - 5}-{len(PNG) - 1}/{len(PNG)}"),
        ({"Range": "bytes=5-999999999"}, 206, PNG[5:], f"bytes 5-{len(PNG) - 1}/{len(PNG)}"),
        ({"Range": f"bytes={len(PNG)}-"}, 416, b"", f"bytes */{len(PNG)}"),
        ({"Range": "bytes=9-3"}, 200, PNG, None),
        ({"Range": "bytes=0-1,4-5"}, 200, PNG, None),
        ({"Range": "lines=0-1"}, 200, PNG, None),
        ({"Range": "bytes=0-3", "If-Range": '"other"'}, 200, PNG, None),
        ({"Range": "bytes=0-3", "If-Range": ETAG}, 206, PNG[:4], f"bytes 0-3/{len(PNG)}"),
        ({"If-None-Match": f'W/{ETAG}, "b"'}, 304, b"", None),
        ({"If-None-Match": '"b"'}, 200, PNG, None),
    ],
)
async def test_ranges_and_conditions(
    chat_server: ChatServer, given: dict[str, str], status: int, content: bytes, content_range: str | None
) -> None:
    ada = await chat_server.sign_up()
    response = await ada.api.get(f"/api/files/{await upload(ada)}", headers=given)
    assert (response.status_code, response.content) == (status, content)
    assert response.headers.get("content-range") == content_range


async def test_a_message_has_only_files_that_its_sender_sees(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    file = await upload(ada)
    messages = f"/api/chats/{chat}/messages"
    for body in ({"files": [file]}, {"content": "x", "files": [999]}):
        problem(await bob.api.post(messages, json=body), 422, "message_files_are_seen")
    problem(await ada.api.post(messages, json={"files": [file, file]}), 422, "message_files_are_seen")
    problem(await ada.api.post(messages, json={"files": [file] * 11}), 422, "validation_failed")
    problem(await ada.api.post(messages, json={"files": []}), 422, "validation_failed")
    elsewhere = await bob.chat()
    refused = await bob.api.post(f"/api/chats/{elsewhere}/messages", json={"files": [file]})
    problem(refused, 422, "message_files_are_seen")
    ok(await ada.api.post(messages, json={"files": [file]}), 201)
    forwarded = ok(await bob.api.post(messages, json={"content": "mine too", "files": [file]}), 201)
    assert [shown["id"] for shown in forwarded["files"]] == [file]


async def test_edit_forward_and_delete_take_files_as_content(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat, other = await ada.chat(bob), await ada.chat()
    first, second = await upload(ada), await upload(ada, b"hello", "note.txt")
    messages = f"/api/chats/{chat}/messages"
    posted = ok(await ada.api.post(messages, json={"content": "see", "files": [first]}), 201)["id"]
    edited = ok(await ada.api.patch(f"{messages}/{posted}", json={"files": [second]}))
    assert [file["name"] for file in edited["files"]] == ["note.txt"]
    [before] = ok(await bob.api.get(f"{messages}/{posted}/edits"))
    assert [file["id"] for file in before["files"]] == [first]
    assert (await bob.api.get(f"/api/files/{first}")).content == PNG  # the history shows it

    copy = ok(await ada.api.post(f"/api/chats/{other}/messages", json={"forward_of": posted}), 201)
    assert [file["id"] for file in copy["files"]] == [second]
    ok(await ada.api.delete(f"{messages}/{posted}"), 204)
    assert ok(await bob.api.get(f"{messages}/{posted}"))["files"] == []
    problem(await ada.api.get(f"/api/files/{first}"), 404, "not_found")
    problem(await bob.api.get(f"/api/files/{second}"), 404, "not_found")
    assert (await ada.api.get(f"/api/files/{second}")).content == b"hello"


async def test_an_empty_file_and_one_that_is_too_large(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up()
    response = await ada.api.get(f"/api/files/{await upload(ada, b'', 'empty')}", headers={"Range": "bytes=0-"})
    assert (response.status_code, response.content) == (416, b"")
    path = f"/api/workspaces/{ada.workspace}/files"
    large = await ada.api.post(path, params={"name": "x"}, content=bytes(8_388_609))
    problem(large, 413, "body_too_large")


async def test_the_list_of_ones_own_files(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    bob.workspace, own = ada.workspace, bob.workspace
    chat = await ada.chat(bob)
    files = [await upload(bob, name=name) for name in ("a.png", "b.png", "c.png")]
    ok(await bob.api.post(f"/api/chats/{chat}/messages", json={"files": files[:1]}), 201)
    bob.workspace = own
    elsewhere = await upload(bob, name="d.png")
    listed = ok(await bob.api.get("/api/files"))
    assert [(one["file"]["id"], one["uses"]) for one in listed] == [
        (elsewhere, 0),
        (files[2], 0),
        (files[1], 0),
        (files[0], 1),
    ]
    first = await bob.api.get("/api/files", params={"workspace_id": ada.workspace, "limit": 2})
    assert [one["file"]["name"] for one in ok(first)] == ["c.png", "b.png"]
    rest = await bob.api.get(first.links["next"]["url"])
    assert [one["file"]["name"] for one in ok(rest)] == ["a.png"]
    assert "next" not in rest.links
    assert ok(await ada.api.get("/api/files")) == []
    ok(await ada.api.delete(f"/api/workspaces/{ada.workspace}/members/{bob.id}"), 204)
    assert [one["file"]["id"] for one in ok(await bob.api.get("/api/files"))] == [elsewhere]


@pytest.mark.chat_server(storage={"x_accel_redirect": "/internal-files/"})
async def test_a_client_that_comes_past_the_proxy_gets_the_bytes(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up()
    response = await ada.api.get(f"/api/files/{await upload(ada)}")
    assert response.content == PNG
    assert "x-accel-redirect" not in response.headers
