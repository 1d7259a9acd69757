"""GitHub: https://docs.github.com/en/webhooks/webhook-events-and-payloads. The kind is in the header X-GitHub-Event."""

from collections.abc import Mapping
from typing import Any

from chat_server.integrations.templates.words import amount, code, items, lines, link, subject, text

_SHOWN = {
    "pull_request": {"opened", "closed", "reopened", "ready_for_review"},
    "issues": {"opened", "closed", "reopened"},
    "release": {"published"},
    "workflow_run": {"completed"},
    "issue_comment": {"created"},
    "pull_request_review": {"submitted"},
}


def render(payload: Any, headers: Mapping[str, str]) -> str:
    kind, action = headers.get("x-github-event", ""), text(payload, "action")
    where, who = (
        link(text(payload, "repository", "full_name"), _url(payload, "repository")),
        text(payload, "sender", "login"),
    )
    if kind in _SHOWN and action not in _SHOWN[kind]:
        return ""
    match kind:
        case "ping":
            return f"{where}: the webhook is set up. {text(payload, 'zen')}"
        case "push":
            return _push(payload, where)
        case "pull_request":
            merged = isinstance(payload.get("pull_request"), dict) and payload["pull_request"].get("merged") is True
            done = "merged" if merged else action.replace("_", " ")
            return f"{where}: {who} {done} the pull request {_numbered(payload, 'pull_request')}"
        case "issues":
            return f"{where}: {who} {action} the issue {_numbered(payload, 'issue')}"
        case "issue_comment":
            on = f"{where}: {who} commented on {_numbered(payload, 'issue')}"
            return lines(on, _quoted(text(payload, "comment", "body")))
        case "pull_request_review":
            state = text(payload, "review", "state").replace("_", " ")
            on = f"{where}: {who} reviewed {_numbered(payload, 'pull_request')}: {state}"
            return lines(on, _quoted(text(payload, "review", "body")))
        case "release":
            name = text(payload, "release", "name") or text(payload, "release", "tag_name")
            return f"{where}: {who} released {link(name, _url(payload, 'release'))}"
        case "workflow_run":
            run = link(text(payload, "workflow_run", "name"), _url(payload, "workflow_run"))
            branch = code(text(payload, "workflow_run", "head_branch"))
            return f"{where}: {run} on {branch}: **{text(payload, 'workflow_run', 'conclusion')}**"
    return ""


def _push(payload: Any, where: str) -> str:
    pushed = amount(payload, "commits")
    branch = text(payload, "ref").removeprefix("refs/heads/").removeprefix("refs/tags/")
    if not pushed:
        return ""
    many = link(f"{pushed} commit{'s' if pushed > 1 else ''}", payload.get("compare"))
    first = f"{where}: {text(payload, 'pusher', 'name')} pushed {many} to {code(branch)}"
    shown = [
        f"- {link(code(text(one, 'id')[:7]), one.get('url'))} {subject(one, 'message')}"
        for one in items(payload, "commits")[:5]
        if isinstance(one, dict) and text(one, "message")
    ]
    return lines(first, *shown, f"- and {pushed - 5} more" if pushed > 5 else "")


def _numbered(payload: Any, what: str) -> str:
    return link(f"#{text(payload, what, 'number')} {text(payload, what, 'title')}", _url(payload, what))


def _url(payload: Any, what: str) -> Any:
    found = payload.get(what) if isinstance(payload, dict) else None
    return found.get("html_url") if isinstance(found, dict) else None


def _quoted(words: str) -> str:
    return f"> {words}" if words else ""
