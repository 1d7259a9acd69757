"""What /metrics tells of boards: who has which open, what goes over them, how long until it is durable."""

from prometheus_client import Counter, Gauge, Histogram

connections = Gauge(
    "fechatter_board_connections",
    "Open connections to boards, one with several boards once.",
    ["protocol"],
    multiprocess_mode="livesum",
)
rooms = Gauge("fechatter_board_rooms", "Boards in memory.", multiprocess_mode="livesum")
room_bytes = Gauge("fechatter_board_room_bytes", "Bytes of the boards in memory.", multiprocess_mode="livesum")
queued_bytes = Gauge(
    "fechatter_board_queued_bytes", "Bytes that their readers have not taken yet.", multiprocess_mode="livesum"
)
unstored_bytes = Gauge(
    "fechatter_board_unstored_bytes", "Bytes of updates that are not durable yet.", multiprocess_mode="livesum"
)
updates = Counter("fechatter_board_updates", "Updates taken from clients.", ["protocol"])
update_bytes = Counter("fechatter_board_update_bytes", "Their bytes.")
known = Counter("fechatter_board_updates_known", "Updates with nothing new, as who comes back sends them.")
relayed = Counter("fechatter_board_relayed", "Updates written to a connection.")
presence = Counter("fechatter_board_presence", "States of clients that were told in a room.")
presence_shared = Counter("fechatter_board_presence_shared", "States of clients that other servers were told of.")
refused = Counter("fechatter_board_refused", "Updates refused, and connections.", ["reason"])
failed = Counter("fechatter_board_stored_failed", "Updates that could not be stored.")
stored_seconds = Histogram(
    "fechatter_board_stored_seconds",
    "From an update's coming to its being durable.",
    buckets=(0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30),
)
opened_seconds = Histogram(
    "fechatter_board_opened_seconds",
    "From a connection's coming to its place on a board.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 5),
)
quarantined = Counter("fechatter_board_quarantined", "Updates that went into quarantine.")
compactions = Counter("fechatter_board_compactions", "Snapshots of boards.", ["outcome"])
