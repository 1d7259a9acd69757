"""Organisations over REST: who may do what in them, to their people and to their directory."""

from collections.abc import Awaitable, Callable
from typing import cast

import httpx
import pytest

from chat_server.access.actions import ORGANIZATION_ACTIONS, OrganizationAction
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database

ON = pytest.mark.chat_server(features={"enable_organizations": True})


async def founded(founder: Person) -> str:
    """The path of a new organisation that has the founder's workspace."""
    path = f"/api/organizations/{ok(await founder.api.post('/api/organizations', json={'name': 'Engines'}), 201)['id']}"
    ok(await founder.api.put(f"{path}/workspaces/{founder.workspace}"), 204)
    return path


async def test_it_is_off_unless_app_yaml_says_so(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for path in ("/api/organizations", "/api/organizations/1/departments", "/api/organizations/1/groups"):
        assert problem(await ada.api.get(path), 404, "feature_off")["feature"] == "enable_organizations"
        problem(await chat_server.anybody.get(path), 401, "unauthorized")


@ON
async def test_an_organisation_with_a_workspace(chat_server: ChatServer, database: Database) -> None:
    ada, bob, eve = *(await chat_server.team("Ada", "Bob")), await chat_server.sign_up("Eve")
    path = await founded(ada)
    own = ok(await ada.api.get(path))
    assert (own["name"], own["kind"], own["role"], own["appointments"]) == ("Engines", "member", "owner", [])
    assert ok(await ada.api.get("/api/organizations")) == ok(await ada.api.get("/api/sync"))["organizations"] == [own]
    assert ok(await ada.api.get(f"{path}/workspaces"))[0]["workspace_id"] == ada.workspace
    members = ok(await ada.api.get(f"{path}/members"))
    assert [(one["user_id"], one["role"], one["source"]) for one in members] == [
        (ada.id, "owner", "person"),
        (bob.id, "member", "workspace"),
    ]
    assert ok(await ada.api.get(f"{path}/members", params={"ids": f"{bob.id},{eve.id}"})) == members[1:]
    problem(await ada.api.get(f"{path}/members", params={"ids": "1,,2"}), 400, "validation_failed")
    assert ok(await bob.api.get(path))["role"] == "member"
    problem(await eve.api.get(path), 404, "not_found")

    problem(await ada.api.post(f"{path}/members", json={"user_id": eve.id}), 403, "organization_members_are_known")
    problem(await ada.api.post(f"{path}/members", json={"user_id": bob.id}), 409, "organization_members_pkey")
    problem(await ada.api.post(f"{path}/members", json={"user_id": 999}), 422, "validation_failed")
    problem(await ada.api.delete(path), 409, "workspaces_organization_exists")
    problem(await eve.api.put(f"{path}/workspaces/{eve.workspace}"), 404, "not_found")
    problem(await ada.api.put(f"{path}/workspaces/{eve.workspace}"), 404, "not_found")
    other = ok(await ada.api.post("/api/organizations", json={"name": "Others"}), 201)["id"]
    taken = await ada.api.put(f"/api/organizations/{other}/workspaces/{ada.workspace}")
    problem(taken, 409, "workspace_has_organization")

    ok(await ada.api.patch(f"{path}/members/{bob.id}", json={"role": "admin", "manager_id": ada.id}))
    assert ok(await ada.api.put(path, json={"name": "Analytical"}))["name"] == "Analytical"
    problem(await bob.api.patch(f"{path}/members/{ada.id}", json={"role": "member"}), 403, "forbidden")
    problem(await bob.api.delete(f"{path}/members/{ada.id}"), 403, "forbidden")
    problem(await ada.api.patch(f"{path}/members/{ada.id}", json={"role": "admin"}), 409, "organization_keeps_owner")
    problem(await ada.api.patch(f"{path}/members/{eve.id}", json={"role": "admin"}), 404, "not_found")
    ok(await bob.api.delete(f"{path}/members/{bob.id}"), 204)
    assert [one["id"] for one in ok(await bob.api.get("/api/workspaces"))] == [bob.workspace]
    ok(await ada.api.delete(f"{path}/workspaces/{ada.workspace}"), 204)
    ok(await ada.api.delete(path), 204)
    problem(await ada.api.get(path), 404, "not_found")
    async with database.connect() as sql:
        acts = await sql.fetch(
            "SELECT DISTINCT action FROM audit_log WHERE actor_id = $1 AND action ~ 'organization'", ada.id
        )
        assert {act for (act,) in acts} >= {
            *("organization_created", "organization_changed", "organization_deleted"),
            *("organization_member_added", "organization_member_changed", "workspace_organization_changed"),
        }


@ON
async def test_its_directory_is_kept_by_admins_and_read_by_members(chat_server: ChatServer) -> None:
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    path = await founded(ada)
    top = ok(await ada.api.post(f"{path}/departments", json={"name": "Works", "external_id": "w"}), 201)
    secret = {"name": "Secret", "parent_id": top["id"], "hidden": True, "place": 2}
    hidden = ok(await ada.api.post(f"{path}/departments", json=secret), 201)
    engineer = ok(await ada.api.post(f"{path}/positions", json={"name": "Engineer"}), 201)
    appointment = {"user_id": eve.id, "department_id": hidden["id"], "position_id": engineer["id"], "is_head": True}
    made = ok(await ada.api.post(f"{path}/appointments", json=appointment), 201)
    assert (made["is_current"], made["is_primary"]) == (True, False)
    assert ok(await eve.api.get(path))["appointments"] == [made]
    seen = [[one["id"] for one in ok(await who.api.get(f"{path}/departments"))] for who in (ada, bob, eve)]
    assert seen == [[top["id"], hidden["id"]], [top["id"]], [top["id"], hidden["id"]]]
    below = f"{path}/departments/{top['id']}/appointments?below=true"
    assert [ok(await who.api.get(below)) for who in (ada, bob, eve)] == [[made], [], [made]]

    problem(
        await ada.api.patch(f"{path}/departments/{top['id']}", json={"parent_id": hidden["id"]}),
        409,
        "department_is_below_itself",
    )
    problem(await ada.api.post(f"{path}/departments", json={"name": "Works"}), 409, "departments_name_key")
    problem(await ada.api.post(f"{path}/departments", json={"name": "x", "parent_id": 999}), 404, "not_found")
    problem(await ada.api.post(f"{path}/departments", json={"name": " "}), 422, "validation_failed")
    problem(await ada.api.delete(f"{path}/departments/{hidden['id']}"), 409, "department_is_empty")
    problem(await ada.api.delete(f"{path}/departments/999"), 404, "not_found")
    renamed = await ada.api.patch(
        f"{path}/departments/{hidden['id']}", json={"name": "Open", "hidden": False, "parent_id": None}
    )
    assert (ok(renamed)["name"], ok(renamed)["parent_id"], ok(renamed)["place"]) == ("Open", None, 2)
    times = {"starts_at": "2030-01-01T00:00:00Z", "ends_at": "2031-01-01T00:00:00Z"}
    later = ok(await ada.api.put(f"{path}/appointments/{made['id']}", json=times))
    assert (later["is_current"], later["is_head"], later["position_id"]) == (False, True, None)
    times["ends_at"] = "2029-01-01T00:00:00Z"
    problem(await ada.api.put(f"{path}/appointments/{made['id']}", json=times), 422, "appointments_times_in_order")
    assert ok(await bob.api.get(f"{path}/departments/{hidden['id']}/appointments")) == []
    ok(await ada.api.delete(f"{path}/appointments/{made['id']}"), 204)
    problem(await ada.api.delete(f"{path}/appointments/{made['id']}"), 404, "not_found")
    ok(await ada.api.put(f"{path}/positions/{engineer['id']}", json={"name": "Engineers"}))
    assert [one["name"] for one in ok(await bob.api.get(f"{path}/positions"))] == ["Engineers"]
    ok(await ada.api.delete(f"{path}/positions/{engineer['id']}"), 204)

    group = ok(await ada.api.post(f"{path}/groups", json={"name": "on-call"}), 201)
    members = f"{path}/groups/{group['id']}/members"
    for _ in range(2):
        ok(await ada.api.put(f"{members}/{bob.id}"), 204)
    assert [one["user_id"] for one in ok(await eve.api.get(members))] == [bob.id]
    assert ok(await bob.api.get(path))["group_ids"] == [group["id"]]
    assert [one["member_count"] for one in ok(await eve.api.get(f"{path}/groups"))] == [1]
    problem(await ada.api.put(f"{members}/999"), 404, "not_found")
    problem(await ada.api.put(f"{path}/groups/999/members/{bob.id}"), 404, "not_found")
    problem(await ada.api.post(f"{path}/groups", json={"name": "ON-CALL"}), 409, "groups_name_key")
    problem(await ada.api.post(f"{path}/groups", json={"name": "all"}), 422, "groups_name_format")
    ok(await ada.api.patch(f"{path}/groups/{group['id']}", json={"description": "Whoever is awake"}))
    for _ in range(2):
        ok(await ada.api.delete(f"{members}/{bob.id}"), 204)
    ok(await ada.api.delete(f"{path}/groups/{group['id']}"), 204)

    # Neither a member nor a guest keeps it, and a guest does not read it.
    ok(await ada.api.patch(f"{path}/members/{eve.id}", json={"kind": "guest"}))
    problem(await eve.api.get(f"{path}/departments"), 403, "forbidden")
    assert ok(await eve.api.get(path))["kind"] == "guest"
    problem(await bob.api.post(f"{path}/departments", json={"name": "x"}), 403, "forbidden")
    problem(await bob.api.get(f"{path}/members"), 403, "forbidden")


@pytest.mark.chat_server(
    features={f"enable_{name}": True for name in ("organizations", "user_roles", "online_statistics", "advanced_admin")}
)
async def test_every_action_needs_the_role_that_the_table_says(chat_server: ChatServer, database: Database) -> None:
    people = await chat_server.team("owner", "admin", "member", "guest", "target")
    outsider = await chat_server.sign_up("outsider")
    owner, target = people[0], people[-1]
    path = await founded(owner)
    await owner.api.patch(f"{path}/members/{people[1].id}", json={"role": "admin"})
    await owner.api.patch(f"{path}/members/{people[3].id}", json={"kind": "guest"})
    async with database.connect() as sql:  # who owns the workspace may be told from who owns the organisation
        await sql.execute(
            "UPDATE workspace_members SET role = 'owner' WHERE workspace_id = $1 AND user_id = ANY ($2)",
            owner.workspace,
            [one.id for one in people[1:3]],
        )
        await sql.execute("SELECT ops.keep_accounts(id) FROM organizations")
    calls: dict[str, Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]] = {
        "see the organisation": lambda api: api.get(path),
        "read its directory": lambda api: api.get(f"{path}/positions"),
        "list its people": lambda api: api.get(f"{path}/members"),
        "add a person": lambda api: api.post(f"{path}/members", json={"user_id": 999}),
        "change a person's role": lambda api: api.patch(f"{path}/members/{target.id}", json={"kind": "member"}),
        "keep its directory": lambda api: api.delete(f"{path}/positions/999"),
        "publish announcements": lambda api: api.get(f"{path}/announcements"),
        "change its name": lambda api: api.put(path, json={"name": "Engines"}),
        "choose its features": lambda api: api.put(f"{path}/features/enable_user_roles", json={"enabled": None}),
        "put a workspace into it, or take it out": lambda api: api.put(f"{path}/workspaces/{owner.workspace}"),
        "see its figures": lambda api: api.get(f"{path}/storage"),
        "read its audit log": lambda api: api.get(f"{path}/audit"),
        "export or delete a person's data": lambda api: api.get(f"{path}/members/{target.id}/deletion"),
        "keep its roles": lambda api: api.get(f"{path}/roles"),
        "see its people's online time": lambda api: api.get(f"/api/statistics/online?organization_id={path[-1]}"),
        "suspend a person, or take that back": lambda api: api.delete(f"{path}/members/{target.id}/suspension"),
        "see and end its people's sessions": lambda api: api.get(f"{path}/sessions"),
        "delete the organisation": lambda api: api.delete(path),
        "remove a person": lambda api: api.delete(f"{path}/members/{target.id}"),
    }
    assert ORGANIZATION_ACTIONS.keys() - calls.keys() == {"leave the organisation"}
    ranks = ("guest", "member", "admin", "owner")
    for action, call in calls.items():
        assert (await call(outsider.api)).status_code == 404, action
        for person, rank in zip((people[3], people[2], people[1], owner), ranks, strict=True):
            needed = ORGANIZATION_ACTIONS[cast("OrganizationAction", action)]
            least = "guest" if action == "see the organisation" else needed
            refused = ranks.index(rank) < ranks.index(least)
            answer = await call(person.api)
            assert (answer.status_code == 403) == refused, (action, rank, answer.text)
            if action == "remove a person" and not refused:
                break


@ON
async def test_an_owner_does_without_a_feature(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    path = await founded(ada)
    switch = f"{path}/features/enable_user_roles"
    problem(await ada.api.put(switch, json={"enabled": True}), 403, "feature_is_the_operators")
    problem(await bob.api.put(switch, json={"enabled": False}), 403, "forbidden")
    ok(await ada.api.put(switch, json={"enabled": False}), 204)
    organization = path.rpartition("/")[2]
    assert ok(await bob.api.get("/api/features"))["organizations"] == {organization: {"enable_user_roles": False}}
    ok(await ada.api.put(switch, json={"enabled": None}), 204)
    assert ok(await bob.api.get("/api/features"))["organizations"] == {}
    problem(await ada.api.put(f"{path}/features/enable_x", json={"enabled": False}), 404, "not_found")


@ON
async def test_switching_it_off_leaves_guests_outside(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    path = await founded(ada)
    ok(await ada.api.patch(f"{path}/members/{bob.id}", json={"kind": "guest"}))

    async def surfaces() -> list[httpx.Response]:
        return [
            await bob.api.get(f"/api/workspaces/{ada.workspace}"),
            await bob.api.get(f"/api/users?workspace_id={ada.workspace}"),
        ]

    before = [answer.status_code for answer in await surfaces()]
    async with database.connect() as sql:
        await sql.execute("UPDATE features SET enabled = false")
    assert before == [answer.status_code for answer in await surfaces()] == [404, 404]
    added = await ada.api.post(f"/api/workspaces/{ada.workspace}/invitations", json={"user_id": bob.id})
    ok(added, 201)
    problem(await bob.api.post(f"/api/invitations/{ada.workspace}/accept"), 409, "guest_is_in_no_workspace")
