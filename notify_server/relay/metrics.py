"""The figures of the relay."""

import time

from prometheus_client import Counter, Gauge, Histogram

from notify_server.relay.frames import Frame
from notify_server.relay.node import Node

leads = Gauge(
    "fechatter_relay_leads", "1 on the server that reads the log for all; 0 elsewhere.", multiprocess_mode="livesum"
)
led = Gauge("fechatter_relay_led", "Workers to which the log comes over NATS.", multiprocess_mode="livesum")
workers = Gauge("fechatter_relay_workers", "Workers that take part in the relay.", multiprocess_mode="livesum")
sent = Counter("fechatter_relay_frames_sent", "Frames sent as the leader, heartbeats included.")
frames = Counter(
    "fechatter_relay_frames",
    "What arrived: events, notices, neither (beat), an update of a board, presence on documents, or refused: without "
    "the key of this log.",
    ["content"],
)
events = Counter("fechatter_relay_events", "Events that came over NATS and did not have to be read.")
gaps = Counter("fechatter_relay_gaps", "Reads of the log since frames were missing.")
dropped = Gauge(
    "fechatter_relay_frames_dropped",
    "Frames that were not needed, or were a former leader's.",
    multiprocess_mode="livesum",
)
missed_notices = Counter("fechatter_relay_missed_notices", "Times that notifications of other channels were missing.")
told_anew = Counter("fechatter_relay_told_anew", "Times that presence was told again since it had not come back.")
hints_dropped = Counter("fechatter_relay_hints_dropped", "Updates of boards and presence on documents not sent ahead.")
fallbacks = Counter(
    "fechatter_relay_fallbacks", "Times that the relay fell silent and the log was followed without it."
)
seconds = Histogram(
    "fechatter_relay_seconds",
    "Time from the leader's reading to the frame's arrival, by the clocks of both machines.",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.5),
)


def received(frame: Frame, node: Node) -> None:
    frames.labels("notices" if frame.notices else "beat" if frame.prev == frame.last else "events").inc()
    seconds.observe(max(0.0, time.time() - frame.head_at))
    dropped.set(node.dropped)
