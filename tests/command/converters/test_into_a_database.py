"""Exports of other systems, loaded: what is here then, and that a second run changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command.archives.importing import Json, imported
from tests.command.archives.test_loading import content
from tests.command.converters import test_discord, test_mattermost, test_rocketchat, test_slack, test_zulip
from tests.command.converters.exported import zipped
from tests.support.postgres import Database

MATTERMOST = {"import.jsonl": "\n".join(test_mattermost.LINES), **test_mattermost.FILES}
# Of each system: its sample, and how many people, chats, messages and files come of it.
SAMPLES: dict[str, tuple[dict[str, Any], tuple[int, int, int, int]]] = {
    "slack": (test_slack.EXPORT, (11, 6, 23, 2)),
    "mattermost": (MATTERMOST, (8, 7, 11, 4)),
    "zulip": (test_zulip.EXPORT, (7, 4, 13, 3)),
    "rocketchat": (test_rocketchat.DUMP, (5, 4, 11, 2)),
    "discord": (test_discord.EXPORT, (5, 4, 21, 6)),
}


async def state(sql: Any) -> list[Json]:
    """All that members see, and the log."""
    chats = await sql.fetch("SELECT to_jsonb(c)::text AS json FROM chats c ORDER BY id")
    events = await sql.fetchval("SELECT count(*) FROM events")
    return [*await content(sql), *(json.loads(row["json"]) for row in chats), {"events": events}]


@pytest.mark.parametrize("system", SAMPLES)
async def test_each_export_is_loaded_once(system: str, database: Database, tmp_path: Path) -> None:
    export, expected = SAMPLES[system]
    path = zipped(tmp_path / "export.zip", export)
    async with database.connect() as sql:
        foreseen = await imported(sql, tmp_path, path, system, dry_run=True)
        assert await sql.fetchval("SELECT count(*) FROM users") == 0
        assert await sql.fetchval("SELECT count(*) FROM events") == 0
        report = await imported(sql, tmp_path, path, system)
        done = report.done
        assert (done["people made"], done["chats"], done["messages"], done["files"]) == expected, report.lost
        assert done["custom emoji"] == 1
        pictures = await sql.fetchval("SELECT count(*) FROM users WHERE avatar_file_id IS NOT NULL")
        assert pictures == {"mattermost": 2, "zulip": 1, "discord": 2}.get(system, 0)
        # Of a private chat in which nobody is, nothing is kept: Zulip's sample has one with a message.
        left_out = report.lost["chats without a member here"]
        assert foreseen.done["messages in the archive"] == done["messages"] + left_out
        assert left_out == (system == "zulip")
        before = await state(sql)
        place = str(report.done["workspace"])
        again = await imported(sql, tmp_path, path, system, workspace=place)
        assert (again.done["people made"], again.done["chats"], again.done["messages"], again.done["files"]) == (0,) * 4
        assert await state(sql) == before
