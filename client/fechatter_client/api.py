"""Calls in the name of the signed-in user: typed responses, and pages."""

import logging
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar

import httpx
import msgspec

from .errors import Problem, Unintelligible, Unreachable
from .http import Http
from .models.messages.messages import Message
from .session import Session

T = TypeVar("T")
# What a failover of the database may lose is repeated: at most this number of the newest messages, and no older ones.
MOST_KEPT = 200
KEPT_SECONDS = 900.0

log = logging.getLogger("fechatter_client")


class Posted(msgspec.Struct):
    message_id: int
    at: float
    path: str
    body: object
    key: str


class Api:
    """The base of every resource's calls. `acting_for`: they are made for this user, by the one who is signed in."""

    def __init__(self, http: Http, session: Session, acting_for: int | None = None) -> None:
        self.http, self.session = http, session
        self.own_headers = {} if acting_for is None else {"Acting-For": str(acting_for)}
        self._posted: deque[Posted] = deque(maxlen=MOST_KEPT)

    async def get(self, wanted: type[T], path: str, params: Mapping[str, Any] | None = None) -> T:
        return decoded(await self._send("GET", path, params=params, repeatable=True), wanted)

    async def ask(
        self,
        wanted: type[T],
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> T:
        """A change with a response."""
        return decoded(await self._send(method, path, body=body, headers=headers, repeatable=repeatable), wanted)

    async def create(self, wanted: type[T], path: str, body: object, idempotency_key: str | None) -> T:
        """A change that creates something, once: it is repeated under the same key if the response was lost."""
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        return await self.ask(wanted, "POST", path, body, headers=headers, repeatable=True)

    async def post(self, path: str, body: object, idempotency_key: str | None) -> Message:
        """Creates a message, which is put back if a failover loses it."""
        key = idempotency_key or uuid.uuid4().hex
        message = await self.create(Message, path, body, key)
        self._posted.append(Posted(message.id, time.monotonic(), path, body, key))
        return message

    def forget(self, message_id: int) -> None:
        """A message is deleted or edited: it is not put back as it was, since that may be lost together with it."""
        for one in tuple(self._posted):
            if one.message_id == message_id:
                self._posted.remove(one)

    async def put_back(self) -> None:
        """Posts the newest own messages again, under their keys: those that the server still has stay as they are."""
        since = time.monotonic() - KEPT_SECONDS
        for one in tuple(self._posted):
            if one.at >= since and one in self._posted:
                try:
                    # Another message, if it was lost.
                    one.message_id = (await self.create(Message, one.path, one.body, one.key)).id
                except (Problem, Unreachable) as error:
                    log.warning("a message that may be lost was not posted again: %s", error)

    async def get_bytes(self, path: str, params: Mapping[str, Any] | None = None) -> bytes:
        return (await self._send("GET", path, params=params, repeatable=True)).content

    async def read(self, path: str, params: Mapping[str, Any], headers: Mapping[str, str]) -> httpx.Response:
        """A response with its headers, or one that says that nothing has changed (304)."""
        return await self._send("GET", path, params=params, headers=headers, repeatable=True)

    async def patch_json(
        self,
        wanted: type[T],
        path: str,
        patch: object,
        media_type: str,
        params: Mapping[str, Any],
        headers: Mapping[str, str],
        operation_id: str | None,
    ) -> T:
        """A patch under an id, once: it is repeated under the same id if the response was lost."""
        sent = {"Content-Type": media_type, "Idempotency-Key": operation_id or uuid.uuid4().hex, **headers}
        content = msgspec.json.encode(patch)
        response = await self._send("PATCH", path, params=params, content=content, headers=sent, repeatable=True)
        return decoded(response, wanted)

    async def post_bytes(self, wanted: type[T], path: str, content: bytes, params: Mapping[str, Any]) -> T:
        headers = {"Content-Type": "application/octet-stream"}
        return decoded(await self._send("POST", path, params=params, content=content, headers=headers), wanted)

    async def put_bytes(self, wanted: type[T], path: str, content: bytes, media_type: str) -> T:
        headers = {"Content-Type": media_type}
        return decoded(await self._send("PUT", path, content=content, headers=headers, repeatable=True), wanted)

    async def do(self, method: str, path: str, body: object = None) -> None:
        """A change with a 204 response."""
        await self._send(method, path, body=body)

    async def pages(self, wanted: type[T], path: str, params: Mapping[str, Any]) -> AsyncIterator[list[T]]:
        """All pages of a list, each requested when it is needed."""
        async for page in self.linked(list[wanted], path, params):  # type: ignore[valid-type]
            yield page

    async def linked(self, wanted: type[T], path: str, params: Mapping[str, Any]) -> AsyncIterator[T]:
        """A response, and all that follow it by its link."""
        following: Mapping[str, Any] | None = params
        while following is not None:
            response = await self._send("GET", path, params=following, repeatable=True)
            yield decoded(response, wanted)
            link = response.links.get("next", {}).get("url")
            # Only the query of the link is used: the token is sent to no other server.
            following = dict(httpx.URL(link).params) if link else None

    async def items(self, wanted: type[T], path: str, params: Mapping[str, Any]) -> AsyncIterator[T]:
        async for page in self.pages(wanted, path, params):
            for item in page:
                yield item

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> httpx.Response:
        tokens = await self.session.tokens()
        for last in (False, True):
            signed = {"Authorization": f"Bearer {tokens.access}", **self.own_headers, **(headers or {})}
            try:
                return await self.http.send(
                    method, path, params=params, body=body, content=content, headers=signed, repeatable=repeatable
                )
            except Problem as problem:
                if problem.status != 401 or last:
                    raise
            tokens = await self.session.renew(tokens)  # a 401 has changed nothing
        raise AssertionError("not reached")

    async def request(
        self, method: str, path: str, *, headers: Mapping[Any, Any] | None = None, **options: Any
    ) -> httpx.Response:
        """The raw response, also for an error, unless that is about the token and another one can be had."""
        tokens = await self.session.tokens()
        response = await self._signed(tokens.access, method, path, headers, options)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            tokens = await self.session.renew(tokens)
            response = await self._signed(tokens.access, method, path, headers, options)
        return response

    async def _signed(
        self, token: str, method: str, path: str, headers: Mapping[Any, Any] | None, options: Mapping[str, Any]
    ) -> httpx.Response:
        signed = {"Authorization": f"Bearer {token}", **self.own_headers, **(headers or {})}
        return await self.http.request(method, path, headers=signed, **options)


def given(**fields: object) -> dict[str, object]:
    """The fields that are not None: the others stay as they are, or have the server's default."""
    return {name: value for name, value in fields.items() if value is not None}


def converted(answer: object, wanted: type[T]) -> T:
    """A response that was decoded before its type was known."""
    try:
        return msgspec.convert(answer, type=wanted)
    except msgspec.ValidationError as error:
        raise Unintelligible(str(error)) from error


def decoded(response: httpx.Response, wanted: type[T]) -> T:
    """The JSON of a response. Raises Unintelligible."""
    try:
        return msgspec.json.decode(response.content, type=wanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unintelligible(f"{response.request.method} {response.request.url.path}: {error}") from error
