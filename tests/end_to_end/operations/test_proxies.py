"""deploy/nginx and deploy/caddy as they are, but for name, ports and certificate: everything goes through, over TLS."""

import asyncio
import grp
import os
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fechatter_client import Client, NewMessage, Snapshot
from websockets.asyncio.client import connect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.plain_http import plain_http
from tests.support.servers import ROOT, free_port

NAME = "localhost"
START_SECONDS = 60
GONE_SECONDS = 10  # less than the 15 s between heartbeats


def certificate(folder: Path) -> Path:
    """A self-signed one of `localhost`, with its key."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, SHA256())
    )
    file = folder / "tls.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return file


def _nginx(system: System, folder: Path, port: int, pem: Path, *, with_files: bool = False) -> list[str]:
    """`with_files`: they are in the folder `files`, and it keeps what may be cached."""
    ours = (ROOT / "deploy" / "nginx" / "fechatter.conf").read_text()
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    for sample, here in {
        "listen [::]:443 ssl http2;": "",
        "listen [::]:80;": "",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "listen 443 ssl http2": f"listen 127.0.0.1:{port} ssl http2",
        "/etc/letsencrypt/live/chat.example.com/fullchain.pem": str(pem),
        "/etc/letsencrypt/live/chat.example.com/privkey.pem": str(pem),
        "chat.example.com": NAME,
        "127.0.0.1:6688": f"127.0.0.1:{system.chat.port}",
        "127.0.0.1:6687": f"127.0.0.1:{system.notify.port}",
        "/var/lib/fechatter/files/blobs/": f"{folder}/files/blobs/",
    }.items():
        assert sample in ours, sample
        ours = ours.replace(sample, here)
    config = folder / "nginx.conf"
    user = f"user nobody {grp.getgrgid(os.getegid()).gr_name};" if os.geteuid() == 0 else ""
    cache = f"proxy_cache_path {folder}/cache keys_zone=all:1m; proxy_cache all; proxy_cache_key $request_uri;"
    cache = cache if with_files else ""
    config.write_text(
        f"{user} daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; {paths} {cache}\n{ours}\n}}\n"
    )
    return ["nginx", "-e", "stderr", "-c", str(config), "-p", str(folder)]


def _caddy(system: System, folder: Path, port: int, pem: Path, *, with_files: bool = False) -> list[str]:
    """As above; it has no cache."""
    ours = (ROOT / "deploy" / "caddy" / "Caddyfile").read_text()
    for sample, here in {
        "\nchat.example.com {": f"\n{NAME}:{port} {{\n\ttls {pem} {pem}",
        "127.0.0.1:6688": f"127.0.0.1:{system.chat.port}",
        "127.0.0.1:6687": f"127.0.0.1:{system.notify.port}",
        "/var/lib/fechatter/files/blobs": f"{folder}/files/blobs",
    }.items():
        assert sample in ours, sample
        ours = ours.replace(sample, here)
    config = folder / "Caddyfile"
    config.write_text(f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {folder}\n}}\n{ours}")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(config)]


@asynccontextmanager
async def proxied(
    name: str, system: System, folder: Path, **options: bool
) -> AsyncIterator[tuple[str, ssl.SSLContext]]:
    """The public URL of a proxy in front of both servers, and what a client trusts there."""
    pem, port = certificate(folder), free_port()
    folder.chmod(0o755)  # nginx' worker is another user
    command = {"nginx": _nginx, "caddy": _caddy}[name](system, folder, port, pem, **options)
    trust = ssl.create_default_context(cafile=pem)
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    try:
        url = f"https://{NAME}:{port}"
        async with asyncio.timeout(START_SECONDS), plain_http(verify=trust) as http:
            while not await _answers(http, url):
                assert process.returncode is None, (await process.communicate())[1].decode()
        yield url, trust
    finally:
        process.terminate()
        await process.communicate()


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(f"{url}/signin")).is_success
    except httpx.ConnectError:
        return False


@pytest.mark.system(server__public_url="https://localhost", server__trusted_proxies="127.0.0.1,::1")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not installed (Debian: {debian})"),
        )
        for name, debian in (("nginx", "nginx-light"), ("caddy", "caddy"))
    ],
)
async def test_rest_streams_sockets_and_pages_go_through(name: str, system: System, tmp_path: Path) -> None:
    async with proxied(name, system, tmp_path) as (url, trust):
        async with (
            asyncio.timeout(START_SECONDS),
            plain_http(verify=trust) as http,
            Client(url, url, http=http) as ada,
        ):
            await ada.sign_up("Ada", f"ada.{name}@example.com", PASSWORD)
            chat = await ada.chats.create("PrivateChannel", name="lunch")
            async for event in ada.events(snapshot=True):
                match event.data:
                    case Snapshot():
                        await ada.messages.post(chat.id, "through the proxy")
                    case NewMessage(content=text):
                        assert text == "through the proxy"
                        break
            page = await http.get(f"{url}/boards")
            assert page.is_success
            assert page.headers["strict-transport-security"]
            for inside in ("/metrics", "/health", "/health/ready"):
                assert (await http.get(f"{url}{inside}")).status_code == httpx.codes.NOT_FOUND, inside
            token = {"Authorization": f"Bearer {await ada.access_token()}"}
            sockets = url.replace("https", "wss")
            async with connect(f"{sockets}/api/ws", ssl=trust, additional_headers=token, proxy=None) as socket:
                assert '"ready"' in str(await socket.recv())
            # The audit log names the client, not the proxy, whatever the client says of itself.
            workspace = await anext(ada.workspaces.list())
            renamed = await http.put(
                f"{url}/api/workspaces/{workspace.id}",
                headers={**token, "X-Forwarded-For": "203.0.113.9"},
                json={"name": "Ada and friends"},
            )
            assert renamed.is_success
            async with system.sql() as sql:
                assert await sql.fetchval("SELECT address FROM audit_log ORDER BY id DESC LIMIT 1") in (
                    "127.0.0.1",
                    "::1",
                )
        # The servers notice at once that a client of the proxy's has gone, and not when a heartbeat cannot be written.
        async with asyncio.timeout(GONE_SECONDS), system.sql() as sql:
            while True:  # reported once a second
                if not await sql.fetchval("SELECT EXISTS (SELECT FROM ops.online)"):
                    break
                await asyncio.sleep(0.05)
