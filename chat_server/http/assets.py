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

_STYLES = re.compile(r'(?:<link rel="stylesheet" href="/pages/[^"]+">\s*)+')
_SCRIPT = re.compile(r'(<script [^>]*src=")(/pages/[^"]+)(")')
_ADDRESS = re.compile(r'"(/pages/[^"]+)"')
_ENCODINGS = {"br": ".br", "gzip": ".gz"}


class Manifest(msgspec.Struct):
    """`addresses`: of a script, or of all styles of a page with spaces between them, and that of their bundle; `needs`:
    what a bundle loads at once; `files`: all that may be asked for."""

    addresses: dict[str, str]
    files: set[str]
    needs: dict[str, list[str]] = {}


@cache
def manifest(folder: Path) -> Manifest:
    file = folder / "manifest.json"
    return msgspec.json.decode(file.read_bytes(), type=Manifest) if file.exists() else Manifest({}, set())


def with_bundles(page: str) -> str:
    """The HTML of a page, which loads bundles as far as there are any, and names all that it needs, so that nothing has
    to be run before the rest is asked for."""
    made = manifest(FOLDER)

    def style(links: re.Match[str]) -> str:
        bundle = made.addresses.get(" ".join(_ADDRESS.findall(links[0])))
        return f'<link rel="stylesheet" href="{bundle}">\n' if bundle else links[0]

    def script(tag: re.Match[str]) -> str:
        bundle = made.addresses.get(tag[2], tag[2])
        needed = (f'<link rel="modulepreload" href="{address}">\n' for address in made.needs.get(bundle, ()))
        return "".join((*needed, tag[1], bundle, tag[3]))

    return _SCRIPT.sub(script, _STYLES.sub(style, page))


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
