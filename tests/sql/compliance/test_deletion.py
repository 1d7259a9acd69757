"""A deleted person is nowhere. Every column of every table is looked through, so a new table cannot be forgotten."""

import asyncio

import asyncpg
import pytest

from tests.sql.compliance.test_holds import release
from tests.sql.world import World, blocked

TABLES = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1
"""
FULLNAME, EMAIL, USERNAME = "Zebulon Quagmire", "zq@example.org", "zebquag"
# Whatever says who they are, or what they have said: each is unlike everything else.
SECRETS = (FULLNAME, EMAIL, USERNAME, "xyzzy", "203.0.113.77")


async def mentions(world: World, *secrets: str) -> dict[str, int]:
    """The tables that say one of these, in whatever column, and in how many rows. Bytes are shown in hexadecimal."""
    found: dict[str, int] = {}
    forms = [form for secret in secrets for form in (secret.lower(), secret.encode().hex())]
    for (table,) in await world.rows(TABLES):
        rows = await world.sql.fetchval(
            f"SELECT count(*) FROM {table} AS t WHERE EXISTS "
            "(SELECT FROM unnest($1::text[]) AS secret WHERE position(secret IN lower(t::text)) > 0)",
            forms,
        )
        if rows:
            found[table] = rows
    return found


async def delete(world: World, person: int) -> None:
    await world.sql.execute("SELECT delete_person($1)", person)
    for _ in range(50):
        if await world.sql.fetchval("SELECT erase_person($1, 2)", person):
            return
    raise AssertionError("it does not end")


async def as_person(world: World, person: int, statement: str, *arguments: object) -> None:
    """As REST does it: the audit log has who acts, and from where."""
    async with world.sql.transaction():
        await world.sql.execute(
            "SELECT set_config('fechatter.actor', $1, true), set_config('fechatter.address', '203.0.113.77', true)",
            str(person),
        )
        await world.sql.execute(statement, *arguments)


async def lived(world: World) -> int:
    """Somebody who has left traces of everything in acme and elsewhere, among alice and bob."""
    sql = world.sql
    person: int = await sql.fetchval("SELECT id FROM create_user($1, $2, 'hash', NULL, $3)", FULLNAME, EMAIL, USERNAME)
    own: int = await sql.fetchval("SELECT workspace_id FROM workspace_members WHERE user_id = $1", person)
    world.people["zebulon"] = person
    await sql.execute("INSERT INTO workspace_members (workspace_id, user_id) VALUES ($1, $2)", world.acme, person)
    await sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", world.group, person)
    single = await world.add_chat("Single", "alice", "zebulon")
    await sql.execute("UPDATE chat_members SET role = 'owner' WHERE chat_id = $1", single)
    await as_person(
        world,
        person,
        "UPDATE users SET status_text = 'xyzzy status', avatar = 'https://xyzzy.example/a.png' WHERE id = $1",
        person,
    )
    await as_person(world, person, "UPDATE workspaces SET name = $1 WHERE id = $2", f"{FULLNAME}'s own", own)
    await as_person(
        world,
        person,
        "INSERT INTO workspace_invitations (workspace_id, user_id, invited_by) VALUES ($1, $2, $3)",
        own,
        world.alice,
        person,
    )
    for number in range(5):
        await world.post(f"xyzzy {number}", person)
    mine: int = await sql.fetchval("SELECT max(id) FROM messages WHERE sender_id = $1", person)
    theirs = await world.post("what bob has said", world.bob)
    await sql.execute(
        "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'what alice has said')", single, world.alice
    )
    await sql.execute("UPDATE messages SET content = 'xyzzy edited' WHERE id = $1", mine)
    source = f'{{"message_id": {mine}, "chat_id": {world.group}, "sender_id": {person}}}'
    await sql.execute(
        "INSERT INTO messages (chat_id, sender_id, content, forwarded_from) VALUES ($1, $2, 'xyzzy edited', $3)",
        single,
        world.alice,
        source,
    )
    report = "INSERT INTO reports (message_id, reporter_id, reason, comment) VALUES ($1, $2, 'spam', $3)"
    await sql.execute(report, mine, world.bob, "")
    await sql.execute(report, theirs, person, "xyzzy comment")
    gone = await world.post("xyzzy, reported and then deleted", person)
    await sql.execute(report, gone, world.bob, "")
    await sql.execute("UPDATE messages SET deleted_at = now() WHERE id = $1", gone)
    await sql.execute(
        "INSERT INTO drafts (chat_id, user_id, content) VALUES ($1, $2, 'xyzzy draft')", world.group, person
    )
    await sql.execute(
        "INSERT INTO message_reactions (message_id, user_id, emoji) VALUES ($1, $2, '👍')", theirs, person
    )
    await sql.execute(
        "INSERT INTO sessions (user_id, expires_at, device_name, address) "
        "VALUES ($1, now() + interval '1 day', 'xyzzy phone', '203.0.113.77')",
        person,
    )
    await sql.execute("SELECT add_identity($1, 'acme', 'https://id.example', 'xyzzy', $2, true)", person, EMAIL)
    await sql.execute(
        "INSERT INTO delegations (principal_id, delegate_id, permissions, ends_at, reason) "
        "VALUES ($1, $2, '{chat.see,chat.read_messages}', now() + interval '1 day', 'xyzzy leave')",
        person,
        world.alice,
    )
    page = await world.add_page("alice", "zebulon")
    await sql.execute(
        "INSERT INTO page_comments (page_id, component_id, version, author_id, content) "
        "VALUES ($1, '1', 1, $2, 'xyzzy')",
        page,
        person,
    )
    await world.add_board("zebulon", "bob")
    return person


async def test_nothing_of_a_deleted_person_is_left_and_what_others_said_is(world: World) -> None:
    person = await lived(world)
    assert (await mentions(world, *SECRETS)).keys() >= {
        *("users", "messages", "message_edits", "events", "audit_log", "reports", "drafts", "sessions", "identities"),
        *("delegations", "workspaces", "workspace_invitations", "page_comments"),
    }
    said = await world.rows("SELECT id, content FROM messages WHERE content LIKE 'what %'")
    await delete(world, person)
    assert await mentions(world, *SECRETS) == {}
    assert await world.rows("SELECT id, content FROM messages WHERE content LIKE 'what %'") == said
    [row] = await world.rows(
        "SELECT fullname, email, username, status, status_text, avatar FROM users WHERE id = $1", person
    )
    assert row == ("Deleted user", f"deleted-{person}@deleted.invalid", f"deleted-{person}", "inactive", None, None)
    tombstones = "SELECT count(*) FROM messages WHERE sender_id = $1 AND deleted_at IS NOT NULL"
    assert await world.sql.fetchval(tombstones, person) == 6
    places = "SELECT count(*) FROM {} WHERE user_id = $1"
    for table in ("workspace_members", "chat_members", "document_members", "sessions", "identities"):
        assert await world.sql.fetchval(places.format(table), person) == 0, table
    assert await world.rows("SELECT type, name FROM chats WHERE name = 'Deleted user'") == [("Group", "Deleted user")]
    assert await world.rows("SELECT finished_at IS NULL FROM person_deletions") == [(False,)]
    acts = await world.rows("SELECT target_id, before, after FROM audit_log WHERE action = 'person_deleted'")
    assert acts == [(person, None, None)]


async def test_names_that_read_like_anything_else_change_nothing_of_others(world: World) -> None:
    """Somebody is called as a year, another one as a role; both are in acme, and neither owns it."""
    sql = world.sql
    people = []
    for fullname, username in (("2026", "owner2"), ("member", "group2")):
        person = await sql.fetchval(
            "SELECT id FROM create_user($1, $2, 'hash', NULL, $3)", fullname, f"{username}@example.org", username
        )
        await sql.execute("INSERT INTO workspace_members (workspace_id, user_id) VALUES ($1, $2)", world.acme, person)
        people.append(person)
    before = await sql.fetchval("SELECT log_head()"), await sql.fetchval("SELECT max(id) FROM audit_log")
    for number in range(10):  # one of these has the id that a person has
        await world.post(f"in 2026, {number}", world.bob)
    await as_person(world, world.alice, "UPDATE workspaces SET name = '2026 member' WHERE id = $1", world.acme)
    await as_person(world, world.alice, "UPDATE chats SET name = 'owner2 2026' WHERE id = $1", world.group)
    role = "UPDATE workspace_members SET role = $3 WHERE (workspace_id, user_id) = ($1, $2)"
    for now in ("owner", "member"):
        await as_person(world, world.alice, role, world.acme, world.bob, now)
    events = "SELECT position, payload::text FROM events WHERE position > $1 AND position <= $2 ORDER BY position"
    acts = "SELECT a::text FROM audit_log a WHERE id > $1 AND id <= $2 ORDER BY id"
    after = await sql.fetchval("SELECT log_head()"), await sql.fetchval("SELECT max(id) FROM audit_log")
    was = await world.rows(events, before[0], after[0]), await world.rows(acts, before[1], after[1])
    assert f'"id":{people[0]},' in "".join(row[1] for row in was[0])
    assert len(was[1]) >= 4
    for person in people:
        await delete(world, person)
    assert (await world.rows(events, before[0], after[0]), await world.rows(acts, before[1], after[1])) == was
    assert await sql.fetchval("SELECT name FROM workspaces WHERE id = $1", world.acme) == "2026 member"
    left = (
        "SELECT payload::text FROM events WHERE payload::text ~ "
        """'"(fullname|username|email)" ?: ?"(2026|member|owner2|group2)[@"]|(2026|member).s workspace'"""
    )
    assert await world.rows(left) == []
    named = "SELECT before, after FROM audit_log WHERE concat(before, after) ~ '(2026|member).s workspace'"
    assert await world.rows(named) == []


async def test_those_who_know_a_deleted_person_are_told_live(world: World) -> None:
    person = await lived(world)
    await world.events()
    await world.sql.execute("SELECT delete_person($1)", person)
    told = [event for event in await world.events() if event.kind == "UserUpdated"]
    assert {event.payload["fullname"] for event in told} == {"Deleted user"}
    assert {workspace for event in told for workspace in event.workspace_ids or []} >= {world.acme}


async def test_what_a_hold_covers_is_kept_until_it_ends(world: World) -> None:
    person = await lived(world)
    hold = await world.sql.fetchval(
        "INSERT INTO holds (workspace_id, name, user_id) VALUES ($1, 'a case', $2) RETURNING id", world.acme, person
    )
    preview = {
        what: happens
        for what, _, happens, _ in await world.rows("SELECT * FROM deletion_preview($1) WHERE amount > 0", person)
    }
    assert preview["messages"] == "goes"
    assert preview["messages that holds cover"] == "stays"
    await delete(world, person)
    assert (await mentions(world, *SECRETS)).keys() == {"held_content"}
    await release(world, hold)
    assert await mentions(world, *SECRETS) == {}


async def test_a_workspace_that_is_held_goes_when_its_hold_ends(world: World) -> None:
    person = await lived(world)
    own = await world.sql.fetchval("SELECT workspaces_alone($1)", person)
    hold = await world.sql.fetchval(
        "INSERT INTO holds (workspace_id, name, since) VALUES ($1, 'a case', '2020-01-01') RETURNING id", own
    )
    await delete(world, person)
    assert await mentions(world, *SECRETS) == {}
    unfinished = "SELECT finished_at IS NULL FROM person_deletions"
    assert await world.rows(unfinished) == [(True,)]
    await release(world, hold)
    await delete(world, person)
    assert await world.rows(unfinished) == [(False,)]
    assert await world.rows("SELECT id FROM workspaces WHERE id = $1", own) == []


async def test_of_two_owners_who_delete_themselves_the_second_one_stays(world: World) -> None:
    sql = world.sql
    organization: int = await sql.fetchval("SELECT (create_organization($1, 'Acme') ->> 'id')::bigint", world.alice)
    await sql.execute("UPDATE workspaces SET organization_id = $1 WHERE id = $2", organization, world.acme)
    await sql.execute("UPDATE workspace_members SET role = 'owner' WHERE user_id = $1", world.bob)
    await sql.execute(
        "INSERT INTO organization_members (organization_id, user_id, role) VALUES ($1, $2, 'owner') "
        "ON CONFLICT (organization_id, user_id) DO UPDATE SET role = 'owner'",
        organization,
        world.bob,
    )
    first, second = await world.connect(), await world.connect()
    transaction = first.transaction()
    await transaction.start()
    await first.execute("SELECT delete_person($1)", world.alice)
    waiting = asyncio.create_task(second.execute("SELECT delete_person($1)", world.bob))
    await blocked(world, second)
    await transaction.commit()
    in_the_way = f"only owner of organization {organization}, workspace {world.acme}"
    with pytest.raises(asyncpg.PostgresError, match=in_the_way) as refused:
        await waiting
    assert refused.value.constraint_name == "person_owns_alone"
    owners = "SELECT user_id FROM {} WHERE role = 'owner' AND {} = $1"
    assert await world.rows(owners.format("workspace_members", "workspace_id"), world.acme) == [(world.bob,)]
    assert await world.rows(owners.format("organization_members", "organization_id"), organization) == [(world.bob,)]
    await delete(world, world.alice)
    assert await world.rows("SELECT finished_at IS NULL FROM person_deletions") == [(False,)]
    for person in (world.carol, world.dave):
        await sql.execute("SELECT delete_person($1)", person)


async def test_the_only_owner_of_others_place_stays_and_nobody_comes_back(world: World) -> None:
    with pytest.raises(asyncpg.PostgresError, match=f"is the only owner of workspace {world.acme}"):
        await world.sql.execute("SELECT delete_person($1)", world.alice)
    assert await world.rows("SELECT what FROM deletion_preview($1) WHERE happens = 'is in the way'", world.alice) == [
        (f"workspace {world.acme}",)
    ]
    await delete(world, world.dave)
    await world.sql.execute("SELECT delete_person($1)", world.dave)  # once more changes nothing
    for change in ("status = 'active'", "email = 'dave@example.com'", "fullname = 'Dave'", "deleted_at = NULL"):
        with pytest.raises(asyncpg.PostgresError, match="was deleted on"):
            await world.sql.execute(f"UPDATE users SET {change} WHERE id = $1", world.dave)
    with pytest.raises(asyncpg.PostgresError, match="is not deleted"):
        await world.sql.execute("SELECT erase_person($1, 2)", world.bob)
    for change in ("address = NULL", "before = NULL", "action = 'x'"):
        with pytest.raises(asyncpg.PostgresError, match="append-only"):
            await world.sql.execute(f"UPDATE audit_log SET {change}")
