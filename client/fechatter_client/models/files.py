"""Files."""

from datetime import datetime
from typing import Literal

from . import Model

PreviewName = Literal["thumbnail", "preview"]


class File(Model):
    """`size` is in bytes. `type` is what the bytes say. `width`, `height` (pixels), `pages`, `duration` (seconds),
    `placeholder` (a ThumbHash in base64) and `waveform` (the loudness of equal parts, 0 to 100) are None where they
    are not known, as they are while it is `scanning` or `pending`. `previews` names copies to show, smallest first;
    `no_preview` says why there are none. Nobody can fetch a file that is `scanning` or `refused`; `refusal` says why it
    is."""

    id: int
    name: str
    size: int
    type: str
    width: int | None
    height: int | None
    animated: bool
    pages: int | None
    duration: float | None
    placeholder: str | None
    waveform: list[int] | None
    previews: list[PreviewName]
    no_preview: str | None
    refusal: str | None
    state: Literal["scanning", "pending", "ready", "refused"]


class OwnFile(Model):
    """`uses` is the number of messages, boards and others that have the file; without any it is deleted when its upload
    expires."""

    file: File
    workspace_id: int
    created_at: datetime
    uses: int


class FileLink(Model):
    """`url` is a path of chat_server, or a whole URL if files have an origin of their own."""

    url: str
    expires_at: datetime


class UploadState(Model):
    """`received` of `size` bytes are stored. `file_id` is set once the upload has become a file."""

    id: str
    size: int
    received: int
    expires_at: datetime
    file_id: int | None
