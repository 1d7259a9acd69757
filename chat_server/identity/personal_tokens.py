"""Personal access tokens at requests: found by their hash, and remembered; and when each was last used."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS
from chat_core.tokens import hash_secret

MOST_REMEMBERED = 20_000
# How often uses are written down, and of how many tokens at most; a use beyond that is noted with a later one.
WRITE_SECONDS = 60.0
MOST_USED = 20_000

TOKEN_OF_HASH = query("token_of_hash", "hash")
TOKENS_USED = query("tokens_used", "sessions")
WORKSPACE_OF = query("workspace_of", "chat", "document", "file", "message", "upload")

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PersonalToken:
    """What never changes of one; `expires_at` is in seconds since 1970. Its session may have ended meanwhile."""

    user_id: int
    session_id: int
    expires_at: int
    scopes: frozenset[str]
    workspace_id: int | None


class PersonalTokens:
    """The newest MOST_REMEMBERED tokens, by hash, and those that were used since the last writing."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._known: dict[bytes, PersonalToken] = {}
        self._used: set[int] = set()
        self._workspaces: dict[tuple[str, int | UUID], int] = {}

    def known(self, token: str) -> PersonalToken | None:
        return self._known.get(hash_secret(token))

    async def find(self, token: str) -> PersonalToken | None:
        """None if no such token was made. Raises what the database raises."""
        hashed = hash_secret(token)
        row = await TOKEN_OF_HASH.row(self._pool, hash=hashed)
        if row is None:
            return None
        user_id, session_id, workspace_id = row["user_id"], row["session_id"], row["workspace_id"]
        found = PersonalToken(user_id, session_id, row["expires_at"], frozenset(row["scopes"]), workspace_id)
        if len(self._known) >= MOST_REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[hashed] = found
        return found

    async def workspace_of(self, kind: str, id_: int | UUID) -> int | None:
        """The workspace of a chat, document, file, message or upload, which never changes; None if there is none."""
        found = self._workspaces.get((kind, id_))
        if found is None:
            named = dict.fromkeys(("chat", "document", "file", "message", "upload")) | {kind: id_}
            found = await WORKSPACE_OF.value(self._pool, **named)
            if found is not None:
                if len(self._workspaces) >= MOST_REMEMBERED:
                    del self._workspaces[next(iter(self._workspaces))]
                self._workspaces[kind, id_] = found
        return found

    def used(self, session_id: int) -> None:
        if len(self._used) < MOST_USED:
            self._used.add(session_id)

    async def run(self) -> None:
        """Writes down uses until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(WRITE_SECONDS)
                await self.write()
        finally:
            await self.write()

    async def write(self) -> None:
        """A failure, such as an unavailable database, is logged: the uses are written the next time."""
        used, self._used = self._used, set()
        if not used:
            return
        try:
            await TOKENS_USED.row(self._pool, sessions=sorted(used))
        except DATABASE_ERRORS as error:
            self._used |= used
            _log.warning("uses of tokens not written", tokens=len(used), error=type(error).__name__)
