"""The connection to NATS. It is made in the background and for ever anew: nothing here waits for it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import nats
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from chat_core.outgoing.nats import nats_options
from chat_core.settings import Nats

BACKOFF_SECONDS: Final = 0.5
CONNECT_SECONDS: Final = 2
# How long a server may take to answer before it counts as frozen.
ANSWER_SECONDS: Final = 0.5
# Messages that wait here while this process is busy. What is beyond is read from the log.
MOST_WAITING: Final = 4096
MOST_WAITING_BYTES: Final = 64 << 20
ERRORS: Final = (nats.errors.Error, OSError, TimeoutError, ValueError)

log = structlog.get_logger()


class Bus:
    """`heard` is called with every message of its subscriptions, by subject. NATS shows `name`."""

    def __init__(
        self, settings: Nats, heard: dict[str, Callable[[bytes], None]], name: str = "fechatter notify"
    ) -> None:
        self._settings, self._heard, self._name = settings, heard, name
        self._client: Client | None = None
        self.subscribed = asyncio.Event()
        self._closed = asyncio.Event()
        # What NATS has said last, for those who ask why there is nothing.
        self.failure = "no answer"

    async def run(self) -> None:
        """Runs until cancelled."""
        said = ""
        try:
            while True:
                try:
                    self._closed.clear()
                    await self._connect()
                    said = ""
                    # The client gives up by itself where NATS refuses it, as when its password has changed.
                    await self._closed.wait()
                    self.failure = "closed by NATS"
                except ERRORS as error:
                    self.failure = f"{type(error).__name__}: {error}"[:200]
                if self.failure != said:
                    said = self.failure
                    log.warning("not connected to NATS", error=said)
                await asyncio.sleep(BACKOFF_SECONDS)
        finally:
            if self._client is not None:
                await _close(self._client)

    async def _connect(self) -> None:
        client = await nats.connect(
            **nats_options(self._settings),
            name=self._name,
            connect_timeout=CONNECT_SECONDS,
            reconnect_time_wait=BACKOFF_SECONDS,
            max_reconnect_attempts=-1,
            ping_interval=2,
            max_outstanding_pings=2,
            # What could not be sent while the connection was lost is too old to be.
            pending_size=0,
            error_cb=self._failed,
            disconnected_cb=self._lost,
            reconnected_cb=self._back,
            closed_cb=self._ended,
        )
        self._client = client  # who begins to hear from here on subscribes by themselves
        try:
            for subject, heard in list(self._heard.items()):
                await _subscribe(client, subject, heard)
            await client.flush()
        except BaseException:
            await _close(client)
            raise
        self.subscribed.set()
        log.info("connected to NATS", server=_place(client))

    async def send(self, subject: str, message: bytes) -> None:
        """Sends it, or not: whoever lacks it notices."""
        if self._client is not None and self._client.is_connected:
            try:
                await self._client.publish(subject, message)
            except ERRORS as error:
                log.debug("not sent to NATS", error=type(error).__name__)

    @asynccontextmanager
    async def hearing(self, subject: str, heard: Callable[[bytes], None]) -> AsyncIterator[None]:
        """One more subscription, for a while. Raises one of ERRORS if NATS refuses it."""
        self._heard[subject] = heard
        subscription = None
        try:
            if self._client is not None:
                subscription = await _subscribe(self._client, subject, heard)
            yield
        finally:
            del self._heard[subject]
            if subscription is not None:
                with suppress(*ERRORS):
                    await subscription.unsubscribe()

    async def answers(self, seconds: float = ANSWER_SECONDS) -> bool:
        """Whether a server takes messages right now, and answers within this time."""
        if self._client is None or not self._client.is_connected:
            return False
        try:
            await self._client.flush(timeout=seconds)  # type: ignore[arg-type]  # it is a float
        except ERRORS:
            return False
        return True

    async def _failed(self, error: Exception) -> None:
        self.failure = f"{type(error).__name__}: {error}"[:200]
        log.debug("NATS", error=self.failure)

    async def _lost(self) -> None:
        log.warning("connection to NATS lost")

    async def _ended(self) -> None:
        self._closed.set()

    async def _back(self) -> None:
        if self._client is not None:
            log.info("connected to NATS", server=_place(self._client))


async def _subscribe(client: Client, subject: str, heard: Callable[[bytes], None]) -> Subscription:
    return await client.subscribe(
        subject,
        cb=_callback(heard),
        pending_msgs_limit=MOST_WAITING,
        pending_bytes_limit=MOST_WAITING_BYTES,
    )


async def _close(client: Client) -> None:
    with suppress(*ERRORS):
        async with asyncio.timeout(ANSWER_SECONDS):
            await client.close()


def _callback(heard: Callable[[bytes], None]) -> Callable[[Msg], Any]:
    async def call(message: Msg) -> None:
        heard(message.data)

    return call


def _place(client: Client) -> str:
    url = client.connected_url
    return "" if url is None else f"{url.hostname}:{url.port}"
