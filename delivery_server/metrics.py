"""The figures of /metrics. With several workers they are sums, and the position is that of the slowest."""

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]

subscriptions = Gauge(
    "fechatter_delivery_subscriptions", "Subscriptions that this server works for.", multiprocess_mode="livesum"
)
shards = Gauge("fechatter_delivery_shards", "Shards that it holds, of 16.", multiprocess_mode="livesum")
position = Gauge("fechatter_delivery_log_position", "Newest position of the log seen.", multiprocess_mode="livemin")
attempts = Counter("fechatter_delivery_attempts", "Events sent, by what came of it: delivered or failed.", ["outcome"])
seconds = Histogram(
    "fechatter_delivery_seconds",
    "How long receivers take to answer.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
)
commit_to_receiver = Histogram(
    "fechatter_commit_to_receiver_seconds",
    "Time from an event's commit to its delivery, at the first attempt.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300),
)
pushes = Counter(
    "fechatter_pushes", "Pushes to devices, by what came of it: delivered, retried, refused or gone.", ["outcome"]
)
crashes = Counter("fechatter_delivery_task_crashes", "Crashes of tasks that run beside requests.", ["task"])
fenced = Counter("fechatter_delivery_fenced", "Writes refused since another server held the shard by then.")
sink_events = Counter("fechatter_delivery_sink_events", "Events that a sink has stored.", ["sink"])
sink_failures = Counter(
    "fechatter_delivery_sink_failures", "Batches that a sink has not stored, or not wholly.", ["sink"]
)
sink_behind = Gauge(
    "fechatter_delivery_sink_behind",
    "Positions of the log that a sink is behind.",
    ["sink"],
    multiprocess_mode="livemax",
)
commit_to_sink = Histogram(
    "fechatter_commit_to_sink_seconds",
    "Time from the commit of a batch's first event until the sink has stored all of the batch.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300),
)
