"""NATS JetStream. An event is published when the one before it of the same subject has been stored; its id is the
message's, so the stream drops what comes twice within its duplicate window."""

import asyncio
from collections.abc import Sequence
from typing import Final

import nats
import nats.errors
import nats.js.api
from nats.aio.client import Client

from chat_core.outgoing.nats import nats_options
from chat_core.secret_files import SecretUnreadable
from chat_core.settings import Sink
from delivery_server.sinks.broker import Unsent
from delivery_server.sinks.cloud_event import CONTENT_TYPE, CloudEvent

CONNECT_SECONDS: Final = 5
ERRORS = (nats.errors.Error, OSError, TimeoutError, ValueError)


class JetStream:
    def __init__(self, sink: Sink, seconds: float) -> None:
        self._sink, self._seconds = sink, seconds
        self._client: Client | None = None
        self._error: Exception | None = None

    async def send(self, events: Sequence[CloudEvent]) -> None:
        subjects: dict[str, list[CloudEvent]] = {}
        for event in events:
            subjects.setdefault(event.subject, []).append(event)
        try:
            if self._client is None:
                async with asyncio.timeout(self._seconds):
                    self._client = await self._connect()
            client = self._client
            async with asyncio.timeout(self._seconds), asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._send_in_order(client, each)) for each in subjects.values()]
            # What the client itself has cancelled, when its connection was lost, is no error of the group's.
            if any(task.cancelled() for task in tasks):
                raise ConnectionError("the connection was lost")
        except* ERRORS as errors:
            await self.close()
            raise Unsent(self._words(errors)) from None

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            try:
                async with asyncio.timeout(1):
                    await client.close()
            except ERRORS:
                pass  # it is gone already

    async def _send_in_order(self, client: Client, events: Sequence[CloudEvent]) -> None:
        stream = client.jetstream(timeout=self._seconds)
        for event in events:
            headers = {nats.js.api.Header.MSG_ID.value: event.id, "Content-Type": CONTENT_TYPE}
            subject = f"{self._sink.topic}.{event.subject.replace('/', '.')}.{event.kind}"
            await stream.publish(subject, event.body, stream=self._sink.stream, headers=headers)

    async def _connect(self) -> Client:
        """To one of the servers."""
        self._error = None
        try:
            options = nats_options(self._sink)
        except SecretUnreadable as error:
            raise Unsent(str(error)) from None
        return await nats.connect(
            **options,
            name="fechatter",
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=CONNECT_SECONDS,
            error_cb=self._note,
        )

    async def _note(self, error: Exception) -> None:
        """What is wrong with a connection is said before what waits for it fails."""
        self._error = error

    def _words(self, errors: BaseExceptionGroup[BaseException]) -> str:
        first: BaseException = errors
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        if isinstance(first, nats.errors.NoServersError) and self._error is not None:
            first = self._error
        return f"{type(first).__name__}: {first}"[:500]
