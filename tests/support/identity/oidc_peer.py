"""A provider of OpenID Connect inside the test's process, which says whatever a test wants it to say."""

import asyncio
import base64
import contextlib
import functools
import hashlib
import itertools
import json
import socket
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chat_core.settings import OidcProvider

CLIENT_ID, CLIENT_SECRET = "fechatter", "a secret: with /signs?"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

# Making one takes a tenth of a second.


@functools.cache
def rsa_key(name: str = "usual") -> rsa.RSAPrivateKey:
    """By name, and made for the first test that uses it: one takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


EC_KEY = ec.generate_private_key(ec.SECP256R1())

Json = dict[str, Any]


class SigningKey:
    def __init__(self, key_id: str, algorithm: str = "RS256", key: Any = None) -> None:
        self.id, self.algorithm = key_id, algorithm
        self.private = key or (EC_KEY if algorithm == "ES256" else rsa_key())

    @property
    def jwk(self) -> Json:
        kind: Any = jwt.algorithms.ECAlgorithm if self.algorithm == "ES256" else jwt.algorithms.RSAAlgorithm
        described: Json = json.loads(kind.to_jwk(self.private.public_key()))
        return {**described, "kid": self.id, "alg": self.algorithm, "use": "sig"}

    def sign(self, claims: Json, **header: object) -> str:
        return jwt.encode(claims, self.private, self.algorithm, headers={"kid": self.id, **header})


class OidcPeer:
    """`metadata` and `userinfo` are what it answers; `down` makes it answer 503. `asked` are the paths of requests."""

    def __init__(self, url: str) -> None:
        self.issuer = url
        self.keys = [SigningKey("first")]
        self.down = False
        self.asked: list[str] = []
        self.userinfo: Json = {}
        self.metadata: Json = {
            "issuer": url,
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
            "jwks_uri": f"{url}/jwks",
            "end_session_endpoint": f"{url}/end",
            "authorization_response_iss_parameter_supported": True,
        }
        self._codes = itertools.count()
        self._grants: dict[str, tuple[Json, str, str]] = {}  # by code: claims, challenge, redirect_uri

    def settings(self, **fields: Any) -> Json:
        return {"issuer": self.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **fields}

    def provider(self, **fields: Any) -> OidcProvider:
        return OidcProvider.model_validate(self.settings(**fields))

    def claims(self, **claims: Any) -> Json:
        now = int(time.time())
        given = {"iss": self.issuer, "aud": CLIENT_ID, "sub": "ada-1", "iat": now, "exp": now + 300, **claims}
        return {name: value for name, value in given.items() if value is not None}

    def logout_token(self, key: SigningKey | None = None, **claims: Any) -> str:
        """With `exp=None` it has none."""
        given = self.claims(**{"jti": f"jti-{time.monotonic_ns()}", "events": {LOGOUT_EVENT: {}}, **claims})
        return (key or self.keys[0]).sign(given, typ="logout+jwt")

    def signs_in(self, authorization_url: str, **claims: Any) -> Json:
        """What the browser brings back after somebody has signed in here: the query of the callback."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(authorization_url).query).items()}
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{next(self._codes)}"
        self._grants[code] = (
            self.claims(**{"nonce": asked["nonce"], **claims}),
            asked["code_challenge"],
            asked["redirect_uri"],
        )
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    async def discovery(self, request: Request) -> Response:
        return self._answer(request, self.metadata)

    async def jwks(self, request: Request) -> Response:
        return self._answer(request, {"keys": [key.jwk for key in self.keys]})

    async def user(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer opaque"
        return self._answer(request, self.userinfo)

    async def token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        claims, challenge, redirect_uri = self._grants.pop(form["code"], ({}, "", ""))
        given = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if given != challenge or form["redirect_uri"] != redirect_uri:
            return JSONResponse({"error": "invalid_grant"}, 400)
        id_token = self.keys[0].sign(claims)
        return self._answer(request, {"id_token": id_token, "access_token": "opaque", "token_type": "Bearer"})

    def _answer(self, request: Request, content: Json) -> Response:
        self.asked.append(request.url.path)
        return Response(status_code=503) if self.down else JSONResponse(content)

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/jwks", self.jwks),
                Route("/userinfo", self.user),
                Route("/token", self.token, methods=["POST"]),
            ]
        )


@contextlib.asynccontextmanager
async def oidc_peer() -> AsyncIterator[OidcPeer]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        peer = OidcPeer(f"http://127.0.0.1:{bound.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(peer.app, log_level="critical", lifespan="off"))
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        running = asyncio.create_task(server.serve([bound]))
        try:
            yield peer
        finally:
            server.should_exit = True
            await running
