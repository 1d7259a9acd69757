"""Requests to our own REST API, from within: a method of Slack's is made of these, with its caller's own token.

So there is one way to do each thing. Access, scopes, limits, bounds and the audit log are those of REST, and nothing
has to be kept equal (ADR 83).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

import msgspec

from chat_server.http.api_request import JSON_MEDIA_TYPE, ApiRequest
from chat_server.integrations.slack.answers import Json, in_slacks_words

_NEXT = re.compile(r'[?&](?:after_id|before_id)=(\d+)[^>]*>; rel="next"')


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list; `next` is where the next one begins."""

    items: list[Json]
    next: int | None


class OwnApi:
    def __init__(self, request: ApiRequest, token: str, scopes: frozenset[str]) -> None:
        self._request, self._token, self._scopes = request, token, scopes

    async def get(self, path: str, missing: str = "invalid_arguments", **query: object) -> Any:
        """The JSON of a response. `missing` is Slack's word for a 404. Raises SlackError."""
        return (await self._send("GET", path, query, None, missing, {}))[1]

    async def page(self, path: str, missing: str = "invalid_arguments", **query: object) -> Page:
        headers, listed = await self._send("GET", path, query, None, missing, {})
        found = _NEXT.search(headers.get("link", ""))
        return Page(listed["items"] if isinstance(listed, dict) else listed, int(found[1]) if found else None)

    async def post(self, path: str, body: object = None, missing: str = "invalid_arguments") -> Any:
        return (await self._send("POST", path, {}, body, missing, {}))[1]

    async def begin_upload(self, path: str, headers: Mapping[str, str]) -> Any:
        return (await self._send("POST", path, {}, None, "team_not_found", headers))[1]

    async def put(self, path: str, body: object = None, missing: str = "invalid_arguments") -> Any:
        return (await self._send("PUT", path, {}, body, missing, {}))[1]

    async def patch(self, path: str, body: object, missing: str = "invalid_arguments") -> Any:
        return (await self._send("PATCH", path, {}, body, missing, {}))[1]

    async def delete(self, path: str, missing: str = "invalid_arguments") -> None:
        await self._send("DELETE", path, {}, None, missing, {})

    async def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, object],
        body: object,
        missing: str,
        headers: Mapping[str, str],
    ) -> tuple[dict[str, str], Any]:
        content = b"" if body is None else msgspec.json.encode(body)
        status, answer_headers, answer = await self._through_the_app(
            method, path, urlencode({key: value for key, value in query.items() if value is not None}), content, headers
        )
        decoded = msgspec.json.decode(answer) if answer else None
        if status >= 400:
            raise in_slacks_words(status, decoded or {}, missing, ",".join(sorted(self._scopes)))
        return answer_headers, decoded

    async def _through_the_app(
        self, method: str, path: str, query: str, content: bytes, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        outer = self._request.scope
        sent = {"host": "localhost", "authorization": f"Bearer {self._token}", "content-length": str(len(content))}
        if content:
            sent["content-type"] = JSON_MEDIA_TYPE
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in {**sent, **headers}.items()]
        # The client's address counts, and is audited, as behind the same proxies.
        raw += [header for header in outer["headers"] if header[0] == b"x-forwarded-for"]
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": outer["asgi"],
            "http_version": "1.1",
            "method": method,
            "scheme": outer["scheme"],
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": raw,
            "client": outer.get("client"),
            "server": outer.get("server"),
            "state": {},
            "extensions": {},
        }
        status, answer_headers, answer = 500, {}, b""

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(event: Any) -> None:
            nonlocal status, answer_headers, answer
            if event["type"] == "http.response.start":
                status = event["status"]
                answer_headers = {name.decode().lower(): value.decode("latin-1") for name, value in event["headers"]}
            else:
                answer += event.get("body", b"")

        await self._request.app(scope, receive, send)  # type: ignore[arg-type]
        return status, answer_headers, answer
