"""Files: uploading and fetching them. A message has them by their ids."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

from ..api import Api
from ..errors import Problem, Unreachable
from ..http import FIRST_DELAY_SECONDS, PASSING
from ..models.files import File, FileLink, OwnFile, PreviewName, UploadState

# Sent in one request: what a cut of the connection may cost.
PART_BYTES: Final = 4_194_304
# Of an upload whose state must be asked for again: another request is still writing, or it was further than we knew.
UNSETTLED: Final = (409, 423)


class Files:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def upload(
        self,
        workspace_id: int,
        path: Path | str,
        *,
        name: str | None = None,
        on_progress: Callable[[UploadState], None] | None = None,
        resume: str | None = None,
        retries: int = 8,
    ) -> File:
        """Upload a file. Only the caller sees it until it is posted; unused, it is deleted after a day.

        It resumes by itself when the connection is cut, `retries` times without progress. `on_progress` is called after
        each part; to continue after a restart of your program, store the id that it gets, and pass it as `resume`.
        """
        source = Path(path)
        size = (await asyncio.to_thread(source.stat)).st_size
        state = await (self.state(resume) if resume else self.begin(workspace_id, size, name or source.name))
        if state.size != size:
            raise ValueError(f"{source} has {size} bytes, and upload {state.id} is of a file with {state.size}")
        failures, known = 0, True  # whether the server's state is known
        with await asyncio.to_thread(source.open, "rb") as opened:
            while state.file_id is None:
                await asyncio.to_thread(opened.seek, state.received)
                part = await asyncio.to_thread(opened.read, PART_BYTES)
                if not part and state.received < size:
                    raise ValueError(f"{source} has become shorter than {size} bytes")
                before = state.received
                try:
                    state, known = await (self.append(state, part) if known else self.state(state.id)), True
                except (Unreachable, Problem) as error:
                    failures, known = failures + 1, False
                    if failures > retries or not _may_pass(error):
                        raise
                    await asyncio.sleep(FIRST_DELAY_SECONDS * failures)
                if state.received > before:
                    failures = 0
                if on_progress:
                    on_progress(state)
        return await self.get(state.file_id)

    async def upload_bytes(self, workspace_id: int, content: bytes, name: str) -> File:
        """Upload at most 8 MiB in one request."""
        params = {"name": name}
        return await self._api.post_bytes(File, f"/workspaces/{workspace_id}/files", content, params)

    async def begin(self, workspace_id: int, size: int, name: str) -> UploadState:
        """Begin an upload in parts (tus 1.0)."""
        encoded = base64.b64encode(name.encode()).decode()
        headers = {"Upload-Length": str(size), "Upload-Metadata": f"filename {encoded}"}
        return await self._api.ask(UploadState, "POST", f"/workspaces/{workspace_id}/uploads", headers=headers)

    async def append(self, state: UploadState, part: bytes) -> UploadState:
        """Send the next bytes. The last ones make the file."""
        headers = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(state.received)}
        response = await self._api.request("PATCH", f"/uploads/{state.id}", headers=headers, content=part)
        if not response.is_success:
            raise Problem.of(response)
        received, file = int(response.headers["Upload-Offset"]), response.headers.get("File-Id")
        return UploadState(state.id, state.size, received, state.expires_at, int(file) if file else None)

    async def state(self, upload_id: str) -> UploadState:
        return await self._api.get(UploadState, f"/uploads/{upload_id}")

    async def end(self, upload_id: str) -> None:
        """Give an upload up."""
        await self._api.do("DELETE", f"/uploads/{upload_id}")

    def list_own(self, workspace_id: int | None = None, *, page_size: int = 100) -> AsyncIterator[OwnFile]:
        """What the caller has uploaded and still exists, newest first: in all their workspaces, or in one."""
        params = {"limit": page_size} | ({} if workspace_id is None else {"workspace_id": workspace_id})
        return self._api.items(OwnFile, "/files", params)

    async def get(self, file_id: int) -> File:
        """What is known of it, as in a message."""
        return await self._api.get(File, f"/files/{file_id}/info")

    async def fetch(self, file_id: int) -> bytes:
        return await self._api.get_bytes(f"/files/{file_id}")

    async def link(self, file_id: int) -> FileLink:
        """What fetches it without a token for some minutes: a path of chat_server, or a whole URL."""
        return await self._api.ask(FileLink, "POST", f"/files/{file_id}/link")

    async def fetch_preview(self, file_id: int, name: PreviewName) -> bytes:
        """A copy of what it shows, as WebP."""
        return await self._api.get_bytes(f"/files/{file_id}/previews/{name}")

    async def picture(self, file_id: int) -> bytes:
        """What is shown of a picture in small, such as an avatar or an icon."""
        return await self._api.get_bytes(f"/files/{file_id}/picture")

    async def discard(self, file_id: int) -> None:
        """Delete a file of the caller's that no message has."""
        await self._api.do("DELETE", f"/files/{file_id}")


def _may_pass(error: Unreachable | Problem) -> bool:
    return isinstance(error, Unreachable) or error.status in (*PASSING, *UNSETTLED)
