"""Where the account is signed in, and how it can be."""

from collections.abc import AsyncIterator

from ..api import Api
from ..models.auth import Device, Identity


class Devices:
    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, *, page_size: int = 100) -> AsyncIterator[Device]:
        """The open sessions of the account, by id."""
        return self._api.items(Device, "/auth/sessions", {"limit": page_size})

    async def end(self, session_id: int) -> None:
        """End a session, and its streams. Another one than this needs a fresh sign-in: 403
        `reauthentication_required`."""
        await self._api.do("DELETE", f"/auth/sessions/{session_id}")

    def identities(self, *, page_size: int = 100) -> AsyncIterator[Identity]:
        """The ways in that are linked to the account, besides its password, by id."""
        return self._api.items(Identity, "/auth/identities", {"limit": page_size})

    async def unlink(self, identity_id: int) -> None:
        """Remove a way in, and end the sessions that began with it. Needs a fresh sign-in; the last way in stays: 409
        `last_way_in`."""
        await self._api.do("DELETE", f"/auth/identities/{identity_id}")
