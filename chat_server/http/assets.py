"""Bundles of the pages' modules and styles, in files that are named by their content (web/bundles/assets.mjs). Packages
have them in `chat_server/assets`; a checkout has none, and serves the modules themselves.

A page names its bundles in place of its modules. What a bundle does not have, such as icons, is at its own address.
"""

import mimetypes
import re
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import PathParameter

from chat_server.http.api_request import ApiRequest
from chat_server.http.encodings import preferred

FOLDER = Path(__file__).parent.parent / "assets"

_LOADED = re.compile(r'"(/pages/[^"]+)"')
_ENCODINGS = {"br": ".br", "gzip": ".gz"}


class Manifest(msgspec.Struct):
    """`addresses`: of modules and styles, with those of their bundles; `files`: all that may be asked for."""

    addresses: dict[str, str]
    files: set[str]


@cache
def manifest(folder: Path) -> Manifest:
    file = folder / "manifest.json"
    return msgspec.json.decode(file.read_bytes(), type=Manifest) if file.exists() else Manifest({}, set())


def with_bundles(page: str) -> str:
    """The HTML of a page, which loads bundles as far as there are any."""
    addresses = manifest(FOLDER).addresses
    return _LOADED.sub(lambda named: f'"{addresses.get(named[1], named[1])}"', page)


@get("/assets/{name:str}", include_in_schema=False, sync_to_thread=True)
def asset(request: ApiRequest, name: Annotated[str, PathParameter(max_length=200)]) -> Response[bytes]:
    """Never changes: another content has another name."""
    if name not in manifest(FOLDER).files:
        raise NotFoundException
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    file = FOLDER / name
    if (FOLDER / f"{name}.br").exists():
        headers["Vary"] = "Accept-Encoding"
        chosen = preferred(request.headers.get("accept-encoding", ""), tuple(_ENCODINGS))
        if chosen is not None:
            headers["Content-Encoding"] = chosen
            file = FOLDER / f"{name}{_ENCODINGS[chosen]}"
    kind, _ = mimetypes.guess_type(name)
    body = file.read_bytes()
    return Response(body, media_type=kind or "application/octet-stream", headers=headers)
