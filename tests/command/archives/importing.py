"""Archives that tests make, and their import into a database."""

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chat_core.database.pool import Connection
from chat_core.settings import Settings
from chat_core.storage import open_storage
from fechatter.archives.formats import opened
from fechatter.archives.loading import Choices, load
from fechatter.archives.reading import LINES
from fechatter.archives.report import Report
from fechatter.archives.source import open_source

Json = dict[str, Any]
HEAD: tuple[Json, Json] = (
    {"kind": "archive", "version": 1, "source": "slack", "origin": "T1"},
    {"kind": "workspace", "name": "Acme"},
)


def written(path: Path, records: Iterable[Json], files: dict[str, bytes] | None = None) -> Path:
    """A zip of these records, after the two that begin each archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(LINES, "".join(json.dumps(record) + "\n" for record in (*HEAD, *records)))
        for name, content in (files or {}).items():
            archive.writestr(name, content)
    return path


async def imported(
    sql: Connection, folder: Path, archive: Path, of: str = "fechatter", options: Json | None = None, **choices: Any
) -> Report:
    """What `fechatter import` does, with a store of files in this folder."""
    settings = Settings(data_dir=folder)
    settings = settings.model_copy(update={"storage": settings.storage.model_copy(update={"reserve_bytes": 0})})
    blobs, _ = open_storage(settings)
    with open_source(archive) as file:
        source, records = opened(of, file, {"team": None, "public": False, **(options or {})})
        try:
            return await load(sql, settings, blobs, source, records, Choices(**choices))
        finally:
            await sql.execute("SELECT pg_advisory_unlock_all()")


def person(id_: str, **more: Any) -> Json:
    return {
        "kind": "person",
        "id": id_,
        "fullname": id_.title(),
        "username": id_,
        "email": f"{id_}@example.com",
        **more,
    }


def message(id_: str, content: Any, minute: int, sender: str = "ada", chat: str = "C1", **more: Any) -> Json:
    created_at = f"2023-11-14T{minute // 60:02}:{minute % 60:02}:00Z"
    base = {"kind": "message", "id": id_, "chat": chat, "sender": sender, "created_at": created_at, "content": content}
    return {**base, **more}
