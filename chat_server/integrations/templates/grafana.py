"""Grafana's alerting: https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/."""

from collections.abc import Mapping
from typing import Any

from chat_server.integrations.templates.words import amount, get, items, lines, link, text

MOST_ALERTS = 10


def render(payload: Any, headers: Mapping[str, str]) -> str:
    title, status = text(payload, "title"), text(payload, "status") or text(payload, "state")
    if not title and not status:
        return ""
    url = get(payload, "externalURL") or get(payload, "ruleUrl")
    alerts = amount(payload, "alerts")
    head = f"**{status.upper() or 'ALERT'}** {link(title or 'Grafana', url)}"
    if not alerts:  # as versions before 9 have it
        return lines(head, text(payload, "message"))
    shown = [_alert(alert) for alert in items(payload, "alerts")[:MOST_ALERTS]]
    return lines(head, *shown, f"- and {alerts - MOST_ALERTS} more" if alerts > MOST_ALERTS else "")


def _alert(alert: Any) -> str:
    name = text(alert, "labels", "alertname") or "alert"
    told = text(alert, "annotations", "summary") or text(alert, "valueString")
    url = get(alert, "panelURL") or get(alert, "dashboardURL") or get(alert, "generatorURL")
    return f"- {link(name, url)} {text(alert, 'status')}{f': {told}' if told else ''}"
