"""Roles that show places: who is a member by them, after each transaction; and what hears of it."""

import asyncpg
import pytest

from tests.sql.organization.test_escalations import APPOINT, BIND, EDIT, PIN, READ, SETUP
from tests.sql.world import World

MEMBERS = "SELECT coalesce(array_agg(user_id ORDER BY user_id), '{}') FROM chat_members WHERE chat_id = 2"
DOCUMENT = "SELECT coalesce(array_agg(user_id || ' ' || role ORDER BY user_id), '{}') FROM document_members"


async def test_a_role_that_shows_a_chat_makes_members_of_it(world: World) -> None:
    sql = world.sql
    await sql.execute(SETUP)
    await world.events()

    async def members() -> list[int]:
        return list(await sql.fetchval(MEMBERS))

    async def heard() -> list[tuple[str, int | None]]:
        return [(event.kind, event.user_id) for event in await world.events() if event.kind != "DirectoryUpdated"]

    await sql.execute(BIND.format("group_id, chat_id", READ, "2, 2"))
    assert await members() == [1, 2]
    assert await heard() == []
    await sql.execute("INSERT INTO group_members (group_id, user_id) VALUES (2, 3)")
    assert await members() == [1, 2, 3]
    assert sorted(await heard(), key=str) == [("NewChat", 3), ("OrganizationUpdated", 3), ("UserJoinedChat", 3)]
    assert await sql.fetchval(
        "SELECT by_role AND NOT by_department FROM chat_members WHERE chat_id = 2 AND user_id = 3"
    )
    # By a department, too: who loses one reason stays for the other.
    await sql.execute(f"{APPOINT.format(3, 3)}; INSERT INTO department_chats VALUES (2, 3)")
    assert await sql.fetchval("SELECT by_role AND by_department FROM chat_members WHERE chat_id = 2 AND user_id = 3")
    await sql.execute("DELETE FROM group_members WHERE user_id = 3")
    assert await members() == [1, 2, 3]
    await sql.execute("INSERT INTO group_members (group_id, user_id) VALUES (2, 3); DELETE FROM appointments")
    assert await members() == [1, 2, 3]
    await world.events()
    await sql.execute("UPDATE roles SET permissions = '{chat.pin}' WHERE name = 'read'")
    assert await members() == [1, 2]
    assert sorted(await heard(), key=str) == [("OrganizationUpdated", 3), ("UserLeftChat", 3)]
    await sql.execute("UPDATE roles SET permissions = '{chat.read_messages}' WHERE name = 'read'")
    await sql.execute("UPDATE features SET enabled = false WHERE name = 'enable_user_roles'")
    assert await members() == [1, 2]
    await sql.execute("UPDATE features SET enabled = true WHERE name = 'enable_user_roles'")
    assert await members() == [1, 2, 3]
    await sql.execute("INSERT INTO organization_features VALUES (1, 'enable_user_roles', false)")
    assert await members() == [1, 2]
    await sql.execute("DELETE FROM organization_features")
    # A guest has no roles; a workspace that leaves takes its chats' bindings along.
    await sql.execute("UPDATE organization_members SET kind = 'guest' WHERE user_id = 3")
    assert await members() == [1, 2]
    await sql.execute("UPDATE organization_members SET kind = 'member' WHERE user_id = 3")
    await sql.execute("INSERT INTO workspace_members (workspace_id, user_id) VALUES (1, 3)")
    assert await members() == [1, 2, 3]
    await sql.execute("UPDATE role_bindings SET ends_at = now() + interval '1 hour' WHERE chat_id = 2")
    await sql.execute("DELETE FROM role_bindings WHERE chat_id = 2")
    assert await members() == [1, 2]
    await sql.execute(BIND.format("department_id, chat_id", READ, "1, 2") + ";" + APPOINT.format(2, 4))
    assert await members() == [1, 2, 4]
    await sql.execute("UPDATE departments SET parent_id = NULL WHERE id = 2")
    assert await members() == [1, 2]
    assert ("OrganizationUpdated", 4) in await heard()
    await sql.execute("UPDATE departments SET parent_id = 1 WHERE id = 2")
    assert await members() == [1, 2, 4]
    await sql.execute("UPDATE workspaces SET organization_id = NULL")
    assert await members() == [1, 2]
    assert await sql.fetchval("SELECT count(*) FROM role_bindings WHERE chat_id = 2 OR workspace_id = 1") == 0


async def test_a_role_that_shows_a_document_makes_viewers_or_editors(world: World) -> None:
    sql = world.sql
    await sql.execute(SETUP)

    async def members() -> list[str]:
        return list(await sql.fetchval(DOCUMENT))

    own = ["1 owner", "2 viewer"]
    await sql.execute("INSERT INTO roles (organization_id, name, permissions) VALUES (1, 'see', '{document.see}')")
    await sql.execute(BIND.format("group_id, document_id", EDIT + 1, "2, 1"))
    await sql.execute("INSERT INTO group_members (group_id, user_id) VALUES (2, 3), (2, 2)")
    assert await members() == [*own, "3 viewer"]
    await sql.execute(BIND.format("user_id, document_id", EDIT, "3, 1"))
    assert await members() == [*own, "3 editor"]
    await sql.execute("DELETE FROM role_bindings WHERE role_id = $1", EDIT)
    assert await members() == [*own, "3 viewer"]
    await sql.execute("DELETE FROM role_bindings WHERE document_id = 1")
    assert await members() == own


async def test_a_binding_that_has_ended_grants_nothing_and_is_deleted(world: World) -> None:
    sql = world.sql
    await sql.execute(SETUP)
    granted = "SELECT granted_permissions(3, 'chat', 1)"
    await sql.execute(BIND.format("user_id, workspace_id, ends_at", PIN, "3, 1, now() + interval '1 hour'"))
    assert await sql.fetchval(granted) == ["chat.pin", "organization.keep_directory"]
    await sql.execute("ALTER TABLE role_bindings DISABLE TRIGGER p30_check")
    await sql.execute("UPDATE role_bindings SET ends_at = now() WHERE user_id = 3 AND role_id = $1", PIN)
    assert await sql.fetchval(granted) == ["organization.keep_directory"]
    await sql.execute("DELETE FROM role_bindings WHERE ends_at <= now()")
    assert await sql.fetchval("SELECT action FROM audit_log ORDER BY id DESC LIMIT 1") == "role_binding_removed"


async def test_one_group_has_few_bindings(world: World) -> None:
    """All that reach somebody are in their snapshot, and in each event of it."""
    await world.sql.execute(SETUP)
    roles = "SELECT 1, 'more ' || n, '{chat.pin}' FROM generate_series(1, 51) n"
    await world.sql.execute(f"INSERT INTO roles (organization_id, name, permissions) {roles}")
    bind = "INSERT INTO role_bindings (organization_id, role_id, group_id, workspace_id) SELECT 1, id, 2, 1 FROM roles "
    await world.sql.execute(bind + "WHERE name LIKE 'more %' ORDER BY id LIMIT 50")
    with pytest.raises(asyncpg.PostgresError) as refused:
        await world.sql.execute(bind + "WHERE name = 'more 51'")
    assert refused.value.constraint_name == "role_bindings_amount"
    await world.sql.execute(BIND.format("user_id, workspace_id", PIN, "3, 1"))
