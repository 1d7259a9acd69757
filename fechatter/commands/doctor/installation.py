"""Checks of this machine: keys, ports and the servers on them."""

import asyncio
import os
import shutil

import httpx

from chat_core.settings import Settings
from chat_server.files.clamd import Clamd, ScannerUnavailable
from chat_server.media import landlock
from chat_server.media import process as media
from fechatter import keys
from fechatter.commands import up
from fechatter.commands.doctor.finding import Finding
from fechatter.errors import CommandError
from fechatter.processes import ports

# With less than this, a busy hour's messages, WAL and logs may not fit.
LEAST_FREE_BYTES = 256 << 20
NATS_SECONDS = 4.0


async def disk_has_room(settings: Settings) -> Finding:
    """Where the embedded PostgreSQL has its data, or only the keys."""
    folder = settings.data_dir.resolve() / "postgres"
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder.resolve()).free
    problem = f"only {free >> 20} MiB are free on the disk of {folder}: free at least {LEAST_FREE_BYTES >> 20} MiB"
    return Finding("disk", f"{free >> 20} MiB are free", problem if free < LEAST_FREE_BYTES else None)


async def account(_: Settings) -> Finding:
    if os.geteuid() == 0:
        return Finding("account", up.AS_ROOT)
    return Finding("account", "not root")


async def previews(settings: Settings) -> Finding:
    """Without them files work as well."""
    if not settings.media.previews:
        return Finding("previews", "switched off (media.previews)")
    if not media.installed():
        return Finding("previews", "none: they need the extra, pip install 'fechatter[media]'")
    sound = "" if media.ffmpeg_installed() else "; of sound and video none: install ffmpeg, or 'fechatter[video]'"
    open_files = "" if landlock.version() else "; this kernel has no Landlock, so what decodes files may read others"
    return Finding("previews", f"made{sound}{open_files}")


async def scanner(settings: Settings) -> Finding:
    """Files wait for it."""
    if settings.media.clamd is None:
        return Finding("scanner", "none: files are not scanned (media.clamd)")
    try:
        return Finding("scanner", await Clamd(settings.media.clamd, longest_seconds=5).version())
    except ScannerUnavailable as error:
        return Finding("scanner", "", f"{error}; files that are uploaded now cannot be fetched until it answers")


async def ports_differ(settings: Settings) -> Finding:
    given = {"server": settings.server.port, "notify": settings.notify.port}
    if settings.delivers:
        given["delivery"] = settings.delivery.port
    for name, port in given.items():
        for other in [other for other, its in given.items() if its == port and other != name]:
            problem = f"{name}.port and {other}.port are both {port}, but each server needs its own: change one of them"
            return Finding("ports", "", problem)
    return Finding("ports", " and ".join(map(str, given.values())))


async def keys_fit(settings: Settings) -> Finding:
    private, public = keys.paths(settings)
    return Finding("keys", f"{private} and {public} are a pair", keys.problem(private, public))


async def chat_server(settings: Settings) -> Finding:
    return await _server("chat-server", settings.server.host, settings.server.port, "server.port")


async def notify_server(settings: Settings) -> Finding:
    return await _server("notify-server", settings.notify.host, settings.notify.port, "notify.port")


async def delivery_server(settings: Settings) -> Finding:
    """Without bots, pushes and sinks it has nothing to do."""
    if not settings.delivers:
        nobody = "no bots (features.enable_bot_messages), no pushes (push.contact), no sinks (delivery.sinks)"
        return Finding("delivery-server", f"not needed: {nobody}")
    return await _server("delivery-server", settings.delivery.host, settings.delivery.port, "delivery.port")


async def relay(settings: Settings) -> Finding:
    """NATS, as a notify_server uses it: what it publishes comes back."""
    if not settings.nats.servers:
        return Finding("relay", "none: each notify_server reads the log (nats.servers)")
    try:
        from chat_core.relay.bus import Bus
    except ImportError:
        return Finding("relay", "", "nats.servers is set: it needs the extra, pip install 'fechatter[nats]'")
    subject, came = f"{settings.nats.subject}.doctor", asyncio.Event()
    bus = Bus(settings.nats, {subject: lambda _: came.set()})
    running = asyncio.create_task(bus.run())
    try:
        async with asyncio.timeout(NATS_SECONDS):
            await bus.subscribed.wait()
            await bus.send(subject, b"")
            await came.wait()
    except TimeoutError:
        problem = (
            f"NATS does not deliver what is published to {settings.nats.subject}.> ({bus.failure}), so each "
            "notify_server reads the log: look at nats.servers, and at what its user may do there"
        )
        return Finding("relay", "", problem)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return Finding("relay", "NATS takes and delivers")


async def _server(name: str, host: str, port: int, setting: str) -> Finding:
    """A free port is fine, and so is a server of ours that responds on it."""
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
            return Finding(name, "", f"{url} is running but not ready: see its log")
        return Finding(name, "", str(error))
    return Finding(name, f"not running; port {port} on {host} is free")
