"""GitLab: https://docs.gitlab.com/user/project/integrations/webhook_events/."""

from collections.abc import Mapping
from typing import Any

from chat_server.integrations.templates.words import code, get, items, lines, link, subject, text

_DONE = {"open": "opened", "close": "closed", "reopen": "reopened", "merge": "merged", "approved": "approved"}
_FINISHED = {"success", "failed", "canceled"}


def render(payload: Any, headers: Mapping[str, str]) -> str:
    where = link(text(payload, "project", "path_with_namespace"), get(payload, "project", "web_url"))
    who, what = text(payload, "user", "name") or text(payload, "user_name"), "object_attributes"
    done = _DONE.get(text(payload, what, "action"), "")
    match text(payload, "object_kind"):
        case "push":
            return _push(payload, where, who)
        case "tag_push":
            return f"{where}: {who} pushed the tag {code(text(payload, 'ref').removeprefix('refs/tags/'))}"
        case "merge_request" if done:
            return f"{where}: {who} {done} the merge request {_numbered(payload, '!')}"
        case "issue" if done:
            return f"{where}: {who} {done} the issue {_numbered(payload, '#')}"
        case "note":
            commented = link("commented", get(payload, what, "url"))
            said = text(payload, what, "note")
            on = subject(payload, "merge_request", "title") or subject(payload, "issue", "title")
            return lines(f"{where}: {who} {commented}{f' on {on}' if on else ''}", f"> {said}" if said else "")
        case "pipeline" if text(payload, what, "status") in _FINISHED:
            url = get(payload, what, "url") or _pipeline(payload)
            run = link(f"pipeline {text(payload, what, 'id')}", url)
            return f"{where}: {run} on {code(text(payload, what, 'ref'))}: **{text(payload, what, 'status')}**"
    return ""


def _push(payload: Any, where: str, who: str) -> str:
    pushed = get(payload, "total_commits_count")
    if not isinstance(pushed, int) or pushed < 1:
        return ""
    branch = code(text(payload, "ref").removeprefix("refs/heads/"))
    shown = [
        f"- {link(code(text(one, 'id')[:7]), get(one, 'url'))} {subject(one, 'message')}"
        for one in items(payload, "commits")[:5]
    ]
    more = f"- and {pushed - 5} more" if pushed > 5 else ""
    return lines(f"{where}: {who} pushed {pushed} commit{'s' if pushed > 1 else ''} to {branch}", *shown, more)


def _numbered(payload: Any, sign: str) -> str:
    what = "object_attributes"
    return link(f"{sign}{text(payload, what, 'iid')} {text(payload, what, 'title')}", get(payload, what, "url"))


def _pipeline(payload: Any) -> str:
    return f"{get(payload, 'project', 'web_url')}/-/pipelines/{text(payload, 'object_attributes', 'id')}"
