"""Kafka, by librdkafka's idempotent producer: a partition stores what is sent to it in this order and without a gap."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from chat_core.secret_files import SecretUnreadable, secret_in
from chat_core.settings import Sink
from delivery_server.sinks.broker import Unsent
from delivery_server.sinks.cloud_event import CONTENT_TYPE, RESET, CloudEvent

# How often a thread that waits for answers looks whether it is to stop.
LOOK_SECONDS: Final = 0.25
HEADERS: Final[list[tuple[str, str | bytes | None]]] = [("content-type", CONTENT_TYPE.encode())]


class Kafka:
    def __init__(self, sink: Sink, seconds: float) -> None:
        self._sink, self._seconds = sink, seconds
        self._producer: Producer | None = None
        self._closed = False
        self._error = ""

    async def send(self, events: Sequence[CloudEvent]) -> None:
        await asyncio.to_thread(self._send, events)

    async def close(self) -> None:
        self._closed = True
        await asyncio.to_thread(self._let_go)

    def _let_go(self) -> None:
        self._producer = None

    def _send(self, events: Sequence[CloudEvent]) -> None:
        failures: list[str] = []

        def answered(error: KafkaError | None, message: Message) -> None:
            offset = message.offset()
            if error is not None:
                failures.append(error.str())
            elif offset is None or offset < 0:
                # librdkafka takes a repeated sequence number for a success, whether or not the events were stored.
                failures.append("the broker acknowledged an event without an offset")

        self._error = ""
        producer = self._producer = self._producer or self._connect()
        if waiting := self._produce(producer, events, answered, failures):
            failures.append(f"{waiting} events were not acknowledged")
        if failures:
            # Another one knows nothing of what this one has not sent: all that is not recorded is sent anew. It ends
            # here, in this thread, since that takes as long as a broker's name takes to be looked up.
            producer.purge()
            self._producer = None
            del producer
            raise Unsent(f"{failures[0]} {self._error}".strip()[:500])

    def _produce(
        self,
        producer: Producer,
        events: Sequence[CloudEvent],
        answered: Callable[[KafkaError | None, Message], None],
        failures: list[str],
    ) -> int:
        """How many of the events have had no answer."""
        try:
            for event in events:
                for partition in self._partitions(producer, event):
                    producer.produce(
                        self._sink.topic, event.body, event.subject.encode(), partition, answered, headers=HEADERS
                    )
            waiting, until = len(producer), time.monotonic() + self._seconds
            while waiting and not failures and not self._closed and time.monotonic() < until:
                waiting = producer.flush(LOOK_SECONDS)
        except (KafkaException, BufferError) as error:
            failures.append(str(error))
        return len(producer)

    def _partitions(self, producer: Producer, event: CloudEvent) -> Sequence[int]:
        """The one of its key (-1); that something is lost concerns whoever reads any of them."""
        if event.kind != RESET:
            return (-1,)
        topic = producer.list_topics(self._sink.topic, self._seconds).topics[self._sink.topic]
        return list(topic.partitions) or (-1,)

    def _connect(self) -> Producer:
        sink = self._sink
        options: dict[str, Any] = {
            "client.id": "fechatter",
            "partitioner": "murmur2_random",  # as Java's clients
            **sink.options,
            "bootstrap.servers": ",".join(sink.servers),
            "enable.idempotence": True,
            "enable.gapless.guarantee": True,
            # What a server that dies leaves behind is one request, whose events cannot overtake each other.
            "max.in.flight.requests.per.connection": 1,
            "message.timeout.ms": round(self._seconds * 1000),
            "log_level": 0,
            "error_cb": self._note,
        }
        if sink.user is not None:
            options["sasl.username"] = sink.user
        if sink.ca_file is not None:
            options["ssl.ca.location"] = str(sink.ca_file)
        try:
            if sink.password_file is not None:
                options["sasl.password"] = secret_in(sink.password_file)
            return Producer(options)
        except (KafkaException, SecretUnreadable) as error:
            raise Unsent(str(error)[:500]) from None

    def _note(self, error: KafkaError) -> None:
        self._error = f"({error.str()})"
