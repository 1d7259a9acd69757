"""Whose groups are which: nested ones, cycles, and what is not known."""

from typing import Any

import pytest

from chat_core.settings import LdapDirectory
from chat_server.identity.ldap.entries import DirectoryUnavailable
from tests.support.identity import slapd
from tests.support.identity.slapd import ACME, Slapd

pytestmark = slapd.needed


def both_ways(directory: Slapd, **fields: Any) -> dict[str, set[str]]:
    """Of the people whose names begin with g-, as found one by one, which must be as found for all together."""
    from chat_server.identity.ldap import groups, people
    from chat_server.identity.ldap.connection import Servers

    settings = LdapDirectory(**directory.settings(filter="(uid=g-*)", **fields))
    with Servers(settings).connected() as connection:
        everybody = people.everybody(connection, settings)
        together = groups.of_everybody(connection, settings, everybody)
        for subject, person in everybody.items():
            assert groups.of_person(connection, settings, person) == together[subject], person.dn
        return {person.uids[0]: set(together[subject]) for subject, person in everybody.items()}


@pytest.fixture(scope="module")
def staff(directory: Slapd) -> Slapd:
    """g-ada is in engineering by three steps, which end in a circle; g-bob directly; g-eve in another group."""
    ada, bob, eve = (directory.add_person(f"g-{name}") for name in ("ada", "bob", "eve"))
    inner = directory.add_group("Compilers, Inc. \\2B more".replace(",", "\\,"), ada)
    middle = directory.add_group("languages", inner)
    engineering = directory.add_group("engineering", middle, bob)
    directory.modify(inner, member=[ada, engineering])
    directory.add_group("sales", eve)
    directory.add(
        f"cn=shell,ou=groups,{ACME}",
        objectClass="posixGroup",
        cn="shell",
        gidNumber="7",
        memberUid=["g-eve", "g-nobody"],
    )
    return directory


@pytest.mark.parametrize("memberships", ["member", "memberof"])
def test_members_of_members_are_members(staff: Slapd, memberships: str) -> None:
    by_name = f"CN=Sales, OU=groups,{ACME}"
    found = both_ways(staff, memberships=memberships, workspaces={"Engineering": 1, by_name: 2, "languages": 3})
    assert found == {"g-ada": {"Engineering", "languages"}, "g-bob": {"Engineering", "languages"}, "g-eve": {by_name}}


def test_groups_of_unix_name_their_members_by_uid(staff: Slapd) -> None:
    fields = {"groups_filter": "(objectClass=posixGroup)", "member": "memberUid", "memberships": "member"}
    assert both_ways(staff, workspaces={"shell": 1}, **fields) == {"g-ada": set(), "g-bob": set(), "g-eve": {"shell"}}


@pytest.mark.parametrize("memberships", ["member", "memberof", "in_chain"])
def test_a_group_that_cannot_be_found_is_not_an_empty_one(staff: Slapd, memberships: str) -> None:
    for name in ("nobodys", "*", f"cn=nobodys,ou=groups,{ACME}"):
        with pytest.raises(DirectoryUnavailable, match="no group of the name"):
            both_ways(staff, memberships=memberships, workspaces={"sales": 1, name: 2})


def test_a_server_that_follows_no_chains_says_so_instead_of_finding_nobody(
    staff: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Active Directory answers was tried with Samba's; slapd does not know its rule, and finds nobody by it."""
    from chat_server.identity.ldap import groups
    from chat_server.identity.ldap.connection import Servers

    fields: dict[str, Any] = {"memberships": "in_chain", "workspaces": {"sales": 1}}
    with pytest.raises(DirectoryUnavailable, match="in_chain is for Active Directory"):
        both_ways(staff, **fields)
    with Servers(LdapDirectory(**staff.settings(**fields))).connected() as connection:
        with pytest.raises(DirectoryUnavailable, match="in_chain is for Active Directory"):
            groups.of_everybody(connection, LdapDirectory(**staff.settings(**fields)), {})
        assert connection.read("", ["supportedLDAPVersion"]) is not None
    monkeypatch.setattr(groups, "_require_chains", lambda connection: None)
    assert set().union(*both_ways(staff, **fields).values()) == set()


def test_two_groups_of_one_name_are_neither(staff: Slapd) -> None:
    staff.add(f"ou=more,{ACME}", objectClass="organizationalUnit", ou="more")
    member = f"uid=g-bob,ou=people,{ACME}"
    staff.add(f"cn=sales,ou=more,{ACME}", objectClass="groupOfNames", cn="sales", member=member)
    with pytest.raises(DirectoryUnavailable, match="2 groups of the name sales"):
        both_ways(staff, workspaces={"sales": 1})
    assert both_ways(staff, workspaces={"sales": 1}, groups_base=f"ou=more,{ACME}")["g-bob"] == {"sales"}
