"""A guest of an organisation sees whom they share a chat with, and nobody else, whatever is asked: every operation with
all ids. New operations are asked as well, since the list is that of the OpenAPI document."""

import json
import re
from typing import Any

import httpx

from chat_server.http.openapi import FILE
from tests.chat_server.organization.test_organizations import ON, founded
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database

# Whose names nobody else has.
NAMES = ("Quillfeather", "Ravensworth")


def reading(known: dict[str, Any]) -> list[str]:
    """The paths of all operations that read, with these ids in them and as their parameters."""
    paths = []
    for template, item in json.loads(FILE.read_bytes())["paths"].items():
        if "get" not in item or any(name not in known for name in re.findall(r"{(\w+)}", template)):
            continue
        path = template.format(**known)
        parameters = {one["name"] for one in item["get"].get("parameters", ()) if one["in"] == "query"}
        queries = [f"?{name}={known[name]}" for name in sorted(parameters & known.keys())]
        queries += [f"?q={name}" for name in NAMES if "q" in parameters] + ["?q=from:quillfeather"] * (
            "q" in parameters
        )
        paths += [path, *(path + query for query in queries)]
    return paths


async def shown(who: Person, paths: list[str]) -> set[str]:
    """Those that answer with one of the names."""
    found = set()
    for path in paths:
        answer: httpx.Response = await who.api.get(path)
        assert answer.status_code < 500, path
        if any(name.lower() in answer.text.lower() for name in NAMES):
            found.add(path)
    return found


@ON
async def test_no_operation_shows_a_guest_anybody(chat_server: ChatServer, database: Database) -> None:
    owner, other, guest, member = await chat_server.team("Ada Quillfeather", "Bob Ravensworth", "Guest", "Member")
    path = await founded(owner)
    organization = int(path.rpartition("/")[2])
    chat = await owner.chat(other, member, type="PublicChannel", name="works")
    message = await owner.say(chat, "hello")
    board, page = await owner.board(member), await owner.page(member)
    department = ok(await owner.api.post(f"{path}/departments", json={"name": "Works"}), 201)["id"]
    appointed = {"user_id": other.id, "department_id": department}
    ok(await owner.api.post(f"{path}/appointments", json=appointed), 201)
    group = ok(await owner.api.post(f"{path}/groups", json={"name": "on-call"}), 201)["id"]
    ok(await owner.api.put(f"{path}/groups/{group}/members/{other.id}"), 204)
    ok(await owner.api.patch(f"{path}/members/{guest.id}", json={"kind": "guest"}))
    known = {
        "organization_id": organization,
        "workspace_id": owner.workspace,
        "chat_id": chat,
        "message_id": message["id"],
        "thread_id": message["id"],
        "board_id": board,
        "page_id": page,
        "department_id": department,
        "group_id": group,
        "user_id": other.id,
        "ids": owner.id,
        "emoji": "x",
    }
    paths = reading(known)
    assert len(await shown(member, paths)) > 15  # who is a member sees them in many places
    assert await shown(guest, paths) == set()
    async with database.connect() as sql:
        await sql.execute("UPDATE features SET enabled = false")
    assert await shown(guest, paths) == set()


def changing(known: dict[str, Any]) -> list[tuple[str, str]]:
    """All other operations that are about what is known: methods and paths."""
    return [
        (method.upper(), template.format(**known))
        for template, item in json.loads(FILE.read_bytes())["paths"].items()
        for method in ("post", "put", "patch", "delete")
        if method in item and re.findall(r"{(\w+)}", template) and set(re.findall(r"{(\w+)}", template)) <= known.keys()
    ]


@ON
async def test_a_guest_in_a_chat_sees_its_members_and_nobody_else(chat_server: ChatServer, database: Database) -> None:
    async with database.connect() as sql:  # ids that no answer has by chance
        await sql.execute("ALTER SEQUENCE users_id_seq RESTART WITH 70000001")
    names = ("Ada Quillfeather", "Guest", "Met Larkspur", "Bob Ravensworth", "Eve Thornbury")
    owner, guest, met, other, unseen = await chat_server.team(*names)
    # Of a second organisation the guest is a guest, too, and meets nobody there.
    ned = await chat_server.sign_up("Ned Blackthorn")
    await ned.invite(guest)
    second = await founded(ned)
    path = await founded(owner)
    for keeper, firm in ((owner, path), (ned, second)):
        ok(await keeper.api.patch(f"{firm}/members/{guest.id}", json={"kind": "guest"}))
    group = ok(await owner.api.post(f"{path}/groups", json={"name": "on-call"}), 201)["id"]
    for person in (guest, other):
        ok(await owner.api.put(f"{path}/groups/{group}/members/{person.id}"), 204)
    department = ok(await owner.api.post(f"{path}/departments", json={"name": "Works"}), 201)["id"]
    ok(await owner.api.patch(f"{path}/members/{guest.id}", json={"manager_id": other.id}))
    chat = await owner.chat(met, guest, type="Group", name="with a guest")
    elsewhere = await owner.chat(met, other, unseen, type="PublicChannel", name="without")
    message = await owner.say(chat, "hello @guest @on-call @everyone")
    hidden = await other.say(elsewhere, "from Bob Ravensworth")
    ok(await other.api.put("/api/users/me/status", json={"text": "Thornbury", "emoji": None, "until": None}), 200)
    ok(await guest.api.post(f"/api/chats/{chat}/messages", json={"content": "thanks @met"}), 201)
    board, page = await owner.board(other), await owner.page(other)
    away = await ned.chat(type="PublicChannel", name="away")
    ned_said, ned_board, ned_page = await ned.say(away, "from Ned Blackthorn"), await ned.board(), await ned.page()
    ned_department = ok(await ned.api.post(f"{second}/departments", json={"name": "Mills"}), 201)["id"]
    asked: list[str] = []
    of_first: list[str] = []
    for place, said, whom in ((chat, message, other), (elsewhere, hidden, unseen), (away, ned_said, ned)):
        first = whom is not ned
        known = {
            "organization_id": int((path if first else second).rpartition("/")[2]),
            "workspace_id": owner.workspace if first else ned.workspace,
            "chat_id": place,
            "message_id": said["id"],
            "thread_id": said["id"],
            "board_id": board if first else ned_board,
            "page_id": page if first else ned_page,
            "department_id": department if first else ned_department,
            "group_id": group,
            "user_id": whom.id,
            "ids": f"{other.id},{unseen.id},{met.id},{ned.id}",
            "emoji": "x",
        }
        asked += reading(known)
        of_first += reading(known) if place == elsewhere else []
        asked += [f"/api/search/people?q={name.split()[-1]}" for name in (*names, "Blackthorn")]
    known = known | {"organization_id": int(path.rpartition("/")[2]), "workspace_id": owner.workspace}
    known |= {"board_id": board, "page_id": page, "department_id": department}
    known |= {"message_id": message["id"], "thread_id": message["id"]}
    unknown = re.compile(f"Ravensworth|Thornbury|Blackthorn|\\b({other.id}|{unseen.id}|{ned.id})\\b", re.I)

    def check(answer: httpx.Response) -> str:
        assert answer.status_code < 500, answer.request.url
        if answer.status_code < 300:  # a refusal may say what was asked
            assert not unknown.search(answer.text), (answer.request.method, answer.request.url, answer.text)
        return answer.text if answer.status_code < 300 else ""

    seen = {one for one in sorted(set(asked)) if "Larkspur" in check(await guest.api.get(one))}
    assert {f"/api/chats/{chat}/members", "/api/sync", "/api/search/people?q=Larkspur"} <= seen
    assert any(one.startswith("/api/users?ids=") for one in seen)
    assert "Guest" in (await met.api.get("/api/search/people?q=guest")).text
    assert ok(await unseen.api.get("/api/search/people?q=guest")) == []
    assert ok(await unseen.api.get(f"/api/users?ids={guest.id}")) == []
    assert ok(await guest.api.get("/api/organizations"))[0]["manager_id"] is None

    # The guest is no way from one organisation into the other.
    for one in of_first:
        answer = await ned.api.get(one)
        assert answer.status_code >= 300 or not re.search("Quillfeather|Larkspur|Ravensworth|Thornbury", answer.text), (
            one
        )

    # What changes: whoever is named is not let out, let in or named by it.
    bodies: tuple[Any, ...] = (
        {},
        {"user_id": other.id},
        {"name": "x", "members": [other.id], "type": "Group"},
        {"role": "member"},
    )
    known |= {"chat_id": elsewhere, "user_id": unseen.id}
    before = ok(await owner.api.get(f"/api/chats/{chat}/members"))
    for method, one in [*changing(known), *changing(known | {"chat_id": chat, "user_id": unseen.id})]:
        if one.startswith(f"/api/chats/{chat}/leave"):
            continue
        for body in bodies:
            check(await guest.api.request(method, one, json=body))
    after = ok(await owner.api.get(f"/api/chats/{chat}/members"))
    assert [one["user_id"] for one in after] == [one["user_id"] for one in before]
    problem(await guest.api.post(f"/api/chats/{chat}/members", json={"user_id": unseen.id}), 403, "forbidden")
    problem(await guest.api.post(f"/api/chats/{elsewhere}/join"), 404, "not_found")
    promoted = await owner.api.patch(f"/api/chats/{chat}/members/{guest.id}", json={"role": "admin"})
    problem(promoted, 409, "guest_is_plain_member")
    async with database.connect() as sql:
        await sql.execute("UPDATE features SET enabled = false")
    for one in sorted({one.split("?")[0] for one in asked}):
        check(await guest.api.get(one))
    added = await owner.api.post(f"/api/chats/{elsewhere}/members", json={"user_id": guest.id})
    problem(added, 409, "chat_members_in_workspace")
    ok(await guest.api.post(f"/api/chats/{chat}/leave"), 204)
    assert ok(await guest.api.get("/api/search/people?q=Larkspur")) == []
