"""Links of messages over REST: who may see what they lead to, and who removes what is shown."""

import json
from typing import Any

from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database

WEBSITE = {"kind": "website", "title": "A", "description": None, "site_name": None, "image": {"width": 3, "height": 2}}
KEY = "00000000-0000-0000-0000-000000000001"
URL = "https://a.example/x"


async def shown(database: Database, message: int) -> int:
    """As if a website had answered, with a picture; the id of the link."""
    picture = {"key": KEY, "store": "directory", "sealed_key": None, "size": 9}
    found = [{"url": URL, "url_sha256": "ab" * 32, "seconds": 60, "shown": WEBSITE, "picture": picture}]
    async with database.connect() as sql:
        await sql.execute("INSERT INTO blob_deletions (key) VALUES ($1)", KEY)
        assert await sql.fetchval("SELECT show_links($1, $2, $3)", message, URL, json.dumps(found))
        return int(await sql.fetchval("SELECT max(id) FROM link_previews"))


async def resolved(person: Person, *urls: str) -> list[dict[str, Any]]:
    links: list[dict[str, Any]] = ok(
        await person.api.post("/api/links/resolve", json={"links": [{"url": url} for url in urls]})
    )
    return links


async def test_each_reader_is_shown_what_they_may_see(chat_server: ChatServer) -> None:
    ada, bob, eve = await chat_server.sign_up("Ada"), await chat_server.sign_up("Bob"), await chat_server.sign_up("Eve")
    await ada.invite(bob)
    private, public = await ada.chat(), await ada.chat(type="PublicChannel", name="news")
    board, page, shared = (
        await ada.board(name="a board"),
        await ada.page(name="a page"),
        await ada.page(bob, name="shared"),
    )
    message = await ada.say(private, "x" * 400)
    gone = await ada.say(private, "gone")
    ok(await ada.api.delete(f"/api/chats/{private}/messages/{gone['id']}"), 204)
    file = ok(
        await ada.api.post(f"/api/workspaces/{ada.workspace}/files", params={"name": "a.txt"}, content=b"text"), 201
    )["id"]
    published = {"audience": "members", "slug": "our-plan"}
    ok(await ada.api.post(f"/api/pages/{page}/publish", json=published))
    at = chat_server.url
    urls = [
        *(f"{at}/chat/{private}/{message['id']}", f"{at}/chat/{private}", f"{at}/chat/{public}", f"{at}/board/{board}"),
        *(f"{at}/page/{page}", f"{at}/page/{shared}", f"{at}/p/our-plan", f"{at}/api/files/{file}"),
        *(f"{at}/page/{board}", f"{at}/chat/{public}/{message['id']}", f"{at}/chat/{private}/{gone['id']}"),
        *(f"{at}/board/999", "https://elsewhere.example/board/1", "no url", f"{at}/signin"),
    ]
    mine = await resolved(ada, *urls)
    assert [link["url"] for link in mine] == urls
    assert [link["title"] for link in mine] == [
        *("Ada", "lunch", "news", "a board", "a page", "shared", "a page", "a.txt"),
        *(None, None, None, None, None, None, None),
    ]
    first = mine[0]
    assert (first["kind"], first["id"], first["chat_id"]) == ("message", message["id"], private)
    assert (first["excerpt"], first["sender_id"]) == ("x" * 300, ada.id)
    assert [link["kind"] for link in mine[-3:]] == [None, None, None]
    of_bob = await resolved(bob, *urls)
    assert [link["title"] for link in of_bob if link["title"]] == ["news", "shared", "a page"]
    assert [link["title"] for link in await resolved(eve, *urls) if link["title"]] == []
    # What one may not see looks like what does not exist.
    hidden, absent = of_bob[3], await resolved(bob, f"{at}/board/999")
    assert {**hidden, "url": "", "id": 0} == {**absent[0], "url": "", "id": 0}
    ok(await ada.api.delete(f"/api/pages/{shared}/members/{bob.id}"), 204)
    assert (await resolved(bob, f"{at}/page/{shared}"))[0]["title"] is None


async def test_a_bound_token_sees_its_workspace_alone(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    other = ok(await ada.api.post("/api/workspaces", json={"name": "Other"}), 201)["id"]
    board = await ada.board(name="a board")
    token = {"name": "bot", "scopes": ["messages:read", "boards:read"], "days": 1, "workspace_id": other}
    bound = await chat_server.client(ok(await ada.api.post("/api/auth/tokens", json=token), 201)["token"])
    asked = {"links": [{"url": f"{chat_server.url}/board/{board}"}]}
    assert ok(await ada.api.post("/api/links/resolve", json=asked))[0]["title"] == "a board"
    assert ok(await bound.post("/api/links/resolve", json=asked))[0]["title"] is None


async def test_a_token_sees_what_its_scopes_reach(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    message, page = await ada.say(chat, "x"), await ada.page(name="a page")
    ok(await ada.api.post(f"/api/pages/{page}/publish", json={"audience": "members", "slug": "scoped"}))
    upload = await ada.api.post(f"/api/workspaces/{ada.workspace}/files", params={"name": "a.txt"}, content=b"text")
    paths = {
        "messages:read": (f"/chat/{chat}/{message['id']}",),
        "chats:read": (f"/chat/{chat}",),
        "boards:read": (f"/board/{await ada.board(name='a board')}",),
        "pages:read": (f"/page/{page}", "/p/scoped"),
        "files:read": (f"/api/files/{ok(upload, 201)['id']}",),
    }
    asked = {"links": [{"url": chat_server.url + path} for some in paths.values() for path in some]}
    assert all(link["title"] for link in ok(await ada.api.post("/api/links/resolve", json=asked)))
    for scope, seen in paths.items():
        token = {"name": "bot", "scopes": sorted({"messages:read", scope}), "days": 1}
        bot = await chat_server.client(ok(await ada.api.post("/api/auth/tokens", json=token), 201)["token"])
        shown = [link["url"] for link in ok(await bot.post("/api/links/resolve", json=asked)) if link["title"]]
        assert shown == [chat_server.url + path for path in dict.fromkeys((*paths["messages:read"], *seen))]


async def test_what_is_asked_about_is_bounded(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    problem(await chat_server.anybody.post("/api/links/resolve", json={"links": [{"url": "x"}]}), 401, "unauthorized")
    for links in list[Any](
        ([], [{"url": "x"}] * 51, [{"url": ""}], [{"url": "x" * 2049}], [{}], [{"url": "x", "more": 1}], None)
    ):
        problem(await ada.api.post("/api/links/resolve", json={"links": links}), 422, "validation_failed")


async def test_the_sender_and_who_may_delete_the_message_remove_what_is_shown(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob, carol, eve = await chat_server.team("Ada", "Bob", "Carol", "Eve")
    chat = await ada.chat(bob, carol, type="PrivateChannel", name="a")
    message = (await bob.say(chat, URL))["id"]
    path, image = f"/api/chats/{chat}/messages/{message}/links", f"/api/files/link-images/{chat}/{message}"
    link = await shown(database, message)
    [before] = ok(await carol.api.get(f"/api/chats/{chat}/messages/{message}"))["links"]
    assert before == WEBSITE | {"url": URL, "id": link}
    problem(await chat_server.anybody.delete(path), 401, "unauthorized")
    problem(await eve.api.delete(path), 404, "not_found")
    problem(await carol.api.delete(path), 403, "forbidden")
    problem(await ada.api.delete(f"/api/chats/{chat}/messages/{message + 1}/links"), 404, "not_found")
    problem(await eve.api.get(f"{image}/{link}"), 404, "not_found")
    problem(await carol.api.get(f"{image}/{link + 1}"), 404, "not_found")
    problem(await chat_server.anybody.get(f"{image}/{link}"), 401, "unauthorized")
    of_eve = await eve.chat()
    problem(await eve.api.get(f"/api/files/link-images/{of_eve}/{message}/{link}"), 404, "not_found")
    assert ok(await ada.api.delete(path))["links"] == []
    assert ok(await bob.api.delete(path))["links"] == []
    problem(await carol.api.get(f"{image}/{link}"), 404, "not_found")
    ok(await bob.api.delete(f"/api/chats/{chat}/messages/{message}"), 204)
    problem(await bob.api.delete(path), 409, "message_deleted")


async def test_a_workspace_turns_it_off(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    path = f"/api/workspaces/{ada.workspace}"
    assert ok(await ada.api.get(path))["link_previews"] is True
    problem(await bob.api.put(path, json={"link_previews": False}), 403, "forbidden")
    assert ok(await ada.api.put(path, json={"link_previews": False}))["link_previews"] is False
