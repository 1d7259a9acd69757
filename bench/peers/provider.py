"""A provider of OpenID Connect on this machine, as far as its word that a session has ended goes: a discovery document,
a key, and logout tokens (OpenID Connect Back-Channel Logout 1.0, 2.4)."""

import asyncio
import json
import socket
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

CLIENT_ID = "fechatter"
_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class Provider:
    """`issuer` is where it is."""

    def __init__(self) -> None:
        self.issuer = ""
        self._key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)

    def settings(self) -> str:
        """Of Fechatter, as JSON."""
        return json.dumps({"issuer": self.issuer, "client_id": CLIENT_ID, "client_secret": "secret"})

    def logout_token(self, sid: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": str(uuid.uuid4())}
        claims |= {"sid": sid, "events": {_EVENT: {}}}
        return jwt.encode(claims, self._key, "RS256", headers={"kid": "1", "typ": "logout+jwt"})

    async def discovery(self, _: Request) -> JSONResponse:
        endpoints = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        return JSONResponse({"issuer": self.issuer, **endpoints})

    async def keys(self, _: Request) -> JSONResponse:
        key = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return JSONResponse({"keys": [{**key, "kid": "1", "use": "sig", "alg": "RS256"}]})


@asynccontextmanager
async def running() -> AsyncIterator[Provider]:
    provider = Provider()
    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", provider.discovery),
            Route("/jwks_uri", provider.keys),
        ]
    )
    with socket.create_server(("127.0.0.1", 0)) as bound:
        provider.issuer = f"http://127.0.0.1:{bound.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        serving = asyncio.create_task(server.serve([bound]))
        try:
            yield provider
        finally:
            server.should_exit = True
            await serving
