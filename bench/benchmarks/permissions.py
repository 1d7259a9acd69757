"""What roles cost an organisation of 10,000 people in 1,000 departments, with 50 roles in 1,000 bindings.

- a check: `granted_permissions()` for people and chats at random, which is asked only where a membership does not
  suffice; the mean of a loop
- a move: a department of 1,000 people from below one department to below another, of which each has a chat that follows
  it and roles; until COMMIT, when all of them have left one chat, are in the other, and have been told
- posting: a post while roles are on and reach everybody, and while they are off, in turns

The figures are CPU, of PostgreSQL's backend or, for posting, of both servers: other work on the machine adds nothing.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench import people, system
from bench.figures.cpu import cpu_seconds
from bench.figures.result import Result, Size
from bench.load import http
from bench.system import System
from chat_core.database.pool import Connection
from fechatter.progress import say

CHECK_ALLOWED_MS, MOVE_ALLOWED_SECONDS, UNCHANGED = 0.2, 2, 1.05
CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Effort:
    """Departments, of ten people each; a tenth of them is moved at once."""

    departments: int
    roles: int
    bindings: int
    checks: int
    rounds: int
    seconds: float


EFFORT: dict[Size, Effort] = {
    "tiny": Effort(20, 5, 20, 50, 1, 0.2),
    "normal": Effort(1000, 50, 1000, 5000, 3, 3),
    "full": Effort(1000, 50, 1000, 50_000, 7, 10),
}

# Departments 1 and 2 are the two parents, and 3 is the one that moves, with a tenth of all directly below it. The
# others are a tree of their own, each with six below it.
_ORGANIZE = """
INSERT INTO organizations (name) VALUES ('Engines');
UPDATE workspaces SET organization_id = 1;
INSERT INTO organization_members (organization_id, user_id, role)
SELECT 1, user_id, CASE role WHEN 'owner' THEN 'owner' ELSE 'member' END FROM workspace_members;
INSERT INTO departments (organization_id, parent_id, name)
SELECT 1, CASE WHEN n < 3 OR n = {moved} + 4 THEN NULL WHEN n = 3 THEN 1 WHEN n <= {moved} + 3 THEN 3
               ELSE {moved} + 4 + (n - {moved} - 5) / 6 END, 'department ' || n
FROM generate_series(1, {departments}) n;
INSERT INTO department_tree (ancestor_id, department_id, depth)
SELECT ancestor_id, department_id, depth FROM way_up(ARRAY(SELECT id FROM departments));
INSERT INTO appointments (organization_id, department_id, user_id)
SELECT 1, 1 + place / 10, user_id
FROM (SELECT user_id, row_number() OVER (ORDER BY user_id) - 1 AS place FROM organization_members) numbered;
INSERT INTO groups (organization_id, name) SELECT 1, 'group' || n FROM generate_series(1, 100) n;
INSERT INTO group_members (group_id, user_id, organization_id)
SELECT 1 + user_id % 100, user_id, 1 FROM organization_members;
INSERT INTO roles (organization_id, name, permissions)
SELECT 1, 'role ' || n, ARRAY(
    SELECT permission FROM unnest(permissions_bindable()) WITH ORDINALITY AS p (permission, place)
    WHERE permission <> ALL (permissions_showing()) AND (place + n) % 5 = 0)
FROM generate_series(1, {roles}) n;
INSERT INTO role_bindings (organization_id, role_id, user_id, group_id, department_id, workspace_id)
SELECT 1, 7 + n % {roles}, CASE n % 3 WHEN 0 THEN (SELECT min(user_id) FROM organization_members) + n END,
       CASE n % 3 WHEN 1 THEN 1 + n % 100 END, CASE n % 3 WHEN 2 THEN 1 + n % {departments} END,
       CASE n % 2 WHEN 0 THEN 1 END
FROM generate_series(1, {bindings}) n ON CONFLICT DO NOTHING;
INSERT INTO role_bindings (organization_id, role_id, department_id) VALUES (1, 7, 1), (1, 8, 2) ON CONFLICT DO NOTHING
"""
_SWITCH = """
INSERT INTO features VALUES ('enable_organizations', true), ('enable_user_roles', $1)
ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled
"""
_MOVE = "UPDATE departments SET parent_id = {parent} WHERE id = 3"
_CHECK = """
DO $$ DECLARE
    people CONSTANT bigint[] := ARRAY(SELECT user_id FROM chat_members ORDER BY random() LIMIT 500);
    chats CONSTANT bigint[] := ARRAY(SELECT id FROM chats);
BEGIN
    FOR n IN 1 .. {checks} LOOP
        PERFORM granted_permissions(people[1 + n % cardinality(people)], 'chat', chats[1 + n % cardinality(chats)]);
    END LOOP;
END $$
"""


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    async with system.running() as fechatter:
        workspace = await people.add_workspace(fechatter.sql)
        everybody = await people.add_people(fechatter.sql, fechatter.signer, workspace, 10 * effort.departments)
        chats = await people.add_chats(fechatter.sql, workspace, 10, everybody[: min(500, len(everybody))])
        followers = await people.add_chats(fechatter.sql, workspace, 2, everybody[:1])
        await _organize(fechatter.sql, effort, followers)
        await people.settle(fechatter.sql)
        checks = [await _check(fechatter.sql, effort.checks) for _ in range(effort.rounds + 1)][1:]
        moves = [await _move(fechatter.sql, number) for number in range(2 * effort.rounds)]
        on, off = await _post(fechatter, everybody[:CONNECTIONS], chats, effort)
    check, move = statistics.median(checks), statistics.median(moves)
    return [
        Result(
            *("a permission check by bindings", check, "ms"),
            target=f"≤ {CHECK_ALLOWED_MS} ms",
            reached=check <= CHECK_ALLOWED_MS,
            note=f"{effort.checks:,} in a loop, in PostgreSQL; what a membership permits asks none.",
        ),
        Result(
            *("a department is moved with its people", move, "s"),
            target=f"≤ {MOVE_ALLOWED_SECONDS} s",
            reached=move <= MOVE_ALLOWED_SECONDS,
            note=f"{effort.departments:,} people, from chat to chat and role to role; the median of {len(moves)}.",
        ),
        Result(
            *("CPU of a post with roles", on, "µs", "without", off),
            target=f"≤ {UNCHANGED} ×",
            reached=on <= UNCHANGED * off,
            note="chat_server and PostgreSQL, the median of rounds in turns; posting asks for no role.",
        ),
    ]


async def _organize(sql: Connection, effort: Effort, followers: Sequence[int]) -> None:
    say(f"an organisation of {10 * effort.departments:,} people")
    async with sql.transaction():
        await sql.execute("SET LOCAL session_replication_role = replica")
        moved = effort.departments // 10 - 1
        await sql.execute(
            _ORGANIZE.format(departments=effort.departments, moved=moved, roles=effort.roles, bindings=effort.bindings)
        )
    await sql.execute("ANALYZE")
    await sql.execute(_SWITCH, True)
    for department, chat in enumerate(followers, 1):
        await sql.execute("INSERT INTO department_chats (chat_id, department_id) VALUES ($1, $2)", chat, department)


async def _check(sql: Connection, amount: int) -> float:
    """Milliseconds of CPU of one."""
    return await _cpu(sql, _CHECK.format(checks=amount)) * 1000 / amount


async def _move(sql: Connection, number: int) -> float:
    """Seconds of CPU, COMMIT included."""
    return await _cpu(sql, _MOVE.format(parent=2 - number % 2))


async def _cpu(sql: Connection, statement: str) -> float:
    """Seconds of the backend."""
    backend = await sql.fetchval("SELECT pg_backend_pid()")
    before = cpu_seconds(backend)
    await sql.execute(statement)
    return cpu_seconds(backend) - before


async def _post(
    fechatter: System, senders: Sequence[people.Person], chats: Sequence[int], effort: Effort
) -> tuple[float, float]:
    """Microseconds of CPU of a post, with roles and without."""
    urls = [f"{fechatter.chat}/api/chats/{chat}/messages" for chat in chats]
    requests = [[http.request("POST", url, sender, {"content": "hello"}) for url in urls] for sender in senders]
    pids = {"chat-server": fechatter.chat_pid, "postgres": fechatter.postgres_pid}
    found: dict[bool, list[float]] = {True: [], False: []}
    await http.drive(fechatter.chat, requests, effort.seconds, pids)
    for number in range(effort.rounds):
        for enabled in (True, False) if number % 2 else (False, True):
            await fechatter.sql.execute(_SWITCH, enabled)
            load = await http.drive(fechatter.chat, requests, effort.seconds, pids)
            found[enabled].append(1000 * load.cpu_ms("chat-server", "postgres"))
    return statistics.median(found[True]), statistics.median(found[False])
