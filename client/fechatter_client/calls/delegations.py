"""Who may act for whom; `Client.acting_for` is the use of it."""

from builtins import list as List  # noqa: N812 - `list` is a method here
from collections.abc import Sequence
from datetime import datetime

from ..api import Api, given
from ..models.organizations import Delegation


class Delegations:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def list(self) -> List[Delegation]:
        """The open ones that the account has given or received, by id."""
        return await self._api.get(List[Delegation], "/delegations")

    async def offer(
        self,
        delegate_id: int,
        permissions: Sequence[str],
        ends_at: datetime,
        *,
        starts_at: datetime | None = None,
        workspace_id: int | None = None,
        chat_id: int | None = None,
        board_id: int | None = None,
        page_id: int | None = None,
        reason: str = "",
    ) -> Delegation:
        """Let somebody act for the account, once they have accepted: in at most one place, else wherever the account
        may, but for Single chats. Times need their zone; it ends at most 180 days after its start."""
        body = given(
            delegate_id=delegate_id,
            permissions=[*permissions],
            ends_at=ends_at.isoformat(),
            starts_at=starts_at and starts_at.isoformat(),
            workspace_id=workspace_id,
            chat_id=chat_id,
            board_id=board_id,
            page_id=page_id,
            reason=reason,
        )
        return await self._api.ask(Delegation, "POST", "/delegations", body)

    async def accept(self, delegation_id: int) -> Delegation:
        """Accept one that the account was offered."""
        return await self._api.ask(Delegation, "POST", f"/delegations/{delegation_id}/accept", repeatable=True)

    async def revoke(self, delegation_id: int) -> None:
        """Take back one that the account has given, or lay down one that it has received."""
        await self._api.do("DELETE", f"/delegations/{delegation_id}")
