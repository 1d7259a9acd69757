"""The queries of every event, stream and message read by index, however long the log and the chats are, and were.

`make plans` runs this with more messages and events: MESSAGES=100000.
"""

import json
import os
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import Connection
from chat_core.database.queries import load
from tests.sql.world import World, populated

pytestmark = pytest.mark.postgres_15

# In the log and in one chat.
MESSAGES = int(os.environ.get("MESSAGES", "20000"))
DAYS = "SELECT log_make_day(current_date - ago) FROM generate_series(1, 3) ago"
# Nothing in it has plans made anew: no ANALYZE, and no table is altered.
FILL = f"""
INSERT INTO events (position, kind, audience, chat_id, user_id, payload, created_at)
SELECT nextval('events_position_seq'), CASE WHEN n % 50 = 0 THEN 'NewChat' ELSE 'NewMessage' END,
       CASE WHEN n % 50 = 0 THEN 'user' ELSE 'chat' END, n % 100, CASE WHEN n % 50 = 0 THEN n % 97 END, '{{}}',
       date_trunc('day', now(), 'UTC') - n * interval '10 seconds'
FROM generate_series({MESSAGES}, 1, -1) n;
SET session_replication_role = replica;
INSERT INTO messages (id, chat_id, seq, sender_id, content)
SELECT n, 1, n, 1, 'x' FROM generate_series(1, {MESSAGES}) n ON CONFLICT DO NOTHING;
SET session_replication_role = origin;
INSERT INTO users (email, fullname, password_hash)
SELECT 'u' || n || '@example.com', 'U', '' FROM generate_series(1, 5000) n;
INSERT INTO sessions (user_id, expires_at) SELECT id, now() + interval '1 day' FROM users;
SET session_replication_role = replica;
INSERT INTO workspace_members (workspace_id, user_id, role) SELECT 1, id, 'member' FROM users WHERE id > 5;
UPDATE chats SET last_seq = {MESSAGES} WHERE id = 1;
SELECT setval('messages_id_seq', {MESSAGES});
INSERT INTO chats (id, workspace_id, type, name, member_count) OVERRIDING SYSTEM VALUE
SELECT n, 1, 'Group', 'chat ' || n, 1 FROM generate_series(1001, 4000) n;
INSERT INTO chat_members (chat_id, user_id, workspace_id, role, last_read_seq)
SELECT id, 6 + id % 4000, 1, 'owner', 0 FROM chats WHERE id > 1000;
INSERT INTO documents (id, kind, workspace_id, name, member_count) OVERRIDING SYSTEM VALUE
SELECT n, 'board', 1, 'board ' || n, 1 FROM generate_series(1, 3000) n;
INSERT INTO document_members (document_id, kind, user_id, workspace_id, role)
SELECT id, kind, 1 + id % 1000, 1, 'owner' FROM documents;
INSERT INTO idempotency_keys (user_id, key, fingerprint, message_id)
SELECT 6 + n % 4000, 'key' || n, '', n FROM generate_series(1, 5000) n;
INSERT INTO message_reactions (message_id, user_id, emoji)
SELECT n % 100 + 1, 6 + n, 'e' || n % 2 FROM generate_series(1, 4000) n;
INSERT INTO message_reactions (message_id, user_id, emoji) VALUES (1, 1, 'e1');
INSERT INTO message_reactions (message_id, user_id, emoji) SELECT 1, 6 + n, 'e1' FROM generate_series(1, 2000) n;
UPDATE messages SET reactions = '[{{"emoji": "e1", "count": 2041, "user_ids": [1]}}]' WHERE id = 1;
INSERT INTO message_pins (message_id, chat_id, id, pinned_by) SELECT n, 1000 + n / 10, n, 1
FROM generate_series(1, 3000) n;
INSERT INTO mentions (message_id, chat_id, seq, user_id)
SELECT n, 1, n, CASE WHEN n % 10 > 0 THEN 1 + n % 3 END FROM generate_series(1, {MESSAGES}) n;
UPDATE messages SET reply_to = 1, thread_id = 1, thread_seq = id - 10000 WHERE id > 10000;
UPDATE messages SET thread =
    '{{"last_seq": {MESSAGES - 10000}, "reply_count": {MESSAGES - 10000}, "participants": [1], "participant_count": 1}}'
WHERE id = 1;
INSERT INTO thread_followers (thread_id, user_id, chat_id, last_read_seq)
SELECT 1, 1, 1, 0 UNION ALL SELECT n, 6 + n % 4000, 1000 + n, 0 FROM generate_series(2, 3000) n;
INSERT INTO notify_nodes (node) VALUES ('n');
INSERT INTO streams (node, stream, user_id, session_id, address, opened_at)
SELECT 'n', n, 6 + n % 4000, 6 + n % 4000, '', now() FROM generate_series(1, 5000) n;
SET session_replication_role = origin;
"""
# An autovacuum that comes by would end the plans that are to be kept.
NOBODY_ANALYZES = """
DO $$
DECLARE
    of_table regclass;
BEGIN
    FOR of_table IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', of_table);
    END LOOP;
END
$$;
"""
HOT: dict[str, dict[str, Any]] = {
    "log_after": {"position": MESSAGES - 10, "amount": 500, "bytes": 1 << 22},
    "log_head": {},
    "streams_open": {"users": [1, 2], "sessions": [1, 2]},
    "stream_effects": {"user_id": 1, "position": 19000, "last": 20000},
    "stream_page": {
        "user_id": 1,
        "chats": [1],
        "documents": [1],
        "workspaces": [1],
        "position": 19000,
        "last": 19500,
        "amount": 500,
        "bytes": 1 << 22,
    },
    "messages_newest": {"chat": 1, "before": None, "limit": 50},
    "messages_after": {"chat": 1, "after": 19000, "limit": 50},
    "messages_around": {"chat": 1, "around": 19000, "limit": 50},
    "session_is_good": {"session": 1, "user": 1},
    "token_of_hash": {"hash": bytes(32)},
    "tokens_of_user": {"user": 1, "after": 0, "limit": 50},
    "account_by_email": {"email": "u77@example.com"},
    "chat_access": {"chat": 1, "user": 1, "target": 2},
}


@pytest.fixture
async def filled(postgres_any: EmbeddedPostgres) -> AsyncIterator[World]:
    async with populated(postgres_any, "filled", f"{DAYS}; {FILL}; ANALYZE") as world:
        yield world


async def test_the_hot_queries_read_by_index(filled: World) -> None:
    large = {row[0] for row in await filled.rows("SELECT relname FROM pg_class WHERE reltuples > 1000")}
    assert {"messages", "users", "sessions"} < large
    for name, values in HOT.items():
        query = load()[name]
        assert set(values) == set(query.parameters)
        plan = await filled.rows(f"EXPLAIN {query.sql}", *(values[parameter] for parameter in query.parameters))
        text = "\n".join(line for (line,) in plan)
        assert not large & set(re.findall(r"Seq Scan on (\w+)", text)), f"{name}:\n{text}"


async def test_the_end_of_the_log_is_found_without_reading_it(filled: World) -> None:
    """log_head() is a function, whose plan EXPLAIN does not show: what it reads is counted."""
    read = (
        "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables WHERE relname ~ '^events_'"
    )
    async with filled.sql.transaction():
        before = await filled.sql.fetchval(read)
        await filled.sql.fetchval("SELECT log_head()")
        assert await filled.sql.fetchval(read) - before < 50


# Kind, message and arguments.
ACTS: list[tuple[str, int | None, str]] = [
    ("add_reaction", 1, '{"emoji": ":new:"}'),
    ("remove_reaction", 1, '{"emoji": "e1"}'),
    ("move_read_marker", None, '{"seq": 1}'),
    ("move_read_marker_back", None, '{"seq": 1}'),
    ("edit_message", 4, '{"content": "other"}'),
    ("delete_message", 5, "{}"),
    ("pin_message", 5000, "{}"),
    ("unpin_message", 5000, "{}"),
]
# These call functions, or are made of many small look-ups: what they read is counted, for a user who has a few chats.
COUNTED: dict[str, dict[str, Any]] = {
    "log_head": {},
    "log_before": {"position": 2**63 - 1, "amount": 100, "bytes": 1 << 22},
    "log_health": {"position": 100},
    "streams_open": {"users": [1, 2], "sessions": [1, 2]},
    "streams_report": {
        "node": "n",
        "opened": '[{"stream": 9000, "user_id": 1, "session_id": 1, "address": "", "opened_at": "2026-01-01"}]',
        "closed": [1, 2],
        "again": [],
        "grace_seconds": 10,
        "life_seconds": 15,
        "missed_seconds": 0,
        "hears": False,
        "waiting": 0,
    },
    "typing_judge": {"users": [1, 2], "chats": [1, 1]},
    "typing_tell": {
        "users": [1, 2],
        "chats": [1, 1],
        "sessions": [1, 1],
        "started": [True, False],
        "positions": [1, 1],
        "times": [0.0, 0.0],
    },
    "idle_report": {"users": [1, 6], "sessions": [1, 6], "idle": [True, False], "grace_seconds": 10},
    "token_use": {"hash": bytes(32)},
    "tokens_used": {"sessions": [1]},
    "presences_of_workspace": {"workspace": 1, "viewer": 1, "users": None, "after": 0, "limit": 50},
    "session_is_good": {"session": 1, "user": 1},
    "messages_newest": {"chat": 1, "before": 5000, "limit": 50},
    "messages_post": {
        "sender_ids": [1, 1],
        "chat_ids": [1, 1],
        "contents": ["one", "two"],
        "extras": [None, '{"reply_to": 1}'],
        "idempotency_keys": [None, "key"],
        "patience_ms": 0,
        "judging": False,
        "whole": False,
    },
    "batch_lock": {
        "sender_ids": [1, 1],
        "post_chats": [1, 1],
        "keys": [None, "key"],
        "kinds": ["add_reaction", "delete_message", "move_read_marker"],
        "user_ids": [1, 1, 1],
        "chat_ids": [1, 1, 1],
        "message_ids": [1, 2, None],
        "locking": [True, True, True],
        "patience_ms": 0,
        "alone": False,
    },
    "acts_perform": {
        "kinds": [kind for kind, _, _ in ACTS],
        "user_ids": [1] * len(ACTS),
        "delegate_ids": [None] * len(ACTS),
        "addresses": [""] * len(ACTS),
        "chat_ids": [1] * len(ACTS),
        "message_ids": [message for _, message, _ in ACTS],
        "arguments": [arguments for _, _, arguments in ACTS],
        "patience_ms": 0,
    },
    "idempotency_take": {"user": 1, "key": "key", "fingerprint": b""},
    "reactions_of_message": {"chat": 1, "message": 2, "emoji": None, "after": 0, "limit": 50},
    "reactions_counted": {"chat": 1, "message": 1},
    "pins_of_chat": {"chat": 1, "before": None, "limit": 50},
    "thread_known": {"chat": 1, "thread": 1},
    "thread_newest": {"chat": 1, "thread": 1, "before": None, "limit": 50},
    "thread_around": {"chat": 1, "thread": 1, "around": 19000, "limit": 50},
    "thread_after": {"chat": 1, "thread": 1, "after": 19000, "limit": 50},
    "threads_of_user": {"user": 1, "workspace": None, "before": None, "limit": 50},
    "thread_follow": {"chat": 1, "thread": 2, "user": 1},
    "thread_read_marker_move": {"chat": 1, "thread": 1, "user": 1, "seq": 5},
    "chat_readers": {"chat": 1, "after": 0, "limit": 50},
    "draft_save": {"chat": 1, "user": 1, "content": "x"},
    "chats_of_user": {"user": 1, "workspace": None, "search": "", "after": 0, "limit": 50},
    "mentions_of_user": {"user": 1, "workspace": None, "before": None, "limit": 50},
    "documents_of_workspace": {
        "kind": "board",
        "user": 1,
        "workspace": 1,
        "deleted": False,
        "search": "",
        "after": 0,
        "limit": 50,
    },
    "search_frequencies": {"user": 1, "chats": None, "tokens": ["x"], "beginnings": ["y"]},
    "search_messages": {
        "user": 1,
        "chats": None,
        "plan": "near",
        "walked": 1000,
        "query": "'x'",
        "below": 2**63 - 1,
        "since": None,
        "until": None,
        "pinned": False,
        "amount": 21,
        "tail": 2000,
    },
    "places_within": {"user_id": 1, "workspace": 1, "chats": [1, 2, 10**9], "documents": [1, 2, 10**9]},
    "snapshot": {"user": 1, "lean": False, "workspace": 1},
}
LARGE = "SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_relation_size(oid) > 100000"
READ = f"""
SELECT coalesce(sum(seq_tup_read), 0) AS scanned, coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) AS read
FROM pg_stat_xact_user_tables WHERE relname IN ({LARGE})
"""
PLAIN_TEXTS = {**COUNTED["messages_post"], "extras": [None, None], "whole": True}


async def rows_read(sql: Connection, name: str, values: Mapping[str, Any], tables: str = LARGE) -> tuple[int, int]:
    """How many rows of large tables a query reads by sequential scans, and altogether, with what is done at COMMIT. It
    is rolled back. `tables` is a query of others' names."""
    query = load()[name]
    assert set(values) == set(query.parameters)
    transaction = sql.transaction()
    await transaction.start()
    try:
        read = READ.replace(LARGE, tables)
        before = await sql.fetchrow(read)
        await sql.fetch(query.sql, *(values[parameter] for parameter in query.parameters))
        await sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
        after = await sql.fetchrow(read)
    finally:
        await transaction.rollback()
    assert before is not None
    assert after is not None
    return int(after["scanned"] - before["scanned"]), int(after["read"] - before["read"])


async def test_what_a_hot_query_reads_does_not_grow_with_the_tables(filled: World) -> None:
    for name, values in COUNTED.items():
        scanned, read = await rows_read(filled.sql, name, values)
        assert scanned == 0, f"{name} reads {scanned} rows of large tables by sequential scans"
        most = 125 * len(ACTS) if name == "acts_perform" else 500
        assert read < most, f"{name} reads {read} rows of large tables"
    scanned, read = await rows_read(filled.sql, "snapshot", {"user": 1, "lean": True, "workspace": None})
    assert (scanned, read < 300) == (0, True), f"a lean snapshot reads {scanned} and {read} rows of large tables"


@pytest.mark.parametrize("messages", [0, 1])
async def test_a_plan_that_was_made_for_a_small_table_does_not_read_all_of_a_large_one(
    world: World, messages: int
) -> None:
    """A session keeps its plans. This one's are made where there is next to nothing, and the statistics say so."""
    await world.sql.execute(DAYS)
    await world.sql.execute(NOBODY_ANALYZES)
    for _ in range(messages):
        await world.post()
    await world.sql.execute("VACUUM ANALYZE")
    sql = await world.connect()
    await sql.execute("SET plan_cache_mode = force_generic_plan")
    hot = {**HOT, **COUNTED}
    for name, values in hot.items():
        await rows_read(sql, name, values)
    await rows_read(sql, "messages_post", PLAIN_TEXTS)
    # What has grown is reported at COMMIT; without this a table that another process counts just then waits its turn.
    await world.sql.execute(FILL + "SELECT pg_stat_force_next_flush();")

    # Posts come by the thousand before anybody looks at the statistics. They read nothing of the messages
    # before them; a foreign key reads the one that the key is of.
    assert await rows_read(sql, "messages_post", PLAIN_TEXTS, "VALUES ('messages')") == (0, 1)
    kept = {name: await rows_read(sql, name, hot[name]) for name in ("messages_newest", "session_is_good")}
    assert all(read > 4000 for _, read in kept.values()), "these are to show that plans are kept"

    grown = {row[0] for row in await world.rows(load()["grown_tables_analyze"].sql)}
    assert {"messages", "users", "sessions", "chats", "chat_members"} < grown
    for name, values in hot.items():
        scanned, read = await rows_read(sql, name, values)
        assert scanned == 0, f"{name} reads {scanned} rows of large tables by sequential scans"
        assert read < 1000, f"{name} reads {read} rows of large tables"
    assert grown.isdisjoint(row[0] for row in await world.rows(load()["grown_tables_analyze"].sql))


async def test_each_hot_query_is_run_by_a_plan_that_is_kept(filled: World) -> None:
    """PostgreSQL tries five plans for the values that are asked for. If it finds them cheaper than the one for all
    values, it goes on making them, which takes longer than running them."""
    for name, values in {**HOT, **COUNTED}.items():
        query = load()[name]
        for _ in range(7):
            transaction = filled.sql.transaction()
            await transaction.start()
            await filled.sql.fetch(query.sql, *(values[parameter] for parameter in query.parameters))
            await transaction.rollback()
        [plans] = await filled.rows(
            "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement = $1", query.sql
        )
        assert plans in ((5, 2), (0, 7)), f"{name} is planned each time"


LARGE_CHATS = """
DELETE FROM chat_members WHERE chat_id > 1;
INSERT INTO chat_members (chat_id, user_id, workspace_id, role, last_read_seq)
SELECT 1, id, 1, 'member', 0 FROM users ON CONFLICT DO NOTHING
"""


@pytest.mark.parametrize("function", ["snapshot_chats", "lean_chats"])
async def test_the_snapshot_is_one_plan(filled: World, function: str) -> None:
    """What a user's chats are made of by the thousand is part of the query of a function, and no function that is
    called for each; a chat's members are looked up among the users, also where chats are large on the average."""
    await filled.sql.execute(f"SET session_replication_role = replica; {LARGE_CHATS}; ANALYZE")
    [[code]] = await filled.rows("SELECT prosrc FROM pg_proc WHERE proname = $1", function)
    chats = code[code.index("SELECT") : code.rindex(");")].replace("viewer", "$1").replace("within", "NULL::bigint")
    async with filled.sql.transaction():
        await filled.sql.execute("SET LOCAL enable_seqscan = off")
        plan = await filled.rows(f"EXPLAIN (VERBOSE) {chats}", 1)
    text = "\n".join(line for (line,) in plan)
    assert "messages_chat_seq_key" in text
    assert "Seq Scan on public.users" not in text, text
    called = r"(?:message|(?:chat|board)_(?:member|snapshot)|newest_chat_\w+)_json\(|unread_mentions\("
    assert not re.findall(called, text), text


async def test_a_channel_is_found_by_a_part_of_its_name_without_reading_the_others(world: World) -> None:
    await world.sql.execute(
        "SET session_replication_role = replica; INSERT INTO chats (workspace_id, type, name) "
        "SELECT 1, 'PublicChannel', CASE WHEN n % 2000 = 0 THEN 'Quokka ' ELSE 'channel ' END || n "
        "FROM generate_series(1, 20000) n; SET session_replication_role = origin; ANALYZE chats"
    )
    found = load()["chats_joinable"]
    # Few have it, none has it, and nearly all.
    for search, names, most in (("UOKKA 1", 5, 200), ("wombat", 0, 200), ("nel 1", 51, 1500)):
        values = {"user": world.alice, "workspace": None, "search": search, "after": 0, "limit": 51}
        async with world.sql.transaction():
            [before] = await world.rows(READ)
            [page] = await world.rows(found.sql, *(values[parameter] for parameter in found.parameters))
            [after] = await world.rows(READ)
        assert len(json.loads(page[0])) == names
        assert after[1] - before[1] < most, f"{search} reads {after[1] - before[1]} rows of large tables"
