"""Thirty ways to come by more than one has: nobody grants what they lack. Each is tried as the user who would gain by
it, in SQL, where no route is in the way; and each succeeds for the operator, so that it is refused for that alone.

Alice owns workspace 1 and the organisation, bob is an admin of both, carol and dave are members. The chat's owner is
alice, and bob and carol are its members. Group 1 (`auditors`) reads the audit log of workspace 1, which only its owners
may; department 1 (`court`) likewise, with department 2 (`bench`) below it. Department 3 (`mill`) has nothing.
"""

import asyncpg
import pytest

from tests.sql.world import World

BIND = "INSERT INTO role_bindings (organization_id, role_id, {}) VALUES (1, {}, {})"
APPOINT = "INSERT INTO appointments (organization_id, department_id, user_id) VALUES (1, {}, {})"
AUDIT, PIN, READ, KEEP, ADD, EDIT = range(7, 13)  # roles
SETUP = f"""
    INSERT INTO features VALUES ('enable_organizations', true), ('enable_user_roles', true);
    SELECT create_organization(1, 'Engines');
    UPDATE workspaces SET organization_id = 1 WHERE id = 1;
    UPDATE organization_members SET role = 'admin' WHERE user_id = 2;
    INSERT INTO groups (organization_id, name) VALUES (1, 'auditors'), (1, 'others');
    INSERT INTO departments (organization_id, name) VALUES (1, 'court');
    INSERT INTO departments (organization_id, parent_id, name) VALUES (1, 1, 'bench'), (1, NULL, 'mill');
    INSERT INTO roles (organization_id, name, permissions) VALUES
        (1, 'audit', '{{workspace.read_audit_log}}'), (1, 'pin', '{{chat.pin}}'), (1, 'read', '{{chat.read_messages}}'),
        (1, 'keep', '{{organization.keep_directory}}'),
        (1, 'add', '{{workspace.add_member}}'), (1, 'edit', '{{document.edit}}');
    {BIND.format("group_id, workspace_id", AUDIT, "1, 1")};
    {BIND.format("department_id, workspace_id", AUDIT, "1, 1")};
    {BIND.format("user_id, workspace_id, ends_at", AUDIT, "2, 1, now() + interval '1 hour'")};
    {BIND.format("user_id", KEEP, "3")};
    INSERT INTO organization_members (organization_id, user_id, kind) VALUES (1, 5, 'guest');
    INSERT INTO group_members (group_id, user_id) VALUES (1, 5);
    INSERT INTO chats (workspace_id, type, name) VALUES (1, 'PrivateChannel', 'board of directors');
    INSERT INTO chat_members (chat_id, user_id, role) VALUES (2, 1, 'owner'), (2, 2, 'member');
    INSERT INTO documents (kind, workspace_id, name) VALUES ('board', 1, 'plans');
    INSERT INTO document_members (document_id, user_id, role) VALUES (1, 1, 'owner'), (1, 2, 'viewer');
"""
KEPT, HELD = "roles_are_kept_by_admins", "granted_is_held"
# Who tries it, the rule that refuses it, and how.
ESCALATIONS: dict[str, tuple[int, str, str]] = {
    "a member makes a role": (3, KEPT, "INSERT INTO roles (organization_id, name) VALUES (1, 'mine')"),
    "a member renames a role": (3, KEPT, "UPDATE roles SET name = 'mine' WHERE id = 8"),
    "a member deletes a role": (3, KEPT, "DELETE FROM roles WHERE id = 8"),
    "a member binds a role that they could do": (3, KEPT, BIND.format("user_id, workspace_id", PIN, "3, 1")),
    "a guest binds a role": (5, KEPT, BIND.format("user_id, workspace_id", PIN, "4, 1")),
    "somebody of nowhere binds a role": (99, KEPT, BIND.format("user_id, workspace_id", PIN, "4, 1")),
    "a member takes a binding's end away": (3, KEPT, "UPDATE role_bindings SET ends_at = NULL WHERE id = 3"),
    "an admin hands on what a role lets them do": (2, HELD, BIND.format("user_id, workspace_id", AUDIT, "4, 1")),
    "an admin binds it to a group": (2, HELD, BIND.format("group_id, workspace_id", AUDIT, "2, 1")),
    "an admin binds it to a department": (2, HELD, BIND.format("department_id, workspace_id", AUDIT, "3, 1")),
    "an admin binds it everywhere": (2, HELD, BIND.format("user_id", AUDIT, "4")),
    "an admin binds what they may in one workspace in all": (2, HELD, BIND.format("user_id", ADD, "4")),
    "an admin of the organisation pins in all chats": (2, HELD, BIND.format("user_id, workspace_id", PIN, "2, 1")),
    "and in all chats of all workspaces": (2, HELD, BIND.format("user_id", PIN, "2")),
    "a member of a chat pins in it": (2, HELD, BIND.format("user_id, chat_id", PIN, "2, 2")),
    "a member of a private chat lets others in": (2, HELD, BIND.format("user_id, chat_id", READ, "4, 2")),
    "a viewer of a board makes editors": (2, HELD, BIND.format("user_id, document_id", EDIT, "4, 1")),
    "a viewer of a board lets others in": (
        2,
        HELD,
        "INSERT INTO roles (id, organization_id, name, permissions) OVERRIDING SYSTEM VALUE "
        "VALUES (77, 1, 'see', '{document.see}');" + BIND.format("user_id, document_id", 77, "4, 1"),
    ),
    "an admin lengthens their own binding": (2, HELD, "UPDATE role_bindings SET ends_at = NULL WHERE id = 3"),
    "an admin widens a role that is bound": (
        2,
        HELD,
        "UPDATE roles SET permissions = permissions || '{workspace.hold}'::text[] WHERE id = 7",
    ),
    "a keeper of the directory joins a group with more": (
        3,
        HELD,
        "INSERT INTO group_members (group_id, user_id) VALUES (1, 3)",
    ),
    "an admin puts themselves into it": (2, HELD, "INSERT INTO group_members (group_id, user_id) VALUES (1, 2)"),
    "a keeper is appointed where there is more": (3, HELD, APPOINT.format(1, 3)),
    "a keeper is appointed below": (3, HELD, APPOINT.format(2, 3)),
    "a keeper moves an appointment there": (
        3,
        HELD,
        "SET LOCAL fechatter.actor = ''; " + APPOINT.format(3, 3) + "; SET LOCAL fechatter.actor = '3';"
        "UPDATE appointments SET department_id = 2 WHERE user_id = 3",
    ),
    "a keeper moves their department there": (3, HELD, "UPDATE departments SET parent_id = 1 WHERE id = 3"),
    "an admin makes a guest with roles a member": (
        2,
        HELD,
        "UPDATE organization_members SET kind = 'member' WHERE user_id = 5",
    ),
    "an owner grants what no role has": (
        1,
        "role_permissions_bindable",
        "INSERT INTO roles (organization_id, name, permissions) VALUES (1, 'x', '{workspace.change_role}')",
    ),
    "an owner has a role keep roles": (
        1,
        "role_permissions_bindable",
        "UPDATE roles SET permissions = '{organization.keep_roles}' WHERE id = 7",
    ),
    "an owner of a workspace reads its private chats": (
        1,
        "role_shows_one_place",
        BIND.format("user_id, workspace_id", READ, "1, 1"),
    ),
    "an owner turns a role of all chats into one that reads them": (
        1,
        "role_shows_one_place",
        "UPDATE roles SET permissions = '{chat.read_messages}' WHERE id = 7",
    ),
    "an admin has a department's chats obey": (
        2,
        HELD,
        "SET LOCAL fechatter.actor = ''; " + BIND.format("user_id, scope_department_id", PIN, "2, 3") + "; "
        "SET LOCAL fechatter.actor = '2'; INSERT INTO department_chats VALUES (2, 3)",
    ),
    "an owner binds in a workspace of others": (
        1,
        "role_binding_is_of_organization",
        "SET LOCAL fechatter.actor = ''; INSERT INTO workspaces (id, name) OVERRIDING SYSTEM VALUE VALUES (50, 'x');"
        "SET LOCAL fechatter.actor = '1'; " + BIND.format("user_id, workspace_id", AUDIT, "1, 50"),
    ),
    "an owner binds the built-in owner": (1, "role_bindings_role_exists", BIND.format("user_id", 1, "3")),
    "an owner changes what admins may": (
        1,
        "key_is_final",
        "UPDATE roles SET description = 'x' WHERE id = 2",
    ),
    "the last owner steps down": (
        1,
        "organization_keeps_owner",
        "UPDATE organization_members SET role = 'member' WHERE user_id = 1; SET CONSTRAINTS ALL IMMEDIATE",
    ),
}


@pytest.fixture
async def organized(world: World) -> World:
    await world.sql.execute(SETUP)
    return world


async def test_thirty_escalations_are_refused(organized: World) -> None:
    sql = organized.sql
    assert len(ESCALATIONS) >= 30
    for name, (actor, rule, attempt) in ESCALATIONS.items():
        transaction = sql.transaction()
        await transaction.start()
        try:
            await sql.execute(f"SET LOCAL fechatter.actor = '{actor}'")
            refused: Exception | None = None
            try:
                await sql.execute(attempt)
            except asyncpg.PostgresError as error:
                refused = error
        finally:
            await transaction.rollback()
        assert getattr(refused, "constraint_name", None) == rule, f"{name}: {refused}"


async def test_who_has_it_grants_it(organized: World) -> None:
    """What is refused for lack of a right alone is done by an operator, and by who has the right."""
    sql = organized.sql
    for actor, rule, attempt in ESCALATIONS.values():
        if rule in (KEPT, HELD):
            transaction = sql.transaction()
            await transaction.start()
            await sql.execute(attempt.replace(f"fechatter.actor = '{actor}'", "fechatter.actor = ''"))
            await sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
            await transaction.rollback()
    async with sql.transaction():
        await sql.execute("SET LOCAL fechatter.actor = '1'")
        await sql.execute(BIND.format("user_id, workspace_id", AUDIT, "4, 1"))
        await sql.execute(BIND.format("user_id", PIN, "3"))
        await sql.execute(BIND.format("user_id, chat_id", READ, "4, 2"))
        await sql.execute("INSERT INTO group_members (group_id, user_id) VALUES (1, 3)")
    assert await sql.fetchval("SELECT granted_permissions(3, 'workspace', 1)") == [
        "chat.pin",
        "organization.keep_directory",
        "workspace.read_audit_log",
    ]
    async with sql.transaction():  # whoever keeps roles takes any back
        await sql.execute("SET LOCAL fechatter.actor = '2'")
        await sql.execute("DELETE FROM role_bindings WHERE user_id = 4")
