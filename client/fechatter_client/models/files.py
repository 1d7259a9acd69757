"""Files."""

from datetime import datetime
from typing import Literal

from . import Model


class File(Model):
    """`size` is in bytes. `type` is what the bytes say. `width`, `height` (pixels), `duration` (seconds) and
    `placeholder` (a thumbhash in base64) are None where they are not known."""

    id: int
    name: str
    size: int
    type: str
    width: int | None
    height: int | None
    duration: float | None
    placeholder: str | None
    state: Literal["pending", "ready", "refused"]


class FileLink(Model):
    """`url` is a path of chat_server."""

    url: str
    expires_at: datetime


class UploadState(Model):
    """`received` of `size` bytes are stored. `file_id` is set once the upload has become a file."""

    id: str
    size: int
    received: int
    expires_at: datetime
    file_id: int | None
