"""Synchronising with a directory: who has left, who comes back, names, addresses and groups."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chat_core.settings import Settings
from chat_server.identity.ldap.directories import Directories
from chat_server.provisioning import directory_sync
from chat_server.provisioning.directory_sync import DATABASE_TIME, Outcome, synchronise
from fechatter.commands import ldap as command
from fechatter.errors import CommandError
from tests.chat_server.people import ChatServer, chat_server_on, ok, problem, settings
from tests.support.identity import slapd
from tests.support.identity.slapd import PASSWORD, Slapd
from tests.support.postgres import Database

pytestmark = slapd.needed


class Staff:
    """A directory of a few people, who all have signed in once, and the server that they use."""

    server: ChatServer

    def __init__(self, directory: Slapd, database: Database, company: str) -> None:
        self.directory, self.database = directory, database
        self.configured = directory.settings(
            filter=f"(&(objectClass=inetOrgPerson)(o={company}))",
            groups_filter=f"(&(objectClass=groupOfNames)(o={company}))",
        )
        self.company = company
        self.dns: dict[str, str] = {}
        self.users: dict[str, int] = {}

    async def join(self, *names: str) -> None:
        for name in names:
            self.dns[name] = self.directory.add_person(f"{name}.{self.company}", o=self.company)
            self.users[name] = ok(await self.sign_in(name))["user"]["id"]

    def group(self, name: str, *members: str) -> str:
        return self.directory.add_group(f"{name}.{self.company}", *(self.dns[each] for each in members), o=self.company)

    async def sign_in(self, name: str) -> Any:
        body = {"username": f"{name}.{self.company}", "password": PASSWORD}
        return await self.server.anybody.post("/api/auth/ldap/acme/sign-in", json=body)

    async def sync(self, fields: dict[str, Any] | None = None, **options: bool) -> Outcome:
        """As chat_server does it, with its role."""
        configured = Settings.model_validate({"auth": {"ldap": {"acme": {**self.configured, **(fields or {})}}}})
        directories = Directories(configured)
        directory = directories.named("acme")
        try:
            async with self.database.connect("fechatter_chat") as sql:
                read_at = await DATABASE_TIME.value(sql)
                return await synchronise(sql, directory, await directory.everybody(), read_at=read_at, **options)
        finally:
            directories.close()

    async def organize(self, owner: int, workspace: int) -> tuple[int, int]:
        """A group and a department of an organisation, whose people those of the workspace are."""
        async with self.database.connect() as sql:
            made = await sql.fetchval("SELECT (create_organization($1, 'Engines')::jsonb ->> 'id')::bigint", owner)
            await sql.execute("UPDATE workspaces SET organization_id = $1 WHERE id = $2", made, workspace)
            return (
                await sql.fetchval(
                    "INSERT INTO groups (organization_id, name) VALUES ($1, 'callers') RETURNING id", made
                ),
                await sql.fetchval(
                    "INSERT INTO departments (organization_id, name) VALUES ($1, 'Calls') RETURNING id", made
                ),
            )

    async def callers(self, group: int, department: int) -> set[int]:
        """Who is in both; nobody is in one of them alone."""
        async with self.database.connect() as sql:
            rows = await sql.fetch("SELECT user_id FROM group_members WHERE group_id = $1", group)
            appointed = await sql.fetch("SELECT user_id FROM appointments WHERE department_id = $1", department)
        assert {row[0] for row in rows} == {row[0] for row in appointed}
        return {row[0] for row in rows}

    async def statuses(self) -> dict[str, str]:
        async with self.database.connect() as sql:
            rows = await sql.fetch("SELECT id, status FROM users")
        found = {row["id"]: row["status"] for row in rows}
        return {name: found[user] for name, user in self.users.items()}

    async def suspended(self) -> set[str]:
        return {name for name, status in (await self.statuses()).items() if status == "suspended"}


@pytest.fixture
async def staff(
    database: Database, keys: Path, directory: Slapd, request: pytest.FixtureRequest
) -> AsyncIterator[Staff]:
    company = request.node.name.replace("_", "")[4:20]
    of = Staff(directory, database, company)
    async with chat_server_on(settings(database.chat_url, keys, auth={"ldap": {"acme": of.configured}})) as of.server:
        yield of


OTHERS = ("p0", "p1")


async def test_who_is_gone_or_disabled_loses_their_sessions_and_comes_back(staff: Staff) -> None:
    await staff.join("ada", "bob", *OTHERS)
    session = await staff.server.client(ok(await staff.sign_in("ada"))["token"])
    staff.directory.modify(staff.dns["ada"], pwdAccountLockedTime="000001010000Z")
    tried = await staff.sync(dry_run=True)
    assert (tried.outcome, tried.found, tried.had, tried.leaving) == ("done", 4, 4, 1)
    assert tried.leaving_emails == [f"ada.{staff.company}@acme.example"]
    ok(await session.get("/api/auth/me"))
    assert not await staff.suspended()

    assert (await staff.sync()).leaving == 1
    async with staff.database.connect() as sql:
        reasons = await sql.fetch("SELECT payload ->> 'reason' FROM events WHERE kind = 'SessionRevoked'")
    assert {reason for [reason] in reasons} == {"suspended"}
    assert await staff.suspended() == {"ada"}
    staff.directory.remove(staff.dns["bob"])
    await staff.sync()
    assert await staff.suspended() == {"ada", "bob"}
    problem(await staff.sign_in("bob"), 401, "wrong_credentials")

    staff.directory.modify(staff.dns["ada"], pwdAccountLockedTime=None)
    back = await staff.sync()
    assert (back.leaving, back.returning) == (0, 1)
    assert await staff.suspended() == {"bob"}
    ok(await staff.sign_in("ada"))


async def test_a_lock_after_wrong_guesses_is_not_a_leave(staff: Staff) -> None:
    await staff.join("ada", "bob")
    staff.directory.modify(staff.dns["ada"], pwdAccountLockedTime="20260101000000Z")
    assert (await staff.sync()).leaving == 0


async def test_who_comes_back_need_not_wait_for_the_next_synchronisation(staff: Staff) -> None:
    await staff.join("ada", *OTHERS)
    staff.directory.modify(staff.dns["ada"], o="elsewhere")
    await staff.sync()
    assert await staff.suspended() == {"ada"}
    staff.directory.modify(staff.dns["ada"], o=staff.company)
    ok(await staff.sign_in("ada"))
    assert not await staff.suspended()


async def test_an_operators_suspension_stays(staff: Staff) -> None:
    await staff.join("ada", "eve", *OTHERS)
    async with staff.database.connect() as sql:
        await sql.execute("SELECT ops.suspend($1)", str(staff.users["ada"]))
        await staff.sync()
        assert await staff.suspended() == {"ada"}
        # Also where the directory has suspended them before, and where it does afterwards.
        for name in ("ada", "eve"):
            staff.directory.modify(staff.dns[name], o="elsewhere")
            await staff.sync()
            await sql.execute("SELECT ops.suspend($1)", str(staff.users[name]))
            staff.directory.modify(staff.dns[name], o=staff.company)
            await staff.sync()
            problem(await staff.sign_in(name), 403, "account_suspended")
        assert await staff.suspended() == {"ada", "eve"}


async def test_a_search_that_finds_nobody_or_few_suspends_nobody(staff: Staff) -> None:
    await staff.join("ada", "bob", *OTHERS)
    nobody = {"filter": "(uid=nobody)"}
    assert (await staff.sync(nobody)).outcome == "empty"
    assert (await staff.sync(nobody, forced=True)).outcome == "empty", "not even if an operator says so"
    few = {"filter": f"(&(o={staff.company})(|(uid=p*)))"}  # half are missing
    stopped = await staff.sync(few)
    assert (stopped.outcome, stopped.had, stopped.leaving) == ("stopped", 4, 2)
    assert not await staff.suspended()
    async with staff.database.connect() as sql:
        assert await sql.fetchval("SELECT stopped_at IS NOT NULL FROM ops.synchronisations WHERE source = 'acme'")
        await sql.execute("SELECT ops.let_go('acme')")
    assert (await staff.sync(few)).outcome == "done"
    assert await staff.suspended() == {"ada", "bob"}


async def test_names_and_addresses_follow_what_has_changed_in_the_directory(staff: Staff) -> None:
    await staff.join("ada", "bob")
    ada = await staff.server.client(ok(await staff.sign_in("ada"))["token"])
    ok(await ada.patch("/api/users/me", json={"fullname": "Countess"}))
    await staff.sync()
    assert ok(await ada.get("/api/auth/me"))["fullname"] == "Countess", "it says what it has always said"
    new = f"king.{staff.company}@acme.example"
    staff.directory.modify(staff.dns["ada"], displayName="Ada King", mail=new)
    staff.directory.modify(staff.dns["bob"], displayName="Bob", mail=new)  # two claim it
    assert (await staff.sync()).changed == 2
    profile = ok(await ada.get("/api/auth/me"))
    assert (profile["fullname"], profile["email"]) == ("Ada King", new)
    staff.directory.modify(staff.dns["ada"], mail="ada@elsewhere.example")  # not the directory's to say
    await staff.sync()
    assert ok(await ada.get("/api/auth/me"))["email"] == new


async def test_linking_takes_over_neither_name_nor_address(staff: Staff) -> None:
    [grace] = await staff.server.team("Grace")
    dn = staff.directory.add_person(f"grace.{staff.company}", o=staff.company, displayName="G. Hopper")
    body = {"username": f"grace.{staff.company}", "password": PASSWORD}
    ok(await grace.api.post("/api/auth/ldap/acme/link", json=body), 204)
    assert (await staff.sync()).changed == 0
    ok(await staff.sign_in("grace"))

    async def profile() -> tuple[str, str]:
        me = ok(await grace.api.get("/api/auth/me"))
        return me["fullname"], me["email"]

    assert await profile() == ("Grace", grace.email)
    staff.directory.modify(dn, displayName="Admiral Hopper", mail=f"admiral.{staff.company}@acme.example")
    assert (await staff.sync()).changed == 1
    assert await profile() == ("Admiral Hopper", f"admiral.{staff.company}@acme.example")


async def test_groups_are_memberships_and_unknown_ones_take_none(staff: Staff) -> None:
    [owner] = await staff.server.team("Owner")
    await staff.join("ada", "bob", *OTHERS)
    name = f"crew.{staff.company}"
    crew = staff.group("crew", "ada", *OTHERS)
    group, department = await staff.organize(owner.id, owner.workspace)
    granting = {
        "workspaces": {name: owner.workspace},
        "organization_groups": {name: group},
        "departments": {name: department},
    }

    async def callers() -> set[int]:
        return await staff.callers(group, department)

    async def members() -> set[int]:
        listed = ok(await owner.api.get(f"/api/workspaces/{owner.workspace}/members"))
        return {each["user_id"] for each in listed} - {owner.id}

    assert (await staff.sync(granting)).granted == 3
    assert await members() == await callers() == {staff.users[each] for each in ("ada", *OTHERS)}
    for unknown in ({"workspaces": {"nobodys": owner.workspace}}, {"workspaces": {**granting["workspaces"], "x": 1}}):
        outcome = await staff.sync(unknown)
        assert (outcome.outcome, outcome.withdrawn) == ("done", 0)
        assert "no group of the name" in (outcome.groups_unknown or "")
    staff.directory.modify(crew, member=[staff.dns[each] for each in ("bob", *OTHERS)])
    outcome = await staff.sync(granting)
    assert (outcome.granted, outcome.withdrawn) == (1, 1)
    assert await members() == await callers() == {staff.users[each] for each in ("bob", *OTHERS)}
    staff.directory.modify(crew, member=[staff.dns["ada"]])
    assert (await staff.sync(granting)).grants_stopped
    assert staff.users["bob"] in await members() & await callers()


async def test_what_the_settings_name_no_more_is_taken_back(staff: Staff) -> None:
    """Groups and departments at once, since naming them again brings everybody back; memberships of workspaces, which
    take the chats there with them, when an operator has said so."""
    [owner] = await staff.server.team("Owner")
    await staff.join("ada", "bob", *OTHERS)
    staff.group("crew", "ada", "bob", *OTHERS)
    group, department = await staff.organize(owner.id, owner.workspace)
    name, everybody = f"crew.{staff.company}", set(staff.users.values())
    workspaces = {"workspaces": {name: owner.workspace}}
    granting = {**workspaces, "organization_groups": {name: group}, "departments": {name: department}}
    await staff.sync(granting)
    assert await staff.callers(group, department) == everybody
    outcome = await staff.sync(workspaces)
    assert (outcome.outcome, outcome.grants_stopped) == ("done", False)
    assert await staff.callers(group, department) == set()
    await staff.sync(granting)
    assert await staff.callers(group, department) == everybody
    for fields in ({"departments": granting["departments"]}, {}):  # some of them are gone from the settings, or all
        assert (await staff.sync(fields)).grants_stopped
    assert await staff.callers(group, department) == everybody
    async with staff.database.connect() as sql:
        await sql.execute("SELECT ops.let_go('acme')")
    outcome = await staff.sync()
    assert (outcome.withdrawn, outcome.grants_stopped) == (4, False)
    assert await staff.callers(group, department) == set()
    listed = ok(await owner.api.get(f"/api/workspaces/{owner.workspace}/members"))
    assert [each["user_id"] for each in listed] == [owner.id]


async def test_chat_server_does_it_by_itself(
    database: Database, keys: Path, directory: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory_sync, "LOOK_SECONDS", 0.01)
    staff = Staff(directory, database, "byitself")
    own = settings(database.chat_url, keys, auth={"ldap": {"acme": {**staff.configured, "sync_seconds": 1}}})
    async with chat_server_on(own) as staff.server:
        await staff.join("ada", *OTHERS)
        session = await staff.server.client(ok(await staff.sign_in("ada"))["token"])
        ended = asyncio.Event()
        async with database.connect() as sql, asyncio.timeout(30):
            await sql.add_listener("fechatter_sessions", lambda *_: ended.set())
            directory.remove(staff.dns["ada"])
            await ended.wait()
            while (answer := await session.get("/api/auth/me")).status_code == 200:
                pass  # until the server has been notified too
        problem(answer, 401, "unauthorized")
    assert await staff.suspended() == {"ada"}


async def test_the_command(staff: Staff, capsys: pytest.CaptureFixture[str]) -> None:
    await staff.join("ada", *OTHERS)
    configured = Settings.model_validate(
        {"database": {"url": staff.database.url}, "auth": {"ldap": {"acme": staff.configured}}}
    )
    staff.directory.remove(staff.dns["ada"])
    assert await command.sync(configured, "acme", dry_run=True, forced=False) == 0
    said = capsys.readouterr().out
    assert "2 people found" in said
    assert f"1 would be suspended, since they are gone or disabled there\n  ada.{staff.company}@acme.example\n" in said
    assert not await staff.suspended()
    assert await command.sync(configured, "acme", dry_run=False, forced=False) == 0
    assert "1 suspended" in capsys.readouterr().out
    assert await staff.suspended() == {"ada"}
    with pytest.raises(CommandError, match=r"auth\.ldap has no directory nobody; it has: acme"):
        await command.sync(configured, "nobody", dry_run=True, forced=False)
    away = configured.model_copy(
        update={
            "auth": configured.auth.model_copy(
                update={
                    "ldap": {"acme": configured.auth.ldap["acme"].model_copy(update={"urls": ["ldaps://127.0.0.1:1"]})}
                }
            )
        }
    )
    with pytest.raises(CommandError, match=r"auth\.ldap\.acme: ldaps://127\.0\.0\.1:1: it cannot be reached"):
        await command.sync(away, "acme", dry_run=True, forced=False)
