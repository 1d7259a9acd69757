"""Sentry: https://docs.sentry.io/organization/integrations/integration-platform/webhooks/. The kind is in the header
Sentry-Hook-Resource."""

from collections.abc import Mapping
from typing import Any

from chat_server.integrations.templates.words import code, get, lines, link, text


def render(payload: Any, headers: Mapping[str, str]) -> str:
    action, data = text(payload, "action"), get(payload, "data")
    match headers.get("sentry-hook-resource", ""):
        case "issue":
            issue = get(data, "issue")
            where = text(issue, "project", "name") or text(issue, "project", "slug")
            head = f"**{where}**: issue {action}: {_titled(issue, get(issue, 'web_url') or get(issue, 'permalink'))}"
            return lines(head, code(text(issue, "culprit")))
        case "event_alert":
            event = get(data, "event")
            head = f"**{text(data, 'triggered_rule')}**: {_titled(event, get(event, 'web_url'))}"
            return lines(head, code(text(event, "culprit")))
        case "metric_alert":
            title = text(data, "description_title")
            return lines(f"**{action.upper()}** {link(title, get(data, 'web_url'))}", text(data, "description_text"))
        case "error":
            return f"Error: {_titled(get(data, 'error'), get(data, 'error', 'web_url'))}"
    return ""


def _titled(what: Any, url: Any) -> str:
    level = text(what, "level")
    return f"{link(text(what, 'title') or 'untitled', url)}{f' ({level})' if level else ''}"
