"""A session: its tokens, renewed in time and by one request at a time, since a refresh token is good for one use."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx
import msgspec

from .errors import Problem, SignInNeeded, Unintelligible, Unreachable
from .http import PASSING, Http
from .models.auth import SignedIn
from .models.users import User

# How long before its end an access token is renewed; half its life if that is shorter.
MARGIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Tokens:
    """The times are of this machine's monotonic clock: the servers' may show another time."""

    access: str
    refresh: str
    renew_at: float
    ends_at: float


class Session:
    """`keep` is told every refresh token, each the only one that is good from then on. `device_token` outlives the
    session: it is what the server knows this device by, from its last sign-in."""

    def __init__(self, http: Http, keep: Callable[[str], None] | None, device_token: str | None) -> None:
        self._http, self._keep = http, keep
        self.device_token = device_token
        self._tokens: Tokens | None = None
        self._renewing: asyncio.Task[SignedIn] | None = None

    @property
    def refresh_token(self) -> str | None:
        return self._tokens.refresh if self._tokens else None

    async def begin(self, path: str, body: dict[str, object]) -> User:
        """Signs in or up."""
        known = {"device_token": self.device_token} if self.device_token else {}
        granted = await self._grant(path, {**body, **known}, repeatable=False)
        self.device_token = granted.device_token
        return granted.user

    async def resume(self, refresh_token: str) -> User:
        """Goes on with the session that a stored refresh token is of."""
        await self.settle()
        self._tokens = Tokens("", refresh_token, 0.0, 0.0)
        return (await self._renewal()).user

    def forget(self) -> None:
        self._tokens = None

    async def settle(self) -> None:
        """Waits for a renewal that is under way: its answer is worth a session."""
        if task := self._renewing:
            await asyncio.wait({task}, timeout=self._http.timeout_seconds)
            task.cancel()

    async def tokens(self) -> Tokens:
        """With an access token that is good for a while. SignInNeeded if there can be none."""
        tokens = self._signed_in()
        now = time.monotonic()
        if now < tokens.renew_at:
            return tokens
        try:
            return await self.renew(tokens)
        except (Unreachable, Problem):
            if now < tokens.ends_at:
                return tokens  # not renewed in time, but not over either
            raise

    def is_over(self, access: str | None) -> bool:
        """Whether an access token has been replaced, or is to be."""
        tokens = self._tokens
        return tokens is None or tokens.access != access or time.monotonic() >= tokens.renew_at

    async def renew(self, stale: Tokens) -> Tokens:
        """Those after these; many who ask at once get the same."""
        if self._signed_in() is stale:
            await self._renewal()
        return self._signed_in()

    async def _renewal(self) -> SignedIn:
        """Its own task: who gives up waiting must not take the next refresh token with them."""
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew(self._signed_in()), name="fechatter_client renewal")
            self._renewing.add_done_callback(self._renewed)
        return await asyncio.shield(self._renewing)

    def _renewed(self, task: asyncio.Task[SignedIn]) -> None:
        self._renewing = None
        with suppress(asyncio.CancelledError):
            task.exception()  # those who waited for it have it

    async def _renew(self, tokens: Tokens) -> SignedIn:
        # Repeatable: if the answer was lost, there is no other token to go on with.
        try:
            return await self._grant("/auth/refresh", {"refresh_token": tokens.refresh}, repeatable=True)
        except Problem as problem:
            if problem.status >= 500 or problem.status in PASSING:
                raise
            if self._tokens is tokens:
                self._tokens = None
            raise SignInNeeded(f"The session has ended: {problem.detail}") from problem

    async def _grant(self, path: str, body: dict[str, object], *, repeatable: bool) -> SignedIn:
        asked_at = time.monotonic()
        response = await self._http.send("POST", path, body=body, repeatable=repeatable)
        try:
            granted = msgspec.json.decode(response.content, type=SignedIn)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unintelligible(f"POST {path}: {error}") from error
        life = _life_seconds(granted, response)
        margin = min(MARGIN_SECONDS, life / 2)
        self._tokens = Tokens(granted.token, granted.refresh_token, asked_at + life - margin, asked_at + life)
        if self._keep is not None:
            self._keep(granted.refresh_token)
        return granted

    def _signed_in(self) -> Tokens:
        if self._tokens is None:
            raise SignInNeeded("Not signed in.")
        return self._tokens


def _life_seconds(granted: SignedIn, response: httpx.Response) -> float:
    """By the server's clock where its answer tells the time: in whole seconds, and so up to one too early."""
    try:
        now = parsedate_to_datetime(response.headers["date"]).timestamp() + 1
    except (KeyError, ValueError):
        now = time.time()
    return max(0.0, granted.expires_at.timestamp() - now)
