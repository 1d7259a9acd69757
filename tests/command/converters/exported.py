"""Samples of exports, and what must be true of the records of every converter."""

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from fechatter.archives.records import (
    AnyRecord,
    Archive,
    Chat,
    Emoji,
    File,
    Lost,
    Member,
    Mention,
    Message,
    Person,
    Record,
    line_of,
    parse,
)
from fechatter.archives.source import Source, open_source
from fechatter.converters.converting import Converter

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f00038501806bb1d1e60000000049454e44ae426082"
)
SomeRecord = TypeVar("SomeRecord", bound=Record)


def folder(path: Path, files: dict[str, Any]) -> Path:
    """Writes files: bytes as they are, text in UTF-8, all else as JSON."""
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(as_bytes(content))
    return path


def zipped(path: Path, files: dict[str, Any]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, as_bytes(content))
    return path


def as_bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode(errors="replace")


def converted(path: Path, converter: Callable[[Source], Converter]) -> list[AnyRecord]:
    """The records of an export. They are the same the second time, and what they say of files holds."""
    with open_source(path) as source, converter(source) as made:
        records = [parse(line_of(record)) for record in made.records()]
        assert [parse(line_of(record)) for record in made.records()] == records
        for file in of(records, File):
            if (size := made.size(file.path)) is not None:
                with made.open(file.path) as opened:
                    assert len(opened.read()) == size
    check(records)
    return records


def of(records: Iterable[Record], kind: type[SomeRecord]) -> list[SomeRecord]:
    return [record for record in records if isinstance(record, kind)]


def lost(records: Iterable[AnyRecord]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for record in of(records, Lost):
        counts[record.what] += record.amount
    return dict(counts)


def by_id(records: list[AnyRecord]) -> dict[str, Message]:
    return {message.id: message for message in of(records, Message)}


def check(records: list[AnyRecord]) -> None:
    """Every id is there once, and before it is referred to (docs/import/format.md)."""
    known: dict[type, set[str]] = {Person: set(), File: set(), Emoji: set(), Chat: set()}
    members: set[tuple[str, str]] = set()
    written: dict[str, tuple[str, datetime]] = {}
    assert [type(record).__name__ for record in records[:2]] == ["Archive", "Workspace"]
    for record in records:
        if isinstance(record, Person | File | Chat):
            assert record.id not in known[type(record)], record
            known[type(record)].add(record.id)
        if isinstance(record, Person):
            assert record.avatar is None or record.avatar in known[File]
            assert record.fullname.strip()
        elif isinstance(record, File):
            assert record.uploader is None or record.uploader in known[Person]
        elif isinstance(record, Emoji):
            assert record.name not in known[Emoji]
            assert record.file in known[File]
            known[Emoji].add(record.name)
        elif isinstance(record, Chat):
            assert record.name.strip() or record.type in ("Single", "Group")
        elif isinstance(record, Member):
            assert record.chat in known[Chat]
            assert record.person in known[Person]
            assert (record.chat, record.person) not in members
            members.add((record.chat, record.person))
        elif isinstance(record, Message):
            check_message(record, known, written)
    for chat in of(records, Chat):
        if chat.type == "Single":
            assert sum(chat.id == of_chat for of_chat, _ in members) == 2


def check_message(message: Message, known: dict[type, set[str]], written: dict[str, tuple[str, datetime]]) -> None:
    assert message.id not in written, message
    assert message.chat in known[Chat]
    assert message.sender in known[Person]
    if message.reply_to:
        chat, at = written[message.reply_to]
        assert chat == message.chat
        assert at <= message.created_at
    assert set(message.files) <= known[File]
    assert {reaction.person for reaction in message.reactions} <= known[Person]
    names = {reaction.emoji.strip(":") for reaction in message.reactions if reaction.emoji.startswith(":")}
    assert names <= known[Emoji]
    if message.pin and message.pin.person:
        assert message.pin.person in known[Person]
    for content in (message.content, *(edit.content for edit in message.edits)):
        parts = [content] if isinstance(content, str) else content
        mentioned = {part.person for part in parts if isinstance(part, Mention) and part.person}
        assert mentioned <= known[Person]
        text = "".join(part for part in parts if isinstance(part, str))
        assert not {"\x00", "\ue000", "\ue001"} & set(text)
        text.encode()
    assert message.content or message.files or message.deleted_at
    written[message.id] = (message.chat, message.created_at)


def text_of(message: Message) -> str:
    """The content with its mentions as `<…>`."""
    if isinstance(message.content, str):
        return message.content
    return "".join(part if isinstance(part, str) else f"<{part.person or part.everyone}>" for part in message.content)


def read(made: Converter, path: str) -> bytes:
    with made.open(path) as opened:
        return io.BytesIO(opened.read()).getvalue()


def origin(records: list[AnyRecord]) -> tuple[str, str]:
    first = records[0]
    assert isinstance(first, Archive)
    return first.source, first.origin
