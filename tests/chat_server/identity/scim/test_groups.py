"""Groups of a directory: what they grant, and what they may not have."""

import asyncio
import threading
from typing import Any

import pytest

from tests.chat_server.identity.scim.conftest import Directory, refused, scim
from tests.chat_server.people import ok
from tests.sql.world import until
from tests.support.postgres import Database

BLOCKED = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)
WORKSPACES = [{"workspaces": {"engineering": 1, "sales": 2}}]


@pytest.fixture
async def workspaces(database: Database) -> None:
    """1 and 2, whose owner is somebody else."""
    async with database.connect() as sql:
        await sql.execute("SELECT create_user('Owner', 'owner@example.com'); SELECT create_workspace(1, 'Sales')")


async def memberships(database: Database, name: str = "ada") -> list[int]:
    """The workspaces of this user, other than their own."""
    async with database.connect() as sql:
        rows = await sql.fetch(
            "SELECT workspace_id FROM workspace_members JOIN users ON id = user_id "
            "WHERE email = $1 AND role = 'member' ORDER BY 1",
            f"{name}@corp.example",
        )
    return [row[0] for row in rows]


@pytest.mark.usefixtures("workspaces")
@pytest.mark.parametrize("fields", WORKSPACES)
async def test_members_of_a_group_are_members_of_its_workspace(
    directory: Directory, database: Database, fields: dict[str, Any]
) -> None:
    ada, grace = await directory.add("ada"), await directory.add("grace")
    group = await directory.add_group("engineering", ada["id"])
    path = f"/Groups/{group['id']}"
    assert (await memberships(database), await memberships(database, "grace")) == ([1], [])
    [shown] = (await directory.user(ada["id"]))["groups"]
    assert (shown["value"], shown["display"]) == (group["id"], "engineering")
    scim(await directory.patch(path, {"op": "add", "path": "members", "value": [{"value": grace["id"]}]}), 204)
    scim(await directory.patch(path, {"op": "remove", "path": f'members[value eq "{ada["id"]}"]'}), 204)
    assert (await memberships(database), await memberships(database, "grace")) == ([], [1])
    # Under another name it stands for another workspace, or for none.
    scim(await directory.patch(path, {"op": "replace", "path": "displayName", "value": "sales"}), 204)
    assert await memberships(database, "grace") == [2]
    scim(await directory.patch(path, {"op": "replace", "path": "displayName", "value": "others"}), 204)
    assert await memberships(database, "grace") == []
    scim(await directory.patch(path, {"op": "add", "path": "externalId", "value": "engineering"}), 204)
    assert await memberships(database, "grace") == [1]
    scim(await directory.http.delete(path), 204)
    assert await memberships(database, "grace") == []


@pytest.mark.usefixtures("workspaces")
@pytest.mark.parametrize("fields", WORKSPACES)
async def test_a_grant_goes_with_the_last_group_and_with_the_user(
    directory: Directory, database: Database, fields: dict[str, Any]
) -> None:
    ada = await directory.add()
    groups = [await directory.add_group("engineering", ada["id"]) for _ in range(2)]
    scim(await directory.http.delete(f"/Groups/{groups[0]['id']}"), 204)
    assert await memberships(database) == [1]
    scim(await directory.http.delete(f"/Users/{ada['id']}"), 204)
    assert await memberships(database) == []
    assert "members" not in scim(await directory.http.get(f"/Groups/{groups[1]['id']}"))


ORGANIZATION = [
    {"organization_groups": {"on-call": 1}, "departments": {"on-call": 1}, "workspaces": {"engineering": 2}}
]
PLACES = [("group_members", "group_id"), ("appointments", "organization_id, department_id")]


@pytest.mark.parametrize("fields", ORGANIZATION)
@pytest.mark.parametrize(("table", "place"), PLACES)
@pytest.mark.usefixtures("workspaces")
async def test_members_of_a_group_are_in_an_organisations_group_and_department(
    directory: Directory, database: Database, fields: dict[str, Any], table: str, place: str
) -> None:
    """Owner's organisation has workspace 2, whose members are its people."""
    ada, grace, eve = [await directory.add(name) for name in ("ada", "grace", "eve")]
    named = (
        "SELECT coalesce(array_agg(split_part(email, '@', 1) ORDER BY email), '{}') "
        f"FROM {table} JOIN users ON users.id = user_id"
    )
    put = (
        f"INSERT INTO {table} ({place}, user_id) SELECT {'1, 1' if ',' in place else '1'}, id FROM users WHERE email ~ "
    )
    async with database.connect() as sql:
        await sql.execute(
            "SELECT create_organization(1, 'Engines'); UPDATE workspaces SET organization_id = 1 WHERE id = 2;"
            "INSERT INTO groups (organization_id, name) VALUES (1, 'callers');"
            "INSERT INTO departments (organization_id, name) VALUES (1, 'Calls')"
        )
        oncall = await directory.add_group("on-call", ada["id"], grace["id"])
        assert await sql.fetchval(named) == []  # they are none of its people yet
        await directory.add_group("engineering", ada["id"], grace["id"], eve["id"])
        assert await sql.fetchval(named) == ["ada", "grace"]
        # Whom somebody has put in by hand stays.
        await sql.execute(f"{put} '^(owner|eve)@'")
        path = f"/Groups/{oncall['id']}"
        scim(await directory.patch(path, {"op": "add", "path": "members", "value": [{"value": eve["id"]}]}), 204)
        scim(await directory.patch(path, {"op": "remove", "path": f'members[value eq "{grace["id"]}"]'}), 204)
        assert await sql.fetchval(named) == ["ada", "eve", "owner"]
        scim(await directory.http.delete(f"/Users/{ada['id']}"), 204)
        scim(await directory.http.delete(path), 204)
        assert await sql.fetchval(named) == ["eve", "owner"]
        assert await sql.fetchval(f"SELECT array_agg(DISTINCT source) FROM {table}") == ["person"]


@pytest.mark.parametrize("fields", ORGANIZATION)
@pytest.mark.usefixtures("workspaces")
async def test_a_request_puts_right_whom_it_concerns(
    directory: Directory, database: Database, fields: dict[str, Any]
) -> None:
    """The user whom it writes, or the people of the group; the first one after a start, everybody."""
    there = (
        "SELECT array_agg(split_part(email, '@', 1) ORDER BY email) FROM users "
        "WHERE id IN (SELECT user_id FROM group_members) AND id IN (SELECT user_id FROM appointments)"
    )
    rename = {"op": "replace", "path": "displayName", "value": "Somebody"}
    async with database.connect() as sql:
        await sql.execute(
            "SELECT create_organization(1, 'Engines'); UPDATE workspaces SET organization_id = 1 WHERE id = 2;"
            "INSERT INTO groups (organization_id, name) VALUES (1, 'callers');"
            "INSERT INTO departments (organization_id, name) VALUES (1, 'Calls')"
        )
        ada, grace = (await people(database, 2))[-2:]
        await sql.execute(
            "INSERT INTO scim_groups (directory, display_name) VALUES ('acme-people', 'on-call');"
            f"INSERT INTO scim_members (directory, group_id, scim_user_id) VALUES ('acme-people', 1, {ada}), "
            f"('acme-people', 1, {grace});"
            "INSERT INTO organization_members (organization_id, user_id) SELECT 1, id FROM users WHERE id > 1"
        )
        await directory.add("eve")
        assert await sql.fetchval(there) == ["1", "2"]
        await sql.execute("DELETE FROM group_members; DELETE FROM appointments")
        scim(await directory.patch(f"/Users/{ada}", rename), 204)
        assert await sql.fetchval(there) == ["1"]
        await directory.add("zoe")
        assert await sql.fetchval(there) == ["1"]
        scim(await directory.patch("/Groups/1", {"op": "add", "path": "externalId", "value": "7"}), 204)
        assert await sql.fetchval(there) == ["1", "2"]


async def test_members_are_users_of_the_directory(directory: Directory) -> None:
    ada = await directory.add()
    inner = await directory.add_group("inner", ada["id"])
    group = {"displayName": "outer", "schemas": inner["schemas"]}
    for member in ({"value": "4711"}, {"value": "nobody"}, {"value": ada["id"], "type": "Group"}):
        refused(await directory.http.post("/Groups", json={**group, "members": [member]}), 400, "invalidValue")
    listed = scim(await directory.http.get("/Groups"))
    assert [each["displayName"] for each in listed["Resources"]] == ["inner"]


async def people(database: Database, amount: int) -> list[str]:
    """The ids of so many users of the directory."""
    async with database.connect() as sql:
        await sql.execute(
            "INSERT INTO users (username, email, fullname, password_hash) "
            f"SELECT 'n' || n, n || '@corp.example', 'N', '' FROM generate_series(1, {amount}) n;"
            "INSERT INTO scim_users (directory, user_id, fullname, resource) "
            "SELECT 'acme-people', id, 'N', jsonb_build_object('userName', username) FROM users"
        )
        return [str(row[0]) for row in await sql.fetch("SELECT id FROM scim_users ORDER BY id")]


async def test_a_group_has_a_bounded_number_of_members(directory: Directory, database: Database) -> None:
    ids = await people(database, 5001)
    body = {"displayName": "all", "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"]}
    too_many = {**body, "members": [{"value": each} for each in ids]}
    assert "5000" in refused(await directory.http.post("/Groups", json=too_many), 400, "invalidValue")
    group = scim(await directory.http.post("/Groups", json={**body, "members": too_many["members"][1:]}), 201)
    assert len(group["members"]) == 5000


async def test_an_answer_has_a_bounded_number_of_members(directory: Directory, database: Database) -> None:
    """A page ends before the group whose members would be too many. `itemsPerPage` says where to go on."""
    ids = await people(database, 3)
    groups = [await directory.add_group(f"g{number}", *ids) for number in range(3)]
    async with database.connect() as sql:
        await sql.execute(
            "CREATE OR REPLACE FUNCTION most_scim_members() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 6'"
        )
    for asked in ({}, {"filter": 'displayName sw "g"'}):
        shown = []
        for start, amount in ((1, 2), (3, 1)):
            page = scim(await directory.http.get("/Groups", params={**asked, "startIndex": str(start)}))
            assert (page["totalResults"], page["itemsPerPage"]) == (3, amount)
            shown += page["Resources"]
        assert [(each["id"], [member["value"] for member in each["members"]]) for each in shown] == [
            (each["id"], ids) for each in groups
        ]
        bare = scim(await directory.http.get("/Groups", params={**asked, "excludedAttributes": "members"}))
        assert [each.get("members") for each in bare["Resources"]] == [None] * 3
    mine = f'members eq "{ids[0]}"'
    refused(await directory.http.get("/Groups", params={"filter": mine}), 400, "tooMany")
    one = {"filter": f'id eq "{groups[0]["id"]}" and {mine}', "excludedAttributes": "members"}
    assert scim(await directory.http.get("/Groups", params=one))["totalResults"] == 1


async def test_building_an_answer_holds_nobody_else_up(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of a large group takes half a second, beside the event loop."""
    from scim2_server.service import ScimService  # takes seconds, so not in what only collects tests

    begun, others_answered = threading.Event(), threading.Event()
    build = ScimService.query_response

    def built(*given: Any) -> Any:
        begun.set()
        assert others_answered.wait(5)
        return build(*given)

    monkeypatch.setattr(ScimService, "query_response", built)
    group = await directory.add_group("engineering")
    building = asyncio.create_task(directory.http.get(f"/Groups/{group['id']}"))
    assert await asyncio.to_thread(begun.wait, 10)
    ok(await directory.server.anybody.get("/api/auth/providers"))
    others_answered.set()
    scim(await building)


@pytest.mark.usefixtures("workspaces")
@pytest.mark.parametrize("fields", WORKSPACES)
async def test_changes_of_a_directory_wait_for_each_other_before_they_lock_anything(
    directory: Directory, database: Database, fields: dict[str, Any]
) -> None:
    """Removing a member locks the membership and then the directory's grants; deleting the user does the reverse."""
    ada = await directory.add()
    group = await directory.add_group("engineering", ada["id"])
    async with database.connect() as sql, sql.transaction():
        await sql.execute("SELECT lock_source('acme-people')")
        removing = asyncio.create_task(
            directory.patch(f"/Groups/{group['id']}", {"op": "remove", "path": f'members[value eq "{ada["id"]}"]'})
        )
        await until(lambda: sql.fetchval(BLOCKED), "the removal waits for its turn")
        for table in ("scim_users", "scim_groups", "scim_members"):
            await sql.execute(f"SELECT FROM {table} FOR UPDATE NOWAIT")
    scim(await removing, 204)
    assert await memberships(database) == []
