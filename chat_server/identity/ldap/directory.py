"""A directory as the event loop sees it: python-ldap blocks, so it is asked in a few threads of the directory's own.
A directory that does not answer thus holds up nobody but its own people."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from chat_core.settings import LdapDirectory
from chat_core.turns import Turns
from chat_server.identity.ldap import groups, people
from chat_server.identity.ldap.connection import Servers
from chat_server.identity.ldap.entries import DirectoryPerson, DirectoryUnavailable
from chat_server.identity.passwords import SIGN_INS_WAITING, SIGN_INS_WAITING_EACH, Asker

AT_ONCE = 8
# How often one call waits for a server, at most: to connect, for TLS, to bind, and for two searches.
QUESTIONS = 5
# Of one address: others get in while somebody's guesses wait for a slow directory.
AT_ONCE_EACH = 4

# For all pages of all people and groups.
SYNC_SECONDS = 1800.0

Result = TypeVar("Result")

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Everybody:
    """All people of a directory by subject, and their groups of the settings; None where these are not known: `unknown`
    says why."""

    people: dict[str, DirectoryPerson]
    groups: dict[str, frozenset[str]] | None
    unknown: str | None = None


class Directory:
    def __init__(self, name: str, settings: LdapDirectory) -> None:
        self.name, self.settings = name, settings
        self.title = settings.title or name.capitalize()
        self._servers = Servers(settings)
        self._threads = ThreadPoolExecutor(AT_ONCE + 1, f"ldap-{name}")
        self._turns = Turns(
            f"sign-ins at {name}",
            AT_ONCE,
            waiting_each=SIGN_INS_WAITING_EACH,
            waiting_all=SIGN_INS_WAITING,
            each=AT_ONCE_EACH,
        )

    @asynccontextmanager
    async def turn(self, asker: Asker) -> AsyncIterator[None]:
        """Raises Problem 429 and 503 as Turns."""
        async with self._turns.turn(asker):
            yield

    async def find(self, login: str) -> DirectoryPerson | None:
        """Who signs in with this name; None if nobody or more than one does. Raises DirectoryUnavailable."""

        def find() -> DirectoryPerson | None:
            with self._servers.connected() as connection:
                return people.find(connection, self.settings, login)

        return await self._run(find)

    async def proves(self, person: DirectoryPerson | None, password: str) -> bool:
        """Whether this is the person's password. For nobody a server is asked too, so that both take about as long.
        Raises DirectoryUnavailable."""
        dn = person.dn if person is not None else f"cn=nobody-{self.name},{self.settings.base}"
        return await self._run(lambda: self._servers.proves(dn, password)) and person is not None

    async def with_groups(self, person: DirectoryPerson) -> DirectoryPerson:
        """The same, with the groups of the settings that they are in; without, if that cannot be said: it must keep
        nobody out."""
        if not self.settings.meant_groups:
            return person

        def find() -> frozenset[str]:
            with self._servers.connected() as connection:
                return groups.of_person(connection, self.settings, person)

        try:
            return replace(person, groups=await self._run(find))
        except DirectoryUnavailable as error:
            _log.warning("groups unknown", directory=self.name, reason=str(error))
            return person

    async def everybody(self) -> Everybody:
        """All people. Raises DirectoryUnavailable, also where one of them is missing."""

        def find() -> Everybody:
            with self._servers.connected() as connection:
                found = people.everybody(connection, self.settings)
                if not self.settings.meant_groups:
                    return Everybody(found, {})  # what the settings named before is taken back
                try:
                    return Everybody(found, groups.of_everybody(connection, self.settings, found))
                except DirectoryUnavailable as error:
                    return Everybody(found, None, str(error))

        return await self._run(find, SYNC_SECONDS)

    async def _run(self, work: Callable[[], Result], seconds: float = 0) -> Result:
        """A thread cannot be stopped: one that takes too long is left to itself, and its place stays taken until the
        server answers, or its connection ends. Raises DirectoryUnavailable."""
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        seconds = seconds or self.settings.timeout_seconds * QUESTIONS * len(self.settings.urls)
        try:
            return await asyncio.wait_for(running, seconds)
        except TimeoutError:
            raise DirectoryUnavailable(f"no answer within {seconds:g} s") from None

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
