"""What an import makes of an archive, and that repeating it changes nothing."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import msgspec
import pytest

from chat_core.database.queries import query
from fechatter.archives import loading
from fechatter.archives.bar import Bar
from fechatter.archives.loading import IMPORT_PLACE, Stopped
from fechatter.archives.records import AnyRecord
from fechatter.archives.report import Report
from fechatter.archives.source import BadArchive
from fechatter.archives.staging import Staging
from tests.command.archives.importing import HEAD, Json, imported, message, person, written
from tests.command.archives.test_format import SAMPLE
from tests.support.copy_of_sync import Copy
from tests.support.postgres import Database

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f00038501806bb1d1e60000000049454e44ae426082"
)

CHAT: list[Json] = [
    person("ada", role="owner"),
    person("bob"),
    person("eve", role=None, active=False),
    {"kind": "chat", "id": "C1", "type": "PublicChannel", "name": "general", "created_at": "2020-01-01T00:00:00Z"},
    {"kind": "member", "chat": "C1", "person": "ada", "role": "owner"},
    {"kind": "member", "chat": "C1", "person": "bob", "read": "M2"},
]
FILES: list[Json] = [
    {"kind": "file", "id": "F1", "path": "files/party.png", "name": "../party.png", "uploader": "ada"},
    {"kind": "file", "id": "F2", "path": "files/gone.txt", "name": "gone.txt"},
    {"kind": "emoji", "name": "acme_party", "file": "F1", "creator": "ada"},
    {"kind": "emoji", "name": "party", "file": "F1"},
]
REACTIONS: list[Json] = [
    {"emoji": emoji, "person": who} for emoji, who in ((":acme_party:", "bob"), (":acme_party:", "ada"), ("no", "ada"))
]
MESSAGES: list[Json] = [
    message("M3", "three", 3, "bob", reply_to="M1", reactions=[{"emoji": "👍", "person": "ada"}]),
    message("M1", ["one, ", {"person": "bob"}, "'s: ", {"everyone": "all"}, "x"], 1, pin={"person": "bob"}),
    message("M2", "two", 2, "eve", files=["F1", "F2"], updated_at="2023-11-15T00:00:00Z",
            edits=[{"content": "tow", "written_at": "2023-11-14T00:02:00Z"}],
            reactions=REACTIONS),
    message("M4", "four", 4, "ada", reply_to="M3"),
    message("M5", "", 5, "ada", deleted_at="2023-11-14T00:06:00Z", deleted_by="bob"),
    message("M6", "six", 6, "ada", reply_to="M9"),
    message("M7", "word " * 4001, 7, "ada", reply_to="M1"),
]  # fmt: skip


def test_a_bar_says_what_is_left_once_something_is_done() -> None:
    bar = Bar("messages", 4)
    assert bar.text(time.monotonic() + 5) == f"messages: [{'.' * 24}]   0% 0 of 4"
    bar.add()
    assert re.fullmatch(r"messages: \[#{6}\.{18}\]  25% 1 of 4, \d+ s left", bar.text(time.monotonic() + 5))


async def test_the_bar_of_messages_counts_those_that_are_not_here_yet(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    totals: list[int] = []

    class Counting(Bar):
        def __init__(self, what: str, total: int) -> None:
            super().__init__(what, total)
            totals.append(total)

    monkeypatch.setattr(loading, "Bar", Counting)
    async with database.connect() as sql:
        for minute in (1, 2, 2):
            messages = [message(f"M{number}", "hi", number) for number in range(1, minute + 1)]
            archive = written(tmp_path / "a.zip", [*CHAT, *messages])
            await imported(sql, tmp_path, archive, workspace="Acme" if totals else None)
    assert totals == [1, 1, 0]


async def content(sql: Any) -> Any:
    rows = await sql.fetch("SELECT message_json(m)::text AS json FROM messages m ORDER BY id")
    return [json.loads(row["json"]) for row in rows]


async def test_what_is_in_an_archive_is_here_afterwards_and_repeating_it_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    archive = written(tmp_path / "a.zip", [*CHAT, *FILES, *MESSAGES], {"files/party.png": PNG})
    async with database.connect() as sql:
        report = await imported(sql, tmp_path, archive)
        done, lost = report.done, report.lost
        assert (done["people made"], done["chats"], done["messages"], done["files"]) == (3, 1, 9, 1)
        assert done["messages that became several"] == 1
        assert lost["files whose bytes are not in the archive"] == 1
        assert lost["replies to what is no earlier message of their chat in the archive"] == 1
        assert lost["custom emoji: a standard name, no picture, or too large"] == 1
        users = {row["fullname"]: row for row in await sql.fetch("SELECT * FROM users")}
        ada, bob = users["Ada"]["id"], users["Bob"]["id"]
        assert (users["Ada"]["status"], users["Ada"]["email_verified_at"]) == ("inactive", None)
        one, two, three, four, five, six, *seven = await content(sql)
        assert [m["seq"] for m in (one, two, three, four, five, six, *seven)] == list(range(1, 10))
        assert (one["content"], one["mentions"], one["mentions_everyone"]) == ("one, @bob's: @all x", [bob], "all")
        assert one["created_at"] == "2023-11-14T00:01:00+00:00"
        assert (one["thread"]["reply_count"], one["thread"]["participants"], one["thread"]["last_seq"]) == (
            5,
            [bob, ada],
            5,
        )
        assert (two["content"], [file["name"] for file in two["files"]]) == ("two\n📎 gone.txt", ["party.png"])
        assert two["reactions"] == [{"emoji": ":acme_party:", "count": 2, "user_ids": [bob, ada]}]
        assert two["updated_at"] == "2023-11-15T00:00:00+00:00"
        assert await sql.fetchval("SELECT content FROM message_edits WHERE message_id = $1", two["id"]) == "tow"
        assert (three["reply_to"], three["thread_id"], three["thread_seq"]) == (one["id"], one["id"], 1)
        assert (four["reply_to"], four["thread_id"], four["thread_seq"]) == (three["id"], one["id"], 2)
        assert (five["content"], five["deleted_by"]) == ("", bob)
        assert (six["reply_to"], six["content"]) == (None, "six")
        assert "".join(m["content"] for m in seven) == "word " * 4001
        assert [m["thread_seq"] for m in seven] == [3, 4, 5]
        assert await sql.fetchval("SELECT array_agg(pinned_by) FROM message_pins") == [bob]
        chat = await sql.fetchrow("SELECT * FROM chats")
        assert chat is not None
        assert (chat["last_seq"], chat["member_count"], chat["name"]) == (9, 2, "general")
        read = await sql.fetch("SELECT user_id, last_read_seq FROM chat_members")
        assert dict(map(tuple, read)) == {ada: 9, bob: 2}
        read = await sql.fetch("SELECT user_id, last_read_seq FROM thread_followers")
        assert dict(map(tuple, read)) == {ada: 5, bob: 5}
        stored = await sql.fetchrow("SELECT * FROM files")
        assert stored is not None
        assert (stored["type"], stored["uploader_id"], stored["size"]) == ("image/png", ada, len(PNG))
        assert await sql.fetchval("SELECT sum(bytes) FROM storage_usage WHERE kind = 'files'") == len(PNG)
        assert await sql.fetchval("SELECT array_agg(name) FROM custom_emoji") == ["acme_party"]
        assert await sql.fetchval("SELECT count(*) FROM audit_log WHERE action = 'workspace_imported'") == 1
        kinds = await sql.fetch("SELECT kind FROM events WHERE chat_id IS NOT NULL")
        assert sorted(row["kind"] for row in kinds) == ["NewChat", "NewChat", "ThreadFollowed", "ThreadFollowed"]

        tables = ("events", "messages", "users", "files", "chats", "import_refs", "audit_log", "storage_usage")
        before = [await sql.fetch(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables]
        again = await imported(sql, tmp_path, archive, workspace="Acme")
        assert again.done["people known"] == 3
        assert sum(again.done[one] for one in ("people made", "chats", "messages", "files")) == 0
        assert [await sql.fetch(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables] == before


async def test_the_sample_of_the_page_is_loaded(database: Database, tmp_path: Path) -> None:
    (tmp_path / "archive.jsonl").write_text(SAMPLE)
    async with database.connect() as sql:
        report = await imported(sql, tmp_path / "data", tmp_path)
        assert (report.done["messages"], report.lost["reminder"]) == (2, 3)


@pytest.mark.parametrize(
    ("record", "complaint"),
    [
        (message("M1", "x", 1, "nobody"), "line 9: sender: there is no person 'nobody' before this record"),
        (message("M1", [{"person": "U9"}], 1), "line 9: content: there is no person 'U9'"),
        (message("M1", "x", 1, files=["F9"]), "line 9: files: there is no file 'F9'"),
        (person("ada"), "line 9: id: there is a person 'ada' already"),
        ({"kind": "member", "chat": "C1", "person": "ada"}, "record 9: person: 'ada' is a member of chat 'C1' already"),
        ({"kind": "file", "id": "F1", "path": "../x", "name": "x"}, "line 9: the archive has an entry '../x'"),
        ({"kind": "workspace", "name": "Other"}, "line 9: kind: there is one record workspace"),
    ],
)
async def test_nothing_is_imported_of_an_archive_that_is_wrong(
    database: Database, tmp_path: Path, record: Json, complaint: str
) -> None:
    async with database.connect() as sql:
        with pytest.raises(BadArchive, match=f"^{complaint}"):
            await imported(sql, tmp_path, written(tmp_path / "a.zip", [*CHAT, record]))
        for table in ("workspaces", "users", "imports", "events"):
            assert await sql.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_messages_that_are_named_twice_and_chains_that_end_nowhere(database: Database, tmp_path: Path) -> None:
    async with database.connect() as sql:
        twice = [*CHAT, message("M1", "x", 1), message("M1", "y", 2)]
        with pytest.raises(BadArchive, match="record 9: id: there are two messages 'M1'"):
            await imported(sql, tmp_path, written(tmp_path / "a.zip", twice))
        # Two that reply to each other: only the later one can. A long chain is one thread.
        circle = [message("A", "a", 1, reply_to="B"), message("B", "b", 2, reply_to="A")]
        chain = [message(f"D{n}", "d", 3 + n // 60, reply_to=f"D{n - 1}" if n else None) for n in range(300)]
        await imported(sql, tmp_path, written(tmp_path / "b.zip", [*CHAT, *circle, *chain]))
        a, b, first, *rest = await content(sql)
        assert (a["reply_to"], b["reply_to"]) == (None, a["id"])
        assert {m["thread_id"] for m in rest} == {first["id"]}
        assert [m["thread_seq"] for m in rest] == list(range(1, 300))


async def test_a_dry_run_changes_nothing(database: Database, tmp_path: Path) -> None:
    archive = written(tmp_path / "a.zip", [*CHAT, *FILES, *MESSAGES])
    async with database.connect() as sql:
        report = await imported(sql, tmp_path, archive, dry_run=True)
        assert (report.done["people in the archive"], report.done["messages in the archive"]) == (3, 9)
        assert report.lost["files whose bytes are not in the archive"] == 2
        for table in ("workspaces", "users", "imports", "events", "import_messages"):
            assert await sql.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_an_archive_without_an_owner_asks_for_one(database: Database, tmp_path: Path) -> None:
    archive = written(tmp_path / "a.zip", [person("eve", role=None)])
    async with database.connect() as sql:
        with pytest.raises(Stopped, match="--owner"):
            await imported(sql, tmp_path, archive)
        await sql.execute("SELECT create_user('Olga', 'olga@example.com')")
        await imported(sql, tmp_path, archive, owner="olga@example.com")
        assert (
            await sql.fetchval(
                "SELECT role FROM workspace_members m JOIN users u ON u.id = user_id WHERE fullname = 'Olga'"
            )
            == "owner"
        )


async def test_a_later_export_adds_to_what_is_here_and_members_are_told_once(
    database: Database, tmp_path: Path
) -> None:
    early = [*CHAT, *FILES, *(one for one in MESSAGES if one["id"] in ("M1", "M2", "M3"))]
    async with database.connect() as sql:
        await imported(sql, tmp_path, written(tmp_path / "early.zip", early))
        ada, bob = await sql.fetch("SELECT id FROM users WHERE fullname IN ('Ada', 'Bob') ORDER BY fullname")
        chat = await sql.fetchval("SELECT id FROM chats")
        # Bob posts, so ada has something unread; what is deleted here does not come back.
        await sql.execute("INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'live')", chat, bob["id"])
        await sql.execute("DELETE FROM messages WHERE content LIKE 'two%'")
        copies = {user: Copy(await snapshot(sql, user)) for user in (ada["id"], bob["id"])}
        head = await sql.fetchval("SELECT max(position) FROM events")
        late = [*CHAT, person("eve2"), {"kind": "member", "chat": "C1", "person": "eve2"}, *FILES, *MESSAGES]
        report = await imported(
            sql, tmp_path, written(tmp_path / "late.zip", late, {"files/party.png": PNG}), workspace="Acme"
        )
        assert (report.done["messages"], report.done["chats that were here"]) == (6, 1)
        assert [m["content"][:4] for m in await content(sql)] == [
            "one,",
            "thre",
            "live",
            "four",
            "",
            "six",
            "word",
            "word",
            "word",
        ]
        kinds = await sql.fetch("SELECT kind, user_id FROM events WHERE position > $1 AND chat_id IS NOT NULL", head)
        assert sorted(row["user_id"] for row in kinds if row["kind"] == "NewChat") == sorted([*copies, max(copies) + 2])
        assert {row["kind"] for row in kinds} == {"NewChat", "ThreadUpdated", "ThreadReadMarkerMoved"}
        read = await sql.fetch("SELECT user_id, last_read_seq FROM chat_members ORDER BY user_id")
        assert [row["last_read_seq"] for row in read] == [3, 10, 10]
        for user, copy in copies.items():
            await follow(sql, copy, user, head)
            fresh = Copy(await snapshot(sql, user))
            assert copy.state() == fresh.state()


async def snapshot(sql: Any, user: int) -> Json:
    row = await query("snapshot", "user", "lean", "workspace").one(sql, user=user, lean=False, workspace=None)
    lists = {"chats": f"[{row['chats']}]", "boards": f"[{row['boards']}]", "pages": f"[{row['pages']}]"}
    return {
        **json.loads(row["own"]),
        **{name: json.loads(text) for name, text in lists.items()},
        "threads": json.loads(row["threads"]),
    }


async def follow(sql: Any, copy: Copy, user: int, head: int) -> None:
    """Applies what the user is told after a position, as a member of everything that there is."""
    rows = await sql.fetch(
        "SELECT kind, payload FROM events WHERE position > $1 AND (audience <> 'user' OR user_id = $2) "
        "ORDER BY position",
        head, user,
    )  # fmt: skip
    for row in rows:
        copy.apply(SimpleNamespace(kind=row["kind"], data=json.loads(row["payload"])))  # type: ignore[arg-type]


async def test_after_an_interruption_the_next_run_does_the_rest(database: Database, tmp_path: Path) -> None:
    second: list[Json] = [
        {"kind": "chat", "id": "C2", "type": "Group", "name": "second"},
        {"kind": "member", "chat": "C2", "person": "ada"},
        message("N1", "there", 9, chat="C2"),
    ]
    archive = written(tmp_path / "a.zip", [*CHAT, *FILES, *MESSAGES, *second], {"files/party.png": PNG})
    async with database.connect() as sql:
        await sql.execute("ALTER TABLE chats ADD CONSTRAINT killed CHECK (name <> 'second')")
        with pytest.raises(asyncpg.CheckViolationError):
            await imported(sql, tmp_path, archive)
        assert await sql.fetchval("SELECT array_agg(name) FROM chats") == ["general"]
        first = await content(sql)
        await sql.execute("ALTER TABLE chats DROP CONSTRAINT killed")
        report = await imported(sql, tmp_path, archive)
        assert (report.done["chats"], report.done["messages"], report.done["files"]) == (1, 1, 0)
        assert (await content(sql))[:-1] == first
        assert await sql.fetchval("SELECT finished_at IS NOT NULL FROM imports")


async def test_addresses_match_only_people_who_have_verified_them(database: Database, tmp_path: Path) -> None:
    archive = written(tmp_path / "a.zip", [*CHAT, *MESSAGES[:1], *MESSAGES[1:2]])
    async with database.connect() as sql:
        await sql.execute(
            "SELECT create_user('Real Ada', 'ada@example.com'), create_user('Real Bob', 'BOB@example.com')"
        )
        await sql.execute("UPDATE users SET email_verified_at = now() WHERE fullname = 'Real Ada'")
        await sql.execute("INSERT INTO workspaces (name) VALUES ('Here')")
        await sql.execute(
            "INSERT INTO workspace_members SELECT (SELECT max(id) FROM workspaces), id, 'owner' FROM users "
            "WHERE fullname = 'Real Bob'"
        )
        here = await sql.fetchval("SELECT max(id) FROM workspaces")
        profiles = await sql.fetch("SELECT u::text FROM users u ORDER BY id")
        # Ada is no member of it, and Bob has verified nothing: neither is who the archive means.
        report = await imported(sql, tmp_path, archive, workspace="here")
        assert (report.done["people made"], report.done["people matched"]) == (3, 0)
        assert await sql.fetchval("SELECT count(*) FROM users WHERE email LIKE '%@imported.invalid'") == 2
        roles = await sql.fetch("SELECT role FROM workspace_members WHERE workspace_id = $1", here)
        assert sorted(row["role"] for row in roles) == ["member", "member", "owner"]
        # In a workspace of its own, Ada is matched, as a verified address says.
        report = await imported(sql, tmp_path, archive)
        assert (report.done["people made"], report.done["people matched"]) == (2, 1)
        assert await sql.fetch("SELECT u::text FROM users u ORDER BY id LIMIT 2") == profiles


async def test_an_archive_that_names_anothers_origin_gets_nothing_by_it(
    database: Database, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    private: list[Json] = [
        *CHAT,
        FILES[0],
        {"kind": "chat", "id": "P1", "type": "Group", "name": "secret"},
        {"kind": "member", "chat": "P1", "person": "ada"},
        message("S1", "secret", 1, chat="P1", files=["F1"]),
    ]
    forged: list[Json] = [
        *private,
        person("mallory", role="owner", avatar="F1"),
        {"kind": "member", "chat": "C1", "person": "mallory"},
        {"kind": "member", "chat": "P1", "person": "mallory"},
        {"kind": "emoji", "name": "secret", "file": "F1"},
        message("X1", "look", 2, "mallory", files=["F1"]),
        message("X2", "more", 3, chat="P1", files=["F1"]),
    ]
    archive = written(tmp_path / "forged.zip", forged, {"files/party.png": PNG})
    async with database.connect() as sql:
        await imported(sql, tmp_path, written(tmp_path / "a.zip", private, {"files/party.png": PNG}))
        assert "slack 'T1' goes into a new workspace 'Acme'" in capfd.readouterr().out
        for dry_run in (True, False):
            with pytest.raises(
                Stopped, match=r"slack 'T1' has been imported, into workspace .* 'Acme': .* --workspace"
            ):
                await imported(sql, tmp_path, archive, dry_run=dry_run)
        assert await sql.fetchval("SELECT count(*) FROM users") == 3

        report = await imported(sql, tmp_path, archive, workspace="Acme", dry_run=True)
        assert "slack 'T1' adds to what it has brought into workspace" in capfd.readouterr().out
        report = await imported(sql, tmp_path, archive, workspace="Acme")
        assert [amount for what, amount in report.lost.items() if "--add-people" in what] == [1]
        members = """SELECT c.name FROM chat_members m JOIN chats c ON c.id = chat_id JOIN users u ON u.id = user_id
            WHERE u.username = 'mallory' ORDER BY 1"""
        mallory = await sql.fetchrow("SELECT * FROM users WHERE username = 'mallory'")
        assert mallory is not None
        role = "SELECT role FROM workspace_members WHERE user_id = $1"
        assert await sql.fetchval(role, mallory["id"]) == "member"
        assert [row["name"] for row in await sql.fetch(members)] == ["general"]
        look, more = await sql.fetch("SELECT content, files FROM messages WHERE content ~ '^(look|more)' ORDER BY 1")
        assert (look["content"], look["files"]) == ("look\n📎 ../party.png", None)
        assert (more["content"], len(more["files"])) == ("more", 1)
        assert mallory["avatar"] is None
        assert await sql.fetchval("SELECT count(*) FROM custom_emoji") == 0

        await imported(sql, tmp_path, archive, workspace="Acme", adds_people=True)
        assert [row["name"] for row in await sql.fetch(members)] == ["general", "secret"]


async def test_ids_and_seqs_rise_together_though_somebody_posts_between_placing_and_the_chat(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = [*CHAT, MESSAGES[1]]
    late = [*CHAT, *FILES, *MESSAGES, message("N1", "root", 8, "ada"), message("N2", "reply", 9, "bob", reply_to="N1")]
    async with database.connect() as sql:
        await imported(sql, tmp_path, written(tmp_path / "early.zip", early))
        chat, bob = await sql.fetchrow("SELECT c.id, u.id FROM chats c, users u WHERE u.username = 'bob'")  # type: ignore[misc]

        class Posting:
            """The query that places everything, after which Bob posts."""

            async def row(self, connection: Any, **values: Any) -> None:
                await IMPORT_PLACE.row(connection, **values)
                async with database.connect() as his:
                    await his.execute(
                        "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'live')", chat, bob
                    )

        monkeypatch.setattr("fechatter.archives.loading.IMPORT_PLACE", Posting())
        archive = written(tmp_path / "late.zip", late, {"files/party.png": PNG})
        await imported(sql, tmp_path, archive, workspace="Acme")
        rows = await content(sql)
        assert [m["seq"] for m in rows] == list(range(1, 13))
        one, live, two, three, four, *others, root, reply = rows
        assert (live["content"], two["content"]) == ("live", "two\n📎 gone.txt")
        assert two["reactions"] == [{"emoji": ":acme_party:", "count": 2, "user_ids": [bob, one["sender_id"]]}]
        assert (three["thread_id"], four["reply_to"], four["thread_id"]) == (one["id"], three["id"], one["id"])
        assert one["thread"]["last_reply_id"] == others[-1]["id"]
        assert (reply["reply_to"], reply["thread_id"], reply["thread_seq"]) == (root["id"], root["id"], 1)
        assert (root["thread"]["last_reply_id"], root["thread"]["reply_count"]) == (reply["id"], 1)
        followed = await sql.fetch("SELECT user_id FROM thread_followers WHERE thread_id = $1", root["id"])
        assert len(followed) == 2
        reacted = await sql.fetchval("SELECT count(*) FROM message_reactions WHERE message_id = $1", two["id"])
        assert reacted == 2
        await imported(sql, tmp_path, archive, workspace="Acme")
        assert len(await content(sql)) == 13  # with what Bob posted meanwhile, and nothing twice


async def test_people_come_a_few_at_a_time_owners_first_and_after_a_kill_the_others_follow(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fechatter.archives.loading.PEOPLE", 2)
    people = [person("p1"), person("p2", role=None), person("p3", role="admin"), person("b", type="bot")]
    people += [person("p4", role="owner"), person("p5"), person("p6", role="owner")]
    archive = written(tmp_path / "a.zip", people)
    roles = """SELECT u.username, m.role FROM workspace_members m JOIN users u ON u.id = user_id ORDER BY 1"""
    async with database.connect() as sql:
        await sql.execute("ALTER TABLE users ADD CONSTRAINT killed CHECK (username <> 'p5')")
        with pytest.raises(asyncpg.CheckViolationError):
            await imported(sql, tmp_path, archive)
        assert [tuple(row) for row in await sql.fetch(roles)] == [
            *(("p1", "member"), ("p3", "admin"), ("p4", "owner"), ("p6", "owner")),
        ]
        assert await sql.fetchval("SELECT count(DISTINCT xmin::text) FROM workspace_members") == 2
        await sql.execute("ALTER TABLE users DROP CONSTRAINT killed")
        report = await imported(sql, tmp_path, archive)
        assert (report.done["people known"], report.done["people made"]) == (4, 3)
        assert [tuple(row) for row in await sql.fetch(roles)] == [
            *(("b", "member"), ("p1", "member"), ("p3", "admin"), ("p4", "owner"), ("p5", "member"), ("p6", "owner")),
        ]


@pytest.mark.parametrize(
    "long",
    [
        {"edits": [{"content": "x" * 900, "written_at": "2023-11-14T00:02:00Z"}]},
        {"reactions": [{"emoji": "👍", "person": "ada"}] * 50},
        {"metadata": {"x": "x" * 900}},
        {"mentions": ["ada"] * 900},
    ],
)
async def test_what_waits_to_be_written_is_bounded_whatever_of_it_is_long(
    database: Database, monkeypatch: pytest.MonkeyPatch, long: Json
) -> None:
    monkeypatch.setattr("fechatter.archives.staging.BATCH_CHARACTERS", 1_000)
    lines = [*HEAD, *CHAT, *(message(f"M{n}", "x", n, **long) for n in range(40))]
    waiting = 0
    async with database.connect() as sql:
        staging = Staging(sql, Report())

        def records() -> Iterator[tuple[str, AnyRecord]]:
            nonlocal waiting
            for line in lines:
                waiting = max(waiting, len(staging._rows["import_messages"]))
                yield "line", msgspec.convert(line, AnyRecord)

        await staging.read(records())
        assert await sql.fetchval("SELECT count(*) FROM import_messages") == 40
    assert waiting <= 2
