"""Jira: https://developer.atlassian.com/server/jira/platform/webhooks/."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from chat_server.integrations.templates.words import get, items, lines, link, text

MOST_CHANGES = 5
_DONE = {
    "jira:issue_created": "created",
    "jira:issue_updated": "updated",
    "jira:issue_deleted": "deleted",
    "comment_created": "commented on",
}


def render(payload: Any, headers: Mapping[str, str]) -> str:
    done = _DONE.get(text(payload, "webhookEvent"), "")
    if not done or not text(payload, "issue", "key"):
        return ""
    comment = get(payload, "comment")
    who = text(payload, "user", "displayName") or text(comment, "author", "displayName") or "somebody"
    if done == "updated" and comment is not None:
        done = "commented on"
    head = f"{who} {done} {_issue(get(payload, 'issue'))}"
    said = text(comment, "body")
    return lines(head, *map(_change, items(payload, "changelog", "items")[:MOST_CHANGES]), f"> {said}" if said else "")


def _issue(issue: Any) -> str:
    key, words = text(issue, "key"), text(issue, "fields", "summary")
    return f"{link(key, _address(issue, key))} {words}".strip()


def _address(issue: Any, key: str) -> str:
    """A payload has the address of the REST resource alone; the page is on the same host."""
    try:
        parts = urlsplit(str(get(issue, "self")))
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}/browse/{key}" if parts.netloc else ""


def _change(item: Any) -> str:
    before, after = text(item, "fromString") or "none", text(item, "toString") or "none"
    return f"- {text(item, 'field')}: {before} → **{after}**"
