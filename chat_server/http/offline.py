"""What the chat client needs to start without the network: its service worker (web/chat/offline/worker.js), the list of
its files, and the manifest by which a browser installs it.
"""

import hashlib
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import MediaType, Response, get

from chat_server.http import assets
from chat_server.http.pages import WEB

# Without bundles the chat client may load any file of these folders; of vendor/ what is not another page's.
_FOLDERS: Final = ("chat", "client", "lib", "vendor")
_PICTURES: Final = frozenset({".svg"})
_KINDS: Final = _PICTURES | {".css", ".js"}
_OF_OTHER_PAGES: Final = ("vendor/yjs.js", "vendor/swagger-ui/", "chat/offline/worker.js")
# A checkout's files change while the server runs; looking at all of them takes a millisecond.
_LOOK_EVERY_SECONDS: Final = 1.0

_FRESH: Final = {"Cache-Control": "no-cache"}

_MANIFEST: Final = {
    "id": "/",
    "name": "Fechatter",
    "short_name": "Fechatter",
    "start_url": "/",
    "scope": "/",
    "display": "standalone",
    "background_color": "#f6f6f3",
    "theme_color": "#4450c8",
    "icons": [
        {"src": "/pages/lib/icon.svg", "type": "image/svg+xml", "sizes": "any", "purpose": "any"},
        {"src": "/pages/lib/icon-192.png", "type": "image/png", "sizes": "192x192", "purpose": "any"},
        {"src": "/pages/lib/icon-512.png", "type": "image/png", "sizes": "512x512", "purpose": "any"},
        {"src": "/pages/lib/icon-maskable.png", "type": "image/png", "sizes": "512x512", "purpose": "maskable"},
    ],
}


class OfflineFiles(msgspec.Struct):
    """`build` changes with the content of any file. Servers with the same files have the same, whenever these came."""

    build: str
    files: list[str]


@get("/worker.js", include_in_schema=False, sync_to_thread=True)
def worker() -> Response[bytes]:
    content = (WEB / "chat" / "offline" / "worker.js").read_bytes()
    return Response(content, media_type="text/javascript; charset=utf-8", headers=_FRESH)


@get("/offline.json", include_in_schema=False, sync_to_thread=True)
def offline_files() -> Response[OfflineFiles]:
    files = _files(int(time.monotonic() / _LOOK_EVERY_SECONDS))
    return Response(files, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})


@get("/manifest.webmanifest", include_in_schema=False)
async def manifest() -> Response[dict[str, Any]]:
    return Response(_MANIFEST, media_type="application/manifest+json", headers=_FRESH)


@lru_cache(maxsize=1)
def _files(_at: int) -> OfflineFiles:
    bundles = [f"/assets/{name}" for name in sorted(assets.manifest(assets.FOLDER).files)]
    found = sorted(_of_the_client(_PICTURES if bundles else _KINDS))
    seen = hashlib.sha256("\n".join(bundles).encode())
    for path in [*found, "chat/chat.html"]:
        looked_at = (WEB / path).stat()
        seen.update(f"{path} {_sha256(WEB / path, looked_at.st_size, looked_at.st_mtime_ns)}\n".encode())
    return OfflineFiles(seen.hexdigest()[:16], [*bundles, *(f"/pages/{path}" for path in found)])


@lru_cache(maxsize=2048)
def _sha256(file: Path, _size: int, _changed_at: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _of_the_client(kinds: frozenset[str]) -> Iterator[str]:
    for folder in _FOLDERS:
        for file in Path(WEB, folder).rglob("*"):
            path = file.relative_to(WEB).as_posix()
            if file.suffix in kinds and not path.endswith(".d.ts") and not path.startswith(_OF_OTHER_PAGES):
                yield path


HANDLERS = [worker, offline_files, manifest]
