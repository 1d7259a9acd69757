"""docs/events.md is true: it has every kind of event, and each sample has the shape of a real one."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
from fechatter_client.models.events import EPHEMERAL, KINDS
from fechatter_client.models.events.streams import Ready

from tests.support.postgres import Database

ROOT = Path(__file__).parent.parent.parent.parent
DOCUMENT = (ROOT / "docs" / "events.md").read_text()
CONTROL = {"ready", "reset"}

# Two people and everything that can be heard of them.
SCENE = """
    INSERT INTO users (email, fullname, password_hash) VALUES ('ada@example.com', 'Ada', '');
    INSERT INTO users (email, fullname, password_hash) VALUES ('grace@example.com', 'Grace', '');
    BEGIN;
    INSERT INTO workspaces (name) VALUES ('Engines');
    INSERT INTO workspace_members (workspace_id, user_id, role) VALUES (1, 1, 'owner'), (1, 2, 'member');
    COMMIT;
    BEGIN;
    INSERT INTO chats (workspace_id, type, name) VALUES (1, 'Group', 'lunch');
    INSERT INTO chat_members (chat_id, user_id, role) VALUES (1, 1, 'owner');
    INSERT INTO messages (chat_id, sender_id, content) VALUES (1, 1, 'hello');
    COMMIT;
    INSERT INTO chat_members (chat_id, user_id) VALUES (1, 2);
    INSERT INTO invites (chat_id, role, token_hash, created_by, expires_at, max_uses)
    VALUES (1, 'member', sha256('token'), 1, now() + interval '7 days', 5);
    UPDATE chat_members SET role = 'admin' WHERE user_id = 2;
    UPDATE workspace_members SET role = 'admin' WHERE user_id = 2;
    INSERT INTO messages (chat_id, sender_id, content) VALUES (1, 2, 'Noon, @ada?');
    UPDATE chat_members SET last_read_seq = 0 WHERE user_id = 1;
    UPDATE chat_members SET notification_level = 'mentions', muted_until = '2026-11-22 18:00Z' WHERE user_id = 1;
    INSERT INTO drafts (chat_id, user_id, content) VALUES (1, 1, 'Dear all');
    UPDATE chats SET name = 'dinner';
    DELETE FROM invites;
    INSERT INTO users (email, fullname, password_hash) VALUES ('eve@example.com', 'Eve', '');
    INSERT INTO workspace_invitations (workspace_id, user_id, invited_by) VALUES (1, 3, 1);
    DELETE FROM workspace_invitations;
    INSERT INTO features VALUES ('enable_organizations', true);
    INSERT INTO delegations (principal_id, delegate_id, permissions, chat_id, ends_at, reason)
    VALUES (1, 2, '{chat.read_messages}', 1, now() + interval '1 day', 'On leave');
    UPDATE delegations SET accepted_at = now();
    UPDATE delegations SET revoked_at = now();
    BEGIN;
    SELECT create_organization(1, 'Engines');
    UPDATE workspaces SET organization_id = 1;
    INSERT INTO departments (organization_id, name) VALUES (1, 'Works');
    INSERT INTO appointments (organization_id, department_id, user_id)
        SELECT 1, 1, user_id FROM organization_members;
    INSERT INTO groups (organization_id, name) VALUES (1, 'on-call');
    INSERT INTO group_members (group_id, user_id) SELECT 1, user_id FROM organization_members;
    INSERT INTO roles (organization_id, name, permissions) VALUES (1, 'Host', '{chat.invite,chat.pin}');
    INSERT INTO role_bindings (organization_id, role_id, group_id, workspace_id) VALUES (1, 7, 1, 1);
    COMMIT;
    INSERT INTO announcements (organization_id, author_id, title, content) VALUES (1, 1, 'Move', 'On Monday.');
    UPDATE announcements SET withdrawn_at = now();
    DELETE FROM organization_members WHERE user_id = 3;
    UPDATE workspaces SET name = 'Analytical Engines';
    UPDATE users SET fullname = 'Ada Lovelace', status_text = 'Lunch', status_emoji = '🍜', status_until = now()
        WHERE id = 1;
    UPDATE users SET presence_mode = 'dnd' WHERE id = 1;
    INSERT INTO reports (message_id, reporter_id, reason) VALUES (1, 2, 'spam');
    UPDATE workspace_members SET role = 'member' WHERE user_id = 2;
    UPDATE workspace_members SET role = 'admin' WHERE user_id = 2;
    UPDATE reports SET status = 'resolved';
    DELETE FROM reports;
    UPDATE messages SET links = '[{"url": "https://example.com/a", "kind": "website", "id": 1, "title": "A",
        "description": "B", "site_name": null, "image": {"width": 360, "height": 240}}]' WHERE id = 1;
    UPDATE messages SET links = '[]' WHERE id = 1;
    UPDATE messages SET content = 'hello, all';
    INSERT INTO message_reactions (message_id, user_id, emoji) VALUES (1, 2, '👍');
    DELETE FROM message_reactions;
    INSERT INTO messages (chat_id, sender_id, content, reply_to) VALUES (1, 2, 'at noon', 1);
    UPDATE thread_followers SET last_read_seq = 0 WHERE user_id = 2;
    DELETE FROM thread_followers WHERE user_id = 2;
    INSERT INTO message_pins (message_id, pinned_by) VALUES (1, 1);
    DELETE FROM message_pins;
    INSERT INTO messages (chat_id, sender_id, content) VALUES (1, 1, 'oops');
    UPDATE messages SET deleted_at = now(), deleted_by = 1 WHERE content = 'oops';
    INSERT INTO blobs (workspace_id, sha256, size, key) VALUES (1, sha256('x'), 1, gen_random_uuid());
    INSERT INTO files (workspace_id, uploader_id, sha256, size, type, name, state)
    VALUES (1, 1, sha256('x'), 1, 'image/jpeg', 'cat.jpg', 'pending');
    INSERT INTO messages (chat_id, sender_id, content, files) VALUES (1, 1, '', '{1}');
    INSERT INTO files (workspace_id, uploader_id, sha256, size, type, name, state)
    VALUES (1, 1, sha256('x'), 1, 'image/jpeg', 'worm.jpg', 'scanning');
    SELECT refuse_file(2, 'Malware was found in it: Eicar-Test-Signature.');
    INSERT INTO blob_deletions (key) VALUES ('00000000-0000-0000-0000-000000000001');
    SELECT end_look(1, 'pending', '{"width": 1200, "height": 800, "placeholder": "1QcSHQ=="}',
        '[{"name": "thumbnail", "key": "00000000-0000-0000-0000-000000000001", "store": "directory", "size": 9,
           "width": 3, "height": 2}]',
        '{}');
    INSERT INTO custom_emoji (workspace_id, name, file_id, created_by) VALUES (1, 'shipit', 1, 1);
    INSERT INTO workspace_members (workspace_id, user_id) VALUES (1, 3);
    DELETE FROM workspace_members WHERE user_id = 3;
    DELETE FROM custom_emoji;
    INSERT INTO chat_bans (chat_id, user_id, expires_at) VALUES (1, 2, now() + interval '1 day');
    DELETE FROM chat_bans;
    DELETE FROM chats;
    SELECT create_document(1, 1, 'board', 'plans');
    INSERT INTO document_members (document_id, user_id, role, invited_by) VALUES (1, 2, 'viewer', 1);
    UPDATE document_members SET role = 'editor' WHERE user_id = 2;
    UPDATE documents SET name = 'blueprints';
    INSERT INTO document_thumbnails (document_id, data) VALUES (1, '\\x89504e470d0a1a0a');
    INSERT INTO invites (document_id, role, token_hash, created_by, expires_at, max_uses)
    VALUES (1, 'editor', sha256('token'), 1, now() + interval '7 days', 5);
    UPDATE document_members SET role = 'owner' WHERE user_id = 2;
    DELETE FROM invites;
    DELETE FROM document_members WHERE user_id = 2;
    INSERT INTO document_versions (document_id, name, seq, state, created_by) VALUES (1, 'first', 0, '\\x0000', 1);
    SELECT board_append('node', '{1}', '{1}', '{"\\x0000"}', 0, false);
    SELECT quarantine_board_updates(1, '{1}', '{"Error: Unexpected case"}');
    UPDATE documents SET deleted_at = now();
    UPDATE documents SET deleted_at = NULL;
    DELETE FROM document_versions;
    SELECT create_document(1, 1, 'page', 'home');
    INSERT INTO document_members (document_id, user_id, role, invited_by) VALUES (2, 2, 'viewer', 1);
    UPDATE document_members SET role = 'editor' WHERE user_id = 2 AND document_id = 2;
    UPDATE documents SET name = 'start' WHERE id = 2;
    INSERT INTO document_thumbnails (document_id, data) VALUES (2, '\\x89504e470d0a1a0a');
    INSERT INTO invites (document_id, role, token_hash, created_by, expires_at, max_uses)
    VALUES (2, 'editor', sha256('token'), 1, now() + interval '7 days', 5);
    UPDATE document_members SET role = 'owner' WHERE user_id = 2 AND document_id = 2;
    DELETE FROM invites;
    DELETE FROM document_members WHERE user_id = 2 AND document_id = 2;
    INSERT INTO document_versions (document_id, name, seq, state, created_by) VALUES (2, 'first', 1, '{}', 1);
    INSERT INTO page_ops (page_id, patch) VALUES (2, '[]');
    SELECT page_keep_snapshot(2, 2, '{}', '{}', '{}', '{}');
    SELECT publish_page(2, 1, 'public', 'our-menu', NULL, 1, 'page', '{}');
    INSERT INTO page_comments (page_id, component_id, version, author_id, content) VALUES (2, '1', 1, 1, 'Louder?');
    DELETE FROM page_comments;
    UPDATE pages SET is_template = true;
    INSERT INTO blobs (workspace_id, sha256, size, key) VALUES (1, sha256('z'), 1, gen_random_uuid());
    INSERT INTO files (workspace_id, uploader_id, sha256, size, type, name)
    VALUES (1, 1, sha256('z'), 1, 'text/plain', 'z');
    INSERT INTO file_uses (file_id, document_id) SELECT f.id, d.id FROM files f, documents d WHERE f.name = 'z';
    UPDATE documents SET deleted_at = now() WHERE id = 2;
    UPDATE documents SET deleted_at = NULL WHERE id = 2;
    DELETE FROM document_versions;
    INSERT INTO sessions (user_id, expires_at, device_name, address, new_device)
        VALUES (1, now() + interval '1 day', 'Firefox', '192.0.2.7', true);
    INSERT INTO sessions (user_id, expires_at, provider, token_hash, token_name, scopes)
        VALUES (1, now() + interval '1 day', 'token', sha256('t'), 'bot', '{chats:read}');
    DELETE FROM sessions;
    INSERT INTO totp_factors (user_id, secret) VALUES (1, '01234567890123456789');
    UPDATE totp_factors SET confirmed_at = now();
    UPDATE workspaces SET organization_id = NULL;
    DELETE FROM workspace_members WHERE user_id = 2;
    DELETE FROM workspaces;
    BEGIN;
    INSERT INTO workspaces (name) VALUES ('Looms');
    INSERT INTO workspace_members (workspace_id, user_id, role) SELECT max(id), 1, 'owner' FROM workspaces;
    COMMIT;
    SELECT ops.move_workspace_away(max(id), 'https://chat2.example.com') FROM workspaces;
"""


def _samples() -> dict[str, Any]:
    sections = re.split(r"^### (\w+)$", DOCUMENT, flags=re.MULTILINE)
    samples = {}
    for kind, text in zip(sections[1::2], sections[2::2], strict=True):
        found = re.search(r"```json\n(.*?)```", text, re.DOTALL)
        assert found, f"{kind} has no sample"
        samples[kind] = json.loads(found[1])
    return samples


def _shape(value: Any) -> Any:
    """Keys and types, all the way down."""
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value[:1]]
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", value):
        return "time"
    return type(value).__name__


def _logged_kinds() -> set[str]:
    folders = [ROOT / "sql" / "triggers", ROOT / "sql" / "functions" / "organization"]
    text = "".join(path.read_text() for folder in folders for path in folder.rglob("*.sql"))
    of_documents = set(re.findall(r"'(\w*Document\w*)'", text))  # which of_kind() names after the document's kind
    of_kinds = {kind.replace("Document", named) for kind in of_documents for named in ("Board", "Page")}
    of_chats = {kind.replace("Document", "Chat") for kind in of_documents if "Invite" in kind}
    into_batches = "".join(re.findall(r"INSERT INTO log_pending [^;]*|kind CONSTANT text := [^;]*", text))
    in_batches = re.findall(r"'([A-Z][a-z]\w+)'", into_batches)
    return {*re.findall(r"(?:log_(?:append|defer)|tell_people)\('(\w+)'", text), *in_batches, *of_kinds, *of_chats}


def test_every_kind_is_described_and_no_other() -> None:
    assert _samples().keys() == _logged_kinds() | CONTROL | EPHEMERAL.keys()


def test_the_ephemeral_kinds_are_those_that_are_written() -> None:
    """Real ones are held against the client's models in test_presence.py and test_typing.py."""
    section = DOCUMENT.split("\n## Ephemeral events\n")[1].split("\n## ")[0]
    source = (ROOT / "notify_server" / "presence" / "ephemeral.py").read_text()
    described = re.findall(r"^### (\w+)$", section, flags=re.MULTILINE)
    assert described == re.findall(r'_write\("(\w+)"', source) == list(EPHEMERAL)


def _fields(value: Any) -> Any:
    """Keys, all the way down."""
    if isinstance(value, dict):
        return {key: _fields(item) for key, item in value.items()}
    return [_fields(item) for item in value] if isinstance(value, list) else None


def test_the_clients_models_have_all_that_there_is_to_tell() -> None:
    """So what a test compares as a model, it compares as a whole."""
    models = {**KINDS, **EPHEMERAL, "ready": Ready}
    samples = {kind: sample for kind, sample in _samples().items() if kind != "reset"}  # a Snapshot stands in for it
    assert models.keys() == samples.keys()
    for kind, sample in samples.items():
        again = json.loads(msgspec.json.encode(msgspec.convert(sample, models[kind])))
        assert _fields(again) == _fields(sample), kind


async def test_every_sample_has_the_shape_of_a_real_event(database: Database) -> None:
    real: dict[str, Any] = {}
    position = 0
    async with database.connect() as connection:
        for statement in SCENE.strip().split(";\n"):
            await connection.execute(statement)
            # At once, since later statements take content out of earlier events.
            for row in await connection.fetch(
                "SELECT position, kind, payload FROM events WHERE position > $1 ORDER BY position", position
            ):
                position = row["position"]
                real.setdefault(row["kind"], json.loads(row["payload"]))
    samples = {kind: sample for kind, sample in _samples().items() if kind not in CONTROL | EPHEMERAL.keys()}
    assert real.keys() == samples.keys()
    for kind, sample in samples.items():
        assert _shape(sample) == _shape(real[kind]), kind
        assert list(sample) == list(real[kind]), kind
