"""Invitations into workspaces, for the invited user."""

from collections.abc import AsyncIterator
from typing import Literal

from ..api import Api, given
from ..models.workspaces import InvitationBlock, Workspace, WorkspaceInvitation


class Invitations:
    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, *, page_size: int = 100) -> AsyncIterator[WorkspaceInvitation]:
        """The workspaces that the caller is invited into, by workspace id."""
        return self._api.items(WorkspaceInvitation, "/invitations", {"limit": page_size})

    async def accept(self, workspace_id: int) -> Workspace:
        """Join the workspace."""
        return await self._api.ask(Workspace, "POST", f"/invitations/{workspace_id}/accept", repeatable=True)

    async def decline(self, workspace_id: int, *, block: Literal["inviter", "workspace"] | None = None) -> None:
        """Decline; `block`: also block the inviter, or the workspace."""
        await self._api.do("POST", f"/invitations/{workspace_id}/decline", given(block=block))

    def blocks(self, *, page_size: int = 100) -> AsyncIterator[InvitationBlock]:
        """The caller's blocked inviters and workspaces."""
        return self._api.items(InvitationBlock, "/invitation-blocks", {"limit": page_size})

    async def lift_block(self, block_id: int) -> None:
        await self._api.do("DELETE", f"/invitation-blocks/{block_id}")
