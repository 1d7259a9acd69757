"""Files without a header: by a cookie, and by links."""

import pytest

from tests.chat_server.files.test_files import PNG, upload
from tests.chat_server.people import ChatServer, ok, problem
from tests.support.clients.plain_http import plain_http


async def test_a_cookie_fetches_files_and_does_nothing_else(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up()
    file = await upload(ada)
    given = (await ada.api.post("/api/files/cookie")).headers["set-cookie"]
    assert {"HttpOnly", "Path=/api/files", "SameSite=strict"} <= set(given.split("; "))
    cookie = {"Cookie": given.partition(";")[0]}
    assert (await chat_server.anybody.get(f"/api/files/{file}", headers=cookie)).content == PNG
    problem(await chat_server.anybody.get(f"/api/files/{file}"), 401, "unauthorized")
    for method, path in (
        ("GET", "/api/workspaces"),
        ("DELETE", f"/api/files/{file}"),
        ("GET", f"/api/files/{file}/info"),
    ):
        problem(await chat_server.anybody.request(method, path, headers=cookie), 401, "unauthorized")
    ok(await ada.api.post("/api/auth/logout"), 204)
    problem(await chat_server.anybody.get(f"/api/files/{file}", headers=cookie), 401, "unauthorized")


async def test_a_link_is_good_for_one_file_while_its_maker_sees_it(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    file, other = await upload(ada), await upload(ada, b"other", "other.txt")
    problem(await bob.api.post(f"/api/files/{file}/link"), 404, "not_found")
    ok(await ada.api.post(f"/api/chats/{chat}/messages", json={"files": [file, other]}), 201)
    link = ok(await bob.api.post(f"/api/files/{file}/link"), 201)["url"]
    assert (await chat_server.anybody.get(link)).content == PNG
    part = await chat_server.anybody.get(link, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, PNG[:4])
    changed = (
        link.replace(f"/files/{file}?", f"/files/{other}?"),
        link.replace(f"user={bob.id}", f"user={ada.id}"),
        link.replace("expires=", "expires=9"),
    )
    for forged in changed:
        problem(await chat_server.anybody.get(forged), 403, "link_not_valid")
    ok(await ada.api.delete(f"/api/chats/{chat}/members/{bob.id}"), 204)
    problem(await chat_server.anybody.get(link), 404, "not_found")
    ok(await bob.api.post("/api/auth/logout"), 204)
    problem(await chat_server.anybody.get(link), 403, "link_expired")


@pytest.mark.chat_server(storage={"public_url": "https://files.example.net"})
async def test_files_on_an_origin_of_their_own(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up()
    file = await upload(ada)
    link = ok(await ada.api.post(f"/api/files/{file}/link"), 201)["url"]
    assert link.startswith("https://files.example.net/api/linked/files/")
    path, there = link.removeprefix("https://files.example.net"), {"Host": "files.example.net"}
    served = await chat_server.anybody.get(path, headers=there)
    assert served.content == PNG
    assert served.headers["content-disposition"].startswith("inline; ")
    assert served.headers["cross-origin-resource-policy"] == "cross-origin"
    # Nothing else is there, and elsewhere nothing is shown.
    async with plain_http(base_url=chat_server.url, headers={"Authorization": f"Bearer {ada.token}"}) as signed_in:
        for other in ("/signin", "/api/workspaces", f"/api/files/{file}", "/pages/lib/lib.js", "/health"):
            problem(await signed_in.get(other, headers=there), 404, "not_found")
    for response in (await ada.api.get(f"/api/files/{file}"), await chat_server.anybody.get(path)):
        assert response.content == PNG
        assert response.headers["content-disposition"].startswith("attachment; ")
        assert response.headers["cross-origin-resource-policy"] == "same-site"
    for host in ("[", "files.example.net:x", "files.example.net.evil.example"):
        assert (await chat_server.anybody.get("/health", headers={"Host": host})).status_code in (200, 400, 404)
