"""The records of an archive, and of what a converter yields (docs/import/format.md)."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

VERSION: Final = 1
LONGEST_LINE: Final = 1 << 20

Id = Annotated[str, Meta(min_length=1, max_length=200)]
Moment = Annotated[datetime, Meta(tz=True)]
ChatType = Literal["PublicChannel", "PrivateChannel", "Group", "Single"]
Role = Literal["owner", "admin", "member"]


class Record(Struct, tag_field="kind", forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    pass


class Archive(Record, tag="archive"):
    version: Literal[1]
    source: Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,32}$")]
    origin: Id
    made_at: Moment | None = None
    ordered: bool = False


class Workspace(Record, tag="workspace"):
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    description: Annotated[str, Meta(max_length=1000)] = ""
    created_at: Moment | None = None


class Person(Record, tag="person"):
    id: Id
    fullname: str
    username: str | None = None
    email: str | None = None
    type: Literal["person", "bot"] = "person"
    active: bool = True
    role: Role | None = "member"
    created_at: Moment | None = None
    updated_at: Moment | None = None
    time_zone: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    avatar: Id | None = None


class File(Record, tag="file"):
    id: Id
    path: Annotated[str, Meta(min_length=1, max_length=1024)]
    name: str
    uploader: Id | None = None
    sha256: Annotated[str, Meta(pattern="^[0-9a-fA-F]{64}$")] | None = None
    created_at: Moment | None = None


class Emoji(Record, tag="emoji"):
    name: Annotated[str, Meta(pattern=r"^[a-z0-9_+-]{1,50}$")]
    file: Id
    creator: Id | None = None
    created_at: Moment | None = None


class Chat(Record, tag="chat"):
    id: Id
    type: ChatType
    name: str = ""
    description: str = ""
    created_at: Moment | None = None
    updated_at: Moment | None = None
    archived_at: Moment | None = None


class Member(Record, tag="member"):
    chat: Id
    person: Id
    role: Role = "member"
    joined_at: Moment | None = None
    read: Id | None = None
    notifications: Literal["all", "mentions", "none"] = "all"
    muted_until: Moment | None = None


class Mention(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a message's content that mentions: a person, or everyone."""

    person: Id | None = None
    everyone: Literal["all", "here"] | None = None


Content = str | list[str | Mention]


class Origin(Struct, forbid_unknown_fields=True):
    message: Id
    chat: Id
    sender: Id


class Edit(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What a message said before an edit."""

    content: Content = ""
    written_at: Moment
    type: Literal["text", "image", "file"] = "text"
    files: Annotated[list[Id], Meta(max_length=10)] = []
    metadata: dict[str, Any] | None = None


class Reaction(Struct, forbid_unknown_fields=True, omit_defaults=True):
    emoji: Annotated[str, Meta(min_length=1, max_length=64)]
    person: Id
    created_at: Moment | None = None


class Pin(Struct, forbid_unknown_fields=True, omit_defaults=True):
    person: Id | None = None
    pinned_at: Moment | None = None


class Message(Record, tag="message"):
    id: Id
    chat: Id
    sender: Id
    created_at: Moment
    content: Content = ""
    type: Literal["text", "image", "file"] = "text"
    metadata: dict[str, Any] | None = None
    mentions: Annotated[list[Id], Meta(max_length=1000)] = []
    reply_to: Id | None = None
    files: Annotated[list[Id], Meta(max_length=10)] = []
    forwarded_from: Origin | None = None
    updated_at: Moment | None = None
    edits: Annotated[list[Edit], Meta(max_length=100)] = []
    reactions: Annotated[list[Reaction], Meta(max_length=10_000)] = []
    pin: Pin | None = None
    deleted_at: Moment | None = None
    deleted_by: Id | None = None


class Follow(Record, tag="follow"):
    message: Id
    person: Id
    read: Id | None = None
    followed_at: Moment | None = None


class Lost(Record, tag="lost"):
    """What the writer of the archive met and could not express."""

    what: Annotated[str, Meta(min_length=1, max_length=80)]
    where: Annotated[str, Meta(max_length=1024)] | None = None
    amount: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 1


AnyRecord = Archive | Workspace | Person | File | Emoji | Chat | Member | Message | Follow | Lost

_decoder: msgspec.json.Decoder[AnyRecord] = msgspec.json.Decoder(AnyRecord)
_encoder = msgspec.json.Encoder()


def parse(line: bytes) -> AnyRecord:
    """Raises msgspec.ValidationError, which names the field, or msgspec.DecodeError."""
    return _decoder.decode(line)


def line_of(record: Record) -> bytes:
    return _encoder.encode(record) + b"\n"
