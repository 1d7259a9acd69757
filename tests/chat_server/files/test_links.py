"""Files without a header: by a cookie, and by links."""

from tests.chat_server.files.test_files import PNG, upload
from tests.chat_server.people import ChatServer, ok, problem


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
