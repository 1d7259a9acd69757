"""Whether people can sign in at each directory: every server of it is connected to, bound to and searched."""

import asyncio
from collections.abc import AsyncIterator

from chat_core.settings import LdapDirectory, Settings, SettingsError
from chat_server.identity.ldap.directories import Directories
from chat_server.identity.ldap.entries import DirectoryUnavailable
from fechatter.commands.doctor.finding import Finding


async def answer(settings: Settings) -> AsyncIterator[Finding]:
    """A finding for each server of each directory."""
    try:
        directories = Directories(settings)
    except SettingsError as error:
        yield Finding("directory", "", str(error))
        return
    for directory in directories.all():
        for url in directory.settings.urls:
            yield await _answers(directory.name, url, directory.settings)
    directories.close()


async def _answers(name: str, url: str, settings: LdapDirectory) -> Finding:
    from chat_server.identity.ldap import people

    try:
        found = await asyncio.to_thread(people.some, settings.model_copy(update={"urls": [url]}))
    except DirectoryUnavailable as error:
        return Finding("directory", "", f"auth.ldap.{name}: {error}")
    if found is None:
        nobody = f"{url} answers, and has nobody for base and filter that bind_dn may read"
        return Finding("directory", "", f"auth.ldap.{name}: {nobody}")
    return Finding("directory", f"{name}: {url} answers, and has people with {settings.id}")
