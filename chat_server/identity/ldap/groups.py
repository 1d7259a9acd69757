"""Which of the groups in the settings people are in, directly or through other groups.

A group that cannot be found is not an empty one: then nothing is known of anybody's groups, and nothing changes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

import ldap.dn

from chat_core.settings import LdapDirectory
from chat_server.identity.ldap.connection import Connection, escaped
from chat_server.identity.ldap.entries import DirectoryPerson, DirectoryUnavailable, Entry

# MS-ADTS 3.1.1.3.4.4.3: the server follows the members of members.
IN_CHAIN = "1.2.840.113556.1.4.1941"
# Of servers that do (MS-ADTS 3.1.1.3.4.3): Active Directory, and its Lightweight Directory Services.
FOLLOW_CHAINS = frozenset({"1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1851"})
# How deep groups may be nested, and how many a person may be in, before the walk ends.
MOST_LEVELS = 10
MOST_GROUPS = 10_000
# Of one search, so that its filter stays short.
NAMES_AT_ONCE = 50

Key: TypeAlias = tuple[str, ...]


def of_person(connection: Connection, settings: LdapDirectory, person: DirectoryPerson) -> frozenset[str]:
    """The names, as in the settings. Raises DirectoryUnavailable."""
    wanted = _wanted(connection, settings)
    match settings.memberships:
        case "in_chain":
            _require_chains(connection)
            found = connection.all(*_search(settings, f"({settings.member}:{IN_CHAIN}:={escaped(person.dn)})"), ["cn"])
            keys = {key(entry.dn) for entry in found}
        case "member":
            keys = _walk(person, lambda names: _parents(connection, settings, names), _member_values(settings, person))
        case "memberof":
            keys = _walk(person, lambda names: _member_of(connection, names), list(person.member_of), begun=True)
    return frozenset(wanted[each].name for each in keys & wanted.keys())


def of_everybody(
    connection: Connection, settings: LdapDirectory, people: Mapping[str, DirectoryPerson]
) -> dict[str, frozenset[str]]:
    """The same for all of these, by subject; each has an entry."""
    wanted = _wanted(connection, settings)
    names: dict[str, set[str]] = {subject: set() for subject in people}
    subjects = {each: subject for subject, person in people.items() for each in _keys(settings, person)}
    in_chain = settings.memberships == "in_chain"
    if in_chain:
        _require_chains(connection)
    members = {} if in_chain else _members(connection, settings, people.values())
    for group, named in wanted.items():
        for each in _in_chain(connection, settings, named.dn) if in_chain else _reached(members, group):
            if each in subjects:
                names[subjects[each]].add(named.name)
    return {subject: frozenset(found) for subject, found in names.items()}


def _require_chains(connection: Connection) -> None:
    """Raises DirectoryUnavailable for a server that does not know the rule: it would find nobody in any group."""
    itself = connection.read("", ["supportedCapabilities"])
    if itself is None or FOLLOW_CHAINS.isdisjoint(itself.texts("supportedCapabilities")):
        raise DirectoryUnavailable("memberships: in_chain is for Active Directory; use member or memberof here")


def key(dn: str) -> Key:
    """The same for all ways to write a distinguished name."""
    try:
        parts = ldap.dn.str2dn(dn)
    except ldap.DECODING_ERROR:
        return (dn.lower(),)
    return tuple(
        "+".join(sorted(f"{name.lower()}={' '.join(value.lower().split())}" for name, value, _ in part))
        for part in parts
    )


class Wanted(NamedTuple):
    """A group of the settings, and its name there."""

    dn: str
    name: str


def _wanted(connection: Connection, settings: LdapDirectory) -> dict[Key, Wanted]:
    """The groups of the settings, which are named by `group_name` or by their distinguished name."""
    by_name = [name for name in settings.meant_groups if "=" not in name]
    found: dict[Key, Wanted] = {}
    for names in _batches(by_name):
        given = {name.lower(): name for name in names}
        any_name = "".join(f"({settings.group_name}={escaped(name)})" for name in names)
        for entry in connection.all(*_search(settings, f"(|{any_name})"), [settings.group_name]):
            for text in entry.texts(settings.group_name):
                if text.lower() in given:
                    found[key(entry.dn)] = Wanted(entry.dn, given[text.lower()])
    found |= {
        key(name): Wanted(name, name) for name in settings.meant_groups if "=" in name and connection.read(name, ["cn"])
    }
    for name in settings.meant_groups:
        times = sum(each.name == name for each in found.values())
        if times != 1:
            raise DirectoryUnavailable(f"{times or 'no'} group{'s' * (times > 1)} of the name {name}")
    return found


def _search(settings: LdapDirectory, condition: str) -> tuple[str, str]:
    """The base and the filter that find groups."""
    return settings.groups_base or settings.base, f"(&{settings.groups_filter}{condition})"


def _names_accounts(settings: LdapDirectory) -> bool:
    """Whether groups have user names as their members (RFC 2307), not entries."""
    return settings.member.lower() == "memberuid"


def _member_values(settings: LdapDirectory, person: DirectoryPerson) -> list[str]:
    return list(person.uids) if _names_accounts(settings) else [person.dn]


def _keys(settings: LdapDirectory, person: DirectoryPerson) -> list[Key]:
    names = [("uid", uid) for uid in person.uids] if _names_accounts(settings) else []
    return [key(person.dn), *names]


def _walk(
    person: DirectoryPerson, above: Callable[[list[str]], Iterator[str]], names: list[str], *, begun: bool = False
) -> set[Key]:
    """All groups above these names, level by level; a group that contains itself is visited once. `begun`: the names
    are groups already."""
    seen = {key(name) for name in names} if begun else set()
    for _ in range(MOST_LEVELS - begun):
        found: list[str] = []
        for batch in _batches(names):
            for name in above(batch):
                if (each := key(name)) not in seen:
                    seen.add(each)
                    found.append(name)
        if len(seen) > MOST_GROUPS:
            raise DirectoryUnavailable(f"{person.dn} is in more than {MOST_GROUPS} groups")
        if not found:
            break
        names = found
    return seen


def _parents(connection: Connection, settings: LdapDirectory, names: list[str]) -> Iterator[str]:
    """The groups that name one of these as a member."""
    any_member = "".join(f"({settings.member}={escaped(name)})" for name in names)
    for entry in connection.all(*_search(settings, f"(|{any_member})"), ["cn"]):
        yield entry.dn


def _member_of(connection: Connection, names: list[str]) -> Iterator[str]:
    """The groups that these groups say they are in."""
    for name in names:
        entry = connection.read(name, ["memberOf"])
        yield from entry.texts("memberOf") if entry is not None else ()


def _members(
    connection: Connection, settings: LdapDirectory, people: Iterable[DirectoryPerson]
) -> dict[Key, list[Key]]:
    """Of every group, all its members: people and groups."""
    members: dict[Key, list[Key]] = {}
    if settings.memberships == "memberof":
        for person in people:
            for name in person.member_of:
                members.setdefault(key(name), []).append(key(person.dn))
        for entry in connection.all(*_search(settings, ""), ["memberOf"]):
            for name in entry.texts("memberOf"):
                members.setdefault(key(name), []).append(key(entry.dn))
        return members
    for entry in connection.all(*_search(settings, ""), [settings.member]):
        members[key(entry.dn)] = [_member_key(settings, name) for name in _all_members(entry, settings)]
    return members


def _in_chain(connection: Connection, settings: LdapDirectory, group: str) -> Iterator[Key]:
    """Everybody in the group, and in groups within it, as the server says."""
    within = f"(memberOf:{IN_CHAIN}:={escaped(group)})"
    for entry in connection.all(settings.base, f"(&{settings.filter}{within})", ["cn"]):
        yield key(entry.dn)


def _member_key(settings: LdapDirectory, name: str) -> Key:
    return ("uid", name) if _names_accounts(settings) else key(name)


def _all_members(entry: Entry, settings: LdapDirectory) -> list[str]:
    """Raises DirectoryUnavailable for a group of which the server gives a part (MS-ADTS 3.1.1.3.1.3.3)."""
    if entry.is_partial(settings.member):
        raise DirectoryUnavailable(f"{entry.dn} has too many members for memberships: member; use in_chain")
    return entry.texts(settings.member)


def _reached(members: Mapping[Key, list[Key]], group: Key) -> set[Key]:
    """Everybody in the group, and in groups within it."""
    reached, level = set[Key](), [group]
    for _ in range(MOST_LEVELS):
        found = {member for each in level for member in members.get(each, ())} - reached
        if not found:
            break
        reached |= found
        level = list(found)
    return reached


def _batches(names: list[str]) -> Iterator[list[str]]:
    for begin in range(0, len(names), NAMES_AT_ONCE):
        yield names[begin : begin + NAMES_AT_ONCE]
