"""Whatever a session has set, its writes are the same events as anybody's."""

import re
from typing import Any

import pytest

from chat_core.database.embedded import EmbeddedPostgres
from tests.sql.world import Event, World, populated

pytestmark = pytest.mark.postgres_15

# Something for every trigger; each line is a transaction, and all names are in full.
WRITES = """
WITH made AS (INSERT INTO public.chats (workspace_id, type, name) VALUES ({acme}, 'Group', 'odd') RETURNING id) \
INSERT INTO public.chat_members (chat_id, user_id, role) SELECT made.id, u, 'owner' FROM made, unnest(ARRAY[1, 2]) u
INSERT INTO public.chat_members (chat_id, user_id) VALUES ({group}, {dave})
INSERT INTO public.messages (chat_id, sender_id, content) VALUES ({group}, {alice}, '_@bob_'), ({group}, {bob}, 'two')
UPDATE public.messages SET content = 'drei' WHERE sender_id = {bob}
INSERT INTO public.message_reactions (message_id, user_id, emoji) SELECT id, {carol}, chr(128077) FROM public.messages
INSERT INTO public.message_pins (message_id, pinned_by) SELECT id, {carol} FROM public.messages ORDER BY id
DELETE FROM public.message_reactions WHERE message_id = 1
INSERT INTO public.messages (chat_id, sender_id, content, reply_to) \
SELECT chat_id, {carol}, 'reply', id FROM public.messages
UPDATE public.thread_followers SET last_read_seq = 0 WHERE user_id = {carol}
DELETE FROM public.thread_followers WHERE user_id = {alice}
UPDATE public.messages SET deleted_at = now() WHERE thread_id = 1
DELETE FROM public.message_pins WHERE message_id = 1
UPDATE public.chat_members SET last_read_seq = 1 WHERE user_id = {carol}
UPDATE public.chat_members SET muted_until = '2030-01-01 00:00Z' WHERE user_id = {carol}
INSERT INTO public.drafts (chat_id, user_id, content) VALUES ({group}, {carol}, 'Dear')
UPDATE public.drafts SET content = 'Dear all'
DELETE FROM public.drafts
INSERT INTO public.thread_drafts (thread_id, user_id, content) VALUES (1, {carol}, 'Dear')
UPDATE public.thread_drafts SET content = 'Dear all'
DELETE FROM public.thread_drafts
UPDATE public.chat_members SET role = 'owner' WHERE user_id = {carol}
UPDATE public.chats SET name = 'renamed' WHERE id = {group}
UPDATE public.users SET fullname = 'Dora' WHERE id = {dave}
UPDATE public.workspaces SET name = 'emca'
UPDATE public.workspace_members SET role = 'owner' WHERE user_id = {bob}
INSERT INTO public.workspace_members (workspace_id, user_id) VALUES ({acme}, {eve})
INSERT INTO public.sessions (user_id, expires_at) VALUES ({alice}, now() + interval '1 day')
UPDATE public.users SET status = 'suspended' WHERE id = {alice}
DELETE FROM public.messages WHERE sender_id = {bob}
DELETE FROM public.chat_members WHERE chat_id = {group} AND user_id = {dave}
DELETE FROM public.chats WHERE name = 'odd'
DELETE FROM public.workspace_members WHERE user_id = {dave}
""".replace("\\\n", "")
TABLES = (
    *("events", "log_state", "users", "sessions", "workspaces", "workspace_members", "chats", "chat_members"),
    *("messages", "message_reactions", "message_pins", "thread_followers", "drafts", "thread_drafts"),
)

SESSIONS = {
    "time zone": "SET timezone = 'Asia/Kolkata'",
    "date style": "SET datestyle = 'SQL, DMY'; SET intervalstyle = 'sql_standard'",
    "string syntax": "SET standard_conforming_strings = off; SET bytea_output = 'escape'",
    "client encoding": "SET client_encoding = 'LATIN1'",
    "no search path": "SET search_path = ''",
    "tables of the same names": "; ".join(f"CREATE TEMP TABLE {table} (LIKE public.{table})" for table in TABLES)
    + "; SET search_path = pg_temp, public",
    "strict plpgsql": "SET plpgsql.extra_errors = 'all'",
}


async def written(world: World, before: str = "SELECT 1", each: str = "{}") -> list[Event]:
    await world.sql.execute(before)
    for statement in WRITES.strip().splitlines():
        await world.sql.execute(each.format(statement.format(**world.people, acme=world.acme, group=world.group)))
    await world.sql.execute("RESET ALL; DISCARD TEMP")
    return await world.events()


def timeless(events: list[Event]) -> list[Any]:
    """Without the times themselves, but each has to be one of UTC."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return [(key, plain(inner)) for key, inner in value.items()]
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", value):
            return "a time"
        return value

    return [(event.about(), plain(event.payload)) for event in events]


_usual: dict[EmbeddedPostgres, list[Any]] = {}


@pytest.fixture
async def usual(postgres_any: EmbeddedPostgres) -> list[Any]:
    """What an ordinary session's writes are told as."""
    if postgres_any not in _usual:
        async with populated(postgres_any) as world:
            _usual[postgres_any] = timeless(await written(world))
    return _usual[postgres_any]


@pytest.mark.parametrize("name", SESSIONS)
async def test_an_odd_session_writes_the_usual_events(world: World, usual: list[Any], name: str) -> None:
    assert timeless(await written(world, SESSIONS[name])) == usual


async def test_immediate_constraints_change_no_event(world: World, usual: list[Any]) -> None:
    each = "BEGIN; SET CONSTRAINTS ALL IMMEDIATE; {}; COMMIT"
    assert timeless(await written(world, each=each)) == usual
