"""Clerk inside the test's process: its keys, its Backend API, and the webhooks that it would send."""

import asyncio
import contextlib
import html
import itertools
import json
import socket
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.support.identity.oidc_peer import Json, SigningKey

SECRET_KEY = "sk_test_of_the_tests"
OLD_SECRET, NEW_SECRET = "whsec_b2xkIHNlY3JldCBvZiB0aGUgdGVzdHM=", "whsec_bmV3IHNlY3JldCBvZiB0aGUgdGVzdHM="
ORIGIN = "https://app.example"


class ClerkPeer:
    """`users`, `sessions` and `members` (by organization) are what the Backend API has; `down` makes it answer 503.
    `asked` are the paths of requests."""

    def __init__(self, url: str, folder: Path) -> None:
        self.issuer = url
        self.keys = [SigningKey("ins_ours")]
        self.down = False
        self.asked: list[str] = []
        self.users: dict[str, Json] = {}
        self.sessions: dict[str, Json] = {}
        self.members: dict[str, list[str]] = {}
        self._numbers = itertools.count()
        self.secret_key_file, self.webhook_secret_file = folder / "clerk", folder / "clerk-webhook"
        self.secret_key_file.write_text(f"{SECRET_KEY}\n")
        self.webhook_secret_file.write_text(f"{NEW_SECRET}\n{OLD_SECRET}\n")

    def settings(self, **fields: Any) -> Json:
        return {
            "issuer": self.issuer,
            "backend_url": self.issuer,
            "secret_key_file": str(self.secret_key_file),
            "webhook_secret_file": str(self.webhook_secret_file),
            "authorized_parties": [ORIGIN],
            **fields,
        }

    def add_user(self, name: str = "Ada Lovelace", *, verified: bool = True, **fields: Any) -> str:
        user = f"user_{next(self._numbers)}"
        first, _, last = name.partition(" ")
        address = {
            "id": "idn_1",
            "email_address": f"{first.lower()}@corp.example",
            "verification": {"status": "verified" if verified else "unverified", "strategy": "email_code"},
        }
        self.users[user] = {
            "id": user,
            "object": "user",
            "first_name": first,
            "last_name": last,
            "email_addresses": [address],
            "primary_email_address_id": "idn_1",
            "banned": False,
            "updated_at": 1_700_000_000_000,
            **fields,
        }
        return user

    def claims(self, user: str, **claims: Any) -> Json:
        """Of version 2, for a session of its own. None takes a claim away."""
        now = int(time.time())
        sid = claims.get("sid") or f"sess_{next(self._numbers)}"
        self.sessions.setdefault(sid, {"id": sid, "object": "session", "user_id": user, "status": "active"})
        given = {
            "iss": self.issuer,
            "sub": user,
            "sid": sid,
            "azp": ORIGIN,
            "iat": now,
            "nbf": now - 10,
            "exp": now + 60,
            "fva": [0, -1],
            "sts": "active",
            "v": 2,
            **claims,
        }
        return {name: value for name, value in given.items() if value is not None}

    def token(self, user: str, **claims: Any) -> str:
        return self.keys[0].sign(self.claims(user, **claims))

    async def send(self, http: httpx.AsyncClient, kind: str, data: Json, **event: Any) -> httpx.Response:
        """A webhook, as Svix would send it."""
        body = json.dumps({"type": kind, "object": "event", "data": data, **event})
        headers = {"content-type": "application/json", **signed(body)}
        return await http.post("/api/webhooks/clerk", content=body, headers=headers)

    async def jwks(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        return JSONResponse({"keys": [key.jwk for key in self.keys]})

    async def sign_in_page(self, request: Request) -> Response:
        """Whoever is here goes back with Clerk's cookie, which a browser sends to all ports of a host."""
        back = request.query_params["redirect_url"]
        if "user" not in request.query_params:
            hidden = f'<input type="hidden" name="redirect_url" value="{html.escape(back)}">'
            return HTMLResponse(f'<form>{hidden}<label>User <input name="user"></label><button>Go on</button></form>')
        answer = RedirectResponse(back, 303)
        answer.set_cookie("__session", self.token(request.query_params["user"], sid="sess_1"), samesite="lax")
        return answer

    async def backend(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        assert request.headers["authorization"] == f"Bearer {SECRET_KEY}"
        if self.down:
            return Response(status_code=503)
        kind, *rest = request.path_params["path"].split("/")
        offset, limit = (int(request.query_params.get(name, 0)) for name in ("offset", "limit"))
        if kind == "users" and not rest:
            return JSONResponse(list(self.users.values())[offset : offset + limit])
        if kind == "organizations" and rest[0] in self.members:
            listed = self.members[rest[0]]
            shown = listed[offset : offset + limit]
            data = [{"public_user_data": {"user_id": user}, "updated_at": 1_700_000_000_000} for user in shown]
            return JSONResponse({"data": data, "total_count": len(listed)})
        found = {"users": self.users, "sessions": self.sessions}.get(kind, {}).get(rest[0])
        return JSONResponse(found) if found else JSONResponse({"errors": [{"code": "resource_not_found"}]}, 404)

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/jwks.json", self.jwks),
                Route("/v1/jwks", self.jwks),  # where Clerk's own library looks
                Route("/v1/{path:path}", self.backend),
                Route("/sign-in", self.sign_in_page),
            ]
        )


def signed(body: str, *, secret: str = NEW_SECRET, message: str = "msg_1", ago: float = 0) -> dict[str, str]:
    """The headers that Svix would send with a body, so many seconds ago."""
    from svix.webhooks import Webhook  # takes a second, so not in what only collects tests

    sent_at = datetime.fromtimestamp(time.time() - ago, UTC)
    signature = Webhook(secret).sign(message, sent_at, body)
    return {"svix-id": message, "svix-timestamp": str(int(sent_at.timestamp())), "svix-signature": signature}


@contextlib.asynccontextmanager
async def clerk_peer(folder: Path) -> AsyncIterator[ClerkPeer]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        peer = ClerkPeer(f"http://127.0.0.1:{bound.getsockname()[1]}", folder)
        server = uvicorn.Server(uvicorn.Config(peer.app, log_level="critical", lifespan="off"))
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        running = asyncio.create_task(server.serve([bound]))
        try:
            yield peer
        finally:
            server.should_exit = True
            await running
