"""Groups and departments of an organisation that directories fill: each source touches its own people there alone, and
a request of SCIM those whom it concerns."""

import asyncio

import pytest

from tests.sql.world import World, blocked

Placed = list[tuple[int, int, str]]


@pytest.fixture
async def engines(world: World) -> World:
    """Acme is of an organisation, with the departments Works and Mill, the group crew, and eve as a guest."""
    await world.sql.execute(
        f"SELECT create_organization({world.alice}, 'Engines'); UPDATE workspaces SET organization_id = 1;"
        "INSERT INTO features VALUES ('enable_organizations', true);"
        "INSERT INTO departments (organization_id, name) VALUES (1, 'Works'), (1, 'Mill');"
        "INSERT INTO groups (organization_id, name) VALUES (1, 'crew');"
        f"INSERT INTO organization_members (organization_id, user_id, kind) VALUES (1, {world.eve}, 'guest')"
    )
    return world


async def say(world: World, *placed: tuple[int, int], source: str = "corp", of: list[int] | None = None) -> None:
    """The source has these people in these departments, of some people or of everybody."""
    users, departments = [user for user, _ in placed], [department for _, department in placed]
    await world.sql.execute("SELECT sync_departments($1, $2, $3, $4)", source, of, users, departments)


async def appointed(world: World) -> Placed:
    return await world.rows("SELECT user_id, department_id, source FROM appointments ORDER BY 1, 2, 3")


async def test_a_source_appoints_and_takes_away_its_own_alone(engines: World) -> None:
    bob, carol, dave, eve = engines.bob, engines.carol, engines.dave, engines.eve
    await engines.sql.execute(
        "INSERT INTO positions (organization_id, name) VALUES (1, 'Miller');"
        f"INSERT INTO appointments (organization_id, department_id, user_id, position_id) VALUES (1, 2, {carol}, 1)"
    )
    # Carol is in Mill by hand; eve is a guest, and nobody knows department 7.
    await say(engines, (bob, 1), (bob, 2), (carol, 2), (dave, 1), (eve, 1), (bob, 7))
    by_hand = (carol, 2, "person")
    assert await appointed(engines) == [(bob, 1, "corp"), (bob, 2, "corp"), by_hand, (dave, 1, "corp")]
    await say(engines, (dave, 2), source="other")
    await say(engines, (bob, 2), of=[bob])  # it says nothing of the others
    assert await appointed(engines) == [(bob, 2, "corp"), by_hand, (dave, 1, "corp"), (dave, 2, "other")]
    # What somebody has made of an appointment stays with it.
    await engines.sql.execute(f"UPDATE appointments SET is_head = true, position_id = 1 WHERE user_id = {bob}")
    await engines.events()
    await say(engines, (bob, 2))
    assert await appointed(engines) == [(bob, 2, "corp"), by_hand, (dave, 2, "other")]
    assert await engines.sql.fetchval(f"SELECT is_head FROM appointments WHERE user_id = {bob}")
    assert [event.kind for event in await engines.events()] == [
        "DirectoryUpdated",  # dave's appointment has ended
        "OrganizationUpdated",
    ]
    await engines.sql.execute("SELECT ops.forget_directory('corp')")
    await say(engines, source="person")  # which is nobody's name
    assert await appointed(engines) == [by_hand, (dave, 2, "other")]


async def test_a_department_fills_its_chats_and_its_roles(engines: World) -> None:
    chat = await engines.add_chat("Group", "alice")
    await engines.sql.execute(
        f"INSERT INTO department_chats (chat_id, department_id) VALUES ({chat}, 1);"
        "INSERT INTO features VALUES ('enable_user_roles', true)"
    )
    members = f"SELECT user_id FROM chat_members WHERE chat_id = {chat} ORDER BY user_id"
    await say(engines, (engines.bob, 1), (engines.carol, 1))
    assert await engines.rows(members) == [(engines.alice,), (engines.bob,), (engines.carol,)]
    await say(engines, (engines.carol, 1))
    assert await engines.rows(members) == [(engines.alice,), (engines.carol,)]


async def test_who_joins_later_is_placed_at_once(engines: World) -> None:
    """Whom a directory has in a group or department, and who is none of the organisation's people yet."""
    late, moved, sql = await engines.add_user("late"), await engines.add_user("moved"), engines.sql
    await say(engines, (late, 1), (moved, 1), (engines.eve, 1))
    await say(engines, (late, 2), source="other")
    await sql.execute("SELECT sync_groups('corp', NULL, $1, '{1,1}')", [late, moved])
    await say(engines, (moved, 2), of=[moved])
    assert await appointed(engines) == []
    # A role of the department is no obstacle to whoever brings somebody in: the directory has put them there.
    await sql.execute(
        "INSERT INTO features VALUES ('enable_user_roles', true);"
        "INSERT INTO roles (organization_id, name, permissions) VALUES (1, 'boss', '{organization.keep_directory}');"
        "INSERT INTO role_bindings (organization_id, role_id, department_id) SELECT 1, max(id), 1 FROM roles"
    )
    await sql.execute(
        "INSERT INTO workspace_invitations (workspace_id, user_id, invited_by) VALUES ($1, $2, $3)",
        *(engines.acme, late, engines.alice),
    )
    await engines.events()
    async with sql.transaction():
        await sql.execute("SELECT set_config('fechatter.actor', $1, true)", str(late))
        await sql.execute("INSERT INTO workspace_members (workspace_id, user_id) VALUES ($1, $2)", engines.acme, late)
        assert await sql.fetchval("SELECT acting_user()") == late
    assert await appointed(engines) == [(late, 1, "corp"), (late, 2, "other")]
    assert await engines.rows("SELECT user_id, source FROM group_members") == [(late, "corp")]
    assert await sql.fetchval("SELECT actor_id IS NULL FROM audit_log WHERE action = 'group_member_added'")
    told = [event.payload for event in await engines.events() if event.kind == "OrganizationUpdated"]
    assert [(len(each["appointments"]), each["group_ids"], len(each["bindings"])) for each in told] == [(2, [1], 1)]

    await sql.execute("INSERT INTO organization_members (organization_id, user_id) VALUES (1, $1)", moved)
    assert (await appointed(engines))[2:] == [(moved, 2, "corp")]  # as it was said last
    await sql.execute("UPDATE organization_members SET kind = 'member' WHERE user_id = $1", engines.eve)
    assert (await appointed(engines))[0] == (engines.eve, 1, "corp")
    # Whoever leaves is out, and in again when they come back, until the directory says otherwise or is forgotten.
    for expected in ([(moved, 2, "corp")], []):
        await sql.execute("DELETE FROM organization_members WHERE user_id = $1", moved)
        assert not {moved} & {user for user, _, _ in await appointed(engines)}
        await sql.execute("INSERT INTO organization_members (organization_id, user_id) VALUES (1, $1)", moved)
        assert [each for each in await appointed(engines) if each[0] == moved] == expected
        await sql.execute("SELECT ops.forget_directory('corp')")
    assert await engines.rows("SELECT source, user_id FROM placements") == [("other", late)]


async def test_joining_while_the_directory_says_so(engines: World) -> None:
    """Neither of the two misses the other, whichever commits first."""
    early, late = await engines.add_user("early"), await engines.add_user("late")
    join = "INSERT INTO organization_members (organization_id, user_id) VALUES (1, $1)"
    place = "SELECT sync_departments('corp', ARRAY[$1::bigint], ARRAY[$1::bigint], '{1}')"
    for user, first, second in ((early, join, place), (late, place, join)):
        other = await engines.connect()
        async with engines.sql.transaction():
            await engines.sql.execute(first, user)
            waiting = asyncio.create_task(other.execute(second, user))
            await blocked(engines, other)
        await waiting
    assert await appointed(engines) == [(early, 1, "corp"), (late, 1, "corp")]


async def test_a_directory_that_would_take_too_many_out_is_stopped(engines: World) -> None:
    people = [await engines.add_user(f"person{number}") for number in range(20)]
    names = [str(person) for person in people]
    for person in people:
        await engines.sql.execute("SELECT add_identity($1, 'corp', 'ldap', $2, NULL, false);", person, str(person))
    await engines.sql.execute(
        "INSERT INTO organization_members (organization_id, user_id) SELECT 1, unnest($1::bigint[])", people
    )

    async def stops(
        groups: list[str], departments: list[str], *, forced: bool = False, since: str = "infinity"
    ) -> bool:
        found: bool = await engines.sql.fetchval(
            "SELECT coalesce(grants_stopped, false) FROM sync_directory('corp', $1, $1, $2, $3, NULL, NULL, "
            "$4::text::timestamptz, $5, $6, $7, $8, $9)",
            *(names, [None] * 20, [True] * 20, since, forced),
            *(groups, [1] * len(groups), departments, [1] * len(departments)),
        )
        return found

    counted = "SELECT (SELECT count(*) FROM group_members), (SELECT count(*) FROM appointments)"
    assert not await stops(names, names)
    assert await engines.rows(counted) == [(20, 20)]
    assert await stops(names, [])  # nobody is in the department's group
    assert await stops([], names)
    assert await engines.rows(counted) == [(20, 20)]
    assert (
        await engines.sql.fetchval("SELECT (stopped_at IS NOT NULL, had, going)::text FROM synchronisations")
        == "(t,40,20)"
    )
    assert not await stops(names[1:], names[1:])  # few may go
    assert await engines.rows(counted) == [(19, 19)]
    # Who has signed in while the directory was read is known better than by what was read.
    assert not await stops([], [], forced=True, since="-infinity")
    assert await engines.rows(counted) == [(19, 19)]
    assert not await stops([], [], forced=True)
    assert await engines.rows(counted) == [(0, 0)]


async def test_a_request_reads_what_concerns_it(engines: World) -> None:
    """Of a directory with 1,000 people in 100 groups, each of which stands for a group and a department."""
    sql = engines.sql
    await sql.execute(
        "BEGIN; SET LOCAL session_replication_role = replica;"  # no trigger: what they write is not what is counted
        "INSERT INTO users (username, email, fullname, password_hash) "
        "SELECT 'n' || n, n || '@corp.example', 'N', '' FROM generate_series(1, 1000) n;"
        "INSERT INTO scim_users (directory, user_id, fullname, resource) "
        "SELECT 'corp', id, 'N', jsonb_build_object('userName', email) FROM users WHERE email LIKE '%@corp.example';"
        "INSERT INTO organization_members (organization_id, user_id) SELECT 1, user_id FROM scim_users;"
        "INSERT INTO groups (organization_id, name) SELECT 1, 'g' || n FROM generate_series(2, 100) n;"
        "INSERT INTO departments (organization_id, name) SELECT 1, 'D' || n FROM generate_series(3, 100) n;"
        "INSERT INTO scim_groups (directory, display_name) SELECT 'corp', 'G' || n FROM generate_series(1, 100) n;"
        "INSERT INTO scim_members (directory, group_id, scim_user_id) SELECT 'corp', 1 + id % 100, id FROM scim_users;"
        "INSERT INTO group_members (organization_id, group_id, user_id, source) "
        "SELECT 1, 1 + id % 100, user_id, 'corp' FROM scim_users;"
        "INSERT INTO appointments (organization_id, department_id, user_id, source) "
        "SELECT 1, 1 + id % 100, user_id, 'corp' FROM scim_users; COMMIT; ANALYZE"
    )
    place = (
        "SELECT scim_sync_organizations('corp', $1, named, ids, named, ids) "
        "FROM (SELECT array_agg(display_name) AS named, array_agg(id) AS ids FROM scim_groups) map"
    )
    counted = (
        "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), sum(n_tup_ins + n_tup_upd + n_tup_del) "
        "FROM pg_stat_xact_user_tables WHERE relname IN "
        "('scim_users', 'scim_members', 'group_members', 'appointments', 'organization_members')"
    )

    async def counts(people: list[int] | None) -> tuple[int, int]:
        """The rows that are read, and those that are written."""
        async with sql.transaction():
            [before] = await engines.rows(counted)
            await sql.execute(place, people)
            [after] = await engines.rows(counted)
        return int(after[0] - before[0]), int(after[1] - before[1])

    # A thousand rows are few enough to be read as a whole; that an index would do is what counts.
    await sql.execute("SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off")
    last = await sql.fetchval("SELECT max(user_id) FROM scim_users")
    read, written = await counts(None)
    assert (read > 5_000, written) == (True, 0)
    read, written = await counts([last])
    assert (read < 50, written) == (True, 0), read
    read, written = await counts([last - 100 * n for n in range(10)])  # those of a group
    assert (read < 300, written) == (True, 0), read
    # Of those who are no more where they belong it puts right whom it concerns.
    await sql.execute("DELETE FROM appointments WHERE user_id >= $1", last - 1)
    read, written = await counts([last])
    assert (read < 100, written) == (True, 1), read
    assert await engines.rows(f"SELECT user_id FROM appointments WHERE user_id >= {last - 1}") == [(last,)]
