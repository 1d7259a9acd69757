"""Files."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from chat_server.http.fields import Id, Seq, Time

Pixels = Annotated[int, Meta(ge=1)]
Amount = Annotated[int, Meta(ge=1)]


PreviewName = Literal["thumbnail", "preview"]


class File(msgspec.Struct):
    """`size` is in bytes. `type` is what the bytes say. `width`, `height` (pixels), `pages`, `duration` (seconds),
    `placeholder` (a ThumbHash in base64) and `waveform` (the loudness of equal parts, 0 to 100) are null where they
    are not known, as they are while it is `scanning` or `pending`. `previews` names copies to show, smallest first;
    `no_preview` says why there are none. Nobody can fetch a file that is `scanning` or `refused`; `refusal` says why it
    is. There is no URL: fetch `/api/files/{id}`."""

    id: Id
    name: str
    size: Seq
    type: str
    width: Pixels | None
    height: Pixels | None
    animated: bool
    pages: Amount | None
    duration: float | None
    placeholder: str | None
    waveform: list[int] | None
    previews: list[PreviewName]
    no_preview: str | None
    refusal: str | None
    state: Literal["scanning", "pending", "ready", "refused"]


class OwnFile(msgspec.Struct):
    """`uses` is the number of messages, boards and others that have the file; without any it is deleted when its upload
    expires."""

    file: File
    workspace_id: Id
    created_at: Time
    uses: Seq


class FileLink(msgspec.Struct):
    """`url` is a path of this server, or a whole URL if files have an origin of their own."""

    url: str
    expires_at: Time


class UploadState(msgspec.Struct):
    """`received` of `size` bytes are stored. `file_id` is set once all are, and the upload has become a file."""

    id: UUID
    size: Seq
    received: Seq
    expires_at: Time
    file_id: Id | None
