"""`python -m bench.capacity`: what an installation takes, worked out from a machine's figures.

The defaults are this machine's, of docs/performance/; put in yours: `python -m bench.capacity --event-us 200`. The
table is in docs/operations/scaling.md, and a test compares the two. It is arithmetic, and no measurement: one machine
of two cores has shown the figures, and nobody the sums.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

GIB, TB = 1 << 30, 1e12
YEAR_DAYS = 365
COLUMNS = (1_000, 100_000, 1_000_000, 10_000_000)


@dataclass(frozen=True)
class Figures:
    """What people do (assumed), and what it costs (measured, but for the last four)."""

    online: float = 0.4  # of all, at the peak
    devices: float = 1.3  # streams of one who is online
    messages: float = 20  # of a user and day
    hours: float = 10  # in which they are written
    peak: float = 3  # times the mean of these hours
    events: float = 5  # of the log, for each message: reads, reactions, edits, with it
    receivers: float = 30  # streams that get an event
    log_days: float = 7
    stream_kib: float = 7.19  # memory: an idle stream
    delivery_us: float = 7.81  # fan-out: CPU of a delivery, each written alone
    event_us: float = 480  # scale: Postgres' CPU of an event, posting included
    post_us: float = 230  # send: 4,341 posts/s on one core of chat_server
    open_ms: float = 0.4  # storm: CPU of a stream that opens
    reader_us: float = 9.3  # scale: what one more reader costs Postgres for each event, without the relay
    kernel_kib: float = 4  # of a connection's buffers
    delivery_bytes: float = 600  # of one event on the wire, without TLS
    message_bytes: float = 1500  # of a row with its indexes
    event_bytes: float = 1200  # of a row of the log


@dataclass(frozen=True)
class Row:
    name: str
    formula: str
    value: Callable[[Figures, float], float]
    unit: str = ""


def streams(f: Figures, users: float) -> float:
    return users * f.online * f.devices


def posts(f: Figures, users: float) -> float:
    """In a second of the peak."""
    return users * f.messages / (f.hours * 3600) * f.peak


def events(f: Figures, users: float) -> float:
    return posts(f, users) * f.events


ROWS = (
    Row("open streams", "users × online × devices", streams),
    Row(
        *("their memory", "streams × (stream + kernel)"),
        *(lambda f, u: streams(f, u) * (f.stream_kib + f.kernel_kib) * 1024 / GIB, "GiB"),
    ),
    Row("messages/s at the peak", "users × messages ÷ hours × peak", posts),
    Row("events/s of the log", "messages × events", events),
    Row("deliveries/s", "events × receivers", lambda f, u: events(f, u) * f.receivers),
    Row(
        *("sent, without TLS", "deliveries × bytes"),
        *(lambda f, u: events(f, u) * f.receivers * f.delivery_bytes * 8 / 1e9, "Gbit/s"),
    ),
    Row("cores of chat_server", "messages × post", lambda f, u: posts(f, u) * f.post_us / 1e6),
    Row(
        "cores of notify_server", "deliveries × delivery", lambda f, u: events(f, u) * f.receivers * f.delivery_us / 1e6
    ),
    Row("cores of Postgres, one reader", "events × event", lambda f, u: events(f, u) * f.event_us / 1e6),
    Row("more for each reader without the relay", "events × reader", lambda f, u: events(f, u) * f.reader_us / 1e6),
    Row("CPU if a third opens anew", "streams ÷ 3 × open", lambda f, u: streams(f, u) / 3 * f.open_ms / 1e3, "s"),
    Row(
        *("messages of a year", "users × messages × 365 × row"),
        *(lambda f, u: u * f.messages * YEAR_DAYS * f.message_bytes / TB, "TB"),
    ),
    Row(
        *("log that is kept", "users × messages × events × days × row"),
        *(lambda f, u: u * f.messages * f.events * f.log_days * f.event_bytes / TB, "TB"),
    ),
)


def table(figures: Figures, columns: Sequence[int] = COLUMNS) -> str:
    """As Markdown."""
    head = ["users", "", *(f"{users:,}" for users in columns)]
    rows = [
        [row.name, row.formula, *(_shown(row.value(figures, users), row.unit) for users in columns)] for row in ROWS
    ]
    shown = [f"| {' | '.join(line)} |".replace("|  |", "| |") for line in [head, *rows]]
    return "\n".join([shown[0], "|" + "---|" * len(head), *shown[1:]])


def _shown(value: float, unit: str) -> str:
    """Two digits that count."""
    digits = f"{value:,.0f}" if value >= 100 else f"{value:.2g}"
    return f"{digits} {unit}".strip()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.capacity", description=__doc__)
    for one in fields(Figures):
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=float, default=one.default)
    parser.add_argument("--users", type=int, nargs="+", default=list(COLUMNS))
    given = vars(parser.parse_args())
    users = given.pop("users")
    print(table(Figures(**given), users))
    return 0


if __name__ == "__main__":
    sys.exit(main())
