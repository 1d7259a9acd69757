"""The origin that files may have to themselves (storage.public_url): it serves links to files, and nothing else. What
an uploader might get a browser to run there would find neither pages nor sessions.

It is recognised by the host name of a request, so it must be another one than that of everything else.
"""

import urllib.parse
from collections.abc import Mapping, MutableMapping
from functools import cache
from typing import Any, Final

from chat_core.problems import MEDIA_TYPE, Problem
from chat_server.http.api_request import ApiRequest
from chat_server.http.steps.observe import Application

FILES_PATH: Final = "/api/linked/files/"


def at_files_origin(request: ApiRequest) -> bool:
    origin = request.parts.settings.storage.public_url
    return origin is not None and _names(request.headers.get("host", ""), origin)


def nothing_but_files(app: Application, public_url: str | None) -> Application:
    """The application without everything else, at that origin."""
    if public_url is None:
        return app

    async def guarded(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].startswith(FILES_PATH) or not _names(_host(scope), public_url):
            await app(scope, receive, send)
            return
        problem = Problem(404, "not_found", "There is nothing but files here.")
        headers = [(b"content-type", MEDIA_TYPE.encode())]
        await send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await send({"type": "http.response.body", "body": problem.body()})

    return guarded


def _host(scope: Mapping[str, Any]) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")


def _names(host: str, origin: str) -> bool:
    try:
        return urllib.parse.urlsplit(f"//{host}").hostname == _host_of(origin)
    except ValueError:  # a Host header can hold anything
        return False


@cache
def _host_of(origin: str) -> str | None:
    return urllib.parse.urlsplit(origin).hostname
