"""Files behind nginx and Caddy: these send the bytes where they are told to, and keep none for people who lost their
access."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fechatter_client import Client

from tests.end_to_end.operations.test_proxies import proxied
from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import Database
from tests.support.servers import ServerProcess

GIF = b"GIF89a" + bytes(range(256)) * 2000


@pytest.fixture
def folder() -> Iterator[Path]:
    """Which other users may enter: nginx' worker is one."""
    with tempfile.TemporaryDirectory(prefix="fechatter-test-") as made:
        (Path(made) / "files").mkdir()
        (Path(made) / "files").chmod(0o750)
        yield Path(made)


@pytest.fixture(params=["nginx", "Caddy", "chat_server"])
def sender(request: pytest.FixtureRequest) -> str:
    """Who sends the bytes. In front of chat_server is nginx."""
    proxy = "caddy" if request.param == "Caddy" else "nginx"
    if shutil.which(proxy) is None:
        pytest.skip(f"{proxy} is not installed (Debian: nginx-light, caddy)")
    return str(request.param)


@pytest.fixture
async def system(sender: str, database: Database, keys: Path, folder: Path) -> AsyncIterator[System]:
    environment = {
        "FECHATTER_STORAGE__DIRECTORY": str(folder / "files"),
        "FECHATTER_SERVER__TRUSTED_PROXIES": "127.0.0.1,::1",
    }
    if sender != "chat_server":
        environment["FECHATTER_STORAGE__X_ACCEL_REDIRECT"] = "/internal-files/"
    chat = ServerProcess("chat-server", database.chat_url, keys, environment)
    await chat.start()
    try:
        yield System(database.url, chat, chat)
    finally:
        await chat.stop()


async def test_files_behind_a_proxy(system: System, folder: Path, sender: str) -> None:
    by_proxy = sender != "chat_server"
    async with (
        proxied("caddy" if sender == "Caddy" else "nginx", system, folder, with_files=True) as (url, trust),
        plain_http(verify=trust, base_url=url) as http,
        Client(url, url, http=http) as ada,
    ):
        await ada.sign_up("Ada", "ada@example.com", PASSWORD)
        workspace = (await anext(ada.workspaces.list())).id
        file = await ada.files.upload_bytes(workspace, GIF, "Größe.gif")
        bearer, path = {"Authorization": f"Bearer {await ada.access_token()}"}, f"/api/files/{file.id}"

        async with plain_http(base_url=system.chat.url) as direct:
            inside = (await direct.get(path, headers=bearer)).headers.get("x-accel-redirect", "")
        assert inside.startswith("/internal-files/") == by_proxy
        if by_proxy:
            assert (folder / "files" / "blobs" / inside.removeprefix("/internal-files/")).read_bytes() == GIF
            assert (await http.get(inside, headers=bearer)).status_code == httpx.codes.NOT_FOUND

        whole = await http.get(path, headers=bearer)
        assert (whole.status_code, whole.content) == (200, GIF)
        sent = whole.headers
        assert "x-accel-redirect" not in sent
        assert (sent["content-type"], sent["x-content-type-options"]) == ("image/gif", "nosniff")
        assert sent["content-security-policy"] == "default-src 'none'; sandbox"
        assert sent["cross-origin-resource-policy"] == "same-site"
        assert sent["cache-control"] == "private, no-cache"
        assert sent["strict-transport-security"]
        assert sent["content-disposition"].endswith("filename*=UTF-8''Gr%C3%B6%C3%9Fe.gif")
        if by_proxy:  # else it has a cache, for which it asks for the whole whatever it is asked for
            part = await http.get(path, headers={**bearer, "Range": "bytes=10-19", "If-Range": sent["etag"]})
            assert (part.status_code, part.content) == (206, GIF[10:20])
            other = await http.get(path, headers={**bearer, "Range": "bytes=10-19", "If-Range": '"other"'})
            assert (other.status_code, other.content) == (200, GIF)
            known = await http.get(path, headers={**bearer, "If-None-Match": sent["etag"]})
            assert (known.status_code, known.content) == (304, b"")
        headed = await http.head(path, headers=bearer)
        assert (headed.content, headed.headers["content-length"]) == (b"", str(len(GIF)))

        link = (await ada.files.link(file.id)).url
        for _ in range(2):
            assert (await http.get(link)).content == GIF
        assert (await http.get(path)).status_code == httpx.codes.UNAUTHORIZED
        await ada.files.discard(file.id)
        for lost, headers in ((path, bearer), (link, {})):
            assert (await http.get(lost, headers=headers)).status_code == httpx.codes.NOT_FOUND
