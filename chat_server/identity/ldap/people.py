"""Searching for people."""

from chat_core.settings import LdapDirectory
from chat_server.identity.ldap.connection import Connection, Servers, escaped
from chat_server.identity.ldap.entries import STATES, DirectoryPerson, DirectoryUnavailable, person


def attributes(settings: LdapDirectory) -> list[str]:
    """What is read of each person. Operational attributes come only if they are named."""
    names = [settings.id, *settings.name, settings.email, *settings.login, *STATES]
    if settings.meant_groups:
        names += ["memberOf"] if settings.memberships == "memberof" else ["uid"]
    return list(dict.fromkeys(names))


def find(connection: Connection, settings: LdapDirectory, login: str) -> DirectoryPerson | None:
    """Who signs in with this name; None if nobody or more than one does."""
    name = escaped(login)
    names = "".join(f"({attribute}={name})" for attribute in settings.login)
    entry = connection.one(settings.base, f"(&{settings.filter}(|{names}))", attributes(settings))
    return None if entry is None else person(entry, settings)


def some(settings: LdapDirectory) -> DirectoryPerson | None:
    """Anybody: what a check of the settings asks for. Raises DirectoryUnavailable."""
    with Servers(settings).connected() as connection:
        entry = connection.first(settings.base, settings.filter, attributes(settings))
        return None if entry is None else person(entry, settings)


def everybody(connection: Connection, settings: LdapDirectory) -> dict[str, DirectoryPerson]:
    """All people, by subject. Raises DirectoryUnavailable if two entries have the same."""
    found: dict[str, DirectoryPerson] = {}
    for entry in connection.all(settings.base, settings.filter, attributes(settings)):
        one = person(entry, settings)
        if one.subject in found:
            raise DirectoryUnavailable(f"{entry.dn} and {found[one.subject].dn} have the same {settings.id}")
        found[one.subject] = one
    return found
