"""The image of `make image`, run by buildah: `fechatter up` in it, with its own PostgreSQL, as its own user."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from fechatter_client import Client

from release import image
from tests.support.clients.plain_http import plain_http
from tests.support.servers import free_port

ARCHIVE = os.environ.get("IMAGE")

pytestmark = pytest.mark.skipif(ARCHIVE is None, reason="make image makes one, and runs this")


@pytest.fixture(scope="module")
def container() -> Iterator[list[str]]:
    """The beginning of a command that runs another one in a container of the image."""
    store = Path(tempfile.mkdtemp(dir="/var/tmp"))
    buildah = ["buildah", "--storage-driver", "vfs", "--root", f"{store}/root", "--runroot", f"{store}/run"]
    try:
        done = subprocess.run([*buildah, "from", f"oci-archive:{ARCHIVE}"], check=True, capture_output=True, text=True)
        yield [*buildah, "run", "--isolation", "chroot", done.stdout.strip(), "--"]
    finally:
        shutil.rmtree(store)


def test_it_is_nobodys_root_and_has_what_it_needs(container: list[str]) -> None:
    said = subprocess.run([*container, "id", "-u"], check=True, capture_output=True, text=True).stdout
    assert said.strip() == str(image.USER)
    imported = "import nats, obstore, chat_server.app, delivery_server.app, notify_server.relay.relay"
    subprocess.run([*container, "python3", "-c", imported], check=True)
    for server in ("chat-server", "notify-server", "delivery-server", "migrate"):
        subprocess.run([*container, "fechatter", server, "--help"], check=True, capture_output=True)
    for needed in ("sleep", "sh"):  # the chart's preStop, and its migration
        subprocess.run([*container, "sh", "-c", f"command -v {needed}"], check=True, capture_output=True)
    assert subprocess.run([*container, "touch", "/usr/file"], check=False, capture_output=True).returncode != 0


async def test_everything_starts_in_it_and_somebody_signs_up(container: list[str]) -> None:
    ports = {"--port": free_port(), "--notify-port": free_port(), "--delivery-port": free_port()}
    arguments = [str(part) for pair in ports.items() for part in pair]
    settings = ["FECHATTER_MODE=development", "FECHATTER_FEATURES__ENABLE_BOT_MESSAGES=true"]
    settings += [f"FECHATTER_{section}__HOST=127.0.0.1" for section in ("SERVER", "NOTIFY", "DELIVERY")]
    command = [*container, "env", *settings, "fechatter", "up", *arguments, "--data-dir", "/tmp/data"]  # noqa: S108
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            ready = running.stdout.readline()
            found = re.match(r"ready chat=(\S+) notify=(\S+) ", ready)
            assert found, ready
            for port in ports.values():
                health = httpx.get(f"http://127.0.0.1:{port}/health/ready", trust_env=False)
                assert health.status_code == httpx.codes.OK
            async with Client(found[1], found[2], http=plain_http()) as ada:
                await ada.sign_up("Ada", "ada@example.com", "correct horse battery")
                assert [workspace.name async for workspace in ada.workspaces.list()]
        finally:
            inside = psutil.Process(running.pid).children(recursive=True)
            [up] = [process for process in inside if process.cmdline()[1:3] == ["/usr/local/bin/fechatter", "up"]]
            up.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
