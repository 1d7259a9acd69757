"""Whatever several sessions do at once, in whatever transactions: old state + events = new state."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import pytest

from chat_core.database.pool import Connection
from tests.sql.replica import Replica, differences
from tests.sql.world import World

SESSIONS = 4
TRANSACTIONS = 60
RETRIED = ("40P01", "FC403", "FC409", "FC422", "23503", "23505")  # a deadlock, or a rule that another session made fail

# {user} and the like are drawn at random, among what there is.
STATEMENTS = [
    "INSERT INTO messages (chat_id, sender_id, content) SELECT chat_id, user_id, '{word}' FROM chat_members "
    "WHERE user_id = {user} ORDER BY random() LIMIT 2",
    "UPDATE messages SET content = '{word}' WHERE id = (SELECT id FROM messages ORDER BY random() LIMIT 1)",
    "DELETE FROM messages WHERE id = (SELECT id FROM messages ORDER BY random() LIMIT 1)",
    "INSERT INTO message_reactions (message_id, user_id, emoji) SELECT id, sender_id, ':{role}:' FROM messages "
    "WHERE EXISTS (SELECT FROM chat_members m WHERE m.chat_id = messages.chat_id AND m.user_id = sender_id) "
    "ORDER BY random() LIMIT 2 ON CONFLICT DO NOTHING",
    "INSERT INTO messages (chat_id, sender_id, content, reply_to) SELECT chat_id, {user}, '{word}', messages.id "
    "FROM messages JOIN chat_members m USING (chat_id) WHERE m.user_id = {user} ORDER BY random() LIMIT 2",
    "INSERT INTO thread_followers (thread_id, user_id) SELECT messages.id, {user} FROM messages "
    "JOIN chat_members m USING (chat_id) WHERE m.user_id = {user} AND thread_id IS NULL "
    "ORDER BY random() LIMIT 2 ON CONFLICT DO NOTHING",
    "UPDATE thread_followers SET last_read_seq = (random() * 3)::integer WHERE user_id = {user}",
    "DELETE FROM thread_followers WHERE user_id = {user} AND random() < 0.3",
    "DELETE FROM message_reactions WHERE user_id = {user} AND emoji = ':{role}:'",
    "INSERT INTO message_pins (message_id, pinned_by) SELECT id, sender_id FROM messages "
    "WHERE EXISTS (SELECT FROM chat_members m WHERE m.chat_id = messages.chat_id AND m.user_id = sender_id) "
    "ORDER BY random() LIMIT 1 ON CONFLICT DO NOTHING",
    "DELETE FROM message_pins WHERE pinned_by = {user} AND random() < 0.5",
    "UPDATE users SET fullname = '{word}' WHERE id = {user}",
    "UPDATE users SET fullname = '{word}' WHERE id = {user}",
    "UPDATE workspaces SET name = '{word}' WHERE id = {workspace}",
    "UPDATE workspaces SET show_emails = NOT show_emails WHERE id = {workspace}",
    "INSERT INTO workspace_invitations (workspace_id, user_id, invited_by) VALUES ({workspace}, {user}, {other}) "
    "ON CONFLICT DO NOTHING",
    "DELETE FROM workspace_invitations WHERE user_id = {user}",
    "UPDATE chats SET name = '{word}' WHERE id = {chat}",
    "INSERT INTO workspace_members (workspace_id, user_id) VALUES ({workspace}, {user}) ON CONFLICT DO NOTHING",
    "UPDATE workspace_members SET role = '{role}' WHERE workspace_id = {workspace} AND user_id = {user}",
    "DELETE FROM workspace_members WHERE workspace_id = {workspace} AND user_id = {user}",
    "INSERT INTO chat_members (chat_id, user_id) SELECT chats.id, m.user_id FROM chats "
    "JOIN workspace_members m USING (workspace_id) WHERE chats.id = {chat} AND type <> 'Single' "
    "ORDER BY random() LIMIT 2 ON CONFLICT DO NOTHING",
    "UPDATE chat_members SET role = '{role}' WHERE chat_id = {chat} AND user_id = {user}",
    "DELETE FROM chat_members WHERE chat_id = {chat} AND user_id = {user}",
    "INSERT INTO chat_bans (chat_id, user_id, reason) SELECT chat_id, user_id, '{word}' FROM chat_members "
    "WHERE role = 'member' ORDER BY random() LIMIT 1 ON CONFLICT (chat_id, user_id) DO UPDATE SET reason = '{word}'",
    "UPDATE chat_bans SET reason = '{word}' WHERE chat_id = {chat}",
    "DELETE FROM chat_bans WHERE user_id IN ({user}, {other})",
    "INSERT INTO invites (chat_id, role, token_hash, created_by, expires_at) "
    "SELECT id, 'member', sha256('{word}'), {user}, now() + interval '1 day' FROM chats WHERE id = {chat}",
    "INSERT INTO invites (document_id, role, token_hash, created_by, expires_at) "
    "SELECT id, 'viewer', sha256('{word}'), {user}, now() + interval '1 day' FROM documents WHERE id = {board}",
    "UPDATE invites SET uses = uses + 1 WHERE chat_id = {chat} OR document_id = {board}",
    "DELETE FROM invites WHERE created_by = {user} AND random() < 0.3",
    "INSERT INTO reports (message_id, reporter_id, reason) SELECT messages.id, {user}, 'spam' FROM messages "
    "JOIN chat_members m USING (chat_id) WHERE m.user_id = {user} AND deleted_at IS NULL "
    "ORDER BY random() LIMIT 1 ON CONFLICT DO NOTHING",
    "UPDATE reports SET status = CASE status WHEN 'open' THEN 'resolved' ELSE 'open' END WHERE reporter_id = {user}",
    "DELETE FROM reports WHERE reporter_id = {user} AND random() < 0.3",
    "SELECT create_chat({user}, {workspace}, 'Group', '{word}', '', '{{}}')",
    "SELECT create_chat({user}, {workspace}, 'Single', '', '', '{{{other}}}')",
    "DELETE FROM chats WHERE id = {chat} AND random() < 0.3",
    "SELECT create_document({user}, {workspace}, 'board', '{word}')",
    "UPDATE documents SET name = '{word}' WHERE id = {board}",
    "UPDATE documents SET deleted_at = CASE WHEN deleted_at IS NULL THEN now() END WHERE id = {board}",
    "INSERT INTO document_members (document_id, user_id, role) "
    "SELECT documents.id, m.user_id, '{board_role}' FROM documents "
    "JOIN workspace_members m USING (workspace_id) WHERE documents.id = {board} "
    "ORDER BY random() LIMIT 2 ON CONFLICT DO NOTHING",
    "UPDATE document_members SET role = '{board_role}' WHERE document_id = {board} AND user_id = {user}",
    "DELETE FROM document_members WHERE document_id = {board} AND user_id = {user}",
    "INSERT INTO document_thumbnails (document_id, data) "
    "SELECT id, '\\x89504e470d0a1a0a'::bytea || '{word}' FROM documents "
    "WHERE id = {board} ON CONFLICT (document_id) DO UPDATE SET data = excluded.data",
    "DELETE FROM document_thumbnails WHERE document_id = {board}",
    "INSERT INTO document_versions (document_id, name, seq, state, created_by) "
    "SELECT id, '{word}', 0, '\\x0000', {user} FROM documents WHERE id = {board}",
    "UPDATE document_versions SET name = '{word}' WHERE document_id = {board} AND random() < 0.5",
    "DELETE FROM document_versions WHERE document_id = {board} AND random() < 0.3",
    "DELETE FROM documents WHERE id = {board} AND random() < 0.3",
    "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED",
]


@asynccontextmanager
async def attempt(sql: Connection, kept: bool) -> AsyncIterator[None]:
    """A transaction or savepoint, rolled back if it is not to be kept; what the rules refuse is not kept either."""
    transaction = sql.transaction()
    await transaction.start()
    try:
        yield
        await (transaction.commit() if kept else transaction.rollback())
    except asyncpg.PostgresError as error:
        if sql.is_in_transaction():
            await transaction.rollback()
        if error.sqlstate not in RETRIED:
            raise


async def act(
    sql: Connection, rng: random.Random, world: World, word: str, statements: Sequence[str] = STATEMENTS
) -> None:
    users = list(world.people.values())
    user, other = rng.sample(users, 2)
    chats = [row[0] for row in await sql.fetch("SELECT id FROM chats")] or [0]
    boards = [row[0] for row in await sql.fetch("SELECT id FROM documents")] or [0]
    await sql.execute(
        rng.choice(statements).format(
            user=user,
            other=other,
            word=word,
            role=rng.choice(["owner", "admin", "member"]),
            workspace=rng.choice([world.acme, world.acme + 1]),
            chat=rng.choice(chats),
            board=rng.choice(boards),
            board_role=rng.choice(["owner", "editor", "viewer"]),
        )
    )


async def session(world: World, seed: str) -> None:
    rng, sql = random.Random(seed), await world.connect()
    for number in range(TRANSACTIONS):
        async with attempt(sql, kept=rng.random() < 0.85):
            for step in range(rng.randint(1, 3)):
                if rng.random() < 0.2:
                    async with attempt(sql, kept=rng.random() < 0.5):
                        await act(sql, rng, world, f"{seed}-{number}-{step}-s")
                else:
                    await act(sql, rng, world, f"{seed}-{number}-{step}")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
async def test_old_state_and_events_are_the_new_state(world: World, seed: int) -> None:
    await world.sql.execute("INSERT INTO workspaces (name) VALUES ('second')")
    await world.sql.execute(
        "INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ($1, $2, 'owner'), ($1, $3, 'owner')",
        world.acme + 1,
        world.dave,
        world.eve,
    )
    await world.events()
    told = await Replica.of_the_tables(world)
    await asyncio.gather(*(session(world, f"{seed}.{number}") for number in range(SESSIONS)))
    events = await world.events()
    assert len(events) > 40  # of what was tried: much is refused or rolled back
    for event in events:
        told.hear(event)
    assert differences(told, await Replica.of_the_tables(world)) == []
    broken = """
        SELECT 'count', id FROM chats WHERE member_count <> (SELECT count(*) FROM chat_members WHERE chat_id = chats.id)
        UNION ALL SELECT 'chat owner', id FROM chats
        WHERE NOT EXISTS (SELECT FROM chat_members WHERE chat_id = chats.id AND role = 'owner')
        UNION ALL SELECT 'board count', id FROM documents
        WHERE member_count <> (SELECT count(*) FROM document_members WHERE document_id = documents.id)
        UNION ALL SELECT 'board owner', id FROM documents
        WHERE NOT EXISTS (SELECT FROM document_members WHERE document_id = documents.id AND role = 'owner')
        UNION ALL SELECT 'workspace owner', id FROM workspaces
        WHERE NOT EXISTS (SELECT FROM workspace_members WHERE workspace_id = workspaces.id AND role = 'owner')
        UNION ALL SELECT 'seq', id FROM chats
        WHERE last_seq < (SELECT count(*) FROM messages WHERE chat_id = chats.id)
           OR last_seq < (SELECT max(seq) FROM messages WHERE chat_id = chats.id)
        UNION ALL SELECT 'reactions', id FROM messages
        WHERE (SELECT sum((r -> 'count')::integer) FROM jsonb_array_elements(reactions) r)
            IS DISTINCT FROM nullif((SELECT count(*) FROM message_reactions WHERE message_id = messages.id), 0)
        UNION ALL SELECT 'thread', id FROM messages root
        WHERE (SELECT (count(*), max(id), count(DISTINCT sender_id)) FROM messages
               WHERE thread_id = root.id AND deleted_at IS NULL)
            IS DISTINCT FROM (coalesce((thread ->> 'reply_count')::bigint, 0), (thread ->> 'last_reply_id')::bigint,
                              coalesce((thread ->> 'participant_count')::bigint, 0))
        UNION ALL SELECT 'pair', id FROM chats
        WHERE pair IS DISTINCT FROM CASE type WHEN 'Single' THEN
            ARRAY(SELECT user_id FROM chat_members WHERE chat_id = chats.id ORDER BY 1) END
    """
    assert await world.rows(broken) == []
