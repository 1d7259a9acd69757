"""Signing in at Debian's slapd, and what somebody who would be somebody else can try."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest

from chat_core.settings import Settings, SettingsError
from chat_server.identity.ldap.directories import Directories
from chat_server.identity.ldap.entries import DirectoryUnavailable
from fechatter.commands.doctor import directories
from tests.chat_server.people import ChatServer, blocked, chat_server_on, ok, problem, settings
from tests.support.identity import slapd
from tests.support.identity.slapd import CORP, PASSWORD, Slapd
from tests.support.postgres import Database

pytestmark = slapd.needed


@asynccontextmanager
async def server_with(database: Database, keys: Path, **auth: Any) -> AsyncIterator[ChatServer]:
    async with chat_server_on(settings(database.chat_url, keys, auth=auth)) as running:
        yield running


@pytest.fixture
async def server(database: Database, keys: Path, directory: Slapd) -> AsyncIterator[ChatServer]:
    corp = directory.settings(
        CORP, type="active_directory", filter="(objectClass=windowsAccount)", urls=[directory.url]
    )
    async with server_with(database, keys, ldap={"acme": directory.settings(), "corp": corp}) as running:
        yield running


async def sign_in(
    server: ChatServer, username: str, password: str = PASSWORD, at: str = "acme", **body: Any
) -> httpx.Response:
    return await server.anybody.post(
        f"/api/auth/ldap/{at}/sign-in", json={"username": username, "password": password, **body}
    )


async def test_an_account_is_made_at_the_first_sign_in_and_found_at_the_next(
    server: ChatServer, directory: Slapd, database: Database
) -> None:
    dn = directory.add_person("ada", displayName="Ada Lovelace")
    first = ok(await sign_in(server, "ada"))
    assert (first["user"]["fullname"], first["user"]["email"]) == ("Ada Lovelace", "ada@acme.example")
    # She marries, and moves: it is her all the same, by each of her names.
    directory.modify(dn, mail="ada.king@acme.example", displayName="Ada King")
    for username in ("ADA", "ada.king@acme.example"):
        assert ok(await sign_in(server, username))["user"]["id"] == first["user"]["id"]
    async with database.connect() as sql:
        session = await sql.fetchrow("SELECT provider, amr, identity_id FROM sessions ORDER BY id LIMIT 1")
        identity = await sql.fetchrow("SELECT provider, issuer, subject FROM identities")
        assert session is not None
        assert identity is not None
        assert (session["provider"], session["amr"]) == ("acme", ["pwd"])
        assert (identity["provider"], identity["issuer"]) == ("acme", "ldap")
        assert len(identity["subject"]) == 36, "entryUUID"


async def test_active_directorys_guid_is_the_subject_over_starttls(
    server: ChatServer, directory: Slapd, database: Database
) -> None:
    guid = bytes.fromhex("33221100554477668899aabbccddeeff")
    directory.add_account("grace", objectGUID=guid)
    for username in ("grace", "grace@corp.example"):
        ok(await sign_in(server, username, at="corp"))
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT subject FROM identities") == "00112233-4455-6677-8899-aabbccddeeff"


async def test_the_page_is_told_of_directories(server: ChatServer) -> None:
    listed = ok(await server.anybody.get("/api/auth/providers"))
    assert [(each["name"], each["title"], each["kind"]) for each in listed] == [
        ("acme", "Acme", "form"),
        ("corp", "Corp", "form"),
    ]
    assert listed[0]["url"].endswith("/api/auth/ldap/acme/sign-in")
    problem(await sign_in(server, "ada", at="nobody"), 404, "not_found")


async def test_who_is_not_let_in(server: ChatServer, directory: Slapd) -> None:
    """All get the same answer."""
    from chat_server.identity.ldap.directory import Directory

    directory.add_person("mallory")
    directory.add_person("twin")
    directory.add_person("other", mail="twin")  # one name, two people
    directory.add_account("stranger", uid="stranger")  # of another directory
    ok(await sign_in(server, "mallory"))
    for username, password in (
        ("mallory", "a wrong one"),
        ("mallory", ""),
        ("mallory", "\0"),
        ("mallory", f"{PASSWORD}\0"),
        ("nobody", PASSWORD),
        ("*", PASSWORD),
        ("mallor*", PASSWORD),
        ("mallory)(uid=mallory", PASSWORD),
        ("x)(|(uid=mallory", PASSWORD),
        ("\\6dallory", PASSWORD),
        ("uid=mallory,ou=people,dc=acme,dc=example", PASSWORD),
        ("twin", PASSWORD),
        ("service", slapd.SERVICE_PASSWORD),
        ("stranger", PASSWORD),
    ):
        with mock.patch.object(Directory, "proves", autospec=True, side_effect=Directory.proves) as proves:
            refused = problem(await sign_in(server, username, password), 401, "wrong_credentials")
        assert refused["detail"] == "The user name or the password is wrong.", username
        assert proves.call_count == 1, "a server is asked for nobody's password too, which takes as long"


async def test_an_empty_password_never_reaches_the_directory(directory: Slapd) -> None:
    from chat_core.settings import LdapDirectory
    from chat_server.identity.ldap.connection import Servers

    unreachable = Servers(LdapDirectory(**directory.settings(urls=["ldaps://127.0.0.1:1"])))
    for password in ("", "\0", "\0x"):
        assert not unreachable.proves("uid=empty,dc=acme,dc=example", password)
    with pytest.raises(DirectoryUnavailable):
        unreachable.proves("uid=empty,dc=acme,dc=example", "x")


async def test_disabled_accounts(server: ChatServer, directory: Slapd) -> None:
    accounts: dict[str, dict[str, Any]] = {
        "disabled": {"userAccountControl": "514"},
        "expired": {"accountExpires": "133000000000000000"},
    }
    for name, state in accounts.items():
        directory.add_account(name, **state)
        problem(await sign_in(server, name, at="corp"), 403, "not_admitted")
        problem(await sign_in(server, name, "a wrong one", at="corp"), 401, "wrong_credentials")
    directory.add_account("active", accountExpires="0", userAccountControl="66048")
    ok(await sign_in(server, "active", at="corp"))
    locked = directory.add_person("locked")
    ok(await sign_in(server, "locked"))
    directory.modify(locked, pwdAccountLockedTime="000001010000Z")
    assert (await sign_in(server, "locked")).status_code in (401, 403)  # slapd has not let them bind


async def test_an_account_with_the_address_is_taken_over_in_domains_of_the_directory_alone(
    server: ChatServer, directory: Slapd
) -> None:
    grace, eve = await server.team("Grace", "Eve")
    directory.add_person("claimant", mail=grace.email)  # example.com is not the directory's
    problem(await sign_in(server, "claimant"), 403, "address_taken")
    # Signed in, she may link it, with its password.
    body = {"username": "claimant", "password": "a wrong one"}
    problem(await grace.api.post("/api/auth/ldap/acme/link", json=body), 403, "wrong_password")
    body["password"] = PASSWORD
    ok(await grace.api.post("/api/auth/ldap/acme/link", json=body), 204)
    assert ok(await sign_in(server, "claimant"))["user"]["id"] == grace.id
    problem(await eve.api.post("/api/auth/ldap/acme/link", json=body), 409, "identity_taken")


async def test_members_of_a_group_are_members_of_its_workspace(
    database: Database, keys: Path, directory: Slapd
) -> None:
    dn, other = directory.add_person("member"), directory.add_person("other-member")
    group = directory.add_group("crew", directory.add_group("crew-inner", dn), other)
    granting = directory.settings(workspaces={"crew": 1})
    unknown = directory.settings(workspaces={"crew": 1, "nobodys": 2})
    for configured, is_member in ((granting, True), (unknown, True), (granting, False)):
        if not is_member:
            directory.modify(group, member=other)
        async with server_with(database, keys, ldap={"acme": configured}) as server:
            if await _members(database, 1) == set():
                await server.sign_up("Owner")
            user = ok(await sign_in(server, "member"))["user"]["id"]
            assert (user in await _members(database, 1)) == is_member


async def test_a_sign_in_that_meets_a_synchronisation_waits_for_it(
    database: Database, keys: Path, directory: Slapd
) -> None:
    """Both lock the source before the identity."""
    dn = directory.add_person("meeting")
    group = directory.add_group("meeters", directory.add_person("other-meeting"))
    configured = directory.settings(workspaces={"meeters": 1})
    async with server_with(database, keys, ldap={"acme": configured}) as server, database.connect() as sql:
        await server.sign_up("Owner")
        user = ok(await sign_in(server, "meeting"))["user"]["id"]
        directory.modify(group, member=dn)
        async with sql.transaction():
            await sql.execute("SELECT lock_source('acme')")
            signing_in = asyncio.create_task(sign_in(server, "meeting"))
            await blocked(sql)
            follow = "SELECT follow_directory(array_agg(id), '{Renamed}', '{NULL}') FROM identities WHERE user_id = $1"
            assert await sql.fetchval(follow, user) == user
        ok(await signing_in)
        assert user in await _members(database, 1)


async def _members(database: Database, workspace: int) -> set[int]:
    async with database.connect() as sql:
        rows = await sql.fetch("SELECT user_id FROM workspace_members WHERE workspace_id = $1", workspace)
        return {user for [user] in rows}


async def test_a_suspended_account_stays_suspended(server: ChatServer, directory: Slapd, database: Database) -> None:
    directory.add_person("susan")
    user = ok(await sign_in(server, "susan"))["user"]["id"]
    async with database.connect() as sql:
        await sql.execute("SELECT ops.suspend($1)", str(user))
    problem(await sign_in(server, "susan"), 403, "account_suspended")


async def test_guesses_are_limited_by_person_whatever_their_name_and_known_devices_are_spared(
    database: Database, keys: Path, directory: Slapd
) -> None:
    directory.add_person("guessed", mail="guessed.one@acme.example")
    limits = {"signin_attempts_per_account": 2, "signin_attempts_per_address": 4}
    async with server_with(database, keys, ldap={"acme": directory.settings()}, **limits) as server:
        device = ok(await sign_in(server, "guessed"))["device_token"]
        problem(await sign_in(server, "guessed", "x"), 401, "wrong_credentials")
        problem(await sign_in(server, "GUESSED.one@acme.example", "x"), 401, "wrong_credentials")
        for password in ("x", PASSWORD):
            assert problem(await sign_in(server, "guessed", password), 429, "rate_limited")["limit"] == "signin"
        ok(await sign_in(server, "guessed", device_token=device))
        # Names of nobody count too, for the address.
        for number in range(2):
            problem(await sign_in(server, f"nobody {number}"), 401, "wrong_credentials")
        problem(await sign_in(server, "nobody 3"), 429, "rate_limited")


async def test_a_directory_that_cannot_be_asked_says_so_and_costs_no_attempt(
    database: Database, keys: Path, directory: Slapd
) -> None:
    directory.add_person("patient")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it accepts, and never answers
        silent_url = f"127.0.0.1:{silent.getsockname()[1]}"
        of: dict[str, dict[str, Any]] = {
            "failing-over": {"urls": ["ldaps://127.0.0.1:1", directory.tls_url]},
            "away": {"urls": ["ldaps://127.0.0.1:1", "ldap://127.0.0.1:1"]},
            "silent": {"urls": [f"ldaps://{silent_url}"], "timeout_seconds": 1},
            "distrusted": {"ca_file": None},
            "other-name": {"urls": [directory.tls_url.replace("127.0.0.1", "localhost")]},
            "plain-distrusted": {"urls": [directory.url], "ca_file": None},
            "refused": {"bind_password": "wrong"},
            "searchless": {"base": "dc=nowhere"},
        }
        configured = {name: directory.settings(**fields) for name, fields in of.items()}
        async with server_with(database, keys, ldap=configured, signin_attempts_per_account=1) as server:
            ok(await sign_in(server, "patient", at="failing-over"))
            for name in list(of)[1:]:
                answers = await asyncio.gather(*(sign_in(server, "patient", at=name) for _ in range(2)))
                for answer in answers:
                    problem(answer, 503, "provider_unavailable")


async def test_doctor_asks_each_server_of_each_directory(directory: Slapd) -> None:
    directory.add_person("anybody")

    async def said(**fields: Any) -> list[str]:
        configured = Settings.model_validate({"auth": {"ldap": {"acme": directory.settings(**fields)}}})
        return [finding.problem or finding.detail async for finding in directories.answer(configured)]

    away = "ldap://127.0.0.1:1"
    good, bad = await said(urls=[directory.tls_url, away])
    assert good == f"acme: {directory.tls_url} answers, and has people with entryUUID"
    assert bad == f"auth.ldap.acme: {away}: it cannot be reached (ConnectionRefusedError)"
    of: list[tuple[dict[str, Any], str]] = [
        ({"ca_file": None}, "its certificate must be of an authority in ca_file"),
        ({"ca_file": None, "urls": [directory.url]}, "its certificate must be of an authority in ca_file"),
        ({"bind_password": "wrong"}, "the directory does not accept bind_dn and its password"),
        ({"bind_password": None, "bind_password_file": "/nowhere"}, "bind_password_file cannot be read"),
        ({"bind_dn": None, "bind_password": None}, "the search under dc=acme,dc=example failed: No such object"),
        ({"filter": "(uid=nobody)"}, "has nobody for base and filter that bind_dn may read"),
        ({"id": "objectGUID"}, "has no single objectGUID that bind_dn may read"),
        ({"base": "ou=nowhere"}, "the search under ou=nowhere failed"),
    ]
    for fields, expected in of:
        [finding] = await said(**fields)
        assert expected in finding, finding


async def test_the_extra_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ldap", None)
    for module in [name for name in sys.modules if name.startswith("chat_server.identity.ldap.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.delattr("chat_server.identity.ldap.directory", raising=False)
    acme = {"urls": ["ldaps://ldap.acme.example"], "base": "dc=acme"}
    configured = Settings.model_validate({"auth": {"ldap": {"acme": acme}}})
    with pytest.raises(SettingsError, match=r'pip install "fechatter\[ldap\]"'):
        Directories(configured)
