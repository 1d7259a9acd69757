"""What migrations make of rows that were there before. They are plain SQL, and that all of them run on the oldest
PostgreSQL test_migrations.py shows. A landed migration never changes, so those of oldest schemas are `long`; rows of
the last release are in tests/upgrade."""

import asyncpg
import pytest

from chat_core.database import migrations, scripts
from chat_core.database.pool import Connection
from tests.sql.schema.migrating import up

pytestmark = pytest.mark.slow


@pytest.mark.long
async def test_those_who_were_there_before_are_given_user_names(migrated: Connection) -> None:
    names = [script.name for script in scripts.migrations()]
    await migrations.down(migrated, lambda _: None, len(names) - names.index("migrations/0008_usernames.sql"))
    for email in (
        "ada@a.example",
        "ADA@b.example",
        "ada-2@c.example",
        "here@d.example",
        "чат@e.example",
        "_@f.example",
    ):
        await migrated.execute("INSERT INTO users (email, fullname, password_hash) VALUES ($1, 'X', '')", email)
    await up(migrated)
    given = [row[0] for row in await migrated.fetch("SELECT username FROM users ORDER BY id")]
    assert given == ["ada", "ADA-2", "ada-2-3", "here-4", "user", "user-6"]


@pytest.mark.long
async def test_of_public_channels_of_one_name_the_oldest_keeps_it(migrated: Connection) -> None:
    names = [script.name for script in scripts.migrations()]
    await migrations.down(migrated, lambda _: None, len(names) - names.index("migrations/0020_public_names.sql"))
    await migrated.execute("INSERT INTO workspaces (name) VALUES ('acme'), ('other')")
    long = "x" * 80
    for workspace, kind, name in (
        (1, "PublicChannel", "News"),
        (1, "PublicChannel", "NEWS"),
        (1, "PrivateChannel", "news"),
        (2, "PublicChannel", "news"),
        (1, "PublicChannel", long),
        (1, "PublicChannel", long),
    ):
        await migrated.execute(
            "INSERT INTO chats (workspace_id, type, name) VALUES ($1, $2, $3)", workspace, kind, name
        )
    await up(migrated)
    kept = [row[0] for row in await migrated.fetch("SELECT name FROM chats ORDER BY id")]
    assert kept == ["News", "NEWS (2)", "news", "news", long, "x" * 76 + " (6)"]


@pytest.mark.long
async def test_of_public_channels_whose_names_fold_alike_the_oldest_keeps_it(migrated: Connection) -> None:
    names = [script.name for script in scripts.migrations()]
    await migrations.down(migrated, lambda _: None, len(names) - names.index("migrations/0050_names_fold.sql"))
    await migrated.execute("INSERT INTO workspaces (name) VALUES ('acme')")
    for name in ("ΟΔΟΣ", "οδος", "straße", "strasse", "other"):
        await migrated.execute("INSERT INTO chats (workspace_id, type, name) VALUES (1, 'PublicChannel', $1)", name)
    await up(migrated)
    kept = [row[0] for row in await migrated.fetch("SELECT name FROM chats ORDER BY id")]
    assert kept == ["ΟΔΟΣ", "οδος (2)", "straße", "strasse (4)", "other"]


@pytest.mark.long
async def test_invites_are_carried_into_one_table_and_back(migrated: Connection) -> None:
    """Those of chats with their ids, after which those of boards get new ones."""
    names = [script.name for script in scripts.migrations()]
    steps = len(names) - names.index("migrations/0027_invites.sql")
    await migrations.down(migrated, lambda _: None, steps)
    await migrated.execute(
        "INSERT INTO users (email, username, fullname, password_hash) VALUES ('a@a.example', 'a', 'A', ''); "
        "INSERT INTO workspaces (name) VALUES ('acme')"
    )
    await migrated.execute("INSERT INTO chats (workspace_id, type, name) VALUES (1, 'Group', 'lunch')")
    await migrated.execute("INSERT INTO boards (workspace_id, name) VALUES (1, 'plans')")
    insert = (
        "INSERT INTO {0}_invites ({0}_id, role, token_hash, created_by, created_at, expires_at, max_uses, uses) "
        "VALUES (1, '{1}', sha256('{1} of a {0}'), 1, '2026-01-01', '2027-01-01', 5, 2)"
    )
    for place, *roles in (("chat", "member", "owner", "admin"), ("board", "viewer", "owner")):
        for role in roles:
            await migrated.execute(insert.format(place, role))
    await migrated.execute("DELETE FROM chat_invites WHERE id = 1")

    async def carried(table: str, place: str) -> list[tuple[object, ...]]:
        shown = f"SELECT id, {place}, role, token_hash, created_by, created_at, expires_at, max_uses, uses FROM {table}"
        return [tuple(row) for row in await migrated.fetch(f"{shown} WHERE {place} IS NOT NULL ORDER BY id")]

    to_chats, to_boards = await carried("chat_invites", "chat_id"), await carried("board_invites", "board_id")
    assert ([row[0] for row in to_chats], [row[0] for row in to_boards]) == ([2, 3], [1, 2])
    await up(migrated)
    assert await carried("invites", "chat_id") == to_chats
    renumbered = [(number, *row[1:]) for number, row in zip((4, 5), to_boards, strict=True)]
    assert await carried("invites", "document_id") == renumbered
    await migrations.down(migrated, lambda _: None, steps)
    assert await carried("chat_invites", "chat_id") == to_chats
    assert await carried("board_invites", "board_id") == renumbered
    await migrated.execute(insert.format("board", "editor"))
    assert (await carried("board_invites", "board_id"))[-1][0] == 6


OF_A_BOARD = """
INSERT INTO users (email, username, fullname, password_hash) VALUES ('a@a.example', 'a', 'A', '');
INSERT INTO workspaces (name) VALUES ('acme');
INSERT INTO workspace_members (workspace_id, user_id, role) VALUES (1, 1, 'owner');
INSERT INTO boards (id, workspace_id, name, member_count, last_seq) OVERRIDING SYSTEM VALUE
VALUES (7, 1, 'plans', 1, 1);
INSERT INTO board_members (board_id, user_id, workspace_id, role) VALUES (7, 1, 1, 'owner');
INSERT INTO board_versions (id, board_id, name, seq, state) OVERRIDING SYSTEM VALUE VALUES (5, 7, 'first', 1, 'ab');
INSERT INTO board_thumbnails (board_id, data) VALUES (7, '\\xffd8ff');
INSERT INTO board_updates (board_id, seq, origin, data) VALUES (7, 1, 'n', 'ab');
INSERT INTO invites (board_id, role, token_hash, created_by, expires_at)
VALUES (7, 'editor', sha256('a'), 1, now() + interval '1 day');
INSERT INTO audit_log (action, board_id) VALUES ('board_created', 7), ('workspace_created', NULL);
INSERT INTO events (position, kind, audience, board_id, user_id, effect, payload, created_at)
VALUES (1, 'NewBoard', 'user', 7, 1, 'grant_admin', '{}', now()),
       (2, 'BoardUpdated', 'board', 7, NULL, NULL, '{"id": 7}', now() - interval '1 day'),
       (3, 'BoardInviteUpdated', 'admins', 7, 1, NULL, '{}', now());
SELECT setval('boards_id_seq', 7), setval('board_versions_id_seq', 5), setval('events_position_seq', 3);
"""


@pytest.mark.long
async def test_boards_are_carried_into_documents_and_back(migrated: Connection) -> None:
    """With their ids, and the log's events with their positions, in every partition."""
    names = [script.name for script in scripts.migrations()]
    steps = len(names) - names.index("migrations/0076_documents.sql")
    await migrations.down(migrated, lambda _: None, steps)
    await migrated.execute(OF_A_BOARD)

    async def kept(table: str, *columns: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await migrated.fetch(f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1")]

    log = ("position", "kind", "user_id", "effect", "payload::text")
    of_boards = await kept("events", *log, "board_id", "audience")
    await up(migrated)
    assert await kept("documents", "id", "kind", "name", "member_count", "last_seq") == [(7, "board", "plans", 1, 1)]
    assert await kept("document_members", "document_id", "user_id", "kind", "role") == [(7, 1, "board", "owner")]
    assert await kept("document_versions", "id", "document_id", "state") == [(5, 7, b"ab")]
    assert await kept("invites", "id", "document_id", "role") == [(1, 7, "editor")]
    assert await kept("board_updates", "board_id", "data") == [(7, b"ab")]
    assert await kept("audit_log", "id", "document_id", "document_kind") == [(1, 7, "board"), (2, None, None)]
    audiences = {"board": "document"}
    carried = [(*row[:-1], audiences.get(str(row[-1]), row[-1])) for row in of_boards]
    assert await kept("events", *log, "document_id", "audience") == carried
    assert {row[-1] for row in carried} == {"user", "document", "admins"}
    made = await migrated.fetchval("SELECT create_document(1, 1, 'board', 'next')::json ->> 'id'")
    assert made == "8"
    with pytest.raises(asyncpg.PostgresError, match="is append-only"):
        await migrated.execute("UPDATE audit_log SET action = 'x'")
    await migrated.execute("DELETE FROM documents WHERE id = 8")
    await migrated.execute("SET fechatter.maintenance = on; DELETE FROM events WHERE position > 3")
    await migrations.down(migrated, lambda _: None, steps)
    assert await kept("events", *log, "board_id", "audience") == of_boards
    assert await kept("boards", "id", "name", "last_seq") == [(7, "plans", 1)]
    assert await kept("board_members", "board_id", "user_id", "role") == [(7, 1, "owner")]


async def test_the_way_back_deletes_no_sealed_second_factor(migrated: Connection) -> None:
    names = [script.name for script in scripts.migrations()]
    await migrations.down(migrated, lambda _: None, len(names) - names.index("migrations/0138_sealed_totp.sql") - 1)
    await migrated.execute(
        "INSERT INTO users (email, username, fullname, password_hash) VALUES ('a@a.example', 'ada', 'A', '')"
    )
    await migrated.execute(
        "INSERT INTO totp_factors (user_id, secret, sealed_by) VALUES (1, sha256('x'), repeat('k', 43))"
    )
    with pytest.raises(asyncpg.PostgresError, match="1 users have authenticator apps whose secrets are sealed"):
        await migrations.down(migrated, lambda _: None, 1)
    assert await migrated.fetchval("SELECT count(*) FROM totp_factors") == 1
    await migrated.execute("UPDATE totp_factors SET sealed_by = NULL")
    await migrations.down(migrated, lambda _: None, 1)
    assert await migrated.fetchval("SELECT count(*) FROM totp_factors") == 1


async def test_the_way_back_counts_guests_out_of_their_chats(migrated: Connection) -> None:
    names = [script.name for script in scripts.migrations()]
    to = len(names) - names.index("migrations/0174_guests_in_chats.sql") - 1
    await migrations.down(migrated, lambda _: None, to)
    await migrated.execute(
        "INSERT INTO users (email, username, fullname, password_hash) "
        "SELECT n || '@a.example', 'user' || n, 'A', '' FROM generate_series(1, 2) n;"
        "INSERT INTO organizations (name) VALUES ('acme');"
        "INSERT INTO organization_members (organization_id, user_id, kind) VALUES (1, 2, 'guest');"
        "INSERT INTO workspaces (name, organization_id) VALUES ('acme', 1);"
        "INSERT INTO workspace_members (workspace_id, user_id) VALUES (1, 1);"
        "INSERT INTO chats (workspace_id, type, name, member_count) VALUES (1, 'Group', 'lunch', 2);"
        "INSERT INTO chat_members (chat_id, workspace_id, user_id, last_read_seq, guest_of) "
        "VALUES (1, 1, 1, 0, NULL), (1, 1, 2, 0, 1);"
    )
    await migrations.down(migrated, lambda _: None, 1)
    assert [row[0] for row in await migrated.fetch("SELECT user_id FROM chat_members")] == [1]
    assert await migrated.fetchval("SELECT member_count FROM chats") == 1


async def test_the_way_back_waits_until_released_holds_have_let_go(migrated: Connection) -> None:
    names = [script.name for script in scripts.migrations()]
    to = len(names) - names.index("migrations/0198_holds_let_go.sql") - 1
    await migrations.down(migrated, lambda _: None, to)
    await migrated.execute(
        "INSERT INTO workspaces (name) VALUES ('acme');"
        "INSERT INTO holds (workspace_id, name, since, released_at) VALUES (1, 'case', '2026-01-01', now());"
    )
    with pytest.raises(asyncpg.PostgresError, match="1 released holds still keep what they have kept"):
        await migrations.down(migrated, lambda _: None, 1)
    await migrated.execute("UPDATE holds SET let_go_at = now()")
    await migrations.down(migrated, lambda _: None, 1)
    assert await migrated.fetchval("SELECT count(*) FROM holds") == 1


async def test_sessions_by_a_providers_word_end_where_a_factor_is_enrolled(migrated: Connection) -> None:
    names = [script.name for script in scripts.migrations()]
    await migrations.down(migrated, lambda _: None, len(names) - names.index("migrations/0160_own_factors_count.sql"))
    for number in (1, 2):
        await migrated.execute(
            "INSERT INTO users (email, username, fullname, password_hash) VALUES ($1, $2, 'A', '')",
            *(f"{number}@a.example", f"user{number}"),
        )
        await migrated.execute(
            "INSERT INTO sessions (user_id, expires_at, provider, second_factor) "
            "SELECT $1, now() + interval '1 day', 'acme', factor FROM unnest('{provider,totp}'::text[]) factor",
            number,
        )
    await migrated.execute(
        "INSERT INTO totp_factors (user_id, secret, confirmed_at) "
        "VALUES (1, sha256('x'), now()), (2, sha256('x'), NULL)"
    )
    await up(migrated)
    ended = await migrated.fetch("SELECT user_id, second_factor FROM sessions WHERE revoked_reason = 'second_factor'")
    assert [tuple(row) for row in ended] == [(1, "provider")]
