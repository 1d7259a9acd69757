"""Prometheus' Alertmanager: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config."""

from collections.abc import Mapping
from typing import Any

from chat_server.integrations.templates.words import amount, get, items, lines, link, text

MOST_ALERTS = 10


def render(payload: Any, headers: Mapping[str, str]) -> str:
    alerts, status = amount(payload, "alerts"), text(payload, "status")
    if not alerts or not status:
        return ""
    name = text(payload, "commonLabels", "alertname") or text(payload, "groupLabels", "alertname") or "alerts"
    head = f"**{status.upper()}** {link(name, get(payload, 'externalURL'))}: {alerts} alert{'s' if alerts > 1 else ''}"
    shown = [_alert(alert) for alert in items(payload, "alerts")[:MOST_ALERTS]]
    return lines(head, *shown, f"- and {alerts - MOST_ALERTS} more" if alerts > MOST_ALERTS else "")


def _alert(alert: Any) -> str:
    labels = get(alert, "labels")
    told = text(alert, "annotations", "summary") or text(alert, "annotations", "description")
    named = text(labels, "instance") or text(labels, "job") or text(labels, "alertname")
    severity = text(labels, "severity")
    words = f"{named}{f' ({severity})' if severity else ''}"
    return f"- {link(words, get(alert, 'generatorURL'))}{f': {told}' if told else ''}"
