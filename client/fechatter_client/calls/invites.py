"""Accepting invites, to chats, boards and pages."""

from typing import Any

from ..api import Api, converted
from ..models.boards import Board
from ..models.chats import Chat
from ..models.invites import InvitePreview, InviteTarget
from ..models.pages import Page


class Invites:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def show(self, token: str) -> InviteTarget:
        """What an invite leads to."""
        return await self._api.get(InviteTarget, f"/invites/{token}")

    async def preview(self, token: str) -> InvitePreview:
        """The same for anyone with the link, signed in or not."""
        return await self._api.get(InvitePreview, f"/invites/{token}/preview")

    async def accept(self, token: str) -> Chat | Board | Page:
        """Join the chat, board or page that an invite leads to, and its workspace."""
        joined = await self._api.ask(dict[str, Any], "POST", f"/invites/{token}/accept", repeatable=True)
        wanted: type[Chat | Board | Page] = Chat if "type" in joined else Page if "schema" in joined else Board
        return converted(joined, wanted)
