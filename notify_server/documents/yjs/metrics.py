"""The metrics of boards alone: traffic, the time until updates are durable, and snapshots."""

from prometheus_client import Counter, Gauge, Histogram

room_bytes = Gauge("fechatter_board_room_bytes", "Bytes of the boards in memory.", multiprocess_mode="livesum")
unstored_bytes = Gauge(
    "fechatter_board_unstored_bytes", "Bytes of updates that are not durable yet.", multiprocess_mode="livesum"
)
updates = Counter("fechatter_board_updates", "Updates accepted from clients.", ["protocol"])
update_bytes = Counter("fechatter_board_update_bytes", "Bytes of these updates.")
known = Counter("fechatter_board_updates_known", "Updates with nothing new, as reconnecting clients send them.")
relayed = Counter("fechatter_board_relayed", "Updates written to a connection.")
failed = Counter("fechatter_board_stored_failed", "Updates that could not be stored.")
stored_seconds = Histogram(
    "fechatter_board_stored_seconds",
    "Time from an update's arrival until it is durable.",
    buckets=(0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30),
)
quarantined = Counter("fechatter_board_quarantined", "Quarantined updates.")
compactions = Counter("fechatter_board_compactions", "Snapshots of boards.", ["outcome"])
