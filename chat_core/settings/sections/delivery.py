from typing import Annotated

from pydantic import BeforeValidator, Field

from chat_core.settings.sections.sinks import Sinks
from chat_core.settings.types import NO_BOOLEAN, Host, Port, Seconds, Section, Workers, in_words, split_list


class Delivery(Section):
    """delivery_server: what bots see, sent to webhooks, pushes, and events for streams and topics. `fechatter up`
    starts it where features.enable_bot_messages is on, push.contact is set or there are sinks. See
    docs/integrations/ and docs/notifications/push.md."""

    host: Host = "127.0.0.1"
    """Address to listen on, for health and metrics alone; 0.0.0.0 for every IPv4 address of the machine."""

    port: Port = 6686
    """TCP port."""

    workers: Workers = 1
    """Processes that share the port and the work, each with a pool of its own (database.pool_max)."""

    drain_seconds: Seconds = 5
    """How long requests that are being sent may take to end after SIGTERM."""

    poll_seconds: Seconds = 4
    """The log is read at least this often, in case a notification was lost."""

    lease_seconds: Seconds = 10
    """A server that has been silent for this long has no more work: others take it over."""

    answer_seconds: Annotated[float, Field(ge=0.1, le=60), NO_BOOLEAN] = 20
    """How long a receiver of a webhook, or the broker of a sink, may take to answer."""

    retry_seconds: Annotated[
        list[Annotated[float, Field(ge=0, le=604_800)]],
        BeforeValidator(split_list),
        Field(max_length=50),
        in_words("a list of seconds"),
    ] = Field(default=[5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 72_000])
    """How long to wait after each failed attempt of a webhook, with jitter. After one more attempt than there are waits
    the event is a dead letter. The default: ten attempts in three days."""

    give_up_days: Annotated[float, Field(gt=0, le=365), NO_BOOLEAN] = 5
    """A webhook to which nothing could be delivered for this long is disabled, and its bot's owner told by mail."""

    sinks: Sinks = Field(default={})
    """Streams of NATS JetStream and topics of Kafka that events are sent to, as CloudEvents. They need the extra
    fechatter[nats] or fechatter[kafka]. docs/integrations/streams.md describes every field. Whoever reads there reads
    the chats that are named here: of these types, in these workspaces.

      bus: {type: nats, servers: "nats://10.0.0.5:4222", stream: FECHATTER, workspaces: [1]}
      lake: {type: kafka, servers: "kafka-1:9092", workspaces: all, chat_types: [PublicChannel, PrivateChannel]}
    """
