"""Clerk's Backend API, as far as we ask it: https://clerk.com/docs/reference/backend-api. Times are milliseconds since
1970."""

from collections.abc import AsyncIterator
from typing import Annotated, TypeVar
from urllib.parse import quote

import msgspec

from chat_core.settings import Clerk
from chat_server.identity.outgoing import Outgoing, ProviderUnavailable

# Entries of a list: in one request, and in all.
PAGE = 100
MOST = 200_000


Id = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
# Up to the year 2200.
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=7_258_118_400_000)]


class Verification(msgspec.Struct):
    status: str = ""


class EmailAddress(msgspec.Struct):
    id: str
    email_address: str
    verification: Verification | None = None


class User(msgspec.Struct):
    id: Id
    email_addresses: list[EmailAddress] = []
    primary_email_address_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    banned: bool = False
    updated_at: Milliseconds = 0

    @property
    def address(self) -> EmailAddress | None:
        """The primary one."""
        return next((each for each in self.email_addresses if each.id == self.primary_email_address_id), None)

    @property
    def fullname(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.username or ""


class Session(msgspec.Struct):
    id: str
    user_id: str
    status: str


class _Person(msgspec.Struct):
    user_id: Id


class Membership(msgspec.Struct):
    public_user_data: _Person
    updated_at: Milliseconds = 0


class _Memberships(msgspec.Struct):
    data: list[Membership]
    total_count: int


Answer = TypeVar("Answer")


class Backend:
    """Every method raises ProviderUnavailable."""

    def __init__(self, settings: Clerk, outgoing: Outgoing) -> None:
        self._settings, self._outgoing = settings, outgoing

    async def user(self, user: str) -> User | None:
        """None if Clerk has none of this id, or no longer."""
        return await self._found(f"users/{quote(user, safe='')}", User)

    async def session(self, session: str) -> Session | None:
        return await self._found(f"sessions/{quote(session, safe='')}", Session)

    async def users(self) -> AsyncIterator[User]:
        """All of them, the oldest first, so that those who come meanwhile are at the end."""
        for offset in range(0, MOST, PAGE):
            page = await self._get(f"users?limit={PAGE}&offset={offset}&order_by=%2Bcreated_at", list[User])
            for user in page:
                yield user
            if len(page) < PAGE:
                return
        raise ProviderUnavailable(f"Clerk has more than {MOST} users")

    async def members(self, organization: str) -> dict[str, int] | None:
        """The ids of an organization's users, with when their membership changed last; None if there is no such
        organization. Raises ProviderUnavailable too if it changed while its pages were read, so that somebody could be
        missing."""
        found: dict[str, int] = {}
        for offset in range(0, MOST, PAGE):
            path = f"organizations/{quote(organization, safe='')}/memberships?limit={PAGE}&offset={offset}"
            page = await self._found(path, _Memberships)
            if page is None:
                return None
            found |= {each.public_user_data.user_id: each.updated_at for each in page.data}
            if len(page.data) < PAGE:
                if len(found) != page.total_count:
                    raise ProviderUnavailable(f"{organization} was changed while its members were read; try again")
                return found
        raise ProviderUnavailable(f"{organization} has more than {MOST} members")

    async def _found(self, path: str, kind: type[Answer]) -> Answer | None:
        try:
            return await self._get(path, kind)
        except ProviderUnavailable as failure:
            if failure.status == 404:
                return None
            raise

    async def _get(self, path: str, kind: type[Answer]) -> Answer:
        try:
            key = self._settings.secret_key()
        except OSError as error:
            raise ProviderUnavailable(f"secret_key_file cannot be read: {error.strerror}") from error
        return await self._outgoing.get(f"{self._settings.backend_url.rstrip('/')}/v1/{path}", kind, key)
