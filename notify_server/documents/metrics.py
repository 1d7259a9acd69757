"""The metrics of open documents: connections, rooms, presence, refusals; those of each kind apart."""

from prometheus_client import Counter, Gauge, Histogram

presence_shared = Counter("fechatter_document_presence_shared", "Clients' presence states shared with other servers.")
presence_moved = Counter("fechatter_document_presence_moved", "Clients' presence states sent over NATS.")


class Metrics:
    """Of one kind of document; `things` is its plural, `edits` what its clients send."""

    def __init__(self, kind: str, things: str, edits: str) -> None:
        self.connections = Gauge(
            f"fechatter_{kind}_connections",
            f"Open connections to {things}; one with several {things} counts once.",
            ["protocol"],
            multiprocess_mode="livesum",
        )
        self.rooms = Gauge(f"fechatter_{kind}_rooms", f"{things.capitalize()} in memory.", multiprocess_mode="livesum")
        self.queued_bytes = Gauge(
            f"fechatter_{kind}_queued_bytes", "Bytes not yet read by their clients.", multiprocess_mode="livesum"
        )
        self.presence = Counter(f"fechatter_{kind}_presence", "Clients' presence states relayed in a room.")
        self.refused = Counter(f"fechatter_{kind}_refused", f"Refused {edits} and connections.", ["reason"])
        self.opened_seconds = Histogram(
            f"fechatter_{kind}_opened_seconds",
            f"Time from a connection's arrival to its place on a {kind}.",
            buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 5),
        )


BOARDS = Metrics("board", "boards", "updates")
PAGES = Metrics("page", "pages", "patches")
