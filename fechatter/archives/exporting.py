"""Exports a workspace as an archive: the records in one snapshot of the database, then the bytes of its files.

Rows are read by cursors and written one by one, so memory does not grow with the workspace.
"""

import json
import re
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Final, Literal

import asyncpg
from anyio import to_thread

from chat_core.database.pool import Connection
from chat_core.database.queries import Query, query
from chat_core.storage import Blob, BlobDamaged, BlobMissing, Blobs
from fechatter.archives.bar import Bar
from fechatter.archives.reading import LINES
from fechatter.archives.records import (
    Archive,
    Chat,
    Content,
    Edit,
    Emoji,
    File,
    Follow,
    Lost,
    Member,
    Mention,
    Message,
    Origin,
    Person,
    Pin,
    Reaction,
    Record,
    Workspace,
    line_of,
)
from fechatter.archives.report import Report
from fechatter.archives.texts import prose_of

ROWS: Final = 500
BLOCK_BYTES: Final = 1 << 16

# The grammar of docs/mentions.md, as find_mentions has it: names that a / or + connects, and each of them.
_RUN: Final = re.compile(
    r"(?<![A-Za-z0-9_.+%/\\@-])_*"
    r"(@[A-Za-z0-9][A-Za-z0-9._-]*(?:(?<=[A-Za-z0-9_])[/+]_*@[A-Za-z0-9][A-Za-z0-9._-]*)*)"
)
_NAME: Final = re.compile(r"@([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?)")
_LINK: Final = re.compile(r'https?://[^\s<>"]*', re.IGNORECASE)
# Had a message of @here an @all, it would mention all.
_EVERYONE: Final[Mapping[str, tuple[Literal["all", "here"], ...]]] = {"all": ("all", "here"), "here": ("here",)}

EXPORT_BEGIN = query("export_begin", "workspace", "private", "format")
EXPORT_BLOBS = query("export_blobs", "files")
EXPORT_CHATS = query("export_chats", "workspace", "private")
EXPORT_EMOJI = query("export_emoji", "workspace", "private")
EXPORT_FILES = query("export_files", "workspace", "private")
EXPORT_FOLLOWS = query("export_follows", "workspace", "private")
EXPORT_LEFT_OUT = query("export_left_out", "workspace", "private")
EXPORT_MEMBERS = query("export_members", "workspace", "private")
EXPORT_MESSAGES = query("export_messages", "workspace", "private")
EXPORT_PEOPLE = query("export_people", "workspace", "private")
EXPORT_WORKSPACE = query("export_workspace", "workspace")


async def write_archive(
    connection: Connection, blobs: Blobs, archive: zipfile.ZipFile, workspace: int, *, private: bool
) -> Report:
    return await _Exporting(connection, blobs, archive, workspace, private).run()


class _Exporting:
    def __init__(
        self, connection: Connection, blobs: Blobs, archive: zipfile.ZipFile, workspace: int, private: bool
    ) -> None:
        self._connection, self._blobs, self._archive = connection, blobs, archive
        self._about = {"workspace": workspace, "private": private}
        self._report, self._files = Report(), dict[int, str]()

    async def run(self) -> Report:
        bar = Bar("records", 0)
        try:
            async with self._connection.transaction(isolation="repeatable_read", readonly=True):
                with self._archive.open(LINES, "w", force_zip64=True) as lines:
                    waiting = bytearray()
                    async for record in self._records():
                        waiting += line_of(record)
                        bar.add()
                        if len(waiting) > BLOCK_BYTES:
                            await to_thread.run_sync(lines.write, bytes(waiting))
                            waiting.clear()
                    lines.write(bytes(waiting))
        finally:
            bar.close()
        await copy_bytes(self._connection, self._blobs, self._archive, self._report, self._files, _place)
        return self._report

    async def _records(self) -> AsyncIterator[Record]:
        made = await EXPORT_WORKSPACE.one(self._connection, workspace=self._about["workspace"])
        yield Archive(version=1, source="fechatter", origin=made["origin"], made_at=made["made_at"], ordered=True)
        yield Workspace(name=made["name"], description=made["description"], created_at=made["created_at"])
        kinds: tuple[tuple[str, Query, Callable[[asyncpg.Record], Record]], ...] = (
            ("people", EXPORT_PEOPLE, _person),
            ("files", EXPORT_FILES, self._file),
            ("custom emoji", EXPORT_EMOJI, _emoji),
            ("chats", EXPORT_CHATS, _chat),
            ("members", EXPORT_MEMBERS, _member),
            ("messages", EXPORT_MESSAGES, self._message),
            ("followed threads", EXPORT_FOLLOWS, _follow),
        )
        for name, rows, shape in kinds:
            values = [self._about[parameter] for parameter in rows.parameters]
            async for row in self._connection.cursor(rows.sql, *values, prefetch=ROWS):
                yield shape(row)
                self._report.done[name] += 1
        for row in await EXPORT_LEFT_OUT.rows(self._connection, **self._about):
            self._report.lose(row["what"], None, row["amount"])
            yield Lost(what=row["what"], amount=row["amount"])

    def _file(self, row: asyncpg.Record) -> Record:
        self._files[row["id"]] = row["name"]
        return File(
            id=str(row["id"]),
            path=_place(row["id"], row["name"]),
            name=row["name"],
            uploader=_id(row["uploader"]),
            sha256=row["sha256"],
            created_at=row["created_at"],
        )

    def _message(self, row: asyncpg.Record) -> Record:
        files = [str(file) for file in row["files"] or () if file in self._files]
        names = json.loads(row["names"]) if row["names"] else {}
        content, mentioned = parts(row["content"], names, row["mentions_everyone"])
        origin = json.loads(row["forwarded_from"]) if row["forwarded_from"] else None
        pinned = row["pinned_by"] is not None
        return Message(
            id=str(row["id"]),
            chat=str(row["chat_id"]),
            sender=str(row["sender_id"]),
            created_at=row["created_at"],
            content=content,
            type=row["type"],
            metadata=json.loads(row["metadata"]) if row["metadata"] else None,
            mentions=[str(person) for person in row["mentions"] or () if person not in mentioned],
            reply_to=_id(row["reply_to"]),
            files=files,
            forwarded_from=Origin(*(str(origin[f"{one}_id"]) for one in ("message", "chat", "sender")))
            if origin
            else None,
            updated_at=row["updated_at"],
            edits=[self._edit(edit) for edit in row["edits"] or ()],
            reactions=[Reaction(emoji, str(person), made_at) for emoji, person, made_at in row["reactions"] or ()],
            pin=Pin(str(row["pinned_by"]), row["pinned_at"]) if pinned else None,
            deleted_at=row["deleted_at"],
            deleted_by=_id(row["deleted_by"]),
        )

    def _edit(self, edit: Any) -> Edit:
        kind, content, metadata, files, written_at = edit
        return Edit(
            type=kind,
            content=content,
            metadata=json.loads(metadata) if metadata else None,
            files=[str(file) for file in files or () if file in self._files],
            written_at=written_at,
        )


async def copy_bytes(
    connection: Connection,
    blobs: Blobs,
    archive: zipfile.ZipFile,
    report: Report,
    files: dict[int, str],
    place: Callable[[int, str], str],
) -> int:
    """The bytes of files, by id and name, that are still there; returns how many. What is gone is in the report."""
    ids, left, bar, copied = sorted(files), set(files), Bar("files", len(files)), 0
    try:
        for begin in range(0, len(ids), ROWS):
            for row in await EXPORT_BLOBS.rows(connection, files=ids[begin : begin + ROWS]):
                left.discard(row["id"])
                copied += await _copy(blobs, archive, report, row, place(row["id"], files[row["id"]]))
                bar.add()
    finally:
        bar.close()
    for file in sorted(left):
        report.lose("files that were deleted meanwhile", place(file, files[file]))
    return copied


async def _copy(blobs: Blobs, archive: zipfile.ZipFile, report: Report, row: asyncpg.Record, name: str) -> bool:
    blob = Blob.of(row)
    try:
        with archive.open(name, "w", force_zip64=True) as entry:
            async for piece in await blobs.read(blob, 0, blob.size):
                await to_thread.run_sync(entry.write, piece)
    except (BlobMissing, BlobDamaged) as error:
        report.lose("files whose bytes are lost or damaged", f"{name}: {error}")
        return False
    return True


def _place(file: int, _name: str) -> str:
    return f"files/{file}"


def parts(content: str, names: dict[str, int], everyone: str | None) -> tuple[Content, set[int]]:
    """The content with mentions as parts, and who is in these. `names`: whom it mentions, by user name. As in
    find_mentions, nobody is mentioned in code and links."""
    meant = {name.lower(): Mention(person=str(person)) for name, person in names.items()}
    meant |= {name: Mention(everyone=name) for name in _EVERYONE.get(everyone or "", ())}
    if not meant:
        return content, set()
    found: list[str | Mention] = []
    end = 0
    for start, called in _names_in(content):
        name = called.lower()
        while name not in meant and name.endswith("_"):  # which ends an emphasis, then
            name = name[:-1]
        if name in meant:
            found += [content[end:start], meant[name]]
            end = start + 1 + len(name)
    mentioned = {int(part.person) for part in found if isinstance(part, Mention) and part.person}
    return [part for part in (*found, content[end:]) if part != ""] if found else content, mentioned


def _names_in(content: str) -> Iterator[tuple[int, str]]:
    """The names behind an @ that may mention somebody, with where the @ is."""
    for begin, prose in prose_of(content):
        shown = _LINK.sub(lambda link: " " * len(link[0]), prose)
        for run in _RUN.finditer(shown):
            for called in _NAME.finditer(shown, *run.span(1)):
                yield begin + called.start(), called[1]


def _id(value: int | None) -> str | None:
    return None if value is None else str(value)


def _person(row: asyncpg.Record) -> Record:
    return Person(
        id=str(row["id"]),
        fullname=row["fullname"],
        username=row["username"],
        email=row["email"],
        type=row["kind"],
        active=row["status"] == "active",
        role=row["role"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        time_zone=row["time_zone"],
        avatar=_id(row["avatar_file_id"]),
    )


def _emoji(row: asyncpg.Record) -> Record:
    return Emoji(name=row["name"], file=str(row["file_id"]), creator=_id(row["creator"]), created_at=row["created_at"])


def _chat(row: asyncpg.Record) -> Record:
    times = {name: row[name] for name in ("created_at", "updated_at", "archived_at")}
    return Chat(id=str(row["id"]), type=row["type"], name=row["name"], description=row["description"], **times)


def _member(row: asyncpg.Record) -> Record:
    return Member(
        chat=str(row["chat_id"]),
        person=str(row["user_id"]),
        role=row["role"],
        joined_at=row["joined_at"],
        read=_id(row["read"]),
        notifications=row["notification_level"],
        muted_until=row["muted_until"],
    )


def _follow(row: asyncpg.Record) -> Record:
    return Follow(
        message=str(row["thread_id"]),
        person=str(row["user_id"]),
        read=_id(row["read"]),
        followed_at=row["followed_at"],
    )
