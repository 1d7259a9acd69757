"""Exports a workspace in the shape of Slack's exports, with the files beside (`__uploads/ID/name`): for other programs,
which read those. It has less than our own format; docs/import/README.md says what is left out."""

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import asyncpg
from anyio import to_thread

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.storage import Blobs
from chat_server.integrations.slack.texts.emoji import name_of
from fechatter.archives.exporting import (
    EXPORT_CHATS,
    EXPORT_FILES,
    EXPORT_MEMBERS,
    EXPORT_PEOPLE,
    ROWS,
    copy_bytes,
    parts,
)
from fechatter.archives.records import Mention
from fechatter.archives.report import Report

EXPORT_MESSAGES_OF = query("export_messages_of", "chat")
# Where Slack lists chats of each type.
LISTS: Final = {
    "PublicChannel": "channels.json",
    "PrivateChannel": "groups.json",
    "Group": "mpims.json",
    "Single": "dms.json",
}
_ID: Final = re.compile("c[0-9]+")
_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


async def write_slack(
    connection: Connection, blobs: Blobs, archive: zipfile.ZipFile, workspace: int, *, private: bool
) -> Report:
    return await _Writing(connection, blobs, archive, {"workspace": workspace, "private": private}).run()


class _Writing:
    def __init__(self, connection: Connection, blobs: Blobs, archive: zipfile.ZipFile, about: dict[str, Any]) -> None:
        self._connection, self._blobs, self._archive, self._about = connection, blobs, archive, about
        self._report = Report()
        self._files: dict[int, str] = {}
        self._folders: dict[int, str] = {}  # of chats

    async def run(self) -> Report:
        async with self._connection.transaction(isolation="repeatable_read", readonly=True):
            people = await EXPORT_PEOPLE.rows(self._connection, **self._about)
            await self._write("users.json", [_user(row) for row in people])
            self._files = {row["id"]: row["name"] for row in await EXPORT_FILES.rows(self._connection, **self._about)}
            members: dict[int, list[str]] = {}
            for row in await EXPORT_MEMBERS.rows(self._connection, **self._about):
                members.setdefault(row["chat_id"], []).append(f"U{row['user_id']}")
            chats = await EXPORT_CHATS.rows(self._connection, **self._about)
            self._folders = _folders(chats)
            for kind, name in LISTS.items():
                listed = [
                    _chat(row, self._folders[row["id"]], members.get(row["id"], []))
                    for row in chats
                    if row["type"] == kind
                ]
                await self._write(name, listed)
            for row in chats:
                await self._history(row)
            self._report.done |= {"people": len(people), "chats": len(chats)}
        self._report.done["files"] = await copy_bytes(
            self._connection, self._blobs, self._archive, self._report, self._files, _place
        )
        return self._report

    async def _history(self, chat: asyncpg.Record) -> None:
        """A file for each day."""
        day, waiting = None, list[dict[str, Any]]()
        async for row in self._connection.cursor(EXPORT_MESSAGES_OF.sql, chat["id"], prefetch=ROWS):
            if row["deleted_at"] is not None:
                continue
            if row["created_at"].date() != day:
                await self._day(chat, day, waiting)
                day, waiting = row["created_at"].date(), []
            waiting.append(self._message(row))
            self._report.done["messages"] += 1
        await self._day(chat, day, waiting)

    async def _day(self, chat: asyncpg.Record, day: Any, messages: list[dict[str, Any]]) -> None:
        if messages:
            await self._write(f"{self._folders[chat['id']]}/{day}.json", messages)

    async def _write(self, name: str, value: Any) -> None:
        await to_thread.run_sync(self._archive.writestr, name, json.dumps(value, ensure_ascii=False, indent=1))

    def _message(self, row: asyncpg.Record) -> dict[str, Any]:
        said: dict[str, Any] = {"type": "message", "user": f"U{row['sender_id']}", "text": _text(row)}
        said["ts"] = _stamp(row["created_at"], row["id"])
        if row["thread_id"] is not None and row["thread_began"] is not None:
            said["thread_ts"] = _stamp(row["thread_began"], row["thread_id"])
        elif row["replies"]:
            said |= {"thread_ts": said["ts"], "reply_count": row["replies"]}
        if row["updated_at"] is not None:
            said["edited"] = {"user": said["user"], "ts": _stamp(row["updated_at"], 0)}
        files = [(file, self._files[file]) for file in row["files"] or () if file in self._files]
        if files:
            said["files"] = [
                {"id": f"F{file}", "name": name, "url_private": _place(file, name)} for file, name in files
            ]
        if row["reactions"]:
            said["reactions"] = list(_reactions(row["reactions"]))
        return said


def _reactions(given: Any) -> Iterator[dict[str, Any]]:
    for emoji, found in groupby(sorted(given, key=lambda one: str(one[0])), key=lambda one: one[0]):
        users = [f"U{person}" for _, person, _ in found]
        yield {"name": name_of(emoji), "users": users, "count": len(users)}


def _text(row: asyncpg.Record) -> str:
    names = json.loads(row["names"]) if row["names"] else {}
    content, _ = parts(row["content"], names, row["mentions_everyone"])
    said = [content] if isinstance(content, str) else content
    return "".join(_mention(part) if isinstance(part, Mention) else part.translate(_ESCAPED) for part in said)


def _mention(part: Mention) -> str:
    if part.person is not None:
        return f"<@U{part.person}>"
    return "<!channel>" if part.everyone == "all" else "<!here>"


def _stamp(moment: datetime, id_: int) -> str:
    """Slack's id of a message in its chat: its second, and what tells it from others of that second."""
    return f"{int(moment.timestamp())}.{id_ % 1_000_000:06}"


def _place(file: int, name: str) -> str:
    return f"__uploads/F{file}/{name}"


def _folders(chats: Iterable[asyncpg.Record]) -> dict[int, str]:
    """Slack names a channel's folder after the channel. Our names may have any sign, and a private channel may have the
    name of another."""
    found: dict[int, str] = {}
    taken: set[str] = set()
    for chat in sorted(chats, key=lambda chat: (chat["type"] != "PublicChannel", chat["id"])):
        name = chat["name"].casefold()
        named = chat["type"].endswith("Channel") and name.replace("-", "").replace("_", "").isalnum()
        if named and name not in taken and not _ID.fullmatch(name):
            found[chat["id"]] = chat["name"]
            taken.add(name)
        else:
            found[chat["id"]] = f"C{chat['id']}"
    return found


def _user(row: asyncpg.Record) -> dict[str, Any]:
    return {
        "id": f"U{row['id']}",
        "name": row["username"],
        "deleted": row["status"] != "active",
        "is_bot": row["kind"] == "bot",
        "is_owner": row["role"] == "owner",
        "is_admin": row["role"] in ("owner", "admin"),
        "tz": row["time_zone"],
        "profile": {"real_name": row["fullname"], "display_name": row["username"], "email": row["email"]},
    }


def _chat(row: asyncpg.Record, name: str, members: list[str]) -> dict[str, Any]:
    return {
        "id": f"C{row['id']}",
        "name": name,
        "created": int(row["created_at"].timestamp()),
        "is_archived": row["archived_at"] is not None,
        "members": members,
        "purpose": {"value": row["description"]},
        "topic": {"value": ""},
    }
