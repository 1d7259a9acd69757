"""`fechatter import` of a made-up workspace while the servers run: how long it takes, and how much memory.

200 people are in 40 channels and groups, a third of the messages are replies, a tenth mention somebody, a tenth have
reactions, and each has about 90 characters. Memory is what the command's process needed at most.
"""

import json
import os
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import anyio

from bench import system
from bench.figures.result import BenchError, Result, Size
from fechatter.archives.reading import LINES
from fechatter.progress import say

MESSAGES: Final[dict[Size, int]] = {"tiny": 500, "normal": 100_000, "full": 1_000_000}
PEOPLE: Final = 200
CHATS: Final = 40
MEMBERS: Final = 30
WORDS: Final = (
    "deploy",
    "server",
    "build",
    "review",
    "meeting",
    "tomorrow",
    "branch",
    "test",
    "error",
    "please",
    "look",
)
# 10⁶ in ten minutes.
TARGET_PER_SECOND: Final = 1_667


async def run(size: Size) -> list[Result]:
    amount = MESSAGES[size]
    async with system.running() as fechatter:
        archive = fechatter.folder / "archive.zip"
        say(f"imports: writing an archive of {amount:,} messages")
        _write(archive, amount)
        say("imports: importing it")
        seconds, kilobytes = await anyio.to_thread.run_sync(_import, fechatter.folder, archive)
        stored = await fechatter.sql.fetchval("SELECT count(*) FROM import_refs WHERE kind = 'message'")
        if stored != amount:
            raise BenchError(f"{stored} of {amount} messages are there")
    rate = amount / seconds
    name = f"import {amount:,} messages"
    return [
        Result(
            name,
            rate,
            "messages/s",
            target=f"≥ {TARGET_PER_SECOND:,}",
            reached=rate >= TARGET_PER_SECOND,
            note=f"{seconds:.0f} s in all, start of the command included",
        ),
        Result(f"{name}: memory", kilobytes / 1024, "MiB", note="of the command's process, at most"),
    ]


def _import(folder: Path, archive: Path) -> tuple[float, int]:
    """Seconds, and kilobytes."""
    command = [
        sys.executable,
        "-m",
        "fechatter",
        "import",
        "fechatter",
        str(archive),
        "--data-dir",
        str(folder / "data"),
    ]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        said = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BenchError(f"the import failed: {said}")
    return time.monotonic() - began, usage.ru_maxrss


def _write(path: Path, amount: int) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(LINES, "w") as lines,
    ):
        for record in _records(amount):
            lines.write(json.dumps(record).encode() + b"\n")


def _records(amount: int) -> Iterator[dict[str, Any]]:
    made = random.Random(1)  # the same archive each time
    yield {"kind": "archive", "version": 1, "source": "bench", "origin": str(amount)}
    yield {"kind": "workspace", "name": "Bench"}
    for n in range(PEOPLE):
        yield {"kind": "person", "id": f"U{n}", "fullname": f"Person {n}", "email": f"u{n}@example.com"}
    for n in range(CHATS):
        yield {"kind": "chat", "id": f"C{n}", "type": "PublicChannel" if n % 2 else "Group", "name": f"chat {n}"}
        for member in made.sample(range(PEOPLE), MEMBERS):
            yield {"kind": "member", "chat": f"C{n}", "person": f"U{member}"}
    roots: dict[int, list[str]] = {n: [] for n in range(CHATS)}
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    for n in range(amount):
        moment += timedelta(seconds=100)
        chat = made.randrange(CHATS)
        yield _message(made, n, chat, moment, roots[chat])


def _message(made: random.Random, n: int, chat: int, moment: datetime, roots: list[str]) -> dict[str, Any]:
    id_, text = f"C{chat}/{n}", " ".join(made.choices(WORDS, k=15))
    record: dict[str, Any] = {"kind": "message", "id": id_, "chat": f"C{chat}", "sender": f"U{made.randrange(PEOPLE)}"}
    record |= {"created_at": moment.isoformat(), "content": text}
    if n % 10 == 0:
        record["content"] = [text, {"person": f"U{made.randrange(PEOPLE)}"}, " " + text]
    if n % 10 == 1:
        people = made.sample(range(PEOPLE), 2)
        record["reactions"] = [{"emoji": "👍", "person": f"U{person}"} for person in people]
    if n % 3 == 0 and roots:
        record["reply_to"] = made.choice(roots[-50:])
    else:
        roots.append(id_)
    return record
