"""Checks of what lies on this machine: keys, ports and the servers on them."""

import httpx

from chat_core.settings import Settings
from fechatter import keys, ports
from fechatter.doctor.finding import Finding
from fechatter.errors import CommandError


async def keys_fit(settings: Settings) -> Finding:
    private, public = keys.paths(settings)
    return Finding("keys", f"{private} and {public} are a pair", keys.problem(private, public))


async def chat_server(settings: Settings) -> Finding:
    return await _server("chat-server", settings.server.host, settings.server.port, "server.port")


async def notify_server(settings: Settings) -> Finding:
    return await _server("notify-server", settings.notify.host, settings.notify.port, "notify.port")


async def _server(name: str, host: str, port: int, setting: str) -> Finding:
    """Free is well, and so is a server of ours that answers there."""
    url = ports.url(host, port)
    try:
        ports.choose([ports.Wanted(host, port, "--port", setting)])
    except CommandError as error:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
                answer = await client.get(f"{url}/health/ready")
        except httpx.HTTPError:
            return Finding(name, "", str(error))
        if answer.status_code == httpx.codes.OK:
            return Finding(name, f"ready at {url}")
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return Finding(name, "", f"{url} runs but is not ready: see its log")
        return Finding(name, "", str(error))
    return Finding(name, f"not running; port {port} on {host} is free")
