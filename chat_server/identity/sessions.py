"""Which sessions are valid: asked of the database once, and cached while it would notify us of their end.

Postgres notifies `fechatter_sessions` with the user's id at the COMMIT of whatever ends a session
(sql/triggers/identity/sessions.sql). The cache counts only while the listening connection has answered a probe within
LEASE_SECONDS; if it is cut or silent, every request asks the database. A session that this server ends itself is
dropped from the cache before the response.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable

import structlog

from chat_core.database.connecting import connect
from chat_core.database.pool import Connection, Pool, connection_options
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS
from chat_core.settings import Database

CHANNEL = "fechatter_sessions"
PROBE_SECONDS = 1.0
LEASE_SECONDS = 3.0
BACKOFF_SECONDS = (0.1, 5.0)
MOST_USERS = 20_000
MOST_SESSIONS_OF_A_USER = 100

SESSION_IS_GOOD = query("session_is_good", "session", "user")

_log = structlog.get_logger()


class Sessions:
    """A cache of valid sessions. It is empty until `run` has a listening connection."""

    def __init__(self, database: Database, pool: Pool) -> None:
        self._database, self._pool = database, pool
        self._now: Callable[[], float] = asyncio.get_running_loop().time
        self._good_until: dict[int, dict[int, float]] = {}  # by user and session, in the loop's time
        self._leased_until = 0.0
        self._endings = 0  # notifications so far: a result from before one may be out of date
        self._watched: dict[str, tuple[Callable[[], Awaitable[None]], asyncio.Event]] = {}

    @property
    def remembered(self) -> int:
        """Number of users with a cached valid session."""
        return len(self._good_until)

    @property
    def listening(self) -> bool:
        return self._now() < self._leased_until

    def knows(self, session_id: int, user_id: int) -> bool:
        """Whether the session is known to be valid, and its user active. If not, the database has to be asked."""
        now = self._now()
        if now >= self._leased_until:
            return False
        sessions = self._good_until.get(user_id)
        return sessions is not None and now < sessions.get(session_id, 0.0)

    async def is_good(self, session_id: int, user_id: int) -> bool:
        """Whether the session is valid and its user active. Raises what the database raises."""
        now = self._now()
        if self.knows(session_id, user_id):
            return True
        endings = self._endings
        seconds = await SESSION_IS_GOOD.value(self._pool, session=session_id, user=user_id)
        # Meanwhile a user's session may have ended, or the listening connection.
        if seconds is not None and endings == self._endings and now < self._leased_until:
            self._remember(session_id, user_id, now + seconds)
        return seconds is not None

    def forget(self, user_id: int) -> None:
        """A session of this user has ended. Callers that end one call this after COMMIT and before the response."""
        self._endings += 1
        self._good_until.pop(user_id, None)

    def forget_all(self) -> None:
        """Sessions of any user may have ended."""
        self._endings += 1
        self._good_until.clear()

    def _remember(self, session_id: int, user_id: int, until: float) -> None:
        sessions = self._good_until.setdefault(user_id, {})
        if len(sessions) >= MOST_SESSIONS_OF_A_USER:
            sessions.clear()
        sessions[session_id] = until
        if len(self._good_until) > MOST_USERS:
            del self._good_until[next(iter(self._good_until))]

    def watch(self, channel: str, changed: Callable[[], Awaitable[None]]) -> None:
        """Has the listening connection listen to another channel, too: `changed` is called at each notification and
        whenever some may have been missed."""
        self._watched[channel] = (changed, asyncio.Event())

    async def run(self) -> None:
        """Listens until cancelled, over any number of connections."""
        async with asyncio.TaskGroup() as tasks:
            for changed, told in self._watched.values():
                tasks.create_task(_follow(changed, told))
            tasks.create_task(self._keep_listening())

    async def _keep_listening(self) -> None:
        wait = BACKOFF_SECONDS[0]
        while True:
            try:
                await self._listen()
            except DATABASE_ERRORS as error:
                if self._leased_until:
                    _log.warning("session connection lost", error=type(error).__name__)
                    wait = BACKOFF_SECONDS[0]
            finally:
                self._let_go()
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))
            wait = min(wait * 2, BACKOFF_SECONDS[1])

    async def _listen(self) -> None:
        """Returns never; raises when the connection is lost or does not respond in time."""
        options = connection_options(self._database, "fechatter chat sessions")
        connection: Connection = await connect(**{**options, "command_timeout": LEASE_SECONDS})
        lost = asyncio.Event()

        def end(_: object) -> None:
            self._let_go()
            lost.set()

        try:
            connection.add_termination_listener(end)
            await connection.add_listener(CHANNEL, lambda _c, _pid, _channel, user: self.forget(int(str(user))))
            for channel, (_, told) in self._watched.items():
                await connection.add_listener(channel, lambda *_notice, told=told: told.set())
                told.set()
            self._endings += 1  # earlier results may have become invalid unnoticed
            while not lost.is_set():
                asked = self._now()
                await connection.execute("SELECT 1")
                self._leased_until = asked + LEASE_SECONDS
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PROBE_SECONDS):  # wait_for may overhear a cancellation
                        await lost.wait()
            raise ConnectionError("the connection was closed")
        finally:
            connection.terminate()

    def _let_go(self) -> None:
        self._leased_until = 0.0
        self.forget_all()


async def _follow(changed: Callable[[], Awaitable[None]], told: asyncio.Event) -> None:
    while True:
        await told.wait()
        told.clear()
        await changed()
