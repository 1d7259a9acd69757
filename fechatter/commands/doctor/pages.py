"""Whether notify_server accepts the pages of chat_server: each may have settings of its own."""

from urllib.parse import urlsplit

import httpx

from chat_core.settings import Settings
from fechatter.commands.doctor.finding import Finding
from fechatter.processes import ports


async def may_connect(settings: Settings) -> Finding:
    return Finding("pages", "notify_server accepts them, or is not running", await _problem(settings))


async def _problem(settings: Settings) -> str | None:
    page = settings.server.public_url or ports.url(settings.server.host, settings.server.port)
    sockets = settings.notify.public_url
    if page.startswith("https:") and not (sockets or "").startswith("https:"):
        return (
            f"pages of {page} would open sockets without TLS, which browsers refuse: "
            "set notify.public_url to an https:// address"
        )
    there = ports.url(settings.notify.host, settings.notify.port)
    name = urlsplit(sockets or page).hostname or ""
    host = f"[{name}]" if ":" in name else name
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            answer = await client.get(f"{there}/health/live", headers={"Origin": page, "Host": host})
    except httpx.HTTPError:
        return None
    if answer.status_code != httpx.codes.FORBIDDEN:
        return None
    return (
        f"notify_server at {there} refuses pages of {page}: start it with this server.public_url, "
        "or add the page's origin to its notify.cors_origins"
    )
