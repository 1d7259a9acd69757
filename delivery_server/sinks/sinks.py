"""The sinks that this server's settings name: it holds each by a lease of its own, unless another server does, and has
a worker for those that it holds."""

from collections.abc import Mapping
from typing import Final

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.log.strict import Strict
from chat_core.settings import Settings, SettingsError, Sink
from delivery_server.holding import Holding
from delivery_server.sinks.broker import Broker
from delivery_server.sinks.kinds import FOR_SINKS
from delivery_server.sinks.reading import Reading
from delivery_server.sinks.worker import Worker

# Where events are from, unless an operator says it or server.public_url does.
SOURCE: Final = "urn:fechatter"

SINK_HOLD = query("sink_hold", "sink", "node", "lease_seconds")
SINKS_LEAVE = query("sinks_leave", "node")


def check_sinks(settings: Settings) -> None:
    """Raises SettingsError for a sink whose extra is not installed, and for a kind that no sink has."""
    for name, sink in settings.delivery.sinks.items():
        _broker_of(name, sink, settings.delivery.answer_seconds)
        for kind in sink.kinds:
            if kind not in FOR_SINKS:
                raise SettingsError(f"delivery.sinks: {name}.kinds: no sink has {kind}")


class Sinks(Holding):
    """Its length is the number of sinks that the settings name, whoever holds them."""

    leased = "sinks"
    worked_for = "sink"

    def __init__(self, settings: Settings, node: str, pool: Pool, strict: Strict) -> None:
        super().__init__(node, pool, settings.delivery.lease_seconds)
        self._sinks: Mapping[str, Sink] = settings.delivery.sinks
        self._strict = strict
        self._source = settings.server.public_url or SOURCE
        self._seconds = settings.delivery.answer_seconds

    def __len__(self) -> int:
        return len(self._sinks)

    async def _hold(self) -> Mapping[str, int]:
        held: dict[str, int] = {}
        for name in self._sinks:
            generation = await SINK_HOLD.value(self._pool, sink=name, node=self.node, lease_seconds=self._lease_seconds)
            if generation is not None:
                held[name] = generation
        return held

    async def _leave(self) -> None:
        if self._sinks:
            await SINKS_LEAVE.row(self._pool, node=self.node)

    def _hire(self, name: str, generation: int) -> Worker:
        sink = self._sinks[name]
        reading = Reading(self._pool, self._strict, name, sink, sink.source or self._source)
        return Worker(name, generation, self._pool, reading, _broker_of(name, sink, self._seconds))


def _broker_of(name: str, sink: Sink, seconds: float) -> Broker:
    """`seconds`: how long it may take to answer. Raises SettingsError without the extra."""
    try:
        if sink.type == "nats":
            from delivery_server.sinks.jetstream import JetStream

            return JetStream(sink, seconds)
        from delivery_server.sinks.kafka import Kafka

        return Kafka(sink, seconds)
    except ImportError:
        raise SettingsError(f"delivery.sinks: {name} needs the extra, pip install 'fechatter[{sink.type}]'") from None
