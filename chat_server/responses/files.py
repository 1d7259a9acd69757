"""Files."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from chat_server.http.fields import Id, Seq, Time

Pixels = Annotated[int, Meta(ge=1)]


class File(msgspec.Struct):
    """`size` is in bytes. `type` is what the bytes say. `width`, `height` (pixels), `duration` (seconds) and
    `placeholder` (a thumbhash in base64) are null where they are not known. There is no URL: fetch
    `/api/files/{id}`."""

    id: Id
    name: str
    size: Seq
    type: str
    width: Pixels | None
    height: Pixels | None
    duration: float | None
    placeholder: str | None
    state: Literal["pending", "ready", "refused"]


class FileLink(msgspec.Struct):
    """`url` is a path of this server."""

    url: str
    expires_at: Time


class UploadState(msgspec.Struct):
    """`received` of `size` bytes are stored. `file_id` is set once all are, and the upload has become a file."""

    id: UUID
    size: Seq
    received: Seq
    expires_at: Time
    file_id: Id | None
