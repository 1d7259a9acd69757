"""A guest of an organisation sees nobody by it, whatever is asked: every operation that reads, with all ids."""

import json
import re
from typing import Any

import httpx

from chat_server.http.openapi import FILE
from tests.chat_server.organization.test_organizations import ON, founded
from tests.chat_server.people import ChatServer, Person, ok
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
