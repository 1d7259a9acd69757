"""docs/permissions.md, chat_server/access/permissions.py and what the server does are one and the same."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from chat_core.database.pool import Connection
from chat_server.access.actions import (
    CHAT_ACTIONS,
    DOCUMENT_ACTIONS,
    ORGANIZATION_ACTIONS,
    WORKSPACE_ACTIONS,
    ChatAction,
    DocumentAction,
    Needed,
    OrganizationAction,
    WorkspaceAction,
)
from tests.chat_server.people import ChatServer, Person
from tests.support.postgres import Database

DOCUMENT = Path(__file__).parent.parent.parent.parent / "docs" / "permissions.md"
RANKS = ("outsider", "workspace member", "member", "admin", "owner")


def rows(heading: str) -> list[list[str]]:
    """The body of the table below a heading."""
    section = DOCUMENT.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_document_has_the_table_of_workspaces() -> None:
    assert rows("In a workspace") == [[action, needed] for action, needed in WORKSPACE_ACTIONS.items()]


def test_the_document_has_the_table_of_chats() -> None:
    assert rows("In a chat") == [[action, *needed.values()] for action, needed in CHAT_ACTIONS.items()]


def test_the_document_has_the_table_of_documents() -> None:
    assert rows("In a document") == [[action, needed] for action, needed in DOCUMENT_ACTIONS.items()]


def test_the_document_has_the_table_of_organizations() -> None:
    assert rows("In an organisation") == [[action, needed] for action, needed in ORGANIZATION_ACTIONS.items()]


def test_every_action_has_been_decided_on() -> None:
    assert get_args(WorkspaceAction) == tuple(WORKSPACE_ACTIONS)
    assert get_args(ChatAction) == tuple(CHAT_ACTIONS)
    assert get_args(OrganizationAction) == tuple(ORGANIZATION_ACTIONS)
    assert get_args(DocumentAction) == tuple(DOCUMENT_ACTIONS)


def expected(who: str, needed: Needed, seen_by: Needed) -> int | None:
    """The status of a refusal; None where it is allowed."""
    if RANKS.index(who) < RANKS.index(seen_by):
        return 404
    return 403 if needed == "nobody" or RANKS.index(who) < RANKS.index(needed) else None


Call = Callable[[Person], Awaitable[httpx.Response]]


async def revoke(who: Person, founder: Person, path: str) -> httpx.Response:
    made = await founder.api.post(f"{path}/invites", json={})
    return await who.api.delete(f"{path}/invites/{made.json().get('id', 1)}")


def chat_calls(chat: int, message: int, founder: Person, target: Person, newcomer: Person) -> dict[str, Call]:
    """`message` is in the chat, and nobody's who calls."""
    path = f"/api/chats/{chat}"

    async def delete_own(who: Person) -> httpx.Response:
        posted = await who.api.post(f"{path}/messages", json={"content": "hi"})
        return await who.api.delete(f"{path}/messages/{posted.json()['id']}") if posted.is_success else posted

    return {
        "see the chat": lambda who: who.api.get(path),
        "list its members": lambda who: who.api.get(f"{path}/members"),
        "read its messages": lambda who: who.api.get(f"{path}/messages"),
        "post a message": lambda who: who.api.post(f"{path}/messages", json={"content": "hi"}),
        "edit or delete own messages": delete_own,
        "delete others' messages": lambda who: who.api.delete(f"{path}/messages/{message}"),
        "react to a message": lambda who: who.api.put(f"{path}/messages/{message}/reactions/👍"),
        "pin a message": lambda who: who.api.put(f"{path}/messages/{message}/pin"),
        "follow a thread": lambda who: who.api.put(f"{path}/messages/{message}/thread/follow"),
        "report typing": lambda who: who.api.post(f"{path}/typing", json={"typing": True}),
        "report a message": lambda who: who.api.post(f"{path}/messages/{message}/report", json={"reason": "spam"}),
        "move the read marker": lambda who: who.api.post(f"{path}/read", json={"seq": 0}),
        "see how far others have read": lambda who: who.api.get(f"{path}/readers"),
        "choose notifications": lambda who: who.api.patch(f"{path}/me", json={"notification_level": "none"}),
        "keep a draft": lambda who: who.api.put(f"{path}/draft", json={"content": "hi"}),
        "join the chat": lambda who: who.api.post(f"{path}/join"),
        "change its name and description": lambda who: who.api.put(path, json={"name": f"new {chat}"}),
        "add a member": lambda who: who.api.post(f"{path}/members", json={"user_id": newcomer.id}),
        "change a member's role": lambda who: who.api.patch(f"{path}/members/{target.id}", json={"role": "member"}),
        "remove a member": lambda who: who.api.delete(f"{path}/members/{target.id}"),
        "silence a member": lambda who: who.api.put(f"{path}/members/{target.id}/silence", json={"seconds": 60}),
        "ban a user, or lift a ban": lambda who: who.api.put(f"{path}/bans/{target.id}", json={}),
        "invite by link": lambda who: who.api.post(f"{path}/invites", json={}),
        "revoke others' invites": lambda who: revoke(who, founder, path),
        "set its password": lambda who: who.api.put(f"{path}/password", json={"password": "open sesame"}),
        "archive or unarchive it": lambda who: who.api.post(f"{path}/archive"),
        "transfer its ownership": lambda who: who.api.post(f"{path}/transfer", json={"user_id": target.id}),
        "leave the chat": lambda who: who.api.post(f"{path}/leave"),
        "set how long its messages are kept": lambda who: who.api.put(path, json={"retention_days": 30}),
        "delete the chat": lambda who: who.api.delete(path),
    }


@pytest.fixture
async def sql(database: Database) -> AsyncIterator[Connection]:
    """The owner's: what is tried on is made by it, since requests for that would be three of four."""
    async with database.connect() as connection:
        yield connection


@pytest.fixture
async def crowd(chat_server: ChatServer) -> dict[str, Person]:
    """One person for each rank in a chat, and some for the chat to hold."""
    names = ("founder", "workspace member", "member", "admin", "owner", "target", "newcomer")
    people = dict(zip(names, await chat_server.team(*names), strict=True))
    people["outsider"] = await chat_server.sign_up("outsider")
    return people


async def make_chat(sql: Connection, crowd: dict[str, Person], chat_type: str) -> tuple[int, int]:
    """A chat and a message in it."""
    founder = crowd["founder"]
    if chat_type == "Single":
        body = {"type": "Single", "members": [crowd["owner"].id], "workspace_id": founder.workspace}
        chat = int((await founder.api.post("/api/chats", json=body)).json()["id"])
    else:
        ranks = {"founder": "owner", "member": "member", "admin": "admin", "owner": "owner", "target": "member"}
        async with sql.transaction():
            chat = await sql.fetchval(
                "INSERT INTO chats (workspace_id, type, name) VALUES ($1, $2, gen_random_uuid()) RETURNING id",
                *(founder.workspace, chat_type),
            )
            members = [(chat, crowd[name].id, role) for name, role in ranks.items()]
            await sql.executemany("INSERT INTO chat_members (chat_id, user_id, role) VALUES ($1, $2, $3)", members)
    said = "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'hello') RETURNING id"
    return chat, await sql.fetchval(said, chat, founder.id)


BOT = "SELECT user_id FROM create_bot($1, $2, $3, 'Bot')"


async def make_workspace(sql: Connection, ranks: list[tuple[str, Person]]) -> int:
    async with sql.transaction():
        workspace: int = await sql.fetchval("INSERT INTO workspaces (name) VALUES ('w') RETURNING id")
        await sql.executemany(
            "INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ($1, $2, $3)",
            [(workspace, person.id, rank) for rank, person in ranks],
        )
    return workspace


async def make_document(sql: Connection, kind: str, workspace: int, ranks: list[tuple[str, Person]]) -> int:
    async with sql.transaction():
        document: int = await sql.fetchval(
            "INSERT INTO documents (kind, workspace_id, name) VALUES ($2, $1, 'plans') RETURNING id", workspace, kind
        )
        await sql.executemany(
            "INSERT INTO document_members (document_id, user_id, role) VALUES ($1, $2, $3)",
            [(document, person.id, rank) for rank, person in ranks],
        )
    return document


@pytest.mark.parametrize("chat_type", ["Single", "Group", "PrivateChannel", "PublicChannel"])
async def test_every_action_in_a_chat_by_everybody(sql: Connection, crowd: dict[str, Person], chat_type: str) -> None:
    calls = chat_calls(0, 0, crowd["founder"], crowd["target"], crowd["newcomer"])
    assert calls.keys() == CHAT_ACTIONS.keys()
    ranks = [rank for rank in RANKS if chat_type != "Single" or rank not in ("member", "admin")]
    seen_by = CHAT_ACTIONS["see the chat"][chat_type]  # type: ignore[index]
    changed = True
    for action, needed in CHAT_ACTIONS.items():
        for who in ranks:
            if changed:  # else all that was tried in it was refused
                chat, message = await make_chat(sql, crowd, chat_type)
            calls = chat_calls(chat, message, crowd["founder"], crowd["target"], crowd["newcomer"])
            answer = await calls[action](crowd[who])
            refused = expected(who, needed[chat_type], seen_by)  # type: ignore[index]
            assert answer.status_code == (refused or answer.status_code), f"{who}: {action}: {answer.text}"
            assert answer.is_success == (refused is None), f"{who}: {action}: {answer.text}"
            changed = answer.is_success and answer.request.method != "GET"


def workspace_calls(workspace: int, bot: int, target: Person, newcomer: Person) -> dict[str, Call]:
    path = f"/api/workspaces/{workspace}"
    chat = {"type": "Group", "members": [], "workspace_id": workspace}

    async def remove_emoji(who: Person) -> httpx.Response:
        picture = await target.api.post(f"{path}/files", params={"name": "theirs.gif"}, content=b"GIF89a")
        await target.api.put(f"{path}/emoji/theirs", json={"file_id": picture.json().get("id", 1)})
        return await who.api.delete(f"{path}/emoji/theirs")

    return {
        "see the workspace": lambda who: who.api.get(path),
        "list its members and their profiles": lambda who: who.api.get(f"{path}/members"),
        "see its members' presence": lambda who: who.api.get("/api/presence", params={"workspace_id": workspace}),
        "create a chat in it": lambda who: who.api.post("/api/chats", json=chat),
        "see how much is stored in it": lambda who: who.api.get(f"{path}/storage"),
        "add an emoji": lambda who: who.api.delete(f"{path}/emoji/none"),
        "remove others' emoji": remove_emoji,
        "create a board in it": lambda who: who.api.post(f"{path}/boards", json={"name": "plans"}),
        "create a page in it": lambda who: who.api.post(f"{path}/pages", json={"name": "plans"}),
        "create a bot in it": lambda who: who.api.post(
            f"{path}/bots", json={"username": f"b{workspace}.{who.id}", "fullname": "Bot"}
        ),
        "manage others' bots": lambda who: who.api.patch(f"/api/bots/{bot}", json={"description": "Theirs"}),
        "register and manage apps in it": lambda who: who.api.post(
            f"{path}/apps", json={"name": "x", "redirect_uris": ["https://x.example/"], "scopes": ["chats:read"]}
        ),
        "leave the workspace": lambda who: who.api.delete(f"{path}/members/{who.id}"),
        "change its name and description": lambda who: who.api.put(path, json={"name": "new"}),
        "add a member": lambda who: who.api.post(f"{path}/members", json={"user_id": newcomer.id}),
        "change a member's role": lambda who: who.api.patch(f"{path}/members/{target.id}", json={"role": "member"}),
        "remove a member": lambda who: who.api.delete(f"{path}/members/{target.id}"),
        "set how long messages are kept": lambda who: who.api.put(path, json={"retention_days": 30}),
        "see and handle reports": lambda who: who.api.get(f"{path}/reports"),
        "choose whether members see addresses": lambda who: who.api.put(path, json={"show_emails": False}),
        "choose whether links are fetched": lambda who: who.api.put(path, json={"link_previews": False}),
        "choose whether pages may be public": lambda who: who.api.put(path, json={"public_publishing": False}),
        "choose how its members sign in": lambda who: who.api.delete(f"{path}/required-provider"),
        "read its audit log": lambda who: who.api.get(f"{path}/audit"),
        "place and release holds": lambda who: who.api.get(f"{path}/holds"),
        "ask for and approve exports of cases": lambda who: who.api.get(f"{path}/cases"),
        "set rules about what may be said": lambda who: who.api.get(f"{path}/dlp-rules"),
        "review held messages": lambda who: who.api.get(f"{path}/held-messages"),
        "delete the workspace": lambda who: who.api.delete(path),
    }


@pytest.mark.chat_server(features={"enable_advanced_admin": True, "enable_bot_messages": True})
async def test_every_action_in_a_workspace_by_everybody(sql: Connection, chat_server: ChatServer) -> None:
    founder, target, newcomer = [await chat_server.sign_up() for _ in range(3)]
    people = {rank: await chat_server.sign_up() for rank in ("outsider", "member", "admin", "owner")}
    for person in people.values():  # who are known to the newcomer, and so may add them
        await newcomer.invite(person)
    assert workspace_calls(0, 0, target, newcomer).keys() == WORKSPACE_ACTIONS.keys()
    changed = True
    for action, needed in WORKSPACE_ACTIONS.items():
        for who, caller in people.items():
            if changed:  # else all that was tried in it was refused
                ranks = [(rank, person) for rank, person in people.items() if rank != "outsider"]
                workspace = await make_workspace(sql, [("owner", founder), *ranks, ("member", target)])
                bot = await sql.fetchval(BOT, founder.id, workspace, f"b{workspace}")
            answer = await workspace_calls(workspace, bot, target, newcomer)[action](caller)
            refused = expected(who, needed, "member")
            assert answer.status_code == (refused or answer.status_code), f"{who}: {action}: {answer.text}"
            assert answer.is_success == (refused is None), f"{who}: {action}: {answer.text}"
            changed = answer.is_success and answer.request.method != "GET"
            if action == "list its members and their profiles":
                users = await caller.api.get("/api/users", params={"workspace_id": workspace})
                assert users.status_code == answer.status_code


def board_calls(board: int, founder: Person, target: Person, newcomer: Person) -> dict[str, Call]:
    path = f"/api/boards/{board}"

    async def delete_version(who: Person) -> httpx.Response:
        made = await founder.api.post(f"{path}/versions", json={"name": "theirs"})
        return await who.api.delete(f"{path}/versions/{made.json().get('id', 1)}")

    return {
        "see the document": lambda who: who.api.get(path),
        "list its members": lambda who: who.api.get(f"{path}/members"),
        "leave the document": lambda who: who.api.delete(f"{path}/members/{who.id}"),
        "change its name and thumbnail": lambda who: who.api.patch(path, json={"name": "new"}),
        "attach or detach a file": lambda who: who.api.delete(f"{path}/files/1"),
        "make, rename or restore a version": lambda who: who.api.post(f"{path}/versions", json={"name": "first"}),
        "delete others' versions": delete_version,
        "add a member": lambda who: who.api.post(f"{path}/members", json={"user_id": newcomer.id}),
        "invite by link": lambda who: who.api.post(f"{path}/invites", json={}),
        "revoke others' invites": lambda who: revoke(who, founder, path),
        "change a member's role": lambda who: who.api.patch(f"{path}/members/{target.id}", json={"role": "viewer"}),
        "remove a member": lambda who: who.api.delete(f"{path}/members/{target.id}"),
        "transfer its ownership": lambda who: who.api.post(f"{path}/transfer", json={"user_id": target.id}),
        "see what is in quarantine": lambda who: who.api.get(f"{path}/quarantine"),
        "delete the document, or restore it": lambda who: who.api.delete(path),
    }


def page_calls(page: int, founder: Person) -> dict[str, Call]:
    """What only pages have."""
    path = f"/api/pages/{page}"

    async def change_comment(who: Person, method: str, body: Any) -> httpx.Response:
        comment = {"component_id": "1", "content": "theirs"}
        made = await founder.api.post(f"{path}/comments", json=comment)
        return await who.api.request(method, f"{path}/comments/{made.json().get('id', 1)}", json=body)

    headers = {"Content-Type": "application/json-patch+json"}
    return {
        "edit its content": lambda who: who.api.patch(f"{path}/content?version=1", content="[]", headers=headers),
        "comment on it": lambda who: who.api.post(f"{path}/comments", json={"component_id": "1", "content": "x"}),
        "resolve others' comments": lambda who: change_comment(who, "PATCH", {"resolved": True}),
        "delete others' comments": lambda who: change_comment(who, "DELETE", None),
        "publish it, or take that back": lambda who: who.api.post(f"{path}/publish", json={"audience": "public"}),
    }


async def test_every_action_on_a_document_by_everybody(sql: Connection, chat_server: ChatServer) -> None:
    """A document is its members' alone: nobody else of its workspace sees it, not even who owns that."""
    names = ("admin", "founder", "workspace member", "viewer", "editor", "owner", "target", "newcomer")
    people = dict(zip(names, await chat_server.team(*names), strict=True))
    people["outsider"] = await chat_server.sign_up("outsider")
    founder, target, newcomer = people["founder"], people["target"], people["newcomer"]
    founder.workspace = people["admin"].workspace
    ranks = ("viewer", "editor", "owner")
    of_boards, of_pages = board_calls(0, founder, target, newcomer).keys(), page_calls(0, founder).keys()
    assert of_boards | of_pages == DOCUMENT_ACTIONS.keys()
    for action, needed in DOCUMENT_ACTIONS.items():
        for who in ("outsider", "workspace member", "admin", *ranks):
            roles = [(rank, people[rank]) for rank in ranks]
            kind = "page" if action in of_pages else "board"
            made = await make_document(sql, kind, founder.workspace, [("owner", founder), *roles, ("editor", target)])
            calls = page_calls(made, founder) if kind == "page" else board_calls(made, founder, target, newcomer)
            answer = await calls[action](people[who])
            refused = 404 if who not in ranks else 403 if ranks.index(who) < ranks.index(needed) else None
            assert answer.status_code == (refused or answer.status_code), f"{who}: {action}: {answer.text}"
            assert answer.is_success == (refused is None), f"{who}: {action}: {answer.text}"
