"""sql/roles.sql and sql/grants.sql: each server's role can do everything its server does, and nothing else."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from chat_core.database import resources
from chat_core.database.pool import Connection
from chat_core.database.queries import Query, load
from tests.sql.world import World
from tests.support.postgres import ROOT, Database, apply_roles

SERVERS = {
    "chat_server": "fechatter_chat",
    "notify_server": "fechatter_notify",
    "delivery_server": "fechatter_delivery",
}
DENIED = asyncpg.InsufficientPrivilegeError

# Values for the parameters of the queries, by name; what one query needs otherwise is below.
VALUES: dict[str, Any] = {
    "asked": "0/0",
    "pushing": True,
    "delegate": 2,
    "principal": 1,
    "permission": "chat.see",
    "delegation": 1,
    "user": 1,
    "user_id": 1,
    "chat": 1,
    "workspace": 1,
    "session": 1,
    "session_id": 1,
    "target": 2,
    "role": "admin",
    "after": 0,
    "before": None,
    "around": 1,
    "emoji": "👍",
    "thread": 1,
    "limit": 10,
    "upto": 10,
    "origin": "chat_server",
    "version": 1,
    "position": 0,
    "made_at": None,
    "bytes": 1 << 20,
    "seen": "elsewhere",
    "last": 1000,
    "amount": 10,
    "seq": 1,
    "chats": [1],
    "boards": [1],
    "moments": [datetime(2026, 1, 1, tzinfo=UTC)],
    "page": 2,
    "pages": [2],
    "op_ids": ["a"],
    "digests": [bytes(16)],
    "patches": ["[]"],
    "inverses": ["[]"],
    "effects": ["[]"],
    "is_template": False,
    "template": None,
    "audience": "public",
    "public": True,
    "slug": "a-page",
    "fallback": "abc",
    "publication": 1,
    "published_at": None,
    "component": None,
    "resolved": None,
    "board_id": 1,
    "history_days": 30,
    "workspace_bytes": 0,
    "user_bytes": 0,
    "seqs": [0],
    "updates": [b"\0\0"],
    "patience_ms": 250,
    "flushed": None,
    "traceparents": [f"00-{'1' * 32}-{'1' * 16}-01"],
    "skipping": False,
    "state": b"\0\0",
    "vector": b"\0",
    "deletions": b"\0\0",
    "reasons": ["x"],
    "pending": False,
    "begins_as": "ready",
    "began_as": "pending",
    "workspaces": [1],
    "members": [2],
    "users": [1, 2],
    "sessions": [1, 2],
    "type": "Group",
    "name": "x",
    "description": "x",
    "fullname": "Zoe",
    "username": "zoe",
    "command": 1,
    "usage": "",
    "email": "zoe@example.com",
    "avatar": None,
    "set_avatar": True,
    "avatar_file": None,
    "set_icon": True,
    "icon_file": None,
    "content": "x",
    "password_hash": "",
    "old_hash": "",
    "new_hash": "y",
    "refresh_hash": b"r",
    "hash": b"t",
    "lifetime_days": 30,
    "address": "192.0.2.1",
    "per_address": 5,
    "per_account": 5,
    "per_session": 5,
    "in_all": 5,
    "device": bytes(32),
    "presented_device": bytes(32),
    "fresh_device": bytes(32),
    "provider": "acme",
    "directory": "acme-people",
    "way_in": "acme",
    "resource": '{"userName": "new@example.com"}',
    "active": True,
    "external_id": "1",
    "display_name": "engineering",
    "mapped": ["engineering"],
    "user_name": "new@example.com",
    "with_members": True,
    "issuer": "https://id.acme.example",
    "subject": "1",
    "email_verified": True,
    "owns_domain": True,
    "domains": ["example.com"],
    "groups": [1],
    "departments": [1],
    "for_groups": ["on-call"],
    "for_departments": ["on-call"],
    "may_create": True,
    "amr": ["pwd"],
    "auth_time": None,
    "provider_sid": "s",
    "name_id": '{"value": "ada"}',
    "sids": ["s"],
    "sid": "s",
    "identity": None,
    "source": "corp",
    "object": "user_1",
    "member": "",
    "changed_at": None,
    "organization": "org_1",
    "with_below": True,
    "all": True,
    "person": 5,
    "by_what": "department",
    "zone": "Europe/Berlin",
    "department": 1,
    "set_parent": True,
    "parent": None,
    "hidden": True,
    "appointment": 1,
    "is_head": True,
    "is_primary": True,
    "starts_at": None,
    "ends_at": None,
    "group": 1,
    "manager": 1,
    "binding": 1,
    "scope_department": None,
    "set_manager": True,
    "announcement": 1,
    "acknowledgement_required": True,
    "acknowledged": None,
    "ask_again": True,
    "organizations": ["org_1"],
    "read_at": datetime(2026, 1, 1, tzinfo=UTC),
    "had": 1,
    "going": 0,
    "subjects": ["1"],
    "fullnames": ["Zoe"],
    "emails": [None],
    "are_active": [True],
    "grant_subjects": ["1"],
    "grant_workspaces": [1],
    "group_subjects": ["1"],
    "department_subjects": ["1"],
    "named_groups": [],
    "named_departments": [],
    "forced": False,
    "break_glass_owner": 1,
    "device_name": "x",
    "scopes": ["chats:read"],
    "days": 30,
    "verified_hash": None,
    "show_emails": False,
    "link_previews": False,
    "public_publishing": False,
    "busy": [2],
    "most_waiting": 10,
    "most_each": 10,
    "people": [2],
    "hosts": ["push.example"],
    "of_person": 4,
    "of_host": 25,
    "purpose": "r",
    "most_of_sender": 5,
    "again_seconds": 60,
    "most_tries": 3,
    "found": "[]",
    "link": 1,
    "urls": ["https://example.com/chat/1"],
    "ids": [1],
    "slugs": [None],
    "within": [True],
    "shows_emails": True,
    "lean": True,
    "updated_at": None,
    "most_bytes": 1000,
    "block": "inviter",
    "block_id": 1,
    "window_seconds": 60,
    "retention_days": 7,
    "idempotency_key": "key",
    "key": "key",
    "fingerprint": b"f",
    "answer": "{}",
    "message": 1,
    "set_metadata": True,
    "metadata": "{}",
    "seconds": 30,
    "actor": None,
    "action": None,
    "report": 1,
    "set_retention": True,
    "batch": 10,
    "reporter": 1,
    "reason": "spam",
    "comment": "x",
    "status": "resolved",
    "note": "x",
    "since": None,
    "until": None,
    "notification_level": "none",
    "set_muted_until": True,
    "muted_until": None,
    "token_expires_at": datetime(2100, 1, 1, tzinfo=UTC),
    "node": "n",
    "opened": "[]",
    "closed": [],
    "again": [1],
    "grace_seconds": 10,
    "life_seconds": 15,
    "missed_seconds": 1,
    "hears": True,
    "quiet": True,
    "waiting": 0,
    "viewer": 1,
    "plan": "rare",
    "walked": 100,
    "query": "'x'",
    "pinned": False,
    "beginnings": ["x"],
    "names": ["x"],
    "word": "hello",
    "words": ["x"],
    "tail": 10,
    "analyser": 1,
    "sound": True,
    "below": 100,
    "lowest": 1,
    "messages": [1],
    "from_position": 0,
    "from_remaining": None,
    "to_position": 0,
    "to_made_at": None,
    "to_remaining": None,
    "senders": [1],
    "created_at": [datetime(2026, 1, 1, tzinfo=UTC)],
    "tokens": ["x y"],
    "gone": [1],
    "mode": "dnd",
    "text": "Lunch",
    "started": [True, False],
    "positions": [1, 1],
    "times": [0.0, 0.0],
    "idle": [True, False],
    "search": "",
    "archived": True,
    "max_uses": 5,
    "board": 1,
    "is_done": None,
    "kind": "board",
    "document": 1,
    "documents": [1],
    "document_id": 1,
    "deleted": False,
    "inviter": 1,
    "unless": None,
    "data": b"\xff\xd8\xff",
    "invite": 1,
    "file": 1,
    "digest": b"x" * 32,
    "most": 20,
    "mail": 1,
    "bot": 6,
    "owner": 1,
    "webhook": 1,
    "subscription": 1,
    "ordered": True,
    "epoch": None,
    "scheme": "v1",
    "shards": [1],
    "span": 100,
    "holder": 1,
    "seen_epoch": "x",
    "reached_epoch": "x",
    "reached": 0,
    "statuses": [200, 500],
    "errors": [None, "x"],
    "durations": [1, 1],
    "delays": [None, 1.0],
    "patience": timedelta(days=5),
    "lease_seconds": 10,
    "files": None,
    "upload": uuid.UUID(int=1),
    "size": 10,
    "received": 5,
    "sha256": bytes(32),
    "lost": True,
    "blob": uuid.UUID(int=1),
    "sealed_key": None,
    "keys": [uuid.UUID(int=1)],
    "error": "full",
    "part_bytes": 131072,
    "facts": "{}",
    "language": "en",
    "client": "192.0.2.1",
    "per_client": 5,
    "per_recipient": 5,
    "id": 1,
    "seed": uuid.UUID(int=1),
    "kinds": ["password_reset"],
    "copies": "[]",
    "file_words": ["x"],
    "second_factor": None,
    "per_user": 5,
    "secret": bytes(20),
    "former": bytes(20),
    "sealed_by": "k" * 43,
    "step": 1,
    "hashes": [b"h"],
    "credential": b"c",
    "public_key": b"k",
    "sign_count": 1,
    "synced": False,
    "transports": ["internal"],
    "passkey": 1,
    "hold": 1,
    "released": None,
    "case": 1,
    "approved": True,
    "part": 1,
    "place": 0,
    "records": 1,
    "rule": 1,
    "pattern": None,
    "enabled": True,
    "held": 1,
    "outcome": "released",
    "extra": None,
}
SPECIAL: dict[str, dict[str, Any]] = {
    "links_known": {"hashes": [bytes(32)]},
    **{
        name: {
            "app": 1,
            "maker": 1,
            "workspace": 1,
            "redirect": None,
            "redirect_uri": "https://x/",
            "redirect_uris": ["https://x/"],
            "scopes": ["chats:read"],
            "wanted": None,
            "challenge": "x" * 43,
            "proof": "x" * 43,
            "hash": bytes(32),
            "code_hash": bytes(32),
            "old_hash": bytes(32),
            "secret_hash": bytes(32),
            "access_hash": bytes(32),
            "refresh_hash": bytes(32),
            "successors": [bytes(32), bytes(32)],
            "seconds": 900,
            "days": 30,
            "name": "x",
            "description": "x",
        }
        for name in load(resources.QUERIES / "integrations")
        if name.startswith("app")
    },
    **{
        name: {"dialog": 1, "bot": 6, "below": None, "external": "x", "version": 1, "all": True, "view": "{}"}
        for name in load(resources.QUERIES / "integrations")
        if "dialog" in name
    },
    "links_resolve": {"kinds": ["chat"], "public": True},
    "published_page": {"public": True},
    "page_ops_missed": {"most_bytes": 1 << 20},
    "blob_deletion_failed": {"key": uuid.UUID(int=1)},
    "stored_keys": {"after": uuid.UUID(int=0)},
    "upload_finish": {"key": uuid.UUID(int=1), "store": "directory"},
    "attempt_refund": {"buckets": ["signin:address:192.0.2.1"]},
    "rate_limit_lease": {"buckets": ["read:user:1"], "needed": [1], "quotas": [10]},
    "boot_lease": {"buckets": ["boots:all"], "needed": [1], "quotas": [10]},
    "use_once": {"expires_at": datetime(2100, 1, 1, tzinfo=UTC)},
    "clerk_note": {"kind": "user", "gone": True},
    "clerk_note_members": {
        "members": ["user_1"],
        "changed_at": [datetime(2026, 1, 1, tzinfo=UTC)],
        "known": ["user_2"],
        "known_at": [datetime(2026, 1, 1, tzinfo=UTC)],
    },
    "clerk_lock_objects": {"kinds": ["user"], "objects": ["user_1"]},
    "page_snapshot_due": {"patches": 1},
    "sessions_end_by_identity": {"identity": 1},
    "sign_up": {"workspace": "Zoe's"},
    "account_add": {"workspace": "Zoe's"},
    **{name: {"organization": 1} for name in load(resources.QUERIES / "organization")},
    "audit_of_organization": {"organization": 1},
    **{name: {"organization": 1} for name in ("person_delete", "person_export_begin", "account_is_kept")},
    **{name: {"person": 7} for name in ("person_erase", "person_erase_tried")},
    "online_own": {"since": date(2026, 1, 1), "until": date(2026, 2, 1)},
    "online_of_organization": {"organization": 1, "since": date(2026, 1, 1), "until": date(2026, 2, 1)},
    "overview": {"organization": 1},
    **{f"organization_feature_{act}": {"organization": 1, "name": "enable_user_roles"} for act in ("set", "reset")},
    **{
        f"organization_member_{act}": {"organization": 1, "user": user, "kind": "member"}
        for act, user in (("add", 5), ("update", 2), ("remove", 2))
    },
    "deletions_of_organization": {"organization": 1},
    "organization_members": {
        "organization": 1,
        "words": ["x"],
        "patterns": ["x"],
        "department": None,
        "kind": None,
        "ids": None,
    },
    "member_suspend": {"organization": 1, "suspended": True},
    "directory_list_import": {"organization": 1, "rows": "[]", "parts": []},
    "people_of_organization": {"organization": 1, "words": ["x"], "patterns": ["x"], "position": None},
    "appointments_of": {"organization": 1, "below": True},
    "organization_delete": {"organization": 2},
    "department_chat_put": {"organization": 1, "department": 2},
    "department_delete": {"organization": 1, "department": 2},
    "appointment_create": {"organization": 1, "user": 2, "position": None},
    "appointment_update": {"organization": 1, "position": None},
    "group_member_put": {"organization": 1, "user": 2},
    "visibility_rule_create": {"organization": 1, "department": 1, "confined": True, "hidden_fields": ["position"]},
    "visibility_rule_delete": {"organization": 1, "rule": 1},
    "announcement_change": {"organization": 1, "title": "x"},
    "announcement_publish": {"organization": 1, "author": 1, "title": "x", "departments": [1], "groups": [1]},
    "role_bind": {
        "organization": 1,
        "role": 7,
        "group": None,
        "department": None,
        "workspace": None,
        "chat": None,
        "document": None,
    },
    **{f"role_{act}": {"organization": 1, "role": 7, "permissions": ["chat.pin"]} for act in ("update", "delete")},
    "role_bindings_of": {"organization": 1, "role": 7},
    "role_create": {"organization": 1, "permissions": ["chat.pin"]},
    "permission_sources": {"permission": "chat.pin"},
    "bot_create": {"username": "another"},
    "endpoint_set": {"url": "https://bot.example/", "secret": bytes(32)},
    "endpoint_events_set": {"url": "https://bot.example/", "secret": bytes(32), "events": ["message"]},
    "command_create": {"name": "deploy"},
    **{
        f"subscription_{act}": {"kinds": ["NewMessage"], "chats": [1], "position": None, "address": "https://x/"}
        for act in ("create", "update")
    },
    "subscription_secret_add": {"secret": bytes(32)},
    "delivery_again": {"position": 1},
    "attempts_of_subscription": {"before": 10},
    "deliveries_record": {"kinds": ["NewMessage"] * 2, "gone": False, "positions": [1, 2], "seen": 0},
    "notification_settings_change": {"given": '{"push": "none"}'},
    "push_key_keep": {"private": bytes(32), "public": bytes(65)},
    "push_subscribe": {"endpoint": "https://x/", "public_key": bytes(65), "secret": bytes(16)},
    **{
        name: {"grace": timedelta(days=1), "lifetime": timedelta(days=90), "seconds": 30.0}
        for name in ("pushes_follow", "pushes_claim")
    },
    "push_end": {"claim": 1, "sent": 1, "status": 201, "wait": None, "problem": None, "grace": timedelta(days=1)},
    "sink_hold": {"sink": "bus"},
    "sink_next": {"sink": "bus", "workspaces": None, "chat_types": ["Group"], "documents": True, "kinds": None},
    "sink_record": {"sink": "bus", "seen": 0, "events": 1, "failure": None},
    "bot_token_open": {"hash": bytes(32)},
    "features_set": {"names": ["enable_user_roles"], "enabled": [True]},
    "features_of_user": {"names": ["enable_user_roles"]},
    "typing_tell": {"chats": [1, 1], "sessions": [1, 1]},
    "typing_judge": {"chats": [1, 1]},
    "refresh_token_rotate": {"old_hash": b"first", "successors": [b"second", b"third"]},
    "ticket_redeem": {"hash": b"ticket"},
    "token_open": {"hash": bytes(32)},
    "messages_post": {
        "sender_ids": [1],
        "chat_ids": [1],
        "contents": ["x"],
        "extras": [None],
        "idempotency_keys": ["key"],
        "judging": True,
        "whole": True,
    },
    "batch_lock": {
        "sender_ids": [1],
        "post_chats": [1],
        "keys": ["key"],
        "kinds": ["delete_message"],
        "user_ids": [1],
        "chat_ids": [1],
        "message_ids": [1],
        "locking": [True],
        "patience_ms": 0,
        "alone": False,
    },
    "acts_perform": {
        "kinds": ["edit_message"],
        "user_ids": [1],
        "delegate_ids": [None],
        "addresses": ["192.0.2.1"],
        "chat_ids": [1],
        "message_ids": [1],
        "arguments": ['{"content": "other"}'],
        "patience_ms": 0,
    },
    "statement_timeout_set": {"timeout": "1000"},
    "board_append": {"users": [1]},
    "page_publish": {"version": 1, "content": "{}", "schema": "page", "audience": "public"},
    "page_comment_create": {"component": "1", "reply_to": None},
    **{f"page_comment{act}": {"comment": 1} for act in ("", "_edit", "_resolve", "_delete")},
    "page_history": {"before": None},
    "page_create": {"content": None, "schema": "page"},
    "page_append": {"users": [1], "versions": [2], "clients": [None], "op_ids": ["a"], "bases": [1]},
    "page_refuse": {"users": [1], "op_ids": ["a"], "codes": ["READ_ONLY"], "hangs_on": [None]},
    "pages_after": {"versions": [1]},
    "pages_lost": {"versions": [1]},
    "page_keep_snapshot": {"content": "{}", "versions": []},
    "tell_document_presence": {
        "clients": [7],
        "users": [1],
        "sessions": [1],
        "openings": [1],
        "clocks": [1],
        "states": ["{}"],
    },
    "hold_place": {"workspace": 99, "chat": None},
    "case_ask": {"workspace": 99},
    "hold_release": {"workspace": 99},
    "emoji_add": {"name": "ours_1"},
    "dlp_rule_add": {"kind": "words", "action": "flag"},
    "dlp_rule_change": {"action": "flag"},
    "case_decide": {"workspace": 99, "case": 2, "user": 2},
    "act_as": {"actor": "1"},
    "act_for": {"delegate": "2"},
    "delegation_offer": {
        "permissions": ["chat.read_messages"],
        "workspace": None,
        "document": None,
        "starts_at": None,
        "ends_at": datetime.now(UTC) + timedelta(days=1),
    },
    "chat_member_add": {"user": 4},
    "chat_password_set": {"hash": None},
    "invite_create": {"hash": bytes(32), "document": None},
    "chat_transfer": {"target": 2},
    "document_member_add": {"user": 4, "role": "viewer"},
    "document_member_remove": {"user": 3},
    "document_member_set_role": {"user": 2, "role": "viewer"},
    "chat_member_remove": {"user": 3},
    "chat_member_set_role": {"user": 2},
    "workspace_invitation_add": {"user": 5},
    "workspace_member_add": {"user": 5},
    "workspace_member_remove": {"user": 4},
    "workspace_member_set_role": {"user": 2},
    "streams_report": {
        "opened": '[{"stream": 1, "user_id": 1, "session_id": 1, "address": "", "opened_at": "2026-01-01T00:00:00Z"}]'
    },
}


def bound(server: str) -> set[str]:
    """The queries that a server's code uses, and those of what they share; chat_server does not read the log, and
    delivery_server knows no documents, lets nobody in and reads from no standby."""
    paths = [path for folder in (server, "chat_core") for path in (ROOT / folder).rglob("*.py")]
    of_others = {"chat_server": {"log"}, "delivery_server": {"documents", "load", "database/standby.py"}}
    unused = {ROOT / "chat_core" / name for name in of_others.get(server, set())}
    sources = [path.read_text() for path in paths if not unused & {path, *path.parents}]
    return {name for source in sources for name in re.findall(r'\bquery\(\s*"(\w+)"', source)}


@pytest.fixture
async def used(world: World) -> World:
    """A world in which every query has something to do, with the roles' rights as a fresh database has them."""
    await world.post()
    await world.add_board("alice", "bob", "carol")
    await world.add_page("alice", "bob")
    await world.add_session(world.alice)
    await world.sql.execute("INSERT INTO refresh_tokens VALUES ('first', 1)")
    await world.sql.execute("INSERT INTO tickets VALUES ('ticket', 1, now() + interval '1 hour', now())")
    await world.sql.execute(
        "INSERT INTO blobs (workspace_id, sha256, size, key) VALUES (1, sha256('x'), 1, gen_random_uuid());"
        "INSERT INTO files (workspace_id, uploader_id, sha256, size, type, name) "
        "VALUES (1, 1, sha256('x'), 1, 'image/png', 'a.png')"
    )
    await world.sql.execute(
        "INSERT INTO workspaces (id, name, may_export_cases) OVERRIDING SYSTEM VALUE VALUES (99, 'held', true);"
        "INSERT INTO holds (workspace_id, name, user_id) VALUES (99, 'x', 1);"
        "INSERT INTO cases (workspace_id, hold_id, reason, asked_by) VALUES (99, 1, 'x', 1), (99, 1, 'x', 1);"
        "UPDATE cases SET approved = true, decided_by = 2 WHERE id = 1"
    )
    await world.sql.execute(
        "SELECT create_organization(1, 'x'), create_organization(1, 'y');"
        "INSERT INTO organization_members (organization_id, user_id) VALUES (1, 2);"
        "INSERT INTO departments (organization_id, name) VALUES (1, 'y'), (1, 'z');"
        "INSERT INTO appointments (organization_id, department_id, user_id) VALUES (1, 1, 1);"
        "INSERT INTO groups (organization_id, name) VALUES (1, 'z');"
        "INSERT INTO visibility_rules (organization_id, confined) VALUES (1, true);"
        "INSERT INTO announcements (organization_id, title, content) VALUES (1, 'x', 'x');"
        "INSERT INTO roles (organization_id, name, permissions) VALUES (1, 'z', '{chat.pin}');"
        "INSERT INTO role_bindings (organization_id, role_id, group_id) VALUES (1, 7, 1);"
        "UPDATE workspaces SET organization_id = 1"
    )
    bot = await world.sql.fetchval("SELECT user_id FROM create_bot(1, 1, 'builds', 'Builds')")
    assert bot == VALUES["bot"]
    await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES (1, $1)", bot)
    await world.sql.execute("SELECT delete_person(id) FROM create_user('Gone', 'gone@example.com')")
    await world.sql.execute("INSERT INTO subscriptions (bot_id, name, address) VALUES ($1, 'ci', 'https://x/')", bot)
    failed = "INSERT INTO deliveries (subscription_id, position, kind, attempts, error) VALUES (1, 1, 'x', 1, '')"
    await world.sql.execute(failed)
    await world.sql.execute("SELECT hold_shards('a', 10)")
    await world.sql.execute(
        "INSERT INTO apps (workspace_id, owner_id, name, redirect_uris, scopes) "
        "VALUES (1, 1, 'x', '{https://x/}', '{x}')"
    )
    await apply_roles(world.sql)
    return world


async def execute(sql: Connection, query: Query) -> None:
    """As the server does, with the triggers that wait for COMMIT; and then not at all."""
    values = VALUES | SPECIAL.get(query.name, {})
    transaction = sql.transaction()
    await transaction.start()
    try:
        await query.rows(sql, **{name: values[name] for name in query.parameters})
        await sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
    finally:
        await transaction.rollback()


def test_every_query_has_a_server_that_uses_it() -> None:
    """Or a command, which runs as the owner."""
    assert set[str]().union(*map(bound, (*SERVERS, "fechatter"))) == load().keys()


@pytest.mark.postgres_15
@pytest.mark.slow
@pytest.mark.parametrize("server", SERVERS)
async def test_a_role_can_run_every_query_of_its_server(used: World, server: str) -> None:
    async with used.database.connect(SERVERS[server]) as sql:
        # A plan for given parameters leaves out what they do not reach, and so asks for no right to that.
        await sql.execute("SET plan_cache_mode = force_generic_plan")
        for name in sorted(bound(server)):
            try:
                await execute(sql, load()[name])
            except asyncpg.PostgresError as error:
                raise AssertionError(f"{name} as {SERVERS[server]}: {error}") from error


BOTH = """
SELECT log_append('NewMessage', 'chat', '{}', chat_id => 1)
SELECT log_move_epoch()
SELECT log_make_day(current_date + 9)
SELECT log_lock()
INSERT INTO events (position, kind, audience, user_id, payload) VALUES (999, 'X', 'user', 1, '{}')
INSERT INTO events_default (position, kind, audience, user_id, payload) VALUES (999, 'X', 'user', 1, '{}')
UPDATE events SET kind = 'X'
DELETE FROM events
TRUNCATE events
UPDATE log_state SET floor = 0
DELETE FROM log_state
SELECT cluster FROM log_state
SELECT nextval('events_position_seq')
SELECT setval('events_position_seq', 1)
SELECT nextval('messages_id_seq')
TRUNCATE messages
TRUNCATE tickets
INSERT INTO audit_log (action) VALUES ('x')
UPDATE audit_log SET actor_id = 1
DELETE FROM audit_log
TRUNCATE audit_log
ALTER TABLE audit_log DISABLE TRIGGER p30_append_only
SELECT audit('x')
UPDATE reports SET message = '{}'
UPDATE reports SET reporter_id = 2
DELETE FROM reports
ALTER TABLE messages DISABLE TRIGGER ALL
ALTER TABLE messages DISABLE TRIGGER p90_log
DROP TRIGGER p90_log ON messages
CREATE TRIGGER mine BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()
ALTER TABLE users ADD COLUMN mine text
DROP TABLE messages
CREATE OR REPLACE FUNCTION log_append(text, text, json, bigint, bigint, bigint[]) RETURNS void LANGUAGE sql AS ''
CREATE FUNCTION public.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'
CREATE TABLE public.mine ()
CREATE TEMP TABLE events ()
CREATE SCHEMA mine
SET session_replication_role = 'replica'
SET ROLE postgres
SELECT * FROM schema_migrations
INSERT INTO password_resets VALUES (1, sha256('x'), now() + interval '1 hour')
SELECT ops.reset_password('1')
DELETE FROM users
SELECT * FROM ops.log
SELECT ops.suspend('1')
SELECT ops.move_epoch()
SELECT pg_read_file('/etc/passwd')
COPY users TO PROGRAM 'cat'
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres' AND datname = current_database()
"""
CHAT = """
SELECT payload FROM events
SELECT * FROM events
SELECT channel FROM log_state
UPDATE users SET status = 'active'
INSERT INTO users (email, fullname, password_hash, status) VALUES ('x@example.com', 'X', '', 'active')
UPDATE chats SET last_seq = 0
UPDATE chats SET member_count = 1
UPDATE chats SET first_seq = 2
UPDATE chats SET workspace_id = 2
INSERT INTO chats (workspace_id, type, last_seq) VALUES (1, 'Group', 7)
INSERT INTO chat_members (chat_id, user_id, last_read_seq) VALUES (1, 4, 7)
INSERT INTO chat_members (chat_id, user_id, workspace_id) VALUES (1, 4, 1)
UPDATE chat_members SET user_id = 4
UPDATE chat_members SET read_at = now()
UPDATE drafts SET updated_at = now()
INSERT INTO mentions VALUES (1, 1, 1, 1)
DELETE FROM mentions
INSERT INTO messages (chat_id, sender_id, content, mentions) VALUES (1, 1, 'x', '{2}')
UPDATE drafts SET user_id = 4
INSERT INTO messages (chat_id, sender_id, content, seq) VALUES (1, 1, 'x', 7)
INSERT INTO messages (chat_id, sender_id, content, created_at) VALUES (1, 1, '👍', now())
UPDATE messages SET sender_id = 2
UPDATE messages SET forwarded_from = NULL
DELETE FROM messages
INSERT INTO message_edits (message_id, version, type, content, written_at) VALUES (1, 9, 'text', 'x', now())
DELETE FROM message_edits
UPDATE messages SET reactions = NULL
INSERT INTO message_reactions (message_id, user_id, emoji, created_at) VALUES (1, 1, '👍', now())
UPDATE message_reactions SET emoji = '👍'
INSERT INTO message_pins (message_id, pinned_by, chat_id) VALUES (1, 1, 1)
UPDATE message_pins SET pinned_at = now()
UPDATE messages SET thread = NULL
INSERT INTO thread_followers (thread_id, user_id, last_read_seq) VALUES (1, 1, 1)
INSERT INTO thread_drafts (thread_id, user_id, chat_id, content) VALUES (1, 1, 1, 'x')
UPDATE thread_followers SET followed_at = now()
SELECT grow_threads('{1}')
UPDATE refresh_tokens SET session_id = 1
UPDATE idempotency_keys SET message_id = 1
SELECT * FROM streams
INSERT INTO notify_nodes (node) VALUES ('mine')
SELECT redeem_ticket('ticket')
SELECT use_token('token')
SELECT report_streams('mine', '[]', '{}')
SELECT log_check_epoch()
SELECT settle_presence('{1}', '1 second')
SELECT tell_presence('{1}', 1)
UPDATE presences SET presence = 'online'
INSERT INTO idle_sessions VALUES (1)
UPDATE users SET status = 'inactive'
INSERT INTO invites (chat_id, role, token_hash, created_by, expires_at, uses) VALUES (1, 'member', 'x', 1, now(), 0)
UPDATE invites SET role = 'owner'
UPDATE documents SET member_count = 1
UPDATE documents SET created_by = 2
DELETE FROM documents
UPDATE document_members SET invited_by = 1
UPDATE document_thumbnails SET updated_at = now()
UPDATE document_versions SET state = 'ab'
INSERT INTO board_updates (board_id, seq, user_id, origin, data) VALUES (1, 1, 1, 'n', 'ab')
DELETE FROM board_updates
INSERT INTO chat_silences VALUES (1, 1, now())
UPDATE chat_silences SET chat_id = 1
"""
NOTIFY = """
SELECT * FROM users
SELECT password_hash FROM users
SELECT email FROM users
SELECT * FROM sessions
SELECT * FROM refresh_tokens
SELECT * FROM tickets
DELETE FROM tickets
SELECT * FROM rate_limits
SELECT * FROM idempotency_keys
SELECT * FROM audit_log
SELECT * FROM reports
SELECT * FROM workspaces
SELECT name FROM chats
SELECT content FROM messages
SELECT emoji FROM message_reactions
SELECT message_id FROM message_pins
DELETE FROM message_pins
SELECT thread_id FROM thread_followers
SELECT last_read_seq FROM chat_members
SELECT * FROM drafts
SELECT * FROM thread_drafts
SELECT * FROM mentions
SELECT joined_at FROM workspace_members
UPDATE chat_members SET last_read_seq = 1
DELETE FROM chat_members
DELETE FROM workspace_members
UPDATE sessions SET revoked_at = now(), revoked_reason = 'logout'
INSERT INTO messages (chat_id, sender_id, content) VALUES (1, 1, 'x')
INSERT INTO streams (node, stream, user_id, session_id, address, opened_at) VALUES ('n', 1, 1, 1, '', now())
UPDATE notify_nodes SET seen_at = now()
SELECT status_text FROM users
SELECT report_idle('{1}', '{1}', '{t}', 1)
DELETE FROM presences
SELECT create_user('X', 'x@example.com')
SELECT post_messages('{1}', '{1}', '{x}', '{NULL}', '{NULL}')
SELECT open_session(1, '', 'x', 1, NULL, '\\x00')
SELECT password_hash FROM chats
SELECT * FROM chat_bans
SELECT * FROM invites
SELECT name FROM documents
SELECT invited_by FROM document_members
DELETE FROM document_members
SELECT data FROM document_thumbnails
SELECT name FROM document_versions
SELECT create_document(1, 1, 'board', 'x')
SELECT deactivate_account(1, '')
SELECT log_maintain('1 day')
"""
FORBIDDEN = {"fechatter_chat": BOTH + CHAT, "fechatter_notify": BOTH + NOTIFY}


@pytest.mark.postgres_15
@pytest.mark.parametrize("role", FORBIDDEN)
async def test_a_role_can_do_nothing_else(used: World, role: str) -> None:
    async with used.database.connect(role) as sql:
        for statement in filter(None, FORBIDDEN[role].splitlines()):
            try:
                await sql.execute(statement)
            except DENIED:
                continue
            except Exception as error:
                raise AssertionError(f"{role} is not denied but fails otherwise: {statement}: {error}") from error
            raise AssertionError(f"{role} may: {statement}")


WRITABLE = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND CASE
        WHEN relkind IN ('r', 'p') THEN
            has_table_privilege($1, oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
            OR has_any_column_privilege($1, oid, 'INSERT, UPDATE, REFERENCES')
        WHEN relkind = 'S' THEN has_sequence_privilege($1, oid, 'USAGE, UPDATE') END
"""
CALLABLE = """
    SELECT proname FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
    WHERE nspname IN ('public', 'ops') AND has_schema_privilege($1, pronamespace, 'USAGE')
      AND has_function_privilege($1, pg_proc.oid, 'EXECUTE') ORDER BY 1
"""


async def test_the_notify_role_writes_nothing_but_by_its_functions(used: World) -> None:
    assert await used.rows(WRITABLE, "fechatter_notify") == []
    assert [row[0] for row in await used.rows(CALLABLE, "fechatter_notify")] == [
        "board_append",
        "board_keep_snapshot",
        "boot_lease",
        "database_figures",
        "delegated_stream",
        "documents_without_room",
        "log_break",
        "log_check_epoch",
        "log_head",
        "log_replayed",
        "log_replicated",
        "next_document_opening",
        "node_stops",
        "notices_key",
        "page_append",
        "page_keep_snapshot",
        "page_refuse",
        "quarantine_board_updates",
        "redeem_ticket",
        "relay_evict",
        "relay_lead",
        "report_streams",
        "tell_document_presence",
        "use_token",
    ]


async def test_the_delivery_role_writes_nothing_but_by_its_functions(used: World) -> None:
    assert await used.rows(WRITABLE, "fechatter_delivery") == []
    assert [row[0] for row in await used.rows(CALLABLE, "fechatter_delivery")] == [
        "claim_pushes",
        "end_push",
        "follow_pushes",
        "forget_deliveries",
        "hold_shards",
        "hold_sink",
        "leave_shards",
        "leave_sinks",
        "log_break",
        "log_check_epoch",
        "log_head",
        "log_last",
        "log_replicated",
        "next_push",
        "push_private_key",
        "record_deliveries",
        "record_sink",
        "shard_of",
        "sink_events",
        "subscription_events",
        "subscription_state",
    ]
    async with used.database.connect("fechatter_delivery") as sql:
        for hidden in ("SELECT * FROM subscription_secrets", "SELECT content FROM messages", "SELECT email FROM users"):
            with pytest.raises(DENIED):
                await sql.execute(hidden)
    async with used.database.connect("fechatter_chat") as sql:
        with pytest.raises(DENIED):
            await sql.execute("SELECT * FROM subscription_secrets")


async def test_the_chat_role_raises_itself_by_few_functions_only(used: World) -> None:
    """What is SECURITY DEFINER runs with the owner's rights."""
    raised = CALLABLE.replace("ORDER BY", "AND prosecdef ORDER BY")
    assert [row[0] for row in await used.rows(raised, "fechatter_chat")] == [
        "add_secret",
        "advance_steady_clock",
        "analyze_grown_tables",
        "answer_privately",
        "attach_file",
        "audit_blocked_edit",
        "begin_case_export",
        "begin_person_export",
        "begin_upload",
        "board_append",
        "boot_lease",
        "case_records",
        "change_notification_settings",
        "change_subscription",
        "claim_bot_event",
        "claim_link_lookup",
        "clerk_grants",
        "clerk_note",
        "clerk_note_members",
        "create_bot",
        "create_page",
        "deactivate_account",
        "delete_bot",
        "delete_person",
        "deletion_json",
        "deletion_preview",
        "detach_file",
        "end_bot_event",
        "end_case_export",
        "end_link_lookup",
        "end_look",
        "end_review",
        "erase_person",
        "expire_board_updates",
        "expire_mail_notices",
        "expire_messages",
        "expire_online_days",
        "expire_page_ops",
        "expire_uploads",
        "finish_upload",
        "follow_bot_events",
        "follow_for_mails",
        "follow_links",
        "follow_name",
        "follow_person",
        "hold_blocked",
        "import_list",
        "keep_push_key",
        "let_go_of_released",
        "lock_batch",
        "log_last",
        "log_maintain",
        "log_reached",
        "log_replayed",
        "mailed_messages",
        "note_bounce",
        "note_bytes",
        "note_synchronisation",
        "notices_key",
        "notification_settings_json",
        "notification_settings_of",
        "online_statistics",
        "overview_json",
        "own_online_time",
        "page_append",
        "page_keep_snapshot",
        "page_refuse",
        "post_messages",
        "post_reply",
        "push_subscription_of",
        "quarantine_board_updates",
        "redeliver",
        "refuse_file",
        "remove_links",
        "report_idle",
        "scan_copies",
        "scim_sync_grants",
        "search_begin",
        "search_changes",
        "search_expect_pages",
        "search_similar_tokens",
        "search_store",
        "search_store_page",
        "search_tail",
        "search_tidy",
        "set_storage_quotas",
        "settle_mail_notices",
        "settle_online_time",
        "show_links",
        "steady_now",
        "subscribe_to_pushes",
        "subscription_json",
        "suspend_by",
        "suspend_member",
        "sync_directory",
        "sync_grants",
        "sync_source",
    ]


RIGHTS = """
    SELECT 'table', oid::regclass::text, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION SELECT 'function', oid::regprocedure::text, proacl::text FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
    UNION SELECT attname, attrelid::regclass::text, attacl::text FROM pg_attribute
    ORDER BY 1, 2
"""


@pytest.mark.postgres_15
async def test_running_it_again_takes_back_what_was_granted_besides(used: World) -> None:
    before = await used.rows(RIGHTS)
    await used.sql.execute(
        "GRANT ALL ON events TO fechatter_chat; GRANT SELECT (password_hash) ON users TO fechatter_notify;"
        "GRANT EXECUTE ON FUNCTION log_append TO PUBLIC; GRANT EXECUTE ON FUNCTION log_move_epoch TO fechatter_chat"
    )
    assert await used.rows(RIGHTS) != before
    await apply_roles(used.sql)
    assert await used.rows(RIGHTS) == before


@pytest.mark.postgres_15
async def test_a_function_of_a_later_migration_is_nobodys(used: World) -> None:
    await used.sql.execute("CREATE FUNCTION later() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
    for role in SERVERS.values():
        async with used.database.connect(role) as sql:
            with pytest.raises(DENIED):
                await sql.execute("SELECT later()")


def test_no_password_is_in_the_repository() -> None:
    for file in (resources.ROLES, resources.GRANTS):
        assert not re.search(r"password\s+'", file.read_text(), re.IGNORECASE)


async def test_a_role_without_grants_forges_nothing(database: Database) -> None:
    """Whoever may connect can NOTIFY: so who has nothing to do here may not."""
    async with database.connect() as sql:
        await sql.execute("DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN")
        try:
            stranger = database.url.replace("postgres@", "stranger@")
            await (await asyncpg.connect(stranger)).close()  # as PostgreSQL makes a database
            await sql.execute("SELECT close_to_strangers()")
            with pytest.raises(DENIED):
                await asyncpg.connect(stranger)
            for role in SERVERS.values():
                async with database.connect(role):
                    pass
        finally:
            await sql.execute("DROP ROLE stranger")
