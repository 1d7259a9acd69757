"""A session: its tokens, renewed in time and by one request at a time, since a refresh token can be used once."""

import asyncio
import math
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

# How long before its end an access token is renewed, or half its life if that is shorter.
MARGIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Tokens:
    """Times are of this machine's monotonic clock, since the servers' clock may differ. A personal access token has no
    refresh token."""

    access: str
    refresh: str | None
    renew_at: float
    ends_at: float


class Session:
    """`keep` is called with every refresh token, each of which invalidates the previous one. `device_token` outlives
    the session: the server knows this device by it, from its last sign-in. `personal_token` needs no sign-in."""

    def __init__(
        self,
        http: Http,
        keep: Callable[[str], None] | None,
        device_token: str | None,
        personal_token: str | None = None,
    ) -> None:
        self._http, self._keep = http, keep
        self.device_token = device_token
        self._tokens = Tokens(personal_token, None, math.inf, math.inf) if personal_token else None
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
        """Continues the session of a stored refresh token."""
        await self.settle()
        self._tokens = Tokens("", refresh_token, 0.0, 0.0)
        return (await self._renewal()).user

    def forget(self) -> None:
        self._tokens = None

    async def settle(self) -> None:
        """Waits for a running renewal, since its response would be lost otherwise."""
        if task := self._renewing:
            await asyncio.wait({task}, timeout=self._http.timeout_seconds)
            task.cancel()

    async def tokens(self) -> Tokens:
        """With an access token that is valid for a while. Raises SignInNeeded if there can be none."""
        tokens = self._signed_in()
        now = time.monotonic()
        if now < tokens.renew_at:
            return tokens
        try:
            return await self.renew(tokens)
        except (Unreachable, Problem):
            if now < tokens.ends_at:
                return tokens  # not renewed in time, but not expired either
            raise

    def is_over(self, access: str | None) -> bool:
        """Whether an access token has been replaced, or must be."""
        tokens = self._tokens
        return tokens is None or tokens.access != access or time.monotonic() >= tokens.renew_at

    async def renew(self, stale: Tokens) -> Tokens:
        """The next tokens; concurrent callers get the same ones."""
        if self._signed_in() is stale:
            if stale.refresh is None:
                raise SignInNeeded("The personal access token has ended, or was never valid.")
            await self._renewal()
        return self._signed_in()

    async def _renewal(self) -> SignedIn:
        """A task of its own: a cancelled waiter must not lose the next refresh token."""
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew(self._signed_in()), name="fechatter_client renewal")
            self._renewing.add_done_callback(self._renewed)
        return await asyncio.shield(self._renewing)

    def _renewed(self, task: asyncio.Task[SignedIn]) -> None:
        self._renewing = None
        with suppress(asyncio.CancelledError):
            task.exception()  # the callers that waited have it

    async def _renew(self, tokens: Tokens) -> SignedIn:
        # Repeatable: if the response was lost, there is no other token to continue with.
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
    """By the server's clock if its response has the time: in whole seconds, and so up to one too early."""
    try:
        now = parsedate_to_datetime(response.headers["date"]).timestamp() + 1
    except (KeyError, ValueError):
        now = time.time()
    return max(0.0, granted.expires_at.timestamp() - now)
