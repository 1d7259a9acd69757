"""Writes Grafana's dashboard, deploy/grafana/fechatter.json, from the panels below. With --check it only says whether
it is up to date."""

import json
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]
FILE: Final = Path(__file__).parents[1] / "deploy" / "grafana" / "fechatter.json"
SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT, IN_A_ROW = 8, 8, 3


@dataclass(frozen=True)
class Panel:
    """A graph over time: a line for each expression, or for each of its series. `alarm` is drawn in red."""

    title: str
    unit: str
    lines: dict[str, str]
    alarm: float | None = None
    about: str = ""


def quantile(part: float, histogram: str) -> str:
    return f"histogram_quantile({part}, sum by (le) (rate({histogram}_bucket[$__rate_interval])))"


def rate(counter: str, by: str = "", where: str = "") -> str:
    return f"sum{f' by ({by})' if by else ''} (rate({counter}{where}[$__rate_interval]))"


ROWS: Final[dict[str, list[Panel]]] = {
    "What users notice": [
        Panel(
            "From commit to the last socket",
            "s",
            {
                "p50": quantile(0.5, "fechatter_commit_to_socket_seconds"),
                "p99": quantile(0.99, "fechatter_commit_to_socket_seconds"),
            },
            1,
            "From an event's commit to the last of its streams.",
        ),
        Panel(
            "Requests of REST",
            "s",
            {"p50": quantile(0.5, "chat_request_seconds"), "p99": quantile(0.99, "chat_request_seconds")},
        ),
        Panel(
            "Requests that fail",
            "percentunit",
            {"5xx": rate("chat_requests_total", where='{status=~"5.."}') + " / " + rate("chat_requests_total")},
            0.01,
        ),
        Panel("Requests", "reqps", {"{{method}} {{status}}": rate("chat_requests_total", "method, status")}),
        Panel(
            "Streams",
            "short",
            {
                "open": "sum(fechatter_streams_open)",
                "users": "sum(fechatter_subscribers)",
                "of them WebSockets": "sum(fechatter_sockets_open)",
            },
        ),
        Panel(
            "Cold starts",
            "ops",
            {
                "snapshots {{outcome}}": rate("chat_boots_total", "outcome"),
                "streams {{outcome}}": rate("fechatter_boots_total", "outcome"),
            },
        ),
        Panel("Streams closed", "ops", {"{{reason}}": rate("fechatter_streams_closed_total", "reason")}),
    ],
    "The log": [
        Panel(
            "Lag",
            "s",
            {"{{instance}}": "fechatter_log_lag_seconds"},
            5,
            "Age of the newest event when it was dispatched.",
        ),
        Panel("Events to read", "short", {"{{instance}}": "fechatter_log_lag_events"}, 1000),
        Panel(
            "Events and deliveries",
            "ops",
            {"events": rate("fechatter_events_total"), "deliveries": rate("fechatter_deliveries_total")},
        ),
        Panel("Resumes, by where events were read", "ops", {"{{source}}": rate("fechatter_resumes_total", "source")}),
        Panel("Resets", "ops", {"{{reason}}": rate("fechatter_resets_total", "reason")}),
        Panel("Streams refused", "ops", {"{{code}}": rate("fechatter_streams_refused_total", "code")}),
        Panel("Not read by clients yet", "bytes", {"{{instance}}": "fechatter_streams_queued_bytes"}),
        Panel("Typing and presence", "ops", {"{{kind}}": rate("fechatter_ephemeral_deliveries_total", "kind")}),
        Panel("Messages in one commit", "short", {"p50": quantile(0.5, "chat_post_batch_size")}),
    ],
    "The database": [
        Panel("Queue of notifications", "percentunit", {"full": "max(fechatter_notify_queue_usage_ratio)"}, 0.1),
        Panel("Oldest transaction", "s", {"open for": "max(fechatter_database_transaction_seconds)"}, 900),
        Panel(
            "Synchronous standbys",
            "short",
            {
                "connected": "max(fechatter_database_sync_standbys)",
                "wanted": "max(fechatter_database_sync_standbys_wanted)",
            },
        ),
        Panel(
            "Connections of chat_server",
            "short",
            {
                "open": "sum(chat_pool_connections)",
                "idle": "sum(chat_pool_idle_connections)",
                "at most": "sum(chat_pool_most_connections)",
            },
        ),
        Panel("Requests in flight", "short", {"{{instance}}": "chat_requests_in_flight"}),
        Panel("Refused by limits", "ops", {"{{limit}}": rate("chat_rate_limited_total", "limit")}),
    ],
    "The relay (NATS)": [
        Panel(
            "Workers",
            "short",
            {
                "led": "sum(fechatter_relay_led)",
                "take part": "sum(fechatter_relay_workers)",
                "lead": "sum(fechatter_relay_leads)",
            },
        ),
        Panel("From the leader to the others", "s", {"p99": quantile(0.99, "fechatter_relay_seconds")}),
        Panel(
            "Missing frames and silences",
            "ops",
            {"gaps": rate("fechatter_relay_gaps_total"), "silences": rate("fechatter_relay_fallbacks_total")},
        ),
    ],
    "Boards and pages": [
        Panel(
            "Connections",
            "short",
            {"boards": "sum(fechatter_board_connections)", "pages": "sum(fechatter_page_connections)"},
        ),
        Panel(
            "Until an edit is durable, p99",
            "s",
            {
                "boards": quantile(0.99, "fechatter_board_stored_seconds"),
                "pages": quantile(0.99, "fechatter_page_stored_seconds"),
            },
        ),
        Panel(
            "Not durable yet",
            "bytes",
            {"boards": "sum(fechatter_board_unstored_bytes)", "pages": "sum(fechatter_page_unstored_bytes)"},
        ),
    ],
    "What is sent to others": [
        Panel("Webhooks", "ops", {"{{outcome}}": rate("fechatter_delivery_attempts_total", "outcome")}),
        Panel("Pushes", "ops", {"{{outcome}}": rate("fechatter_pushes_total", "outcome")}),
        Panel("Sinks behind", "short", {"{{sink}}": "max by (sink) (fechatter_delivery_sink_behind)"}, 10_000),
        Panel("Mails", "ops", {"{{outcome}}": rate("chat_mails_total", "outcome")}),
        Panel("Mails that wait", "short", {"waiting": "max(chat_mails_waiting)"}, 100),
        Panel("Search is behind", "s", {"behind": "max(chat_search_seconds_behind)"}, 300),
    ],
    "Files": [
        Panel(
            "Disk",
            "bytes",
            {"free at {{instance}}": "chat_disk_free_bytes", "kept free at {{instance}}": "chat_disk_reserve_bytes"},
        ),
        Panel("Stored", "bytes", {"{{store}}": "max by (store) (chat_blobs_bytes)"}),
        Panel(
            "Failures of stores",
            "ops",
            {"{{store}} {{operation}}": rate("chat_storage_failures_total", "store, operation")},
        ),
    ],
}


def expressions() -> list[tuple[str, str]]:
    """What the panels ask for, each with its panel's title."""
    return [(panel.title, line) for row in ROWS.values() for panel in row for line in panel.lines.values()]


def dashboard() -> Json:
    ids = count(1)
    panels: list[Json] = []
    y = 0
    for title, row in ROWS.items():
        at = {"x": 0, "y": y, "w": WIDTH * IN_A_ROW, "h": 1}
        panels.append({"id": next(ids), "type": "row", "title": title, "collapsed": False, "gridPos": at, "panels": []})
        y += 1
        for place, panel in enumerate(row):
            at = {
                "x": WIDTH * (place % IN_A_ROW),
                "y": y + HEIGHT * (place // IN_A_ROW),
                "w": WIDTH,
                "h": HEIGHT,
            }
            panels.append(_graph(next(ids), panel, at))
        y += HEIGHT * -(-len(row) // IN_A_ROW)
    return {
        "uid": "fechatter",
        "title": "Fechatter",
        "tags": ["fechatter"],
        "schemaVersion": 38,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {
            "list": [{"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]
        },
        "panels": panels,
    }


def _graph(number: int, panel: Panel, at: dict[str, int]) -> Json:
    steps: list[Json] = [{"value": None, "color": "green"}]
    drawn = {"mode": "off"}
    if panel.alarm is not None:
        steps.append({"value": panel.alarm, "color": "red"})
        drawn = {"mode": "line"}
    custom = {"lineWidth": 1, "fillOpacity": 5, "showPoints": "never", "thresholdsStyle": drawn}
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        **({"description": panel.about} if panel.about else {}),
        "datasource": SOURCE,
        "gridPos": at,
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": line, "legendFormat": legend, "range": True}
            for place, (legend, line) in enumerate(panel.lines.items())
        ],
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "thresholds": {"mode": "absolute", "steps": steps},
                "custom": custom,
            },
            "overrides": [],
        },
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
    }


def main() -> int:
    text = json.dumps(dashboard(), indent=1) + "\n"
    if "--check" in sys.argv[1:]:
        if not FILE.exists() or FILE.read_text() != text:
            print(f"{FILE.name} is not what release/dashboard.py makes: make dashboard", file=sys.stderr)
            return 1
        return 0
    FILE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
