"""`fechatter import` is killed at random moments, several times over, and run to its end: what is here then is what a
run that nobody has killed has made, and nothing is here twice."""

import asyncio
import os
import random
import re
import signal
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from chat_core.database.embedded import EmbeddedPostgres
from tests.command.archives.importing import Json, message, person, written
from tests.command.archives.test_exporting import _known
from tests.command.archives.test_loading import PNG, snapshot
from tests.command.command import environment
from tests.sql.world import until
from tests.support import forks
from tests.support.postgres import Database, clone

KILLS = int(os.environ.get("KILLS", "8"))
PEOPLE, CHATS, MESSAGES, FILES = 40, 12, 50, 30
PROGRESS = "SELECT count(*) FROM import_refs"
# Without ids, which a killed run may have used up.
TABLES = {
    "users": "username, email, fullname, status",
    "files": "name, sha256, size, type",
    "custom_emoji": "name",
    "message_edits": "content, written_at, version",
    "message_pins": "1",
    "import_refs": "kind, external_id, made",
    "chat_members": "role, last_read_seq",
    "storage_usage": "kind, bytes",
    "file_uses": "1",
}


def archive_of(folder: Path, made: random.Random) -> Path:
    people = [person(f"u{n}", role="owner" if n == 0 else "member") for n in range(PEOPLE)]
    content = {f"files/{n}.png": PNG + made.randbytes(2000) for n in range(FILES)}
    files: list[Json] = [
        {"kind": "file", "id": f"F{n}", "path": f"files/{n}.png", "name": f"{n}.png", "uploader": f"u{n % PEOPLE}"}
        for n in range(FILES)
    ]
    emoji = {"kind": "emoji", "name": "acme_party", "file": "F0", "creator": "u0"}
    chats: list[Json] = []
    messages: list[Json] = []
    for chat in range(CHATS):
        members = made.sample(range(PEOPLE), 12)
        chats.append({"kind": "chat", "id": f"C{chat}", "type": "PublicChannel", "name": f"chat {chat}"})
        chats += [{"kind": "member", "chat": f"C{chat}", "person": f"u{n}"} for n in members]
        for n in range(MESSAGES):
            more: Json = {}
            if n and made.random() < 0.3:
                more["reply_to"] = f"M{chat}.{made.randrange(n)}"
            if made.random() < 0.2:
                more["files"] = [f"F{made.randrange(FILES)}"]
            if made.random() < 0.3:
                more["reactions"] = [{"emoji": "👍", "person": f"u{made.choice(members)}"}]
            if made.random() < 0.1:
                more["edits"] = [{"content": "before", "written_at": "2023-11-14T23:58:00Z"}]
                more["updated_at"] = "2023-11-14T23:59:00Z"
            if made.random() < 0.05:
                more["pin"] = {"person": f"u{members[0]}"}
            said = [f"message {n} ", {"person": f"u{made.choice(members)}"}]
            messages.append(message(f"M{chat}.{n}", said, n, f"u{made.choice(members)}", f"C{chat}", **more))
    return written(folder / "team.zip", [*people, *files, emoji, *chats, *messages], content)


async def begun(archive: Path, folder: Path, database: Database) -> forks.Forked:
    variables = {
        "FECHATTER_DATABASE__URL": database.url,
        "FECHATTER_STORAGE__DIRECTORY": str(folder),
        "FECHATTER_STORAGE__RESERVE_BYTES": "0",
    }
    arguments = ["import", "fechatter", str(archive), "--activate", "--data-dir", str(folder)]
    process, log = await forks.start(arguments, environment(**variables))
    log.close()
    return process


async def reached(sql: Any, goal: int, process: forks.Forked) -> bool:
    """So much is imported, or the import has ended."""
    return process.poll() is not None or bool(await sql.fetchval(PROGRESS) >= goal)


@pytest.mark.long
async def test_a_killed_import_comes_to_the_same_as_one_that_nobody_has_killed(
    database: Database, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    made = random.Random(18)
    archive = archive_of(tmp_path, made)
    async with database.connect() as sql, clone(postgres) as other, other.connect() as killed:
        assert await asyncio.to_thread((await begun(archive, tmp_path / "one", database)).wait, 120) == 0
        everything = await sql.fetchval(PROGRESS)
        kills = 0
        # At the beginning, among files, and among messages.
        people, files = PEOPLE, PEOPLE + FILES
        goals = [0, *made.sample(range(people + 1, files), 3), *made.sample(range(files, everything), KILLS - 4)]
        for goal in sorted(goals):
            process = await begun(archive, tmp_path / "two", other)
            try:
                await until(partial(reached, killed, goal, process), "the import goes on", 120)
                await asyncio.sleep(made.uniform(0, 0.01))  # somewhere in what comes next
            finally:
                process.send_signal(signal.SIGKILL)
            kills += await asyncio.to_thread(process.wait, 60) == -signal.SIGKILL
        assert kills > KILLS // 2
        assert await asyncio.to_thread((await begun(archive, tmp_path / "two", other)).wait, 120) == 0
        for table, columns in TABLES.items():
            rows = f"SELECT {columns} FROM {table} ORDER BY {columns}"
            assert list(map(tuple, await killed.fetch(rows))) == list(map(tuple, await sql.fetch(rows))), table
        assert await contents(killed) == await contents(sql)
        for row in await sql.fetch("SELECT id, username FROM users"):
            there = await killed.fetchval("SELECT id FROM users WHERE username = $1", row["username"])
            assert await seen(killed, there) == await seen(sql, row["id"]), row["username"]
        assert await orphans(killed, tmp_path / "two") == set()


async def seen(sql: Any, user: int) -> Any:
    found = settled(await _known(sql, await snapshot(sql, user)))
    found["threads"].sort(key=itemgetter("thread_id"))  # several were answered in the same minute
    return found


def settled(value: Any) -> Any:
    """Without the moments at which something was made here: those of the archive are of 2023."""
    if isinstance(value, dict):
        return {key: settled(one) for key, one in value.items()}
    if isinstance(value, list):
        return [settled(one) for one in value]
    return "now" if isinstance(value, str) and re.match(r"20(?!23)\d\d-\d\d-\d\dT", value) else value


async def contents(sql: Any) -> list[tuple[Any, ...]]:
    return list(
        map(
            tuple,
            await sql.fetch("""
                SELECT c.name, m.seq, u.username, m.content, m.created_at, m.updated_at, reply.seq, m.thread_seq,
                       file_names(m.files), m.reactions IS NULL,
                       (SELECT array_agg(r.emoji || ' ' || who.username ORDER BY who.username) FROM message_reactions r
                        JOIN users who ON who.id = r.user_id WHERE r.message_id = m.id)
                FROM messages m JOIN chats c ON c.id = m.chat_id JOIN users u ON u.id = m.sender_id
                LEFT JOIN messages reply ON reply.id = m.reply_to ORDER BY c.name, m.seq
            """),
        )
    )


async def orphans(sql: Any, folder: Path) -> set[str]:
    """The blobs on disk that neither a file has nor anybody is about to delete."""
    keys = await sql.fetch("SELECT key FROM blobs UNION ALL SELECT key FROM blob_deletions")
    known = {row["key"].hex for row in keys}
    return {path.name for path in folder.rglob("*") if path.is_file() and path.parent.name == path.name[2:4]} - known
