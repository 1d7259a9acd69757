"""Jenkins with its Notification plugin: https://plugins.jenkins.io/notification/."""

from collections.abc import Mapping
from typing import Any

from chat_server.integrations.templates.words import code, get, lines, link, text

_SHOWN = {"COMPLETED", "STARTED"}


def render(payload: Any, headers: Mapping[str, str]) -> str:
    phase, build = text(payload, "build", "phase"), get(payload, "build")
    if phase not in _SHOWN:  # QUEUED says too little, and FINALIZED what COMPLETED has said
        return ""
    name = text(payload, "display_name") or text(payload, "name")
    run = link(f"{name} #{text(build, 'number')}", get(build, "full_url"))
    state = f"**{text(build, 'status')}**" if phase == "COMPLETED" else "started"
    branch, commit = text(build, "scm", "branch"), text(build, "scm", "commit")
    on = f" on {code(branch)}" if branch else ""
    return lines(f"{run}{on}: {state}", f"commit {code(commit[:10])}" if commit else "")
