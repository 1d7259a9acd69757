"""The frames that a client may send over its WebSocket, and their answers. See docs/websocket.md.

The socket itself answers `ping`. Each other type has a function here, which gets the socket and the frame and returns
the answering frame, or None. Errors are Problems, and become an `error` frame.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import msgspec
import structlog
from msgspec import Meta

from chat_core.problems import DATABASE_ERRORS, FieldError, Problem, from_database
from chat_core.tokens import Claims
from notify_server import metrics
from notify_server.streams.framing import WEBSOCKET
from notify_server.subscriptions.subscribe import Subscriptions
from notify_server.websocket.chat import ChatServerClient
from notify_server.websocket.socket import Socket, Upward

T = TypeVar("T")
Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Handler = Callable[["Answers", Socket, Upward], Awaitable[bytes | None]]

_FIELD = re.compile(r"(?s)(.*) - at `\$\.?(.*?)`\Z")

log = structlog.get_logger()


class Auth(msgspec.Struct, forbid_unknown_fields=True):
    token: Annotated[str, Meta(min_length=1, max_length=4096)]


class Read(msgspec.Struct, forbid_unknown_fields=True):
    chat_id: Id
    seq: msgspec.Raw


class Typing(msgspec.Struct, forbid_unknown_fields=True):
    chat_id: Id
    typing: bool


class Presence(msgspec.Struct, forbid_unknown_fields=True):
    presence_mode: Annotated[str, Meta(max_length=32)]


class Activity(msgspec.Struct, forbid_unknown_fields=True):
    idle: bool


class Send(msgspec.Struct):
    """The other fields are the body of POST /api/chats/{id}/messages, which chat_server validates."""

    chat_id: Id
    # If a socket ends before the answer, the client does not know the outcome: with the key it can send again.
    idempotency_key: Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,255}\Z")]
    # The principal, if it is for somebody else; on a socket that was opened for one it always is.
    acting_for: Id | None = None


class Answers:
    """One per server."""

    def __init__(self, subscriptions: Subscriptions, chat: ChatServerClient) -> None:
        self._subscriptions, self._chat = subscriptions, chat

    async def answer(self, socket: Socket, upward: Upward) -> bytes | None:
        """Raises Problem, and nothing else."""
        handler = HANDLERS.get(upward.type)
        metrics.frames.labels(upward.type if handler else "unknown").inc()
        if handler is None:
            raise Problem(400, "unknown_type", f"Unknown type {upward.type!r}; known are ping, {', '.join(HANDLERS)}.")
        try:
            return await handler(self, socket, upward)
        except DATABASE_ERRORS as error:
            problem = from_database(error)
            if problem is not None:
                raise problem from None
            return _unexpected(upward, error)
        except Problem:
            raise
        except Exception as error:
            return _unexpected(upward, error)

    async def authenticate(self, socket: Socket, upward: Upward) -> bytes:
        """Another token of the same user: from now on the socket ends with it, and writes with it."""
        token = payload(upward, Auth).token
        claims = self._subscriptions.verify(token)
        if claims.user_id != socket.user_id:
            raise Problem(403, "other_user", "This token belongs to another user; open another socket for it.")
        await self._subscriptions.recognise(claims)
        socket.identify(claims)
        socket.token = token
        return authenticated(claims, upward)

    async def send_message(self, socket: Socket, upward: Upward) -> bytes:
        send = payload(upward, Send)
        content = msgspec.json.decode(upward.payload, type=dict[str, msgspec.Raw])
        del content["chat_id"], content["idempotency_key"]
        content.pop("acting_for", None)
        path = f"/api/chats/{send.chat_id}/messages"
        message = await self._call(socket, "POST", path, content, send.idempotency_key, send.acting_for)
        return WEBSOCKET.answer("message.sent", message, upward.ref)

    async def read(self, socket: Socket, upward: Upward) -> bytes:
        read = payload(upward, Read)
        moved = await self._call(socket, "POST", f"/api/chats/{read.chat_id}/read", {"seq": read.seq})
        return WEBSOCKET.answer("read.moved", moved, upward.ref)

    async def tell_typing(self, socket: Socket, upward: Upward) -> bytes:
        told = payload(upward, Typing)
        done = await self._call(socket, "POST", f"/api/chats/{told.chat_id}/typing", {"typing": told.typing})
        return WEBSOCKET.answer("typing.told", done, upward.ref)

    async def choose_presence(self, socket: Socket, upward: Upward) -> bytes:
        chosen = await self._call(socket, "PUT", "/api/users/me/presence", payload(upward, Presence))
        return WEBSOCKET.answer("presence.chosen", chosen, upward.ref)

    async def tell_activity(self, socket: Socket, upward: Upward) -> bytes:
        done = await self._call(socket, "PUT", "/api/users/me/activity", payload(upward, Activity))
        return WEBSOCKET.answer("activity.told", done, upward.ref)

    async def _call(
        self,
        socket: Socket,
        method: str,
        path: str,
        content: object,
        key: str | None = None,
        acting_for: int | None = None,
    ) -> bytes:
        if socket.token is None:
            raise Problem(
                401, "token_needed", "A socket opened by a ticket cannot write: send `auth` with a token first."
            )
        body = msgspec.json.encode(content)
        return await self._chat.call(
            method,
            path,
            body,
            token=socket.token,
            address=socket.address,
            idempotency_key=key,
            acting_for=acting_for or socket.acting_for,
        )


HANDLERS: dict[str, Handler] = {
    "auth": Answers.authenticate,
    "message.send": Answers.send_message,
    "read": Answers.read,
    "typing": Answers.tell_typing,
    "presence": Answers.choose_presence,
    "activity": Answers.tell_activity,
}


def payload(upward: Upward, schema: type[T]) -> T:
    """Raises Problem 400 unless the frame's payload has its type's form."""
    try:
        return msgspec.json.decode(upward.payload, type=schema)
    except msgspec.ValidationError as error:
        found = _FIELD.match(str(error))
        expected, path = (found[1], found[2]) if found else (str(error), "")
        wrong = FieldError(f"payload.{path}" if path else "payload", expected)
        raise Problem(400, "validation_failed", f"{wrong.path}: {wrong.expected}.", [wrong]) from None


def authenticated(claims: Claims, upward: Upward) -> bytes:
    about = {"user_id": claims.user_id, "expires_at": claims.expires_at}
    return WEBSOCKET.answer("authenticated", msgspec.json.encode(about), upward.ref)


def _unexpected(upward: Upward, error: Exception) -> bytes:
    log.error("unexpected error", frame=upward.type, exc_info=error)
    raise Problem(500, "internal_error", "An error occurred on the server and has been logged.")
