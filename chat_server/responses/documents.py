"""The fields that responses about documents of every kind share. Each kind adds its own, such as its id."""

from typing import Literal

import msgspec

from chat_server.http.fields import DocumentRole, Id, Seq, Time
from chat_server.responses.users import CustomStatus

ThumbnailType = Literal["image/png", "image/jpeg", "image/webp"]


class Thumbnail(msgspec.Struct):
    media_type: ThumbnailType
    bytes: int
    updated_at: Time


class Document(msgspec.Struct):
    id: Id
    workspace_id: Id
    name: str
    role: DocumentRole
    member_count: int
    created_by: Id | None
    created_at: Time
    updated_at: Time


class DocumentMember(msgspec.Struct):
    user_id: Id
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    role: DocumentRole
    invited_by: Id | None
    joined_at: Time


class DocumentVersion(msgspec.Struct):
    id: Id
    name: str
    seq: Seq
    created_by: Id | None
    created_at: Time
