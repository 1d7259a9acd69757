"""Clerk as a way in: its keys, its Backend API, and the origins whose tokens are accepted."""

from urllib.parse import urlencode, urlsplit

from chat_core.settings import CLERK
from chat_core.settings import Clerk as ClerkSettings
from chat_server.identity.clerk.backend import Backend
from chat_server.identity.clerk.tokens import ClerkSession, verified_session
from chat_server.identity.keys import Keys
from chat_server.identity.outgoing import Outgoing
from chat_server.identity.signed_tokens import InvalidToken

COOKIE = "__session"
# Of several applications on one domain, whose names then have a suffix each.
MOST_COOKIES = 5


class Clerk:
    """`public_url` is that of this server: tokens that were issued to its own pages are accepted too."""

    name = CLERK
    path = CLERK

    def __init__(self, settings: ClerkSettings, outgoing: Outgoing, public_url: str) -> None:
        self.settings = settings
        self.backend = Backend(settings, outgoing)
        self.keys = Keys(outgoing, f"{settings.issuer.rstrip('/')}/.well-known/jwks.json", settings.outage_seconds)
        ours = urlsplit(public_url)
        self._parties = {*settings.authorized_parties, f"{ours.scheme}://{ours.netloc}"}

    @property
    def title(self) -> str:
        return self.settings.title or "Clerk"

    async def session(self, authorization: str, cookies: dict[str, str]) -> ClerkSession:
        """The session at Clerk of a request, by its bearer token, or else by its cookie. Raises InvalidToken and
        ProviderUnavailable."""
        scheme, _, token = authorization.partition(" ")
        if authorization:
            if scheme.lower() != "bearer":
                raise InvalidToken("it is not a bearer token")
            return await verified_session(token.strip(), self.settings, self.keys, self._parties, from_cookie=False)
        return await self.session_of_browser(cookies)

    async def session_of_browser(self, cookies: dict[str, str]) -> ClerkSession:
        """By the cookie alone. Raises InvalidToken and ProviderUnavailable."""
        refusal = InvalidToken("there is none")
        given = [cookies[name] for name in sorted(cookies) if name == COOKIE or name.startswith(f"{COOKIE}_")]
        for token in given[:MOST_COOKIES]:
            try:
                return await verified_session(token, self.settings, self.keys, self._parties, from_cookie=True)
            except InvalidToken as error:
                refusal = error
        raise refusal

    def sign_in_url(self, back_to: str) -> str:
        """Where a browser is sent to sign in."""
        page = self.settings.sign_in_url or ""
        return f"{page}{'&' if '?' in page else '?'}{urlencode({'redirect_url': back_to})}"

    async def logout_url(self, back_to: str, sid: str | None, name_id: str | None) -> str | None:
        """Clerk ends its session in its own components only."""
        return None
