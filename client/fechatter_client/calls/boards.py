"""Boards and their members. A board's content comes over a separate WebSocket, to a Yjs client."""

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
from ..models.files import File
from ..models.invites import BoardInvite, NewBoardInvite


class Boards:
    def __init__(self, api: Api) -> None:
        self._api = api

    def list(
        self, workspace_id: int, *, deleted: bool = False, search: str = "", page_size: int = 100
    ) -> AsyncIterator[Board]:
        """The caller's boards in a workspace, by id: existing ones, or the deleted ones that the caller owns.
        `search` matches part of the name."""
        params = {"deleted": str(deleted).lower(), "search": search, "limit": page_size}
        return self._api.items(Board, f"/workspaces/{workspace_id}/boards", params)

    async def create(self, workspace_id: int, name: str, *, idempotency_key: str | None = None) -> Board:
        """Create a board, owned by the caller."""
        return await self._api.create(Board, f"/workspaces/{workspace_id}/boards", {"name": name}, idempotency_key)

    async def get(self, board_id: int) -> Board:
        return await self._api.get(Board, f"/boards/{board_id}")

    async def rename(self, board_id: int, name: str) -> Board:
        return await self._api.ask(Board, "PATCH", f"/boards/{board_id}", {"name": name}, repeatable=True)

    async def delete(self, board_id: int) -> None:
        """Only its owners still see it, and they may restore it."""
        await self._api.do("DELETE", f"/boards/{board_id}")

    async def restore(self, board_id: int) -> Board:
        return await self._api.ask(Board, "POST", f"/boards/{board_id}/restore", repeatable=True)

    def members(self, board_id: int, *, page_size: int = 100) -> AsyncIterator[BoardMember]:
        """By user id."""
        return self._api.items(BoardMember, f"/boards/{board_id}/members", {"limit": page_size})

    async def add_member(
        self, board_id: int, user_id: int, role: BoardRole = "viewer", *, idempotency_key: str | None = None
    ) -> BoardMember:
        """Add a user of the workspace."""
        body = {"user_id": user_id, "role": role}
        return await self._api.create(BoardMember, f"/boards/{board_id}/members", body, idempotency_key)

    async def set_role(self, board_id: int, user_id: int, role: BoardRole) -> BoardMember:
        return await self._api.ask(BoardMember, "PATCH", f"/boards/{board_id}/members/{user_id}", {"role": role})

    async def remove_member(self, board_id: int, user_id: int) -> None:
        """With the caller's own id: leave."""
        await self._api.do("DELETE", f"/boards/{board_id}/members/{user_id}")

    async def transfer(self, board_id: int, user_id: int) -> Board:
        """Make another member the owner; the caller becomes an editor."""
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
        """Create an invite link, valid for this many seconds (by default a week) and users (by default any number)."""
        body = given(role=role, expires_in=expires_in, max_uses=max_uses)
        return await self._api.create(NewBoardInvite, f"/boards/{board_id}/invites", body, idempotency_key)

    async def revoke_invite(self, board_id: int, invite_id: int) -> None:
        await self._api.do("DELETE", f"/boards/{board_id}/invites/{invite_id}")

    def files(self, board_id: int, *, page_size: int = 100) -> AsyncIterator[File]:
        """The files that are attached to it, by id. Its members may fetch them."""
        return self._api.items(File, f"/boards/{board_id}/files", {"limit": page_size})

    async def attach(self, board_id: int, file_id: int) -> File:
        """Attach a file of the workspace that the caller sees."""
        return await self._api.ask(File, "PUT", f"/boards/{board_id}/files/{file_id}", repeatable=True)

    async def detach(self, board_id: int, file_id: int) -> None:
        """A file that is used nowhere else is deleted."""
        await self._api.do("DELETE", f"/boards/{board_id}/files/{file_id}")

    async def thumbnail(self, board_id: int) -> bytes:
        """The picture; a Problem with 404 if there is none."""
        return await self._api.get_bytes(f"/boards/{board_id}/thumbnail")

    async def set_thumbnail(self, board_id: int, picture: bytes) -> BoardThumbnail:
        """A PNG, JPEG or WebP of at most 256 KiB. The server detects the type itself."""
        path = f"/boards/{board_id}/thumbnail"
        return await self._api.put_bytes(BoardThumbnail, path, picture, "application/octet-stream")

    async def remove_thumbnail(self, board_id: int) -> None:
        await self._api.do("DELETE", f"/boards/{board_id}/thumbnail")

    async def export(self, board_id: int, version_id: int | None = None) -> dict[str, Any]:
        """The content of a board or version: each root type that is not empty, as JSON."""
        version = f"/versions/{version_id}" if version_id is not None else ""
        return await self._api.get(dict[str, Any], f"/boards/{board_id}{version}/export")

    async def state(self, board_id: int, version_id: int | None = None) -> bytes:
        """All of a board or version, as one Yjs update, version 1."""
        version = f"/versions/{version_id}" if version_id is not None else ""
        return await self._api.get_bytes(f"/boards/{board_id}{version}/export", {"format": "yjs"})

    def versions(self, board_id: int, *, page_size: int = 100) -> AsyncIterator[BoardVersion]:
        """By id."""
        return self._api.items(BoardVersion, f"/boards/{board_id}/versions", {"limit": page_size})

    async def create_version(self, board_id: int, name: str, *, idempotency_key: str | None = None) -> BoardVersion:
        """Save the board's current content as a named version."""
        return await self._api.create(BoardVersion, f"/boards/{board_id}/versions", {"name": name}, idempotency_key)

    async def version(self, board_id: int, version_id: int) -> BoardVersion:
        return await self._api.get(BoardVersion, f"/boards/{board_id}/versions/{version_id}")

    async def rename_version(self, board_id: int, version_id: int, name: str) -> BoardVersion:
        path = f"/boards/{board_id}/versions/{version_id}"
        return await self._api.ask(BoardVersion, "PATCH", path, {"name": name}, repeatable=True)

    async def delete_version(self, board_id: int, version_id: int) -> None:
        """The board's content is not affected."""
        await self._api.do("DELETE", f"/boards/{board_id}/versions/{version_id}")

    def quarantine(self, board_id: int, *, page_size: int = 100) -> AsyncIterator[QuarantinedUpdate]:
        """Updates on which Yjs fails and which were removed from the board, by their seq."""
        return self._api.items(QuarantinedUpdate, f"/boards/{board_id}/quarantine", {"limit": page_size})

    async def compare(self, board_id: int, version_id: int, other_id: int | None = None) -> BoardComparison:
        """How a version differs from another one, or from the board's current content."""
        path = f"/boards/{board_id}/versions/{version_id}/compare"
        return await self._api.get(BoardComparison, path, given(**{"with": other_id}))

    async def restore_version(
        self, board_id: int, version_id: int, *, idempotency_key: str | None = None
    ) -> RestoredVersion:
        """Restore a version, by an edit; the current content becomes a version first."""
        path = f"/boards/{board_id}/versions/{version_id}/restore"
        return await self._api.create(RestoredVersion, path, None, idempotency_key)
