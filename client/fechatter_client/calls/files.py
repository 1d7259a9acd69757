"""Files: uploading and fetching them. A message has them by their ids."""

import asyncio
from pathlib import Path

from ..api import Api
from ..models.files import File


class Files:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def upload(self, workspace_id: int, path: Path | str, *, name: str | None = None) -> File:
        """Upload a file of at most 8 MiB. Only the caller sees it until it is posted; unused, it is deleted after a
        day."""
        source = Path(path)
        content = await asyncio.to_thread(source.read_bytes)
        return await self.upload_bytes(workspace_id, content, name or source.name)

    async def upload_bytes(self, workspace_id: int, content: bytes, name: str) -> File:
        params = {"name": name}
        return await self._api.post_bytes(File, f"/workspaces/{workspace_id}/files", content, params)

    async def get(self, file_id: int) -> File:
        """What is known of it, as in a message."""
        return await self._api.get(File, f"/files/{file_id}/info")

    async def fetch(self, file_id: int) -> bytes:
        return await self._api.get_bytes(f"/files/{file_id}")

    async def discard(self, file_id: int) -> None:
        """Delete a file of the caller's that no message has."""
        await self._api.do("DELETE", f"/files/{file_id}")
