"""Boards and who is on them. What is drawn there comes over a WebSocket of its own, by a Yjs client."""

from collections.abc import AsyncIterator
from typing import Any

from ..api import Api, given
from ..models.boards import (
    Board,
    BoardComparison,
    BoardMember,
    BoardRole,
    BoardThumbnail,
    BoardVersion,
    QuarantinedUpdate,
    RestoredVersion,
)
from ..models.invites import BoardInvite, NewBoardInvite


class Boards:
    def __init__(self, api: Api) -> None:
        self._api = api

    def list(
        self, workspace_id: int, *, deleted: bool = False, search: str = "", page_size: int = 100
    ) -> AsyncIterator[Board]:
        """The caller's boards in a workspace, by id: those that are there, or the deleted ones that the caller owns.
        `search` is a part of the name."""
        params = {"deleted": str(deleted).lower(), "search": search, "limit": page_size}
        return self._api.items(Board, f"/workspaces/{workspace_id}/boards", params)

    async def create(self, workspace_id: int, name: str, *, idempotency_key: str | None = None) -> Board:
        """Make a board; the caller owns it."""
        return await self._api.create(Board, f"/workspaces/{workspace_id}/boards", {"name": name}, idempotency_key)

    async def get(self, board_id: int) -> Board:
        return await self._api.get(Board, f"/boards/{board_id}")

    async def rename(self, board_id: int, name: str) -> Board:
        return await self._api.ask(Board, "PATCH", f"/boards/{board_id}", {"name": name}, repeatable=True)

    async def delete(self, board_id: int) -> None:
        """Nobody sees it any more but its owners, who may restore it."""
        await self._api.do("DELETE", f"/boards/{board_id}")

    async def restore(self, board_id: int) -> Board:
        return await self._api.ask(Board, "POST", f"/boards/{board_id}/restore", repeatable=True)

    def members(self, board_id: int, *, page_size: int = 100) -> AsyncIterator[BoardMember]:
        """By user id."""
        return self._api.items(BoardMember, f"/boards/{board_id}/members", {"limit": page_size})

    async def add_member(
        self, board_id: int, user_id: int, role: BoardRole = "viewer", *, idempotency_key: str | None = None
    ) -> BoardMember:
        """Let somebody of the workspace in."""
        body = {"user_id": user_id, "role": role}
        return await self._api.create(BoardMember, f"/boards/{board_id}/members", body, idempotency_key)

    async def set_role(self, board_id: int, user_id: int, role: BoardRole) -> BoardMember:
        return await self._api.ask(BoardMember, "PATCH", f"/boards/{board_id}/members/{user_id}", {"role": role})

    async def remove_member(self, board_id: int, user_id: int) -> None:
        """One's own id: leave."""
        await self._api.do("DELETE", f"/boards/{board_id}/members/{user_id}")

    async def transfer(self, board_id: int, user_id: int) -> Board:
        """Make another member owner in one's own place; the caller is an editor from then on."""
        return await self._api.ask(Board, "POST", f"/boards/{board_id}/transfer", {"user_id": user_id})

    def invites(self, board_id: int, *, page_size: int = 100) -> AsyncIterator[BoardInvite]:
        """The invites that have not expired, by id."""
        return self._api.items(BoardInvite, f"/boards/{board_id}/invites", {"limit": page_size})

    async def create_invite(
        self,
        board_id: int,
        role: BoardRole = "viewer",
        *,
        expires_in: int | None = None,
        max_uses: int | None = None,
        idempotency_key: str | None = None,
    ) -> NewBoardInvite:
        """Make a link that lets people in: for so many seconds (a week), and so many people (any number)."""
        body = given(role=role, expires_in=expires_in, max_uses=max_uses)
        return await self._api.create(NewBoardInvite, f"/boards/{board_id}/invites", body, idempotency_key)

    async def revoke_invite(self, board_id: int, invite_id: int) -> None:
        await self._api.do("DELETE", f"/boards/{board_id}/invites/{invite_id}")

    async def thumbnail(self, board_id: int) -> bytes:
        """The picture; a Problem of 404 where there is none."""
        return await self._api.get_bytes(f"/boards/{board_id}/thumbnail")

    async def set_thumbnail(self, board_id: int, picture: bytes) -> BoardThumbnail:
        """A PNG, JPEG or WebP of at most 256 KiB. What it is the server sees by itself."""
        path = f"/boards/{board_id}/thumbnail"
        return await self._api.put_bytes(BoardThumbnail, path, picture, "application/octet-stream")

    async def remove_thumbnail(self, board_id: int) -> None:
        await self._api.do("DELETE", f"/boards/{board_id}/thumbnail")

    async def export(self, board_id: int, version_id: int | None = None) -> dict[str, Any]:
        """What is on a board, or was: each root type that has something in it as JSON."""
        version = f"/versions/{version_id}" if version_id is not None else ""
        return await self._api.get(dict[str, Any], f"/boards/{board_id}{version}/export")

    async def state(self, board_id: int, version_id: int | None = None) -> bytes:
        """All of a board, or of a version of it, as one Yjs update, version 1."""
        version = f"/versions/{version_id}" if version_id is not None else ""
        return await self._api.get_bytes(f"/boards/{board_id}{version}/export", {"format": "yjs"})

    def versions(self, board_id: int, *, page_size: int = 100) -> AsyncIterator[BoardVersion]:
        """By id."""
        return self._api.items(BoardVersion, f"/boards/{board_id}/versions", {"limit": page_size})

    async def create_version(self, board_id: int, name: str, *, idempotency_key: str | None = None) -> BoardVersion:
        """Keep what is on the board now, under a name."""
        return await self._api.create(BoardVersion, f"/boards/{board_id}/versions", {"name": name}, idempotency_key)

    async def version(self, board_id: int, version_id: int) -> BoardVersion:
        return await self._api.get(BoardVersion, f"/boards/{board_id}/versions/{version_id}")

    async def rename_version(self, board_id: int, version_id: int, name: str) -> BoardVersion:
        path = f"/boards/{board_id}/versions/{version_id}"
        return await self._api.ask(BoardVersion, "PATCH", path, {"name": name}, repeatable=True)

    async def delete_version(self, board_id: int, version_id: int) -> None:
        """What is on the board stays."""
        await self._api.do("DELETE", f"/boards/{board_id}/versions/{version_id}")

    def quarantine(self, board_id: int, *, page_size: int = 100) -> AsyncIterator[QuarantinedUpdate]:
        """Updates on which Yjs fails and that are on the board no more, by their seq."""
        return self._api.items(QuarantinedUpdate, f"/boards/{board_id}/quarantine", {"limit": page_size})

    async def compare(self, board_id: int, version_id: int, other_id: int | None = None) -> BoardComparison:
        """How a version differs from another one, or from what is on the board now."""
        path = f"/boards/{board_id}/versions/{version_id}/compare"
        return await self._api.get(BoardComparison, path, given(**{"with": other_id}))

    async def restore_version(
        self, board_id: int, version_id: int, *, idempotency_key: str | None = None
    ) -> RestoredVersion:
        """Bring back what a version has, by an edit; what is there now becomes a version first."""
        path = f"/boards/{board_id}/versions/{version_id}/restore"
        return await self._api.create(RestoredVersion, path, None, idempotency_key)
