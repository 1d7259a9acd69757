"""Switching a feature off widens nobody's access: six flags, with data of every kind in place, asked as everybody there
can be, by requests, in a search, in a snapshot, on a live stream and in a replay."""

import json
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fechatter_client import ActingFor, Client, Problem, SignInNeeded

from chat_server.parts.features import FEATURES
from tests.end_to_end.admin_pages.firm import ON
from tests.end_to_end.system import Person, System
from tests.sql.world import until
from tests.support.clients.listener import Listener, listen

# What only one thing is called: who reads the word has seen that thing.
WORDS = """
    avocet bittern curlew dunlin egret fulmar gannet heron ibis jacana kestrel lapwing merganser nightjar osprey plover
"""
SEEN = re.compile("|".join(WORDS.split()), re.IGNORECASE)
LAST = "that was all"
# Who loses what, at least, with each: or it would not have been in use.
LOST = {
    "enable_organizations": {
        ("member", "announcements", "avocet"),
        ("member", "people", "merganser"),
        ("owner", "departments", "bittern"),
        ("owner", "live", "avocet"),
    },
    "enable_user_roles": {
        ("role", "live", "fulmar"),
        ("role", "replay", "fulmar"),
        ("role", "sync", "fulmar"),
        ("role", "search", "fulmar"),
        ("role", "page", "gannet"),
        ("owner", "roles", "curlew"),
    },
    "enable_proxy_system": {
        ("delegate", "live", "plover"),
        ("delegate", "replay", "plover"),
        ("delegate", "post", "plover"),
        ("department", "delegations", "egret"),
    },
    "enable_bot_messages": {
        ("bot", "live", "heron"),
        ("bot", "replay", "heron"),
        ("bot", "sync", "heron"),
        ("bot", "post", "heron"),
        ("owner", "bots", "ibis"),
    },
    "enable_online_statistics": {("owner", "online", "kestrel")},
    "enable_advanced_admin": {
        ("owner", "holds", "jacana"),
        ("owner", "rules", "lapwing"),
        ("owner", "audit", "bittern"),
    },
}

Access = set[tuple[str, str, str]]


@dataclass
class Reader:
    """Somebody who asks, by requests with these headers and by streams of `client`. `hears` is a chat of theirs, whose
    last message says that all before it has come."""

    person: Client
    client: Client | ActingFor
    hears: int
    headers: dict[str, str] = field(default_factory=dict)
    cursor: str = ""

    async def listens(self, stack: AsyncExitStack, cursor: str | None = None) -> Listener | None:
        """None where it is refused."""
        try:
            return await stack.enter_async_context(listen(self.client.stream(cursor)))
        except (Problem, SignInNeeded):
            return None

    async def until_last(self, listener: Listener, times: int) -> None:
        """Waits until it was told so often that that was all, or is ended."""

        def has_heard(heard: Listener) -> bool:
            last = [each for each in heard.events("NewMessage") if each.data["content"] == LAST]
            return heard.ended.is_set() or sum(each.data["chat_id"] == self.hears for each in last) == times

        await listener.until(has_heard)


def _words(who: str, surface: str, heard: Listener | None) -> Access:
    frames = [json.dumps(each.data) for each in heard.received] if heard is not None else []
    return {(who, surface, word.lower()) for frame in frames for word in SEEN.findall(frame)}


@dataclass
class Firm:
    """An organisation with departments, a group, roles by group and department, a department's chat, an announcement, a
    guest, a rule of visibility, a delegation, a bot, online time, a hold, and a rule about what may be said; and an
    outsider. `chats` are by word, `ends` the chats in which somebody says that that was all."""

    owner: Person
    readers: dict[str, Reader]
    chats: dict[str, int]
    ends: dict[int, Person]
    page: int
    path: str
    asked: dict[str, str]
    system: System
    token: str
    rounds: int = 0

    async def access(self) -> Access:
        """All that everybody can see and do now."""
        self.rounds += 1
        seen: Access = set()
        # A program that was refused once is started anew.
        self.readers["bot"].person = self.readers["bot"].client = await self.system.program(self.token)
        async with AsyncExitStack() as stack:
            live = {who: await reader.listens(stack) for who, reader in self.readers.items()}
            await self._happen()
            for who, heard in live.items():
                if heard is not None:
                    await self.readers[who].until_last(heard, 1)
                seen |= _words(who, "live", heard)
        for who, reader in self.readers.items():
            async with AsyncExitStack() as stack:
                replayed = await reader.listens(stack, reader.cursor)
                if replayed is not None:
                    await reader.until_last(replayed, self.rounds)
                seen |= _words(who, "replay", replayed)
            seen |= await self._asked(who, reader)
        return seen

    async def _happen(self) -> None:
        """Something of everything: whoever may hear of it does."""
        for word, chat in self.chats.items():
            await self.owner.messages.post(chat, f"{word} again")
        await self.owner.pages.update(self.page, name=f"gannet {self.rounds}")
        await self.owner.users.update_me(fullname=f"Ada Merganser {self.rounds}")
        await self.owner.request(
            "POST", f"{self.path}/announcements", json={"title": "avocet", "content": "for all of us"}
        )
        for chat, writer in self.ends.items():
            await writer.messages.post(chat, LAST)

    async def _asked(self, who: str, reader: Reader) -> Access:
        seen: Access = set()

        async def ask(method: str, path: str, **options: Any) -> str | None:
            try:
                answer = await reader.person.request(method, path, headers=reader.headers, **options)
            except SignInNeeded:
                return None
            assert answer.status_code < 500, (who, path, answer.text)
            assert answer.status_code != 429, (who, path)
            return answer.text if answer.is_success else None

        for surface, path in self.asked.items():
            if "Acting-For" not in reader.headers or surface in ("messages", "delegations"):
                seen |= {(who, surface, word.lower()) for word in SEEN.findall(await ask("GET", path) or "")}
        for word, chat in self.chats.items():
            seen |= {
                (who, "messages", found.lower())
                for found in SEEN.findall(await ask("GET", f"/chats/{chat}/messages") or "")
            }
            for surface, text in (("post", "something"), ("post what is forbidden", "a falcon")):
                if await ask("POST", f"/chats/{chat}/messages", json={"content": text}) is not None:
                    seen.add((who, surface, word))
        return seen


async def firm(system: System) -> Firm:
    names = ("Ada Merganser", "Bob", "Cid", "Dee", "Guest")
    ada, bob, cid, dee, guest = await system.team(*(name.split()[0] for name in names))
    mallory, nina = await system.team("Mallory", "Nina")
    elsewhere = await system.group(mallory, nina, name="elsewhere")

    async def make(path: str, body: dict[str, Any], method: str = "POST") -> Any:
        answer = await ada.request(method, path, json=body)
        assert answer.is_success, (path, answer.text)
        return answer.json() if answer.content else None

    organization = (await make("/organizations", {"name": "Engines"}))["id"]
    path = f"/organizations/{organization}"
    await make(f"{path}/workspaces/{ada.workspace}", {}, "PUT")
    await make(f"{path}/members/{guest.id}", {"kind": "guest"}, "PATCH")
    works = (await make(f"{path}/departments", {"name": "bittern works"}))["id"]
    await make(f"{path}/appointments", {"user_id": cid.id, "department_id": works})
    group = (await make(f"{path}/groups", {"name": "nightjar"}))["id"]
    await make(f"{path}/groups/{group}/members/{bob.id}", {}, "PUT")
    await make(f"{path}/visibility-rules", {"department_id": works, "confined": True})
    chats = {
        "heron": await system.group(ada, bob, cid, dee, name="all of us"),
        "plover": await system.group(ada, dee, name="without Cid"),
        "fulmar": (await ada.chats.create("PrivateChannel", [], name="by role", workspace_id=ada.workspace)).id,
        "dunlin": (await ada.chats.create("PrivateChannel", [], name="by department", workspace_id=ada.workspace)).id,
    }
    await ada.chats.add_member(chats["heron"], guest.id)
    await make(f"{path}/departments/{works}/chats/{chats['dunlin']}", {}, "PUT")
    page = (await ada.pages.create(ada.workspace, "gannet")).id
    for name, permissions, to in (
        (
            "curlew",
            ["chat.read_messages"],
            {"group_id": group, "chat_id": chats["fulmar"]},
        ),
        ("curlew of pages", ["document.see"], {"group_id": group, "page_id": page}),
        ("curlew of works", ["chat.pin"], {"department_id": works, "workspace_id": ada.workspace}),
    ):
        role = (await make(f"{path}/roles", {"name": name, "permissions": permissions}))["id"]
        await make(f"{path}/role-bindings", {"role_id": role, **to})
    ends = datetime.now(UTC) + timedelta(hours=1)
    may = ["chat.see", "chat.read_messages", "chat.post_message"]
    offered = await ada.delegations.offer(cid.id, may, ends, chat_id=chats["plover"], reason="egret")
    await cid.delegations.accept(offered.id)
    bot = await ada.bots.create(ada.workspace, "ibis", "Ibis")
    await ada.chats.add_member(chats["heron"], bot.id)
    token = await ada.bots.create_token(bot.id, "ci", ["events:read", "messages:read", "messages:write"], days=1)
    await make(f"/workspaces/{ada.workspace}/holds", {"name": "jacana", "user_id": dee.id})
    rule = {"name": "lapwing", "kind": "words", "action": "block", "words": ["falcon"]}
    await make(f"/workspaces/{ada.workspace}/dlp-rules", rule)
    async with system.sql() as sql:
        await sql.execute(
            "INSERT INTO online_days (user_id, day, shown) SELECT person, current_date, "
            "tstzmultirange(tstzrange(now() - interval '1 hour', now())) FROM unnest($1::bigint[]) person "
            "ON CONFLICT DO NOTHING",
            [ada.id, dee.id],
        )
    await dee.users.update_me(fullname="Dee Kestrel")
    heron, for_ada = chats["heron"], {"Acting-For": str(ada.id)}
    readers = {
        "owner": Reader(ada, ada, heron),
        "role": Reader(bob, bob, heron),
        "department": Reader(cid, cid, heron),
        "member": Reader(dee, dee, heron),
        "guest": Reader(guest, guest, heron),
        "delegate": Reader(cid, cid.acting_for(ada.id), chats["plover"], for_ada),
        "bot": Reader(ada, ada, heron),
        "outsider": Reader(mallory, mallory, elsewhere),
    }
    cursor = (await ada.sync()).cursor
    for reader in readers.values():
        reader.cursor = cursor
    asked = {
        "sync": "/sync",
        "search": "/search?q=again",
        "people": f"{path}/people",
        "departments": f"{path}/departments",
        "groups": f"{path}/groups",
        "roles": f"{path}/roles",
        "audit": f"{path}/audit",
        "announcements": "/announcements",
        "delegations": "/delegations",
        "page": f"/pages/{page}",
        "members": f"/workspaces/{ada.workspace}/members",
        "people search": "/search/people?q=dee",
        "bots": f"/workspaces/{ada.workspace}/bots",
        "holds": f"/workspaces/{ada.workspace}/holds",
        "rules": f"/workspaces/{ada.workspace}/dlp-rules",
        "online": f"/statistics/online?organization_id={organization}",
    }
    return Firm(
        ada,
        readers,
        chats,
        {heron: ada, chats["plover"]: ada, elsewhere: mallory},
        page,
        path,
        asked,
        system,
        token.token,
    )


@pytest.mark.system(**ON)
async def test_switching_any_feature_off_widens_nobodys_access(system: System) -> None:
    made = await firm(system)

    async def switch(name: str, on: bool) -> None:
        async with system.sql() as sql:
            await sql.execute("UPDATE features SET enabled = $2 WHERE name = $1", name, on)

        async def is_known() -> bool:
            answer = await made.owner.request("GET", "/features")
            return bool(answer.json()["features"][name] is on)

        await until(is_known, f"the server knows that {name} is {on}")

    assert LOST.keys() == set(FEATURES)
    await made.access()  # what happens in a round is there from now on
    before = await made.access()
    assert {who for who, _, _ in before} == made.readers.keys() - {"outsider"}
    for name, lost in LOST.items():
        await switch(name, False)
        after = await made.access()
        assert after <= before, (name, sorted(after - before))
        assert before - after >= lost, (name, sorted(lost - (before - after)), sorted(before - after))
        await switch(name, True)
    again = await made.access()
    assert again == before, (sorted(again - before), sorted(before - again))
