"""The figures of /metrics: streams, lag behind the log, speed, and why streams end.

With several workers they are sums, the position and age of the slowest, and for the database the reading of the worker
that is asked.
"""

import functools
import time
from collections.abc import Sequence

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from chat_core.log.event import Event

disable_created_metrics()  # type: ignore[no-untyped-call]

streams = Gauge("fechatter_streams_open", "Open streams.", multiprocess_mode="livesum")
subscribers = Gauge("fechatter_subscribers", "Users with at least one open stream.", multiprocess_mode="livesum")
queued_bytes = Gauge(
    "fechatter_streams_queued_bytes",
    "Bytes written to streams and not yet read by their clients.",
    multiprocess_mode="livesum",
)
position = Gauge(
    "fechatter_log_position", "Position of the last event that was dispatched.", multiprocess_mode="livemin"
)
lag_events = Gauge(
    "fechatter_log_lag_events",
    "Positions between the last dispatched event and the end of the log.",
    multiprocess_mode="livemostrecent",
)
lag_seconds = Gauge(
    "fechatter_log_lag_seconds", "Age of the last event when it was dispatched.", multiprocess_mode="livemax"
)
notify_queue_usage = Gauge(
    "fechatter_notify_queue_usage_ratio",
    "Fill level of Postgres' queue of notifications, 0 to 1.",
    multiprocess_mode="livemostrecent",
)
transaction_seconds = Gauge(
    "fechatter_database_transaction_seconds",
    "Age of the oldest open transaction on the database; NaN if its owner may not see it.",
    multiprocess_mode="livemostrecent",
)
sync_standbys = Gauge(
    "fechatter_database_sync_standbys",
    "Connected synchronous standbys; NaN if the database's owner may not see them.",
    multiprocess_mode="livemostrecent",
)
sync_standbys_wanted = Gauge(
    "fechatter_database_sync_standbys_wanted",
    "Synchronous standbys that each commit waits for.",
    multiprocess_mode="livemostrecent",
)
events = Counter("fechatter_events", "Events read from the log.", ["kind"])
deliveries = Counter("fechatter_deliveries", "Events written to a stream.")
commit_to_socket = Histogram(
    "fechatter_commit_to_socket_seconds",
    "Time from an event's commit to writing its frame to the last of its streams.",
    buckets=(0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30),
)
opened = Counter("fechatter_streams_opened", "Streams opened.", ["transport"])
closes = Counter("fechatter_streams_closed", "Streams closed.", ["reason", "transport"])
refused = Counter("fechatter_streams_refused", "Streams refused.", ["code"])
crashes = Counter("fechatter_task_crashes", "Crashes of tasks that run beside requests.", ["task"])
resets = Counter("fechatter_resets", "Streams reset to a fresh snapshot.", ["reason"])
replayed = Histogram(
    "fechatter_replayed_events",
    "Events replayed to streams that resumed.",
    buckets=(0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000),
)
ring_events = Gauge(
    "fechatter_ring_events",
    "Newest events kept in memory for streams that resume.",
    multiprocess_mode="livesum",
)
ring_bytes = Gauge("fechatter_ring_bytes", "Memory used by these events.", multiprocess_mode="livesum")
resumes = Counter(
    "fechatter_resumes", "Streams that resumed from a cursor, by where the missed events were read.", ["source"]
)
standby_reads = Counter(
    "fechatter_standby_reads",
    "Reads of missed events that a standby may answer: standby, or why the primary was asked instead (away, behind, "
    "epoch, failed), and by the host that was asked.",
    ["outcome", "host"],
)
boots = Counter(
    "fechatter_boots",
    "Streams whose cursor was no longer in memory: admitted, limited, overloaded or rate_limited.",
    ["outcome"],
)
boot_limit = Gauge(
    "fechatter_boot_limit",
    "Clients that may start cold in a second, over all servers; 0: any number.",
    multiprocess_mode="livemostrecent",
)
sockets = Gauge("fechatter_sockets_open", "Open streams that are WebSockets.", multiprocess_mode="livesum")
frames = Counter("fechatter_socket_frames", "Frames from WebSockets, except those that need only a pong.", ["type"])
refused_frames = Counter("fechatter_socket_errors", "Error frames to WebSockets.", ["code"])
carried = Counter("fechatter_socket_calls", "Calls to chat_server for WebSockets, by its response.", ["status"])
ephemeral_received = Counter(
    "fechatter_ephemeral_received", "Notices of presence and typing from all servers.", ["kind"]
)
ephemeral_deliveries = Counter(
    "fechatter_ephemeral_deliveries", "Frames with these notices written to a stream.", ["kind"]
)
ephemeral_dropped = Counter(
    "fechatter_ephemeral_dropped",
    "Notices not delivered, to a slow stream or because there were too many.",
    ["kind", "reason"],
)
tasks = Gauge("fechatter_tasks", "asyncio tasks; an open stream has none.", multiprocess_mode="livesum")
listen_reconnects = Counter("fechatter_listen_reconnects", "Losses of the listening connection.")


_of_kind = functools.cache(events.labels)


def dispatched(read: Sequence[Event], delivered: Sequence[Event], amount: int) -> None:
    """A batch has been written: the events that were read, those delivered to anyone, and the number of deliveries."""
    counts: dict[str, int] = {}
    for event in read:
        counts[event.kind] = counts.get(event.kind, 0) + 1
    for kind, number in counts.items():
        _of_kind(kind).inc(number)
    now = time.time()
    for event in delivered:
        commit_to_socket.observe(max(0.0, now - event.created_at.timestamp()))
    deliveries.inc(amount)
    position.set(read[-1].position)
    lag_seconds.set(max(0.0, now - read[-1].created_at.timestamp()))
