"""The entry point: the session, the resources, and the events."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from types import TracebackType
from typing import Any, Literal, Self
from weakref import WeakSet

import httpx

from .api import Api, converted, given
from .calls.administration import Administration
from .calls.announcements import Announcements
from .calls.apps import Apps
from .calls.boards import Boards
from .calls.bots import Bots
from .calls.chats import Chats
from .calls.compliance import Compliance
from .calls.delegations import Delegations
from .calls.devices import Devices
from .calls.dialogs import Dialogs
from .calls.factors import Factors
from .calls.files import Files
from .calls.invitations import Invitations
from .calls.invites import Invites
from .calls.links import Links
from .calls.messages.messages import Messages
from .calls.messages.pins import Pins
from .calls.messages.reactions import Reactions
from .calls.messages.threads import Threads
from .calls.moderation import Moderation
from .calls.notifications import Notifications
from .calls.organizations import Organizations
from .calls.pages import Pages
from .calls.reading import Reading
from .calls.roles import Roles
from .calls.search import Search
from .calls.statistics import Statistics
from .calls.tokens import PersonalTokens
from .calls.users import Users
from .calls.workspaces import Workspaces
from .events import Events
from .http import Http
from .models.auth import Ticket
from .models.factors import PasskeyOptions, TotpEnrolment
from .models.sync import Snapshot
from .models.users import User
from .session import Session
from .stream import Stream, open_stream

# Below the five seconds after which the servers close an idle connection, so that no request meets a closing one.
KEEPALIVE_SECONDS = 4.0


class Client:
    """One signed-in account, or a program with a personal access token (`token`), which needs no sign-in.

    `on_refresh_token` is called with each refresh token, of which only the newest is valid: store it to continue later
    with `resume`. Store `device_token` after a sign-in too, and pass it to later clients, whatever their account: a
    device that the server knows is not locked out by other people's wrong passwords. `timeout_seconds` bounds each
    request; requests that are safe to repeat are retried `retries` times. `http` is an httpx client of your own, for
    proxies and certificates; it is closed with this one. `notify_url` may be changed: later streams connect there.
    """

    def __init__(
        self,
        chat_url: str,
        notify_url: str,
        *,
        token: str | None = None,
        on_refresh_token: Callable[[str], None] | None = None,
        device_token: str | None = None,
        timeout_seconds: float = 20.0,
        retries: int = 4,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._client = http or httpx.AsyncClient(
            limits=httpx.Limits(max_connections=100, keepalive_expiry=KEEPALIVE_SECONDS)
        )
        sender = Http(self._client, chat_url, timeout_seconds, retries)
        self._session = Session(sender, on_refresh_token, device_token, token)
        self._api = Api(sender, self._session)
        self.notify_url = notify_url.rstrip("/")
        self._open: WeakSet[Events] = WeakSet()
        self.workspaces, self.chats = Workspaces(self._api), Chats(self._api)
        self.boards, self.invites, self.bots = Boards(self._api), Invites(self._api), Bots(self._api)
        self.apps, self.dialogs = Apps(self._api), Dialogs(self._api)
        self.pages = Pages(self._api)
        self.factors, self.files = Factors(self._api), Files(self._api)
        self.invitations = Invitations(self._api)
        self.messages, self.users = Messages(self._api), Users(self._api)
        self.devices, self.moderation = Devices(self._api), Moderation(self._api)
        self.tokens = PersonalTokens(self._api)
        self.compliance = Compliance(self._api)
        self.administration, self.statistics = Administration(self._api), Statistics(self._api)
        self.threads = Threads(self._api)
        self.reactions, self.pins = Reactions(self._api), Pins(self._api)
        self.reading, self.notifications = Reading(self._api), Notifications(self._api)
        self.search = Search(self._api)
        self.links = Links(self._api)
        self.organizations = Organizations(self._api)
        self.announcements = Announcements(self._api)
        self.delegations = Delegations(self._api)
        self.roles = Roles(self._api)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections. The session continues; `log_out` ends it."""
        for events in list(self._open):
            await events.aclose()
        await self._session.settle()
        await self._client.aclose()

    # -- the session

    async def sign_up(
        self, fullname: str, email: str, password: str, workspace: str | None = None, username: str | None = None
    ) -> User:
        """Create an account with a workspace of its own, and sign in. Without `username`, one is derived from the
        address."""
        body = given(fullname=fullname, email=email, password=password, workspace=workspace, username=username)
        return await self._session.begin("/auth/signup", body)

    async def sign_in(self, email: str, password: str) -> User:
        """Raises Problem 403 `second_factor_required` for an account with a second factor: `complete_sign_in` goes on
        with its `extra["factor_token"]`."""
        return await self._session.begin("/auth/signin", {"email": email, "password": password})

    async def forgot_password(self, email: str) -> None:
        """Ask for a link that sets a new password, which is sent to this address if there is an account with it."""
        await self._api.http.send("POST", "/auth/password/forgotten", body={"email": email}, repeatable=False)

    async def enrol_at_sign_in(self, factor_token: str) -> TotpEnrolment:
        """After a Problem 403 `second_factor_enrolment_required`, since a workspace demands a second factor: a secret
        for the authenticator app, whose first code `complete_sign_in` takes."""
        body = {"factor_token": factor_token}
        answer = await self._api.http.send("POST", "/auth/second-factor/totp", body=body, repeatable=True)
        return converted(answer.json(), TotpEnrolment)

    async def passkey_options_at_sign_in(self, factor_token: str | None = None) -> dict[str, Any]:
        """What to ask an authenticator (WebAuthn's PublicKeyCredentialRequestOptionsJSON), for `sign_in_by_passkey` or,
        with a `factor_token`, for `complete_sign_in`."""
        path = "/auth/passkeys/sign-in/options" if factor_token is None else "/auth/second-factor/passkey"
        body = None if factor_token is None else {"factor_token": factor_token}
        answer = await self._api.http.send("POST", path, body=body, repeatable=True)
        return converted(answer.json(), PasskeyOptions).options

    async def new_passkey_options_at_sign_in(self, factor_token: str) -> dict[str, Any]:
        """After a Problem 403 `second_factor_enrolment_required`: what to ask an authenticator for a new passkey
        (WebAuthn's PublicKeyCredentialCreationOptionsJSON), which `complete_sign_in` takes."""
        body = {"factor_token": factor_token}
        answer = await self._api.http.send("POST", "/auth/second-factor/new-passkey", body=body, repeatable=True)
        return converted(answer.json(), PasskeyOptions).options

    async def sign_in_by_passkey(self, passkey: dict[str, Any]) -> User:
        """Sign in by a passkey alone: `passkey` is what the authenticator has answered (WebAuthn's
        AuthenticationResponseJSON)."""
        return await self._session.begin("/auth/passkeys/sign-in", {"passkey": passkey})

    async def complete_sign_in(
        self,
        factor_token: str,
        *,
        code: str | None = None,
        recovery_code: str | None = None,
        passkey: dict[str, Any] | None = None,
        new_passkey: dict[str, Any] | None = None,
    ) -> User:
        """The second step, with a code of the authenticator app, a recovery code, or what a passkey has signed; or with
        a `new_passkey`, its `name` and `passkey`, where a workspace demands a factor and there is none yet."""
        body = given(
            factor_token=factor_token, code=code, recovery_code=recovery_code, passkey=passkey, new_passkey=new_passkey
        )
        return await self._session.begin("/auth/second-factor", body)

    async def reset_password(self, token: str, password: str) -> None:
        """Set a new password with the token after the # of a link, once. This ends all sessions."""
        await self._api.http.send("POST", "/auth/reset", body={"token": token, "password": password}, repeatable=False)

    async def resume(self, refresh_token: str) -> User:
        """Continue the session of a stored refresh token, which is used up by this."""
        return await self._session.resume(refresh_token)

    @property
    def refresh_token(self) -> str | None:
        """The currently valid one."""
        return self._session.refresh_token

    @property
    def device_token(self) -> str | None:
        """The token by which the server knows this device, after a sign-in."""
        return self._session.device_token

    async def log_out(self) -> None:
        """End this session, and its streams."""
        await self._api.do("POST", "/auth/logout")
        self._session.forget()

    async def log_out_everywhere(self) -> None:
        """End all sessions of the account."""
        await self._api.do("POST", "/auth/logout-all")
        self._session.forget()

    async def passkey_options_again(self) -> dict[str, Any]:
        """What to ask an authenticator, so that `reauthenticate` takes its answer."""
        return (await self._api.ask(PasskeyOptions, "POST", "/auth/reauthenticate/passkey")).options

    async def reauthenticate(
        self,
        password: str | None = None,
        *,
        code: str | None = None,
        recovery_code: str | None = None,
        passkey: dict[str, Any] | None = None,
    ) -> None:
        """Prove again who you are, after a 403 `reauthentication_required`; then repeat the request. An account with a
        second factor needs one of `code`, `recovery_code` and `passkey`, too; a `passkey` is enough by itself."""
        body = given(password=password, code=code, recovery_code=recovery_code, passkey=passkey)
        await self._api.do("POST", "/auth/reauthenticate", body)

    async def add_ticket(self) -> Ticket:
        """A ticket that opens one stream once, for clients that cannot send headers, such as an EventSource."""
        return await self._api.ask(Ticket, "POST", "/auth/tickets")

    async def access_token(self) -> str:
        """One that is valid for a while, for protocols that this client does not support, such as the WebSocket."""
        return (await self._session.tokens()).access

    # -- events

    async def sync(self, shape: Literal["full", "lean"] = "full") -> Snapshot:
        """Everything that the account may see, and the cursor from which its later changes follow. `lean`: with the
        newest message of each chat, and without members of chats of many, bans, invites and versions."""
        return await self._api.get(Snapshot, "/sync", {"shape": shape})

    def events(self, cursor: str | None = None, *, snapshot: bool = False) -> Events:
        """The events after `cursor`, by default from now on. `snapshot`: starts with one, followed by later events."""
        events = Events(self._api, self.notify_url, cursor, snapshot=snapshot)
        self._open.add(events)
        return events

    def acting_for(self, user_id: int) -> "ActingFor":
        """Calls in the name of another user, who has delegated them to this account."""
        return ActingFor(Api(self._api.http, self._api.session, user_id), self.notify_url)

    # -- the lower layer

    @asynccontextmanager
    async def stream(self, cursor: str | None = None) -> AsyncIterator[Stream]:
        """One of the connections that `events` opens one after the other, with all its frames: `async with
        client.stream() as stream: async for frame in stream`. Raises as Stream does, and SignInNeeded."""
        async with aclosing(await open_stream(self._api, self.notify_url, cursor)) as stream:
            yield stream

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A request that no other method makes: `path` follows `/api`, `options` are those of httpx, an error is a
        response, and nothing is repeated. Raises Unreachable and SignInNeeded."""
        return await self._api.request(method, path, **options)


class ActingFor:
    """Calls for another user: those that are delegated work, the others raise Problem 403 `not_delegated`."""

    def __init__(self, api: Api, notify_url: str) -> None:
        self._api, self._notify_url = api, notify_url
        self.workspaces, self.chats, self.messages = Workspaces(api), Chats(api), Messages(api)
        self.boards, self.pages, self.reading = Boards(api), Pages(api), Reading(api)
        self.threads, self.reactions, self.pins = Threads(api), Reactions(api), Pins(api)
        self.moderation = Moderation(api)

    @asynccontextmanager
    async def stream(self, cursor: str | None = None) -> AsyncIterator[Stream]:
        """The events of the delegated chats. It ends when a delegation, or what the other user sees, changes: open
        another one at its cursor."""
        async with aclosing(await open_stream(self._api, self._notify_url, cursor)) as stream:
            yield stream
