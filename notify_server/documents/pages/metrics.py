"""The metrics of pages alone: traffic, the time until patches are durable, and snapshots."""

from prometheus_client import Counter, Gauge, Histogram

unstored_bytes = Gauge(
    "fechatter_page_unstored_bytes", "Bytes of patches that are not durable yet.", multiprocess_mode="livesum"
)
patches = Counter("fechatter_page_patches", "Patches of clients that were stored.")
relayed = Counter("fechatter_page_relayed", "Patches written to a connection.")
retried = Counter("fechatter_page_retried", "Patches that were applied again, since another server was quicker.")
stored_seconds = Histogram(
    "fechatter_page_stored_seconds",
    "Time from a patch's arrival until it is durable.",
    buckets=(0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30),
)
snapshots = Counter("fechatter_page_snapshots", "Snapshots of pages.", ["outcome"])
