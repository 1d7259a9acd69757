"""Switching a feature off lets nobody see or do more, with data of all of them in place; on again, all is as it was."""

import re
from dataclasses import dataclass

import pytest

from chat_server.parts.features import FEATURES
from tests.chat_server.identity.test_sessions import until
from tests.chat_server.integrations.test_bots import bearer, bot_of, token_of
from tests.chat_server.organization.test_acting_for import acting, delegate
from tests.chat_server.organization.test_guests import reading
from tests.chat_server.organization.test_organizations import founded
from tests.chat_server.organization.test_roles import bind, create_role
from tests.chat_server.people import ChatServer, Person, ok
from tests.support.postgres import Database

ALL = pytest.mark.chat_server(features=dict.fromkeys(FEATURES, True))
# Whose names nobody else has: an answer that has one shows that person.
PEOPLE = ("Ada Quillfeather", "Bob Ravensworth", "Cid Larkspur", "Dee Thornbury", "Guest Hollowell")
NAMES = re.compile("Quillfeather|Ravensworth|Larkspur|Thornbury|Hollowell|Foxglove")


@dataclass
class Firm:
    """Ada owns it. Bob has a role, Cid acts for Ada, Dee is a member, the guest and a bot are in one chat."""

    people: dict[str, tuple[Person, dict[str, str]]]
    attempts: list[tuple[str, str, object]]

    async def rights(self, *, reads: bool = True) -> set[tuple[str, str, str]]:
        """What each of them may ask and do, and whom an answer shows."""
        found = set()
        for who, (person, headers) in self.people.items():
            for method, path, body in self.attempts:
                is_elsewhere = "Acting-For" in headers and "/chats/" not in path
                if is_elsewhere or (method == "GET" and not reads):
                    continue
                answer = await person.api.request(method, path, json=body, headers=headers)
                assert answer.status_code < 500, (who, method, path, answer.text)
                if answer.is_success:
                    shown = NAMES.findall(answer.text) if method == "GET" else []
                    found |= {(who, f"{method} {path}", name) for name in ["", *shown]}
        return found


async def firm(chat_server: ChatServer, database: Database, *, everything: bool) -> Firm:
    ada, bob, cid, dee, guest = await chat_server.team(*PEOPLE)
    path = await founded(ada)
    organization = int(path.rpartition("/")[2])
    ok(await ada.api.patch(f"{path}/members/{bob.id}", json={"role": "admin"}))
    ok(await ada.api.patch(f"{path}/members/{guest.id}", json={"kind": "guest"}))
    department = ok(await ada.api.post(f"{path}/departments", json={"name": "Works"}), 201)["id"]
    ok(await ada.api.post(f"{path}/appointments", json={"user_id": cid.id, "department_id": department}), 201)
    chat = await ada.chat(bob, cid, guest, type="PrivateChannel", name="works")
    alone = await ada.chat(bob, type="PrivateChannel", name="alone")
    public = await ada.chat(bob, type="PublicChannel", name="public")
    said = await ada.say(chat, "hello")
    await ada.say(alone, "alone")
    pinner = await create_role(ada, path, "chat.pin")
    reader = await create_role(ada, path, "document.see", name="Reader")
    page = await ada.page()
    rule = {"name": "birds", "kind": "words", "action": "block", "words": ["falcon"]}
    ok(await ada.api.post(f"/api/workspaces/{ada.workspace}/dlp-rules", json=rule), 201)
    await bind(ada, path, pinner, user_id=bob.id, workspace_id=ada.workspace)
    await bind(ada, path, reader, user_id=cid.id, page_id=page)
    await delegate(ada, cid, "chat.see", "chat.read_messages", "chat.post_message", chat_id=alone)
    bot = (await bot_of(ada, fullname="Bot Foxglove"))["id"]
    ok(await ada.api.post(f"/api/chats/{chat}/members", json={"user_id": bot}), 201)
    token = (await token_of(ada, bot))["token"]
    async with database.connect() as sql:
        await sql.execute("SELECT ops.keep_accounts($1)", organization)
        await sql.execute(
            "INSERT INTO online_days (user_id, day, shown) VALUES ($1, current_date, "
            "tstzmultirange(tstzrange(now() - interval '1 hour', now())))",
            cid.id,
        )
    known = {"organization_id": organization, "workspace_id": ada.workspace, "department_id": department}
    known |= {"chat_id": chat, "message_id": said["id"], "thread_id": said["id"], "page_id": page, "user_id": cid.id}
    asked = {one for one in reading(known) if "?" not in one} if everything else set()
    asked |= {
        *(f"{path}/{what}" for what in ("people", "members", "audit", "sessions")),
        *(f"/api/chats/{place}/messages" for place in (chat, alone)),
        *("/api/sync", "/api/search/people?q=a", "/api/delegations", f"/api/pages/{page}"),
        *(f"/api/workspaces/{ada.workspace}/{what}" for what in ("members", "bots", "holds")),
        f"/api/statistics/online?organization_id={organization}",
    }
    # First what changes something, and changes nothing more when it is repeated.
    attempts: list[tuple[str, str, object]] = [
        ("PUT", f"/api/chats/{chat}/messages/{said['id']}/pin", None),
        ("POST", f"/api/chats/{alone}/messages", {"content": "from somebody"}),
        ("POST", f"/api/chats/{public}/join", None),
        ("POST", f"/api/chats/{public}/messages", {"content": "a falcon"}),
        ("POST", f"/api/workspaces/{ada.workspace}/invitations", {"user_id": guest.id}),
        *(("GET", one, None) for one in sorted(asked)),
    ]
    people = {
        "role": (bob, {}),
        "delegate": (cid, acting(ada)),
        "bound": (cid, {}),
        "member": (dee, {}),
        "guest": (guest, {}),
        "bot": (dee, bearer(token)),
    }
    return Firm(people, attempts)


async def check(chat_server: ChatServer, database: Database, *, everything: bool) -> None:
    made = await firm(chat_server, database, everything=everything)
    watcher = made.people["member"][0]
    await made.rights(reads=False)  # whoever may join has joined
    before = await made.rights()
    assert {who for who, _, _ in before} == made.people.keys()
    lost: dict[str, set[tuple[str, str, str]]] = {}

    async def switched(name: str, on: bool) -> None:
        async with database.connect() as sql:
            await sql.execute("UPDATE features SET enabled = $2 WHERE name = $1", name, on)

        async def heard() -> bool:
            return ok(await watcher.api.get("/api/features"))["features"][name] is on

        await until(heard)

    for name in FEATURES:
        await switched(name, False)
        rights = await made.rights()
        assert rights <= before, (name, rights - before)
        lost[name] = before - rights
        await switched(name, True)
    assert await made.rights() == before
    # Each of them was of use to somebody, so this has been a test of all.
    assert lost.keys() == set(FEATURES)
    assert all(lost.values()), [name for name, gone in lost.items() if not gone]
    assert {who for who, _, _ in lost["enable_bot_messages"]} >= {"bot"}
    assert {who for who, _, _ in lost["enable_proxy_system"]} >= {"delegate"}
    assert {("role", "PUT"), ("bound", "GET")} <= {(who, what.split()[0]) for who, what, _ in lost["enable_user_roles"]}
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT count(*) FROM organization_members WHERE kind = 'guest'") == 1


@ALL
async def test_switching_a_feature_off_lets_nobody_see_or_do_more(chat_server: ChatServer, database: Database) -> None:
    await check(chat_server, database, everything=False)


@ALL
@pytest.mark.long
async def test_nor_by_any_operation_that_reads(chat_server: ChatServer, database: Database) -> None:
    await check(chat_server, database, everything=True)
