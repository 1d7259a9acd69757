"""Reads an archive into the import_… tables and checks every reference: nothing else changes before all is read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from asyncpg import Record as Row

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from fechatter.archives import texts
from fechatter.archives.bar import Bar
from fechatter.archives.records import (
    AnyRecord,
    Archive,
    Chat,
    Edit,
    Emoji,
    File,
    Follow,
    Lost,
    Member,
    Message,
    Person,
    Workspace,
)
from fechatter.archives.report import Report
from fechatter.archives.source import BadArchive, checked_name

IMPORT_AVATAR_NUMBERS = query("import_avatar_numbers", "people", "files")

BATCH_ROWS: Final = 5_000
BATCH_CHARACTERS: Final = 8_000_000
MOST_PEOPLE: Final = 200_000
MOST_CHATS: Final = 100_000
MOST_FILES: Final = 200_000
MOST_EMOJI: Final = 500
MOST_RECORDS: Final = 100_000_000
LONGEST_METADATA: Final = 8_192
# Of a message: rows by which a long one is numbered.
PIECES: Final = 1_000

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "import_people": (
        *("n", "external_id", "fullname", "username", "email", "bot", "active", "role", "created_at", "updated_at"),
        "time_zone",
    ),
    "import_files": ("n", "external_id", "path", "name", "uploader", "sha256", "created_at"),
    "import_emoji": ("name", "file", "creator", "created_at"),
    "import_chats": (*("n", "external_id", "type", "name", "description", "created_at", "updated_at", "archived_at"),),
    "import_members": ("line", "chat", "person", "role", "joined_at", "read", "notifications", "muted_until"),
    "import_messages": (
        *("line", "external_id", "chat", "sender", "created_at", "updated_at", "type", "content", "metadata"),
        *("mentions", "everyone", "reply_to", "files", "forwarded_from", "edits", "reactions"),
        *("pinned", "pinned_by", "pinned_at", "deleted_at", "deleted_by"),
    ),
    "import_follows": ("line", "message", "person", "read", "followed_at"),
}


@dataclass(frozen=True)
class Contents:
    """What was read: the first records of an archive, and how many others."""

    archive: Archive
    workspace: Workspace
    people: int
    chats: int
    files: int
    messages: int


class Staging:
    """One archive, while it is read."""

    def __init__(self, connection: Connection, report: Report) -> None:
        self._connection, self._report = connection, report
        self.archive: Archive | None = None
        self.workspace: Workspace | None = None
        self.people: dict[str, int] = {}
        self.chats: dict[str, int] = {}
        self.files: dict[str, int] = {}
        self.emoji: set[str] = set()
        self._avatars: dict[int, str] = {}
        self.messages = 0
        self._rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}
        self._characters = 0
        self._number = 0

    async def read(self, records: Iterable[tuple[str, AnyRecord]]) -> Contents:
        """Raises BadArchive, which says where and what."""
        bar = Bar("reading", 0)
        try:
            for self._number, (where, record) in enumerate(records, 1):
                try:
                    self._take(record)
                except BadArchive as error:
                    raise BadArchive(f"{where}: {error}") from None
                if self._number > MOST_RECORDS:
                    raise BadArchive(f"the archive has more than {MOST_RECORDS:,} records")
                if self._characters > BATCH_CHARACTERS or self._number % BATCH_ROWS == 0:
                    await self._flush()
                bar.add()
            await self._flush()
        finally:
            bar.close()
        await self._picture()
        if self.archive is None or self.workspace is None:
            raise BadArchive("the archive ends before its records archive and workspace")
        return Contents(self.archive, self.workspace, len(self.people), len(self.chats), len(self.files), self.messages)

    async def _picture(self) -> None:
        """A picture may come after its person."""
        numbers = {person: self.files.get(file) for person, file in self._avatars.items()}
        for person, file in numbers.items():
            if file is None:
                self._report.lose("pictures of people that are not in the archive", self._avatars[person])
        known = {person: file for person, file in numbers.items() if file is not None}
        if known:
            await IMPORT_AVATAR_NUMBERS.rows(self._connection, people=list(known), files=list(known.values()))

    async def _flush(self) -> None:
        for table, rows in self._rows.items():
            if rows:
                await self._connection.copy_records_to_table(table, records=rows, columns=COLUMNS[table])
                rows.clear()
        self._characters = 0

    def _add(self, table: str, row: tuple[Any, ...]) -> None:
        """Whatever it is long by, edits, reactions and mentions too, counts in what is kept until it is written."""
        self._rows[table].append(row)
        self._characters += sum(len(value) for value in row if isinstance(value, (str, list)))

    def _take(self, record: AnyRecord) -> None:
        if self.archive is None or self.workspace is None:
            self._begin(record)
            return
        match record:
            case Message():
                self._message(record)
            case Member():
                self._member(record)
            case Person():
                self._person(record)
            case Chat():
                self._chat(record)
            case File():
                self._file(record)
            case Emoji():
                self._emoji(record)
            case Follow():
                person = self._known(self.people, record.person, "person", "person")
                row = (self._number, record.message, person, record.read, record.followed_at)
                self._add("import_follows", row)
            case Lost():
                self._report.lose(record.what, record.where, record.amount)
            case _:
                raise BadArchive(f"kind: there is one record {record.__struct_config__.tag}, and it comes first")

    def _begin(self, record: AnyRecord) -> None:
        if self.archive is None and isinstance(record, Archive):
            self.archive = record
        elif self.archive is not None and isinstance(record, Workspace):
            self.workspace = record
        else:
            expected = "archive" if self.archive is None else "workspace"
            raise BadArchive(f"kind: expected {expected}, got {record.__struct_config__.tag}")

    def _known(self, numbers: Mapping[str, int], id_: str, kind: str, field: str) -> int:
        number = numbers.get(id_)
        if number is None:
            raise BadArchive(f"{field}: there is no {kind} {id_!r} before this record")
        return number

    def _new(self, numbers: dict[str, int], id_: str, kind: str, most: int) -> int:
        if id_ in numbers:
            raise BadArchive(f"id: there is a {kind} {id_!r} already")
        if len(numbers) >= most:
            raise BadArchive(f"there are more than {most:,} records {kind}")
        numbers[id_] = len(numbers) + 1
        return numbers[id_]

    def _person(self, person: Person) -> None:
        number = self._new(self.people, person.id, "person", MOST_PEOPLE)
        if person.avatar is not None:
            self._avatars[number] = person.avatar
        fullname = texts.name_of(person.fullname, 64, person.username or "Somebody")
        row = (
            *(number, person.id, texts.name_of(fullname, 64, "Somebody"), _text(person.username), _text(person.email)),
            *(person.type == "bot", person.active, person.role, person.created_at, person.updated_at),
            _text(person.time_zone),
        )
        self._add("import_people", row)

    def _file(self, file: File) -> None:
        checked_name(file.path)
        uploader = self._known(self.people, file.uploader, "person", "uploader") if file.uploader else None
        number = self._new(self.files, file.id, "file", MOST_FILES)
        sha256 = bytes.fromhex(file.sha256) if file.sha256 else None
        row = (number, file.id, file.path, texts.clean(file.name) or "file", uploader, sha256, file.created_at)
        self._add("import_files", row)

    def _emoji(self, emoji: Emoji) -> None:
        if emoji.name in self.emoji:
            raise BadArchive(f"name: there is an emoji {emoji.name!r} already")
        if len(self.emoji) >= MOST_EMOJI:
            raise BadArchive(f"there are more than {MOST_EMOJI} emoji")
        self.emoji.add(emoji.name)
        creator = self._known(self.people, emoji.creator, "person", "creator") if emoji.creator else None
        file = self._known(self.files, emoji.file, "file", "file")
        self._add("import_emoji", (emoji.name, file, creator, emoji.created_at))

    def _chat(self, chat: Chat) -> None:
        number = self._new(self.chats, chat.id, "chat", MOST_CHATS)
        name = texts.name_of(chat.name, 80, "" if chat.type in ("Single", "Group") else "channel")
        description = texts.clean(chat.description)[:1000]
        row = (
            *(number, chat.id, chat.type, "" if chat.type == "Single" else name, description),
            *(chat.created_at, chat.updated_at, chat.archived_at),
        )
        self._add("import_chats", row)

    def _member(self, member: Member) -> None:
        chat = self._known(self.chats, member.chat, "chat", "chat")
        person = self._known(self.people, member.person, "person", "person")
        row = (
            *(self._number, chat, person, member.role, member.joined_at, member.read),
            *(member.notifications, member.muted_until),
        )
        self._add("import_members", row)

    def _message(self, message: Message) -> None:
        chat = self._known(self.chats, message.chat, "chat", "chat")
        sender = self._known(self.people, message.sender, "person", "sender")
        deleted_by = (
            self._known(self.people, message.deleted_by, "person", "deleted_by") if message.deleted_by else None
        )
        pin = message.pin
        pinned_by = self._known(self.people, pin.person, "person", "pin.person") if pin and pin.person else None
        content, mentioned, everyone = self._said(message.content, "content")
        mentioned += [self._known(self.people, person, "person", "mentions") for person in message.mentions]
        line = self._number * PIECES
        first, *others = texts.pieces(content)
        values = {
            "line": line,
            "external_id": message.id,
            "chat": chat,
            "sender": sender,
            "created_at": message.created_at,
            "updated_at": message.updated_at,
            "type": message.type,
            "content": first,
            "metadata": self._metadata(message.metadata, message.id),
            "mentions": mentioned or None,
            "everyone": everyone,
            "reply_to": message.reply_to,
            "files": self._files(message.files, "files"),
            "forwarded_from": self._origin(message),
            "edits": self._edits(message),
            "reactions": self._reactions(message),
            "pinned": pin is not None,
            "pinned_by": pinned_by,
            "pinned_at": pin.pinned_at if pin else None,
            "deleted_at": message.deleted_at,
            "deleted_by": deleted_by,
        }
        self._message_row(values)
        if others:  # in the same thread, right after it
            self._report.done["messages that became several"] += 1
            same = {name: values[name] for name in ("chat", "sender", "created_at", "mentions", "reply_to")}
            same |= {"type": "text", "pinned": False}
            for number, piece in enumerate(others, 2):
                id_ = f"{message.id[: 200 - 8]}#{number}"
                self._message_row({**same, "line": line + number, "external_id": id_, "content": piece})
        self.messages += 1 + len(others)

    def _message_row(self, values: Mapping[str, Any]) -> None:
        """Columns without a value are null."""
        self._add("import_messages", tuple(map(values.get, COLUMNS["import_messages"])))

    def _said(self, content: Any, field: str) -> tuple[str, list[int], str | None]:
        try:
            return texts.said(content, self.people)
        except texts.UnknownPerson as error:
            raise BadArchive(f"{field}: there is no person {str(error)!r} before this record") from None

    def _files(self, files: list[str], field: str) -> list[int] | None:
        return list(dict.fromkeys(self._known(self.files, file, "file", field) for file in files)) or None

    def _metadata(self, metadata: dict[str, Any] | None, where: str) -> str | None:
        if metadata is None:
            return None
        text = msgspec.json.encode(metadata).decode()
        # PostgreSQL writes it with a space after each comma and colon.
        if len(text.encode()) + text.count(",") + text.count(":") > LONGEST_METADATA or "\\u0000" in text:
            self._report.lose("metadata", where)
            return None
        return text

    def _origin(self, message: Message) -> str | None:
        if message.forwarded_from is None:
            return None
        origin = message.forwarded_from
        sender = self._known(self.people, origin.sender, "person", "forwarded_from.sender")
        return msgspec.json.encode({"m": origin.message, "c": origin.chat, "p": sender}).decode()

    def _edits(self, message: Message) -> str | None:
        return msgspec.json.encode([self._edit(edit) for edit in message.edits]).decode() if message.edits else None

    def _edit(self, edit: Edit) -> dict[str, Any]:
        content, _, _ = self._said(edit.content, "edits.content")
        return {
            "content": next(texts.pieces(content)),
            "written_at": edit.written_at,
            "type": edit.type,
            "files": self._files(edit.files, "edits.files") or [],
            "metadata": edit.metadata if self._metadata(edit.metadata, "edit") else None,
        }

    def _reactions(self, message: Message) -> str | None:
        if not message.reactions:
            return None
        given = [
            {
                "e": texts.clean(reaction.emoji),
                "p": self._known(self.people, reaction.person, "person", "reactions.person"),
                "t": reaction.created_at,
            }
            for reaction in message.reactions
        ]
        return msgspec.json.encode(given).decode()


def _text(text: str | None) -> str | None:
    return texts.clean(text) if text is not None else None


def of_doubles(row: Row) -> str:
    if row["what"] == "message":
        return f"record {row['line'] // PIECES}: id: there are two messages {row['id']!r}"
    return f"record {row['line']}: person: {row['id']!r} is a member of chat {row['of']!r} already"
