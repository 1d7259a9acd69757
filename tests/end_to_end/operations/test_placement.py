"""The samples of deploy/ with several notify_servers: a home has its server, and nobody depends on it."""

import asyncio
import grp
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
from fechatter_client import Client, NewMessage, Ready, Snapshot

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.listener import bare_stream
from tests.support.clients.plain_http import plain_http
from tests.support.servers import ROOT, ServerProcess, free_port

HOMES = range(1, 13)
SECONDS = 60


def _replaced(text: str, by: dict[str, str]) -> str:
    for sample, here in by.items():
        assert sample in text, sample
        text = text.replace(sample, here)
    return text


def _nginx(addresses: dict[str, str], folder: Path, port: int) -> list[str]:
    sample = (ROOT / "deploy" / "nginx" / "placement.conf").read_text()
    next_one = "".join(re.findall(r"^# +(proxy_next_upstream.*?;)", sample, re.MULTILINE))
    assert next_one.count(";") == 2
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    user = f"user nobody {grp.getgrgid(os.getegid()).gr_name};" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(
        f"{user} daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; {paths}\n{_replaced(sample, addresses)}\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://fechatter_notify; proxy_http_version 1.1;"
        f" proxy_buffering off; {next_one} }} }} }}\n"
    )
    return ["nginx", "-e", "stderr", "-c", str(config), "-p", str(folder)]


def _haproxy(addresses: dict[str, str], folder: Path, port: int) -> list[str]:
    config = folder / "haproxy.cfg"
    here = {
        "maxconn 200000": "maxconn 1000",  # which take descriptors
        "hash-balance-factor 110": "hash-balance-factor 1000",  # of two streams one is not yet closed: too many for 1.1
        "    bind :80\n": f"    bind 127.0.0.1:{port}\n",
        "    bind :443 ssl crt /etc/haproxy/chat.example.com.pem alpn h2,http/1.1\n": "",
        "    http-request redirect scheme https unless { ssl_fc }\n": "",
        "10.0.0.21:6688": "127.0.0.1:9",
        "10.0.0.22:6688": "127.0.0.1:9",
    }
    config.write_text(_replaced((ROOT / "deploy" / "haproxy" / "haproxy.cfg").read_text(), here | addresses))
    return ["haproxy", "-db", "-f", str(config)]


@asynccontextmanager
async def _proxied(name: str, nodes: list[ServerProcess], folder: Path) -> AsyncIterator[str]:
    port = free_port()
    folder.chmod(0o755)  # nginx' worker is another user
    addresses = {f"10.0.0.1{number}:6687": f"127.0.0.1:{node.port}" for number, node in enumerate(nodes, 1)}
    command = {"nginx": _nginx, "haproxy": _haproxy}[name](addresses, folder, port)
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(SECONDS):
            while not await _listens(port):
                assert process.returncode is None, (await process.communicate())[1].decode()
        yield f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def _opens(url: str, token: str, home: int, nodes: list[ServerProcess], http: httpx.AsyncClient) -> int:
    """Opens a stream and closes it; which node has had it."""
    before = await _opened(nodes, http)
    async with bare_stream(url, token, query=f"?home={home}"):
        pass
    after = await _opened(nodes, http)
    [at] = [number for number, (was, now) in enumerate(zip(before, after, strict=True)) if now > was]
    return at


async def _opened(nodes: list[ServerProcess], http: httpx.AsyncClient) -> list[float]:
    """How many streams each has opened so far."""
    found = []
    for node in nodes:
        text = (await http.get(f"{node.url}/metrics")).text
        figures = re.findall(r'^fechatter_streams_opened_total\{transport="sse"\} (\S+)$', text, re.MULTILINE)
        found.append(float(figures[0]) if figures else 0.0)
    return found


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.skipif(shutil.which(name) is None, reason=f"{debian} is not installed"))
        for name, debian in (("nginx", "nginx-light"), ("haproxy", "haproxy"))
    ],
)
@pytest.mark.system(notify__retry_milliseconds=10)
async def test_a_home_has_its_server_and_nobody_depends_on_it(name: str, system: System, tmp_path: Path) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    nodes = [system.notify, system.notify.twin()]
    await nodes[1].start()
    try:
        async with (
            asyncio.timeout(SECONDS),
            _proxied(name, nodes, tmp_path) as url,
            plain_http() as http,
        ):
            places = [await _opens(url, grace.token, home, nodes, http) for home in HOMES]
            assert set(places) == {0, 1}, "homes are spread"
            assert [await _opens(url, grace.token, home, nodes, http) for home in HOMES[:4]] == places[:4], "and stay"
            async with Client(system.chat.url, url) as client:
                await client.sign_in(grace.email, PASSWORD)
                seen: list[str] = []
                async for event in client.events(snapshot=True):
                    match event.data:
                        case Snapshot(workspaces=workspaces):
                            home = min(workspace.id for workspace in workspaces)
                            chosen = nodes[await _opens(url, grace.token, home, nodes, http)]
                        case Ready() if not seen:
                            while (await http.get(f"{chosen.url}/health")).json()["streams"] != 1:
                                pass  # the one before is being closed
                            await ada.messages.post(chat, "before")
                        case NewMessage(content=text):
                            seen.append(text)
                            if text == "after":
                                break
                            await chosen.kill()
                            await ada.messages.post(chat, "after")
                assert seen == ["before", "after"]
    finally:
        await nodes[1].stop()
