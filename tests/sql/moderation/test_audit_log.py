"""The audit log has every administrative act of psql and of the servers, nothing secret, and cannot be changed."""

import re
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chat_core.database.queries import load
from tests.sql.schema.test_roles import SPECIAL, VALUES
from tests.sql.schema.test_roles import used as used
from tests.sql.world import World
from tests.support.postgres import ROOT

OWNS_BOARD = "board_member_added 1 2 user 1 - role"
# An act in SQL, and its entries: action, workspace, chat or board, target, before, after. {x} is an id of the world.
ACTS: dict[str, tuple[str, list[str]]] = {
    "workspace made": (
        "INSERT INTO workspaces (name) VALUES ('new')",
        ["workspace_created 2 - workspace 2 - description,link_previews,name,public_publishing,show_emails"],
    ),
    "workspace renamed": ("UPDATE workspaces SET name = 'new'", ["workspace_updated 1 - workspace 1 name name"]),
    "nothing renamed": ("UPDATE workspaces SET name = name", []),
    "workspace deleted": (
        "DELETE FROM workspaces",
        ["workspace_deleted 1 - workspace 1 description,link_previews,name,public_publishing,show_emails -"],
    ),
    "workspace member added": (
        "INSERT INTO workspace_members (workspace_id, user_id) VALUES ({acme}, {eve})",
        ["workspace_member_added 1 - user 5 - role"],
    ),
    "workspace role changed": (
        "UPDATE workspace_members SET role = 'admin' WHERE user_id = {carol}",
        ["workspace_member_role_changed 1 - user 3 role role"],
    ),
    "workspace member removed, with their chats": (
        "DELETE FROM workspace_members WHERE user_id = {carol}",
        ["workspace_member_removed 1 - user 3 role -"],
    ),
    "chat made": (
        "SELECT create_chat({alice}, {acme}, 'Group', 'new', '', '{{{bob}}}')",
        [
            "chat_created 1 2 chat 2 - description,name,type",
            "chat_member_added 1 2 user 1 - role",
            "chat_member_added 1 2 user 2 - role",
        ],
    ),
    "two begin to talk": ("SELECT create_chat({alice}, {acme}, 'Single', '', '', '{{{bob}}}')", []),
    "chat changed": (
        "UPDATE chats SET type = 'PrivateChannel', name = 'new'",
        ["chat_updated 1 1 chat 1 name,type name,type"],
    ),
    "retention of a workspace": (
        "UPDATE workspaces SET retention_days = 30",
        ["workspace_retention_changed 1 - workspace 1 retention_days retention_days"],
    ),
    "retention of a chat": (
        "UPDATE chats SET retention_days = 30",
        ["chat_retention_changed 1 1 chat 1 retention_days retention_days"],
    ),
    "chat cleared": ("UPDATE chats SET first_seq = 2", ["chat_cleared 1 1 chat 1 first_seq first_seq"]),
    "invited into the workspace, and that taken back": (
        "INSERT INTO workspace_invitations (workspace_id, user_id, invited_by) VALUES ({acme}, {eve}, {alice}); "
        "DELETE FROM workspace_invitations",
        ["workspace_invitation_made 1 - user 5 - role", "workspace_invitation_withdrawn 1 - user 5 role -"],
    ),
    "invited, and declined": (
        "INSERT INTO workspace_invitations (workspace_id, user_id, invited_by) VALUES ({acme}, {eve}, {alice}); "
        "SELECT set_config('fechatter.actor', '{eve}', true); DELETE FROM workspace_invitations",
        ["workspace_invitation_made 1 - user 5 - role"],
    ),
    "chat deleted": ("DELETE FROM chats", ["chat_deleted 1 1 chat 1 description,name,type -"]),
    "chat member added": (
        "INSERT INTO chat_members (chat_id, user_id) VALUES ({group}, {dave})",
        ["chat_member_added 1 1 user 4 - role"],
    ),
    "chat member by themselves": (
        "SELECT set_config('fechatter.actor', '{dave}', true); "
        "INSERT INTO chat_members (chat_id, user_id) VALUES ({group}, {dave})",
        [],
    ),
    "chat role changed": (
        "UPDATE chat_members SET role = 'admin' WHERE user_id = {bob}",
        ["chat_member_role_changed 1 1 user 2 role role"],
    ),
    "chat member removed": (
        "DELETE FROM chat_members WHERE user_id = {bob}",
        ["chat_member_removed 1 1 user 2 role -"],
    ),
    "read marker moved": ("UPDATE chat_members SET last_read_seq = 0", []),
    "board made": (
        "SELECT create_document({alice}, {acme}, 'board', 'new')",
        ["board_created 1 2 board 2 - name", OWNS_BOARD],
    ),
    "board renamed": ("UPDATE documents SET name = 'new'", ["board_updated 1 1 board 1 name name"]),
    "board deleted": ("UPDATE documents SET deleted_at = now()", ["board_deleted 1 1 board 1 name -"]),
    "board deleted and restored": (
        "UPDATE documents SET deleted_at = now(); UPDATE documents SET deleted_at = NULL",
        ["board_deleted 1 1 board 1 name -", "board_restored 1 1 board 1 - -"],
    ),
    "board deleted for good": ("DELETE FROM documents", ["board_deleted 1 1 board 1 name -"]),
    "board member added": (
        "INSERT INTO document_members (document_id, user_id, role) VALUES (1, {dave}, 'viewer')",
        ["board_member_added 1 1 user 4 - role"],
    ),
    "board member by themselves": (
        "SELECT set_config('fechatter.actor', '{bob}', true); DELETE FROM document_members WHERE user_id = {bob}",
        [],
    ),
    "board role changed": (
        "UPDATE document_members SET role = 'viewer' WHERE user_id = {bob}",
        ["board_member_role_changed 1 1 user 2 role role"],
    ),
    "board member removed": (
        "DELETE FROM document_members WHERE user_id = {bob}",
        ["board_member_removed 1 1 user 2 role -"],
    ),
    "board invite made, changed, used and revoked": (
        "INSERT INTO invites (document_id, role, token_hash, created_by, expires_at) "
        "VALUES (1, 'editor', sha256('secret'), 1, now() + interval '1 day'); "
        "UPDATE invites SET role = 'viewer'; UPDATE invites SET uses = 1; DELETE FROM invites",
        [
            "invite_created 1 1 invite 1 - expires_at,max_uses,role",
            "invite_changed 1 1 invite 1 role role",
            "invite_revoked 1 1 invite 1 expires_at,max_uses,role -",
        ],
    ),
    "board version made, renamed and deleted": (
        "INSERT INTO document_versions (document_id, name, seq, state) VALUES (1, 'first', 0, 'ab'); "
        "UPDATE document_versions SET name = 'one'; DELETE FROM document_versions",
        [
            "board_version_created 1 1 board_version 1 - name",
            "board_version_renamed 1 1 board_version 1 name name",
            "board_version_deleted 1 1 board_version 1 name -",
        ],
    ),
    "user suspended": (
        "UPDATE users SET status = 'suspended' WHERE id = {bob}",
        ["user_suspended - - user 2 status status"],
    ),
    "password changed": (
        "UPDATE users SET password_hash = 'secret' WHERE id = {bob}",
        ["password_changed - - user 2 - -"],
    ),
    "password hashed anew": ("SELECT rehash_password({bob}, '', 'secret')", []),
    "user renamed": ("UPDATE users SET fullname = 'new' WHERE id = {bob}", []),
    "user deleted": ("DELETE FROM users WHERE id = {eve}", ["user_deleted - - user 5 email,fullname,status -"]),
    "signed out by an operator": (
        "SELECT ops.sign_out('bob@example.com')",
        [
            "session_ended - - user 2 - provider,reason,session_id",
            "session_ended - - user 2 - provider,reason,session_id",
        ],
    ),
    "session deleted": (
        "DELETE FROM sessions WHERE user_id = {alice}",
        ["session_ended - - user 1 - provider,reason,session_id"],
    ),
    "signed out everywhere": (
        "UPDATE sessions SET revoked_at = now(), revoked_reason = 'logout_all' WHERE user_id = {alice}",
        ["session_ended - - user 1 - provider,reason,session_id"],
    ),
    "signed out": ("UPDATE sessions SET revoked_at = now(), revoked_reason = 'logout' WHERE user_id = {alice}", []),
    "message deleted in psql": ("DELETE FROM messages", ["message_deleted 1 1 message 1 sender_id,seq -"]),
    "message buried in psql": (
        "UPDATE messages SET deleted_at = now()",
        ["message_deleted 1 1 message 1 sender_id,seq -"],
    ),
    "message buried by its sender": (
        "SELECT set_config('fechatter.actor', '{alice}', true); UPDATE messages SET deleted_at = now(), deleted_by = 1",
        [],
    ),
    "message edited in psql": (
        "UPDATE messages SET content = 'another secret'",
        ["message_edited 1 1 message 1 sender_id,seq -"],
    ),
    "message deleted by its sender": (
        "SELECT set_config('fechatter.actor', '{alice}', true); DELETE FROM messages",
        [],
    ),
    "message posted": ("INSERT INTO messages (chat_id, sender_id, content) VALUES ({group}, {alice}, 'hi')", []),
}
ENTRIES = """
    SELECT concat_ws(' ', action, coalesce(workspace_id::text, '-'),
           coalesce(coalesce(chat_id, document_id)::text, '-'),
           target_type, target_id,
           (SELECT coalesce(string_agg(key, ',' ORDER BY key), '-') FROM jsonb_object_keys(before) key),
           (SELECT coalesce(string_agg(key, ',' ORDER BY key), '-') FROM jsonb_object_keys(after) key))
    FROM audit_log WHERE id > $1 ORDER BY id
"""


@pytest.fixture
async def lively(world: World) -> World:
    await world.post("a secret")
    await world.add_board("alice", "bob", "carol")
    await world.add_session(world.alice)
    await world.add_session(world.bob)
    await world.add_session(world.bob)
    return world


async def test_every_act_has_its_entries(lively: World) -> None:
    ids = {**lively.people, "acme": lively.acme, "group": lively.group}
    last = await lively.sql.fetchval("SELECT max(id) FROM audit_log")
    # Ids as in the first act, whatever the others have used.
    numbering = (
        "SELECT setval('workspaces_id_seq', 1), setval('chats_id_seq', 1), "
        "setval('documents_id_seq', 1), setval('invites_id_seq', 1, false)"
    )
    for act, (statement, expected) in ACTS.items():
        transaction = lively.sql.transaction()
        await transaction.start()
        await lively.sql.execute(numbering)
        await lively.sql.execute(statement.format(**ids))
        assert [row[0] for row in await lively.rows(ENTRIES, last)] == expected, act
        # Of an act in psql nobody is the actor, but the database role.
        others = "SELECT count(*) FROM audit_log WHERE actor_id IS NOT NULL OR database_role <> session_user"
        assert await lively.sql.fetchval(others) == 0, act
        text = await lively.sql.fetchval("SELECT string_agg(audit_log::text, ' ') FROM audit_log")
        assert "secret" not in text, act
        await transaction.rollback()


async def test_what_is_taken_back_was_no_act(world: World) -> None:
    before = await world.rows("SELECT id FROM audit_log")
    transaction = world.sql.transaction()
    await transaction.start()
    await world.sql.execute("UPDATE workspaces SET name = 'new'")
    await transaction.rollback()
    assert await world.rows("SELECT id FROM audit_log") == before


async def test_who_acts_and_from_where_is_the_transactions(world: World) -> None:
    async with world.sql.transaction():
        await world.sql.execute(
            "SELECT set_config('fechatter.actor', '2', true), set_config('fechatter.address', '192.0.2.1', true)"
        )
        await world.sql.execute("UPDATE workspaces SET name = 'by bob'")
    await world.sql.execute("UPDATE workspaces SET name = 'by psql'")
    found = await world.rows("SELECT actor_id, address, after ->> 'name' FROM audit_log ORDER BY id DESC LIMIT 2")
    assert found == [(None, None, "by psql"), (2, "192.0.2.1", "by bob")]
    assert (await world.rows("SELECT by FROM ops.audit LIMIT 2")) == [("postgres",), ("bob@example.com",)]


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_log SET actor_id = 1", "DELETE FROM audit_log", "TRUNCATE audit_log"]
)
@pytest.mark.parametrize("triggers", ["origin", "replica"])
async def test_it_is_only_ever_appended_to(world: World, statement: str, triggers: str) -> None:
    await world.sql.execute(f"SET session_replication_role = {triggers}")
    with pytest.raises(asyncpg.PostgresError, match="is append-only") as refused:
        await world.sql.execute(statement)
    assert refused.value.constraint_name == "audit_is_append_only"


async def test_pruning_leaves_a_trace(world: World) -> None:
    entries = await world.sql.fetchval("SELECT count(*) FROM audit_log")
    assert await world.sql.fetchval("SELECT ops.prune_audit('1 day')") == 0
    assert await world.sql.fetchval("SELECT ops.prune_audit('-1 day')") == entries + 1
    assert await world.rows("SELECT act, before ->> 'entries' FROM ops.audit") == [("audit_pruned", str(entries + 1))]
    with pytest.raises(asyncpg.PostgresError, match="is append-only"):
        await world.sql.execute("DELETE FROM audit_log")


async def test_an_entry_outlives_what_it_is_about(lively: World) -> None:
    before = await lively.sql.fetchval("SELECT count(*) FROM audit_log")
    await lively.sql.execute("DELETE FROM workspaces")
    await lively.sql.execute("DELETE FROM users")
    assert await lively.sql.fetchval("SELECT count(*) FROM audit_log") == before + 1 + 5


ON_POOL = re.compile(r"\b([A-Z_]+)\.(?:value|row|rows|one)\(\s*(?:request\.)?pool\b")
IN_CHANGE = re.compile(r"request\.change\(\w*\) as connection:\n +(?:\w+ = )?await ([A-Z_]+)\.")
BOUND = re.compile(r'^([A-Z_]+) = query\(\s*"(\w+)"', re.MULTILINE)
# Not what the audit log is about, and some of it as often as it gets.
EXEMPT = {
    "bytes_note",
    "dialog_close",
    "dialog_update",
    "refresh_token_rotate",
    "password_rehash",
    "ticket_add",
    "webhook_use",
    "attempt_refund",
    "chat_password_charge",
    "directory_sign_in_charge",
    "factor_charge",
    "password_charge",
    "sign_in_charge",
}


def run_by_requests(call: re.Pattern[str]) -> set[str]:
    """The queries that are called like this."""
    found = set[str]()
    for path in (
        *Path(ROOT / "chat_server" / "routes").rglob("*.py"),
        ROOT / "chat_server" / "http" / "steps" / "limits.py",
    ):
        text = path.read_text()
        found |= {dict(BOUND.findall(text)).get(name, name) for name in call.findall(text)}
    return found & load().keys()


async def test_every_route_that_writes_says_who_acts_and_waits_in_its_share(used: World) -> None:
    """What is run on the pool itself only reads: Postgres says so."""
    queries = run_by_requests(ON_POOL)
    assert len(queries) > 10
    for name in sorted(queries):
        query = load()[name]
        values: dict[str, Any] = VALUES | SPECIAL.get(name, {})
        async with used.sql.transaction(readonly=True):
            await query.rows(used.sql, **{parameter: values[parameter] for parameter in query.parameters})
    assert run_by_requests(IN_CHANGE) == EXEMPT
