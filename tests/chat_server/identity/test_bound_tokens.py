"""Personal access tokens that are bound to a workspace, on every route: what is elsewhere is not there."""

import re
from typing import Any, get_args
from uuid import UUID

from litestar import HttpMethod, Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from chat_core.personal_tokens import Scope
from chat_server import app
from chat_server.http.api_request import ApiRequest
from chat_server.http.scopes import scope_of
from chat_server.http.steps.binding import PLACES
from tests.chat_server.files.test_files import upload
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database

ALL = list(get_args(Scope))
ELSEWHERE = "elsewhere"
PLACE = re.compile(rf"\{{({'|'.join(PLACES)}):")
NOWHERE_ID, NO_UUID = 2**40, str(UUID(int=7))


def operations() -> list[tuple[str, str, HTTPRouteHandler]]:
    """Method, path and handler of each operation that a token with all scopes may do."""
    routes = Litestar([app.api()], request_class=ApiRequest, openapi_config=None, logging_config=None).routes
    return [
        (method, route.path, handler)
        for route in routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if not handler.opt.get("public") and scope_of(handler) is not None
        for method in handler.http_methods - {HttpMethod.OPTIONS}
    ]


async def bound_to(chat_server: ChatServer, person: Person, workspace: int) -> Any:
    body = {"name": "bot", "scopes": ALL, "days": 1, "workspace_id": workspace}
    made = ok(await person.api.post("/api/auth/tokens", json=body), 201)
    assert made["workspace_id"] == workspace
    return await chat_server.client(made["token"])


async def furnish(person: Person, other: Person, workspace: int, name: str) -> dict[str, Any]:
    """Something of each kind in a workspace of two people, by the parameters of paths."""
    here = Person(person.id, person.email, person.token, "", person.api, workspace)
    chat, board = await here.chat(other, name=name), await here.board(name=name)
    message = await here.say(chat, f"{name} @everyone")
    theirs = {"content": f"{name} @ada", "reply_to": message["id"]}
    ok(await other.api.post(f"/api/chats/{chat}/messages", json=theirs), 201)
    ok(await here.api.put(f"/api/chats/{chat}/messages/{message['id']}/thread/follow"))
    file = ok(await here.api.post(f"/api/workspaces/{workspace}/files?name={name}.txt", content=name.encode()), 201)
    sent = {"content": name, "files": [file["id"]]}
    ok(await here.api.post(f"/api/chats/{chat}/messages", json=sent), 201)
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "5"}
    begun = await here.api.post(f"/api/workspaces/{workspace}/uploads", headers=headers)
    upload = ok(begun, 201) and begun.headers["location"].rpartition("/")[2]
    version = ok(await here.api.post(f"/api/boards/{board}/versions", json={"name": name}), 201)
    page = await here.page(name=name)
    return {
        "workspace_id": workspace,
        "chat_id": chat,
        "board_id": board,
        "page_id": page,
        "message_id": message["id"],
        "file_id": file["id"],
        "upload_id": upload,
        "version_id": version["id"],
        "user_id": other.id,
        "emoji": "👍",
        "name": "thumbnail",
    }


def filled(path: str, ids: dict[str, Any]) -> str:
    return re.sub(r"\{(\w+):\w+\}", lambda named: str(ids.get(named[1], 1)), path)


NOWHERE: dict[str, Any] = dict.fromkeys(
    ("workspace_id", "chat_id", "board_id", "page_id", "file_id", "message_id", "version_id"), NOWHERE_ID
) | {"upload_id": NO_UUID, "emoji": "👍"}


async def test_on_every_operation_another_workspace_is_not_there(chat_server: ChatServer, database: Database) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    other = ok(await ada.api.post("/api/workspaces", json={"name": ELSEWHERE}), 201)["id"]
    for person in (grace, await chat_server.sign_up(f"{ELSEWHERE} alone")):
        await ada.invite(person, workspace=other)
    here = await furnish(ada, grace, ada.workspace, "hereabouts")
    there = await furnish(ada, grace, other, ELSEWHERE)
    bot = await bound_to(chat_server, ada, ada.workspace)
    kinds: set[str] = set()
    lists: list[tuple[str, str]] = []
    refused: list[tuple[str, str]] = []
    async with database.connect() as sql:
        was = await sql.fetchval("SELECT log_head()")
        for method, path, handler in operations():
            where = f"{method} {path}"
            place = PLACE.search(path)
            if place is None:
                (lists if handler.opt.get("bound") else refused).append((method, path))
                continue
            kinds.add(place[1])
            answers = [await bot.request(method, filled(path, ids), json={}) for ids in (there, NOWHERE)]
            foreign, absent = ((answer.status_code, answer.content) for answer in answers)
            assert foreign == absent, where
            assert foreign[0] == 404, where
        assert kinds >= {"workspace_id", "chat_id", "board_id", "page_id", "file_id", "upload_id"}
        for method, path in refused:
            problem(await bot.request(method, filled(path, {}), json={}), 403, "token_is_bound")
        assert await sql.fetchval("SELECT log_head()") == was, "nothing has changed"
    shown = {}
    for method, path in lists:
        if method == "GET" and "{" not in path:
            answer = await bot.get(path, params={"q": "e", "workspace_id": ada.workspace})
            assert answer.status_code == 200, path
            assert ELSEWHERE not in answer.text, path
            shown[path] = "hereabouts" in answer.text
    message = "/api/messages/{message_id:int}"
    assert ok(await bot.get(filled(message, here)))["id"] == here["message_id"]
    problem(await bot.get(filled(message, there)), 404, "not_found")
    full = (
        "/api/sync",
        "/api/chats",
        "/api/files",
        "/api/mentions",
        "/api/threads",
        "/api/search/chats",
        "/api/search/boards",
    )
    assert all(shown[path] for path in full)
    assert [workspace["id"] for workspace in ok(await bot.get("/api/workspaces"))] == [ada.workspace]
    for path in ("/api/chats", "/api/users", "/api/presence"):
        problem(await bot.get(path, params={"workspace_id": other}), 404, "not_found")
    assert ok(await bot.get("/api/files", params={"workspace_id": other})) == []
    for where in ("", f" in:{here['chat_id']}"):
        found = ok(await bot.get(f"/api/search?q=everyone{where}"))["items"]
        assert {each["message"]["chat_id"] for each in found} == {here["chat_id"]}
    assert ok(await bot.get("/api/search?q=elsewhere"))["items"] == []
    problem(await bot.get(f"/api/search?q=everyone in:{there['chat_id']}"), 400, "validation_failed")


def where(one: dict[str, Any], snapshot: dict[str, Any]) -> int | None:
    """The workspace of something in a snapshot."""
    if "thread_id" in one:
        return next(int(chat["workspace_id"]) for chat in snapshot["chats"] if chat["id"] == one["chat_id"])
    workspace: int | None = one.get("workspace_id", one["id"] if "retention_days" in one else None)
    return workspace


async def test_its_own_workspace_is_there_and_nothing_from_elsewhere_comes_in(chat_server: ChatServer) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    other = ok(await ada.api.post("/api/workspaces", json={"name": ELSEWHERE}), 201)["id"]
    await ada.invite(grace, workspace=other)
    here = await furnish(ada, grace, other, "hereabouts")
    there = await furnish(ada, grace, ada.workspace, ELSEWHERE)
    bot = await bound_to(chat_server, ada, other)
    third = ok(await grace.api.post("/api/workspaces", json={"name": "third"}), 201)["id"]
    ok(await grace.api.post(f"/api/workspaces/{third}/invitations", json={"user_id": ada.id}), 201)
    for workspace, ids in ((other, here), (ada.workspace, there)):
        picture = {"file_id": await upload(Person(ada.id, ada.email, ada.token, "", ada.api, workspace))}
        ok(await ada.api.put(f"/api/workspaces/{workspace}/emoji/shipit", json=picture))
        report = f"/api/chats/{ids['chat_id']}/messages/{ids['message_id']}/report"
        ok(await grace.api.post(report, json={"reason": "spam"}), 201)
    for method, path, _ in operations():
        if method == "GET" and PLACE.search(path):
            mine, its = [await api.get(filled(path, here)) for api in (ada.api, bot)]
            assert (its.status_code, its.content) == (mine.status_code, mine.content), path
    for shape in ("full", "lean"):
        mine, its = [ok(await api.get("/api/sync", params={"shape": shape})) for api in (ada.api, bot)]
        for what in ("workspaces", "chats", "boards", "pages", "threads", "emoji", "reports", "invitations"):
            assert len(its[what]) < len(mine[what]) or what in ("emoji", "reports", "invitations")
            assert its[what] == [one for one in mine[what] if where(one, mine) == other], what
        assert {key: its[key] for key in ("user", "cursor")} == {key: mine[key] for key in ("user", "cursor")}
    posts = f"/api/chats/{here['chat_id']}/messages"
    for headers in ({}, {"accept-encoding": "identity"}):
        ok(await bot.post(posts, json={"content": "hi"}, headers=headers), 201)
    ok(await bot.post(posts, json={"forward_of": here["message_id"]}), 201)
    problem(await bot.post(posts, json={"forward_of": there["message_id"]}), 422, "validation_failed")
    problem(await bot.post(posts, json={"content": "x", "files": [there["file_id"]]}), 422, "message_files_are_seen")
    problem(await bot.put(f"/api/workspaces/{other}", json={"icon_file_id": there["file_id"]}), 422, "picture_is_seen")
    # The workspace of a chat that names none is the token's, though Ada has been in another one for longer.
    group = {"type": "Group", "name": "new", "members": [grace.id]}
    key = {"Idempotency-Key": "k"}
    at_home = ok(await ada.api.post("/api/chats", json=group, headers=key), 201)
    assert at_home["workspace_id"] == ada.workspace
    problem(await bot.post("/api/chats", json=group, headers=key), 409, "idempotency_conflict")
    assert ok(await bot.post("/api/chats", json=group), 201)["workspace_id"] == other
    problem(await bot.post("/api/chats", json={**group, "workspace_id": ada.workspace}), 404, "not_found")


async def test_one_is_bound_to_a_workspace_of_its_user_and_goes_with_it(
    chat_server: ChatServer, database: Database
) -> None:
    ada, grace = await chat_server.sign_up("Ada"), await chat_server.sign_up("Grace")
    body = {"name": "bot", "scopes": ALL, "days": 1}
    for workspace in (grace.workspace, NOWHERE_ID):
        refused = await ada.api.post("/api/auth/tokens", json={**body, "workspace_id": workspace})
        problem(refused, 422, "token_workspace_is_own")
    await grace.invite(ada)
    bot = await bound_to(chat_server, ada, grace.workspace)
    ok(await bot.get(f"/api/workspaces/{grace.workspace}"))
    assert [token["workspace_id"] for token in ok(await ada.api.get("/api/auth/tokens"))] == [grace.workspace]
    async with database.connect() as sql:
        audited = "SELECT after ->> 'bound_to' FROM audit_log WHERE action = 'token_created'"
        assert await sql.fetchval(audited) == str(grace.workspace)
        await sql.execute("DELETE FROM workspaces WHERE id = $1", grace.workspace)
        assert await sql.fetchval("SELECT payload ->> 'reason' FROM events WHERE kind = 'SessionRevoked'") == "operator"
    while (answer := await bot.get("/api/auth/me")).status_code == 200:
        pass
    problem(answer, 401, "unauthorized")
