"""A workspace that is exported and imported into an empty system: its members see the same."""

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.settings import Settings
from chat_core.storage import open_storage
from fechatter.archives.exporting import EXPORT_BEGIN, parts, write_archive
from fechatter.archives.records import Mention
from fechatter.archives.slack_export import LISTS, write_slack
from fechatter.archives.texts import MARK, said
from tests.command.archives.importing import Json, imported, person, written
from tests.command.archives.test_loading import CHAT, FILES, MESSAGES, PNG, snapshot
from tests.sql.messages.mention_cases import MEMBERS, Case, cases
from tests.support.postgres import Database, clone

WORDS = ("deploy", "review", "Grüße", "你好", "*bold*", "`@u0`", "a@u1.example", "@u2", "@all", "@u3's", "🎉")

POSTED = (
    "INSERT INTO messages (chat_id, sender_id, content, files, reply_to) "
    "VALUES ({{chat}}, {{user}}, $${{text}}$$, {}, {})"
)
ACTS = {
    "post": POSTED.format("NULL", "NULL"),
    "file": POSTED.format("ARRAY[{file}]", "NULL"),
    "reply": POSTED.format("NULL", "{target}"),
    "react": "INSERT INTO message_reactions (message_id, user_id, emoji) VALUES ({target}, {user}, '{emoji}') "
    "ON CONFLICT DO NOTHING",
    "pin": "INSERT INTO message_pins (message_id, pinned_by) VALUES ({target}, {user}) ON CONFLICT DO NOTHING",
    "edit": "UPDATE messages SET content = $${text}$$ WHERE id = {target}",
    "delete": "UPDATE messages SET deleted_at = now(), deleted_by = {user}, content = '' WHERE id = {target}",
    "read": "UPDATE chat_members SET last_read_seq = (SELECT seq FROM messages WHERE id = {target}) "
    "WHERE (chat_id, user_id) = ({chat}, {user})",
    "follow": "INSERT INTO thread_followers (thread_id, user_id) SELECT coalesce(thread_id, id), {user} FROM messages "
    "WHERE id = {target} ON CONFLICT DO NOTHING",
}


async def exported(sql: Any, folder: Path, file: Path, *, private: bool = True, write: Any = write_archive) -> Any:
    blobs, _ = open_storage(Settings(data_dir=folder))
    workspace = await sql.fetchval("SELECT max(id) FROM workspaces")
    await EXPORT_BEGIN.value(sql, workspace=workspace, private=private, format="fechatter")
    with zipfile.ZipFile(file, "w") as archive:
        return await write(sql, blobs, archive, workspace, private=private)


async def test_the_snapshot_of_each_member_is_the_same_in_an_empty_system(
    database: Database, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    made = random.Random(9)
    async with database.connect() as sql, clone(postgres) as other, other.connect() as empty:
        await imported(sql, tmp_path / "one", _team(tmp_path), activate=True)
        await _live(sql, made)
        await sql.execute("UPDATE workspaces SET may_export_cases = true")
        archive = tmp_path / "exported.zip"
        report = await exported(sql, tmp_path / "one", archive)
        assert report.done["messages"] == await sql.fetchval("SELECT count(*) FROM messages")
        await imported(empty, tmp_path / "two", archive, activate=True)
        people = await sql.fetch("SELECT id, username FROM users ORDER BY id")
        for row in people:
            there = await empty.fetchval("SELECT id FROM users WHERE username = $1", row["username"])
            before = await _known(sql, await snapshot(sql, row["id"]))
            assert before["chats"]
            after = await _known(empty, await snapshot(empty, there))
            assert before == after
        edits = "SELECT content, written_at, version, type FROM message_edits ORDER BY message_id, version"
        assert await sql.fetch(edits) == await empty.fetch(edits)
        assert await sql.fetchval("SELECT count(*) FROM audit_log WHERE action = 'workspace_exported'") == 1


def _team(folder: Path) -> Path:
    people = [person(f"u{n}", role="owner" if n == 0 else "member", avatar="F1" if n == 1 else None) for n in range(6)]
    chats: list[Json] = []
    for n, kind in enumerate(("PublicChannel", "PrivateChannel", "Group", "Single")):
        chats.append({"kind": "chat", "id": f"C{n}", "type": kind, "name": f"chat {n}"})
        chats += [{"kind": "member", "chat": f"C{n}", "person": f"u{m}"} for m in range(2 if kind == "Single" else 6)]
    file = {"kind": "file", "id": "F1", "path": "files/party.png", "name": "party.png", "uploader": "u0"}
    emoji = {"kind": "emoji", "name": "acme_party", "file": "F1", "creator": "u0"}
    return written(folder / "team.zip", [*people, file, emoji, *chats], {"files/party.png": PNG})


async def _live(sql: Any, made: random.Random) -> None:
    """What people do, by the rules that hold for all."""
    members = await sql.fetch("SELECT chat_id, user_id FROM chat_members ORDER BY chat_id, user_id")
    file = await sql.fetchval("SELECT id FROM files")
    for _ in range(120):
        chat, user = made.choice(members)
        mine = await sql.fetch("SELECT id FROM messages WHERE chat_id = $1 AND deleted_at IS NULL ORDER BY id", chat)
        target = made.choice(mine)["id"] if mine else None
        act = made.choice(list(ACTS)) if target else "post"
        emoji, text = made.choice(("👍", "🎉", ":acme_party:")), " ".join(made.choices(WORDS, k=4))
        try:
            await sql.execute(ACTS[act].format(**locals()))
        except asyncpg.CheckViolationError:
            continue  # a message of a file alone is not edited to nothing


async def _known(sql: Any, seen: Json) -> Json:
    """The snapshot with what ids stand for, where that is the same in both systems."""
    users = {row["id"]: row["username"] for row in await sql.fetch("SELECT id, username FROM users")}
    chats = {row["id"]: row["name"] or row["type"] for row in await sql.fetch("SELECT id, name, type FROM chats")}
    rows = await sql.fetch("SELECT id, chat_id, seq FROM messages")
    messages = {row["id"]: (chats[row["chat_id"]], row["seq"]) for row in rows}
    names: dict[str, dict[int, Any]] = {
        **dict.fromkeys(("user_id", "sender_id", "deleted_by", "mentions", "participants", "user_ids"), users),
        **dict.fromkeys(("reply_to", "thread_id", "message_id", "last_reply_id", "pinned_message_ids"), messages),
        "chat_id": chats,
    }

    def known(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {
                key: known(one, key) for key, one in value.items()
                if key not in ("id", "workspace_id", "cursor", "first_message_id", "avatar", "file_id")
            }  # fmt: skip
        if isinstance(value, list):
            shown = [names[name][one] if name in names else known(one, name) for one in value]
            # Their order depends on when which reply was deleted.
            return sorted(shown) if name == "participants" else shown
        return names[name].get(value) if name in names and value is not None else value

    shown: Json = known(json.loads(json.dumps(seen)))
    for one in (shown["user"], *shown["workspaces"]):
        del one["updated_at"]  # made there just now, and given a picture
    return shown


async def test_private_chats_leave_only_where_they_may(database: Database, tmp_path: Path) -> None:
    async with database.connect() as sql:
        await imported(sql, tmp_path, _team(tmp_path))
        with pytest.raises(asyncpg.PostgresError, match="does not export private chats"):
            await exported(sql, tmp_path, tmp_path / "a.zip")
        report = await exported(sql, tmp_path, tmp_path / "b.zip", private=False)
        assert (report.done["chats"], report.lost["private chats"]) == (1, 3)


async def test_a_file_whose_bytes_are_lost_is_reported(database: Database, tmp_path: Path) -> None:
    async with database.connect() as sql:
        await imported(sql, tmp_path, written(tmp_path / "a.zip", [*CHAT, *FILES, *MESSAGES], {"files/party.png": PNG}))
        for blob in (tmp_path / "files" / "blobs").rglob("*"):
            if blob.is_file():
                blob.unlink()
        report = await exported(sql, tmp_path, tmp_path / "b.zip", private=False)
        assert report.lost["files whose bytes are lost or damaged"] == 1


def test_mentions_become_parts() -> None:
    names = {"ada": 1, "ada.b": 2}
    content, found = parts("Hi @ADA.b, @ada's x@ada \\@ada @adam @all", names, "all")
    ada, other = Mention(person="1"), Mention(person="2")
    assert content == ["Hi ", other, ", ", ada, "'s x@ada \\@ada @adam ", Mention(everyone="all")]
    assert found == {1, 2}
    assert parts("nothing", {}, None) == ("nothing", set())
    assert parts("@ada see https://x.example/@ada", names, None) == ([ada, " see https://x.example/@ada"], {1})
    assert parts("_@ada", names, None) == (["_", ada], {1})
    assert parts("__@ada_ x_@ada /@ada", names, None) == (["__", ada, "_ x_@ada /@ada"], {1})
    assert parts("@ada/@ada.b", names, None) == ([ada, "/", other], {1, 2})
    code = "`@ada` @ada\n```\n@ada\n```\n@ada"
    assert parts(code, names, None) == (["`@ada` ", ada, "\n```\n@ada\n```\n", ada], {1})
    assert parts("`@all` @here @ada", {}, "here") == (["`@all` ", Mention(everyone="here"), " @ada"], set())


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.text)
def test_a_text_is_the_same_again(case: Case) -> None:
    """Of each case of docs/mentions.json: who is mentioned becomes a part, and the text comes back from the parts.
    Code that only CommonMark's whole grammar tells may be taken for text, and the reverse: the message's `mentions`,
    by which names are looked for, are the server's."""
    simple = not any(sign in case.text for sign in ("`", "    ", "\t"))
    names = {name: number for number, name in enumerate(MEMBERS if simple else case.names, 1)}
    meant = {names[name] for name in case.names}
    content, found = parts(case.text, names, case.everyone)
    assert found == meant if simple else found <= meant
    text, mentioned, everyone = said(content, {str(number): number for number in names.values()})
    assert set(mentioned) == found
    assert everyone == case.everyone
    for name, number in names.items():
        text = text.replace(f"{MARK}{number}{MARK}", f"@{name}")
    assert text.lower() == case.text.lower()


async def test_an_export_in_slacks_shape_is_read_as_slacks(
    database: Database, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    archive = tmp_path / "slack.zip"
    async with database.connect() as sql, clone(postgres) as other, other.connect() as empty:
        team = written(tmp_path / "a.zip", [*CHAT, *FILES, *MESSAGES], {"files/party.png": PNG})
        await imported(sql, tmp_path, team, activate=True)
        await exported(sql, tmp_path, archive, private=False, write=write_slack)
        await imported(empty, tmp_path / "two", archive, "slack")
        threads = "SELECT content, thread_seq, cardinality(files) FROM messages WHERE deleted_at IS NULL ORDER BY id"
        there = await empty.fetch(threads)
        # A thread is as long, without what no longer says which message it replied to.
        assert [tuple(row) for row in there] == [tuple(row) for row in await sql.fetch(threads)]
        assert await empty.fetchval("SELECT array_agg(name) FROM files") == ["party.png"]
        assert await empty.fetchval("SELECT array_agg(username ORDER BY username) FROM users") == ["ada", "bob", "eve"]


async def test_in_slacks_shape_each_chat_has_a_folder_of_its_own(database: Database, tmp_path: Path) -> None:
    async with database.connect() as sql:
        await imported(sql, tmp_path, written(tmp_path / "a.zip", CHAT), activate=True)
        [(user, workspace)] = await sql.fetch(
            "SELECT user_id, workspace_id FROM workspace_members WHERE role = 'owner'"
        )
        made = "INSERT INTO chats (workspace_id, type, name) VALUES ($1, $2, $3) RETURNING id"
        join = "INSERT INTO chat_members (chat_id, user_id, role) VALUES ($1, $2, 'owner')"
        taken = await sql.fetchval("SELECT max(id) + 3 FROM chats")
        chats = [("PublicChannel", "plans"), ("PrivateChannel", "plans"), ("PrivateChannel", "Plans"), ("Group", "")]
        for kind, name in (*chats, ("PublicChannel", f"c{taken}")):
            async with sql.transaction():
                chat = await sql.fetchval(made, workspace, kind, name)
                await sql.execute(join, chat, user)
                await sql.execute("INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'x')", chat, user)
        await sql.execute("SELECT ops.let_export_cases($1)", workspace)
        await exported(sql, tmp_path, tmp_path / "b.zip", write=write_slack)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        folders = [name.partition("/")[0].lower() for name in archive.namelist() if "/" in name]
        assert len(folders) == len(set(folders)) == 5
        listed = {chat["name"] for name in LISTS.values() for chat in json.loads(archive.read(name))}
    assert {"plans"} < {name.lower() for name in listed}
    assert len({name.lower() for name in listed}) == len(listed)
