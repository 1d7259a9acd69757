"""A real Active Directory: what slapd with its attributes cannot show. `make samba` runs it."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from chat_core.settings import LdapDirectory, Settings
from chat_server.identity.ldap.directories import Directories
from chat_server.provisioning.directory_sync import DATABASE_TIME, synchronise
from tests.chat_server.people import ChatServer, chat_server_on, ok, problem, settings
from tests.support.identity import samba
from tests.support.identity.samba import BASE, DISABLED, PASSWORD, Samba
from tests.support.postgres import Database

pytestmark = [
    samba.needed,
    pytest.mark.skipif("SAMBA" not in os.environ, reason="a domain takes half a minute: make samba"),
]

EXPIRED, MUST_CHANGE = "133000000000000000", "0"


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samba]:
    with samba.samba(tmp_path_factory.mktemp("samba")) as running:
        yield running


@pytest.fixture
async def server(database: Database, keys: Path, domain: Samba) -> AsyncIterator[ChatServer]:
    auth = {"ldap": {"corp": domain.settings()}}
    async with chat_server_on(settings(database.chat_url, keys, auth=auth)) as running:
        yield running


async def sign_in(server: ChatServer, username: str, password: str = PASSWORD) -> Any:
    body = {"username": username, "password": password}
    return await server.anybody.post("/api/auth/ldap/corp/sign-in", json=body)


async def test_people_sign_in_by_either_name_until_the_domain_says_no(
    server: ChatServer, domain: Samba, database: Database
) -> None:
    dn = domain.add_person("ada")
    user = ok(await sign_in(server, "ada"))["user"]
    assert user["email"] == "ada@corp.example"
    assert ok(await sign_in(server, "ADA@corp.example"))["user"]["id"] == user["id"]
    for password in ("a wrong one", "", f"{PASSWORD}\0"):
        problem(await sign_in(server, "ada", password), 401, "wrong_credentials")
    async with database.connect() as sql:
        assert len(await sql.fetchval("SELECT subject FROM identities")) == 36, "objectGUID"
    domain.modify(dn, userAccountControl=str(DISABLED))
    assert (await sign_in(server, "ada")).status_code in (401, 403)  # the domain does not let them bind
    for name, state in (("expired", {"accountExpires": EXPIRED}), ("must-change", {"pwdLastSet": MUST_CHANGE})):
        domain.add_person(name, **state)
        assert (await sign_in(server, name)).status_code in (401, 403), name


@pytest.mark.parametrize("memberships", ["in_chain", "member", "memberof"])
async def test_members_of_members_are_members_in_each_way(domain: Samba, memberships: str) -> None:
    from chat_server.identity.ldap import groups, people
    from chat_server.identity.ldap.connection import Servers

    of = {name: domain.add_person(f"{name}-{memberships.replace('_', '-')}") for name in ("ann", "bob", "eve")}
    inner = domain.add_group(f"inner-{memberships}", of["ann"])
    middle = domain.add_group(f"middle-{memberships}", inner)
    outer = domain.add_group(f"outer-{memberships}", middle, of["bob"])
    domain.modify(inner, member=[of["ann"], outer])  # which ends in a circle
    domain.add_group(f"other-{memberships}", of["eve"])
    wanted = {f"outer-{memberships}": 1, f"other-{memberships}": 2}
    configured = LdapDirectory(**domain.settings(memberships=memberships, workspaces=wanted))
    with Servers(configured).connected() as connection:
        everybody = people.everybody(connection, configured)
        together = groups.of_everybody(connection, configured, everybody)
        found = {}
        for subject, person in everybody.items():
            assert groups.of_person(connection, configured, person) == together[subject], person.dn
            found[person.dn] = set(together[subject])
    assert [found[of[name]] for name in ("ann", "bob", "eve")] == [
        {f"outer-{memberships}"},
        {f"outer-{memberships}"},
        {f"other-{memberships}"},
    ]


async def test_a_synchronisation_reads_all_pages_and_suspends_whom_the_domain_has_disabled(
    server: ChatServer, domain: Samba, database: Database
) -> None:
    """The domain gives 1,000 entries a page at most (MaxPageSize)."""
    dn = domain.add_person("leaver")
    domain.add_person("stayer")
    for name in ("leaver", "stayer"):
        ok(await sign_in(server, name))
    domain.add(f"OU=many,{BASE}", objectClass="organizationalUnit")
    with domain.administrator() as connection:
        for number in range(1_010):
            account = [("objectClass", [b"user"]), ("sAMAccountName", [f"many-{number}".encode()])]
            connection.add_s(f"CN=many-{number},OU=many,{BASE}", account)
    domain.modify(dn, userAccountControl=str(DISABLED))
    configured = Settings.model_validate({"auth": {"ldap": {"corp": domain.settings()}}})
    directories = Directories(configured)
    directory = directories.named("corp")
    try:
        everybody = await directory.everybody()
        assert sum(",ou=many," in person.dn.lower() for person in everybody.people.values()) == 1_010
        async with database.connect("fechatter_chat") as sql:
            await synchronise(sql, directory, everybody, read_at=await DATABASE_TIME.value(sql))
    finally:
        directories.close()
    async with database.connect() as sql:
        statuses = await sql.fetch("SELECT fullname, status FROM users ORDER BY fullname")
        assert [tuple(row) for row in statuses] == [("Leaver", "suspended"), ("Stayer", "active")]
