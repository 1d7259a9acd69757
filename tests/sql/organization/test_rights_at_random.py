"""Who may do what, and who sees what, whatever happens: random changes of the tree, of people, roles, bindings,
delegations and features, against an oracle in plain Python. It knows the tables that people write, and none of what the
database makes of them: neither the closure of the tree, nor who is in a chat by a role, nor any function."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from chat_server.access.actions import CHAT_ACTIONS, DOCUMENT_ACTIONS, ORGANIZATION_ACTIONS, WORKSPACE_ACTIONS
from chat_server.access.names import CHAT_NAMES, DOCUMENT_NAMES, ORGANIZATION_NAMES, WORKSPACE_NAMES
from tests.sql.world import World

TABLES = (  # noqa: SIM905
    "organizations organization_members workspaces workspace_members chats chat_members documents document_members "
    "departments department_chats appointments group_members roles role_bindings delegations chat_bans features "
    "organization_features users"
).split()
NEEDED: dict[str, Any] = {
    **{name: ORGANIZATION_ACTIONS[action] for action, name in ORGANIZATION_NAMES.items()},
    **{name: WORKSPACE_ACTIONS[action] for action, name in WORKSPACE_NAMES.items()},
    **{name: CHAT_ACTIONS[action] for action, name in CHAT_NAMES.items()},
    **{name: DOCUMENT_ACTIONS[action] for action, name in DOCUMENT_NAMES.items()},
}
RANK = {None: 0, "member": 1, "viewer": 1, "admin": 2, "editor": 2, "owner": 3}
Row = dict[str, Any]
# Those that the roles below have, and some that no role has.
ASKED = (
    *("organization.see", "organization.keep_directory", "workspace.rename", "workspace.read_audit_log"),
    *("chat.see", "chat.read_messages", "chat.pin", "chat.archive", "chat.invite", "chat.set_password"),
    *("document.see", "document.edit"),
)


class Oracle:
    """The tables at one moment, and what follows from them."""

    def __init__(self, tables: dict[str, list[Row]], now: datetime) -> None:
        self.tables, self.now = tables, now

    def find(self, table: str, **columns: Any) -> Iterator[Row]:
        for row in self.tables[table]:
            if all(row[name] == value for name, value in columns.items()):
                yield row

    def one(self, table: str, **columns: Any) -> Row | None:
        return next(self.find(table, **columns), None)

    def on(self, feature: str, organization: int | None) -> bool:
        own = self.one("organization_features", organization_id=organization, name=feature)
        row = own or self.one("features", name=feature)
        return bool(row and row["enabled"])

    def above(self, department: int) -> list[int]:
        """It and all above it."""
        row = self.one("departments", id=department)
        assert row is not None
        return [department, *(self.above(row["parent_id"]) if row["parent_id"] else [])]

    def reaches(self, binding: Row, person: int) -> bool:
        member = self.one("organization_members", organization_id=binding["organization_id"], user_id=person)
        if member is None or member["kind"] != "member":
            return False
        if binding["group_id"]:
            return self.one("group_members", group_id=binding["group_id"], user_id=person) is not None
        if binding["department_id"]:
            return any(
                binding["department_id"] in self.above(row["department_id"])[: None if binding["with_below"] else 1]
                for row in self.find("appointments", user_id=person, is_current=True)
            )
        return bool(binding["user_id"] == person)

    def in_force(self, binding: Row) -> bool:
        ended = binding["ends_at"] is not None and binding["ends_at"] <= self.now
        return not ended and self.on("enable_user_roles", binding["organization_id"])

    def place(self, kind: str, place: int) -> tuple[Row, int | None, int | None]:
        """Its row, workspace and organisation; of a chat that is gone, one in which nobody is."""
        row = self.one(f"{kind}s", id=place) or {"type": "Single", "workspace_id": 0}
        home = place if kind == "workspace" else row.get("workspace_id")
        if kind == "organization":
            return row, None, place
        workspace = self.one("workspaces", id=home)
        return row, home, workspace["organization_id"] if workspace else None

    def role(self, kind: str, place: int, person: int) -> str | None:
        row = self.one(f"{kind}_members", user_id=person, **{f"{kind}_id": place})
        return row["role"] if row else None

    def covers(self, binding: Row, kind: str, place: int) -> bool:
        row, home, organization = self.place(kind, place)
        if organization != binding["organization_id"] or (kind == "chat" and row["type"] == "Single"):
            return False
        if binding["scope_department_id"]:
            followed = self.one("department_chats", chat_id=place) if kind == "chat" else None
            return followed is not None and binding["scope_department_id"] in self.above(followed["department_id"])
        if binding["workspace_id"]:
            return bool(binding["workspace_id"] == home)
        named = {"chat": binding["chat_id"], "document": binding["document_id"]}
        return named.get(kind) == place if any(named.values()) else True

    def may(self, person: int, permission: str, kind: str, place: int) -> bool:
        row, home, _ = self.place(kind, place)
        role = self.role(kind, place, person)
        needed = NEEDED[permission]
        if kind == "chat":
            needed = needed[row["type"]]
        if needed == "nobody":
            return False
        if kind == "organization":
            member = self.one("organization_members", organization_id=place, user_id=person)
            if member is None or member["kind"] != "member":
                return member is not None and permission in ("organization.see", "organization.leave")
        if needed == "workspace member":
            by_role = home is not None and self.role("workspace", home, person) is not None
        else:
            by_role = RANK[role] >= RANK[needed]
        return by_role or (
            role is not None
            and any(
                permission in self.permissions(binding)
                for binding in self.tables["role_bindings"]
                if self.in_force(binding) and self.reaches(binding, person) and self.covers(binding, kind, place)
            )
        )

    def permissions(self, binding: Row) -> list[str]:
        role = self.one("roles", id=binding["role_id"])
        assert role is not None
        return list(role["permissions"])

    def follows(self, chat: int, person: int) -> tuple[bool, bool]:
        """Whether somebody is to be in a chat by a department, and by a role."""
        follower = self.one("department_chats", chat_id=chat)
        by_department = follower is not None and any(
            follower["department_id"] in self.above(row["department_id"])[: None if follower["with_below"] else 1]
            for row in self.find("appointments", user_id=person, is_current=True)
        )
        by_role = any(
            "chat.read_messages" in self.permissions(binding)
            and self.in_force(binding)
            and self.reaches(binding, person)
            for binding in self.find("role_bindings", chat_id=chat)
        )
        return by_department, by_role

    def delegated(self, delegate: int, principal: int, kind: str, place: int) -> set[str]:
        row, home, organization = self.place(kind, place)
        if not self.on("enable_proxy_system", organization) or self.role("workspace", home or 0, delegate) is None:
            return set()
        active = all(
            (user := self.one("users", id=id_)) and user["status"] == "active" for id_ in (delegate, principal)
        )
        permitted = set[str]()
        for one in self.find("delegations", delegate_id=delegate, principal_id=principal, revoked_at=None):
            within = one["accepted_at"] and one["starts_at"] <= self.now < one["ends_at"]
            if one["chat_id"]:
                reaches = kind == "chat" and one["chat_id"] == place
            elif one["document_id"]:
                reaches = kind == "document" and one["document_id"] == place
            else:
                reaches = one["workspace_id"] in (None, home) and not (kind == "chat" and row["type"] == "Single")
            if active and within and reaches:
                permitted |= set(one["permissions"])
        return permitted


PLACES = [
    ("organization", 1),
    ("workspace", 1),
    ("workspace", 2),
    *(("chat", id_) for id_ in range(1, 6)),
    ("document", 1),
]
SETUP = """
    INSERT INTO features VALUES
        ('enable_organizations', true), ('enable_user_roles', true), ('enable_proxy_system', true);
    SELECT create_organization(1, 'Engines');
    INSERT INTO workspaces (name) VALUES ('second');
    INSERT INTO workspace_members (workspace_id, user_id, role) VALUES
        (2, 1, 'owner'), (2, 3, 'member'), (2, 5, 'member');
    UPDATE workspaces SET organization_id = 1;
    INSERT INTO chats (workspace_id, type, name) VALUES
        (1, 'PrivateChannel', 'a'), (1, 'PublicChannel', 'b'), (2, 'PrivateChannel', 'c');
    INSERT INTO chat_members (chat_id, user_id, role) VALUES
        (2, 1, 'owner'), (2, 2, 'member'), (3, 1, 'owner'), (3, 4, 'admin'), (4, 1, 'owner'), (4, 3, 'member');
    INSERT INTO chats (workspace_id, type) VALUES (1, 'Single');
    INSERT INTO chat_members (chat_id, user_id, role) VALUES (5, 1, 'owner'), (5, 2, 'owner');
    INSERT INTO documents (kind, workspace_id, name) VALUES ('board', 1, 'plans');
    INSERT INTO document_members (document_id, user_id, role) VALUES
        (1, 1, 'owner'), (1, 2, 'viewer'), (1, 3, 'editor');
    INSERT INTO departments (organization_id, name) SELECT 1, 'd' || n FROM generate_series(1, 5) n;
    INSERT INTO groups (organization_id, name) VALUES (1, 'g1'), (1, 'g2');
    INSERT INTO roles (organization_id, name, permissions) VALUES
        (1, 'r1', '{chat.pin,workspace.rename}'), (1, 'r2', '{chat.read_messages,chat.pin}'),
        (1, 'r3', '{document.edit}'), (1, 'r4', '{organization.keep_directory,workspace.read_audit_log,chat.archive}');
"""
BIND = "INSERT INTO role_bindings (organization_id, role_id, {}) SELECT 1, {} WHERE {} ON CONFLICT DO NOTHING"
SUBJECTS = ("user_id, with_below", "group_id, with_below", "department_id, with_below")
CHANGES = (
    "UPDATE departments SET parent_id = CASE WHEN id > {d} THEN {d} END WHERE id = {e}",
    "INSERT INTO appointments (organization_id, department_id, user_id) SELECT 1, {d}, user_id "
    "FROM organization_members WHERE user_id = {u} AND kind = 'member' ON CONFLICT DO NOTHING",
    "UPDATE appointments SET department_id = {d} WHERE id = (SELECT min(id) FROM appointments WHERE user_id = {u}) "
    "AND NOT EXISTS (SELECT FROM appointments a WHERE a.user_id = {u} AND a.department_id = {d})",
    "UPDATE appointments SET ends_at = CASE WHEN ends_at IS NULL THEN now() END WHERE user_id = {u}",
    "DELETE FROM appointments WHERE user_id = {u}",
    "INSERT INTO group_members (group_id, user_id) SELECT {g}, user_id FROM organization_members WHERE user_id = {u} "
    "ON CONFLICT DO NOTHING",
    "DELETE FROM group_members WHERE user_id = {u} AND group_id = {g}",
    "INSERT INTO department_chats VALUES ({c}, {d}, {b}) ON CONFLICT (chat_id) DO UPDATE "
    "SET department_id = excluded.department_id, with_below = excluded.with_below",
    "DELETE FROM department_chats WHERE chat_id = {c}",
    BIND.format("{subject}, workspace_id", "{r}, {id}, {b}, {w}", "{r} NOT IN (8, 9)"),
    BIND.format("{subject}", "{r}, {id}, {b}", "{r} NOT IN (8, 9)"),
    BIND.format("{subject}, scope_department_id", "{r}, {id}, {b}, {e}", "{r} NOT IN (8, 9)"),
    BIND.format("{subject}, chat_id", "8, {id}, {b}, {c}", "true"),
    BIND.format("{subject}, document_id", "9, {id}, {b}, 1", "true"),
    BIND.format("{subject}, chat_id, ends_at", "8, {id}, {b}, {c}, now() + interval '1 hour'", "true"),
    "DELETE FROM role_bindings WHERE id = (SELECT min(id) FROM role_bindings WHERE role_id = {r})",
    "UPDATE role_bindings SET ends_at = CASE WHEN ends_at IS NULL THEN now() + interval '1 day' END "
    "WHERE role_id = {r}",
    "UPDATE roles SET permissions = CASE cardinality(permissions) WHEN 1 THEN '{{chat.pin,chat.read_messages}}' "
    "ELSE '{{chat.pin}}'::text[] END WHERE id = 8",
    "UPDATE roles SET permissions = CASE cardinality(permissions) WHEN 2 THEN '{{chat.invite}}' "
    "ELSE '{{chat.pin,workspace.rename}}'::text[] END WHERE id = 7",
    "UPDATE features SET enabled = NOT enabled WHERE name = 'enable_user_roles'",
    "UPDATE features SET enabled = true WHERE name = 'enable_user_roles'",
    "INSERT INTO organization_features VALUES (1, 'enable_user_roles', {b}) "
    "ON CONFLICT (organization_id, name) DO UPDATE SET enabled = excluded.enabled",
    "DELETE FROM organization_features",
    "UPDATE features SET enabled = NOT enabled WHERE name = 'enable_proxy_system'",
    "DELETE FROM workspace_members WHERE workspace_id = {w} AND user_id = {u} AND role = 'member'",
    "INSERT INTO workspace_members (workspace_id, user_id) SELECT {w}, {u} WHERE NOT EXISTS "
    "(SELECT FROM organization_members WHERE user_id = {u} AND kind = 'guest') ON CONFLICT DO NOTHING",
    "UPDATE organization_members SET kind = CASE kind WHEN 'member' THEN 'guest' ELSE 'member' END "
    "WHERE user_id = {u} AND role = 'member'",
    "INSERT INTO chat_members (chat_id, user_id) SELECT c.id, {u} FROM chats c "
    "JOIN workspace_members m USING (workspace_id) WHERE c.id = {c} AND m.user_id = {u} ON CONFLICT DO NOTHING",
    "DELETE FROM chat_members WHERE chat_id = {c} AND user_id = {u} AND role <> 'owner' "
    "AND NOT by_role AND NOT by_department",
    "UPDATE chat_members SET role = CASE role WHEN 'admin' THEN 'member' ELSE 'admin' END "
    "WHERE chat_id = {c} AND user_id = {u} AND role <> 'owner'",
    "INSERT INTO chat_bans (chat_id, user_id) VALUES ({c}, {u}) ON CONFLICT DO NOTHING",
    "INSERT INTO delegations (principal_id, delegate_id, permissions, {scope}, ends_at, accepted_at) "
    "SELECT 1, {u}, '{{chat.read_messages,chat.see,workspace.see}}', {p}, now() + interval '1 day', now() "
    "WHERE EXISTS (SELECT FROM workspace_members a JOIN workspace_members b USING (workspace_id) "
    "WHERE a.user_id = 1 AND b.user_id = {u})",
    "UPDATE delegations SET revoked_at = now() WHERE id = (SELECT min(id) FROM delegations WHERE revoked_at IS NULL)",
    "UPDATE users SET status = CASE status WHEN 'active' THEN 'suspended' ELSE 'active' END WHERE id = {u}",
)
HOLDS = """
    SELECT person, permission, kind, place, holds(person, permission, replace(kind, 'document', 'board'), place)
    FROM generate_series(1, 5) person, unnest($1::text[], $2::bigint[]) AS places (kind, place),
         unnest($3::text[]) permission
    WHERE split_part(permission, '.', 1) = kind
"""
DELEGATED = """
    SELECT delegate, kind, place, delegated_permissions(delegate, 1, replace(kind, 'document', 'board'), place)
    FROM generate_series(2, 5) delegate, unnest($1::text[], $2::bigint[]) AS places (kind, place)
    WHERE kind <> 'organization'
"""


def change(rng: random.Random) -> str:
    subject = rng.choice(SUBJECTS)
    id_ = {"u": rng.randint(2, 5), "g": rng.randint(1, 2), "d": rng.randint(1, 5)}[subject[0]]
    scope, place = rng.choice(
        [("chat_id", rng.choice([1, 2, 5])), ("workspace_id", rng.randint(1, 2)), ("document_id", 1)]
    )
    return rng.choice(CHANGES).format(
        **{name: rng.randint(1, 5) for name in "de"},
        u=rng.randint(2, 5),
        g=rng.randint(1, 2),
        c=rng.randint(1, 4),
        r=rng.randint(7, 10),
        w=rng.randint(1, 2),
        b=rng.choice(["true", "false"]),
        subject=subject,
        id=id_ if subject[0] != "u" else f"(SELECT user_id FROM organization_members WHERE user_id = {id_})",
        scope=scope,
        p=place,
    )


async def look(world: World) -> Oracle:
    rows = {table: [dict(row) for row in await world.sql.fetch(f"SELECT * FROM {table}")] for table in TABLES}
    return Oracle(rows, datetime.now(UTC))


async def compare(world: World, oracle: Oracle) -> None:
    kinds, places = [kind for kind, _ in PLACES], [place for _, place in PLACES]
    wrong = [
        (*row[:4], row[4])
        for row in await world.sql.fetch(HOLDS, kinds, places, ASKED)
        if row[4] != oracle.may(row[0], row[1], row[2], row[3])
    ]
    assert not wrong
    for delegate, kind, place, permitted in await world.sql.fetch(DELEGATED, kinds, places):
        assert set(permitted) == oracle.delegated(delegate, 1, kind, place), (delegate, kind, place)
    for chat in range(1, 5):
        _, home, organization = oracle.place("chat", chat)
        for person in range(1, 6):
            member = oracle.one("chat_members", chat_id=chat, user_id=person)
            by_department, by_role = oracle.follows(chat, person)
            if member and (member["by_department"] or member["by_role"]):
                assert (member["by_department"], member["by_role"]) == (by_department, by_role), (chat, person)
            elif not member and by_role and home is not None and oracle.role("workspace", home, person):
                assert oracle.one("chat_bans", chat_id=chat, user_id=person), (chat, person, organization)
    for person in range(1, 6):
        member = oracle.one("document_members", document_id=1, user_id=person)
        granted = any(
            "document.edit" in oracle.permissions(binding)
            and oracle.in_force(binding)
            and oracle.reaches(binding, person)
            for binding in oracle.find("role_bindings", document_id=1)
        )
        if member is None:
            assert not (granted and oracle.role("workspace", 1, person)), person
        elif member["by_role"]:
            assert granted, person


async def test_whatever_changes_everybody_may_what_follows_from_it(world: World) -> None:
    rng = random.Random(76)
    await world.sql.execute(SETUP)
    heard: dict[int, Any] = {}
    inside: dict[int, set[int]] = {person: set() for person in range(1, 6)}
    for chat, person in await world.sql.fetch("SELECT chat_id, user_id FROM chat_members"):
        inside[person].add(chat)
    await world.events()
    for _ in range(40):
        async with world.sql.transaction():
            for _ in range(rng.randint(1, 3)):
                await world.sql.execute(change(rng))
        oracle = await look(world)
        await compare(world, oracle)
        # What each of them has heard so far is what they have: live, and in replay.
        for event in await world.events():
            if event.kind == "OrganizationUpdated" and event.user_id:
                heard[event.user_id] = event.payload
            elif event.kind == "OrganizationLeft" and event.user_id:
                heard.pop(event.user_id, None)
            elif event.kind == "NewChat" and event.user_id and event.chat_id:
                inside[event.user_id].add(event.chat_id)
            elif event.kind == "ChatDeleted":
                inside = {person: chats - {event.chat_id} for person, chats in inside.items()}
            elif event.kind == "UserLeftChat" and event.user_id and event.chat_id:
                inside[event.user_id].discard(event.chat_id)
        now = (
            "SELECT m.user_id, own_organization_json(o, m)::text "
            "FROM organizations o JOIN organization_members m ON organization_id = id"
        )
        for person, own in await world.sql.fetch(now):
            if person in heard:
                assert heard[person] == json.loads(own)
            else:
                assert json.loads(own)["bindings"] == [], person
        for person, chats in inside.items():
            assert chats == {row["chat_id"] for row in oracle.find("chat_members", user_id=person)}, person
