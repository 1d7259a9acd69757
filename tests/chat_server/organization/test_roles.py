"""Roles over REST: what they add to a membership, by whom they are bound, and why somebody may do something."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chat_server.access.actions import CHAT_ACTIONS, DOCUMENT_ACTIONS, ORGANIZATION_ACTIONS, WORKSPACE_ACTIONS
from chat_server.access.names import CHAT_NAMES, DOCUMENT_NAMES, ORGANIZATION_NAMES, WORKSPACE_NAMES
from tests.chat_server.organization.test_organizations import founded
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database

ON = pytest.mark.chat_server(features={"enable_organizations": True, "enable_user_roles": True})


async def create_role(keeper: Person, path: str, *permissions: str, name: str = "Helper") -> int:
    body = {"name": name, "permissions": list(permissions)}
    return int(ok(await keeper.api.post(f"{path}/roles", json=body), 201)["id"])


async def bind(keeper: Person, path: str, role: int, **to: Any) -> Any:
    return ok(await keeper.api.post(f"{path}/role-bindings", json={"role_id": role, **to}), 201)


async def explain(asker: Person, permission: str, status: int = 200, **more: Any) -> Any:
    return ok(await asker.api.get("/api/permissions/explain", params={"permission": permission, **more}), status)


def test_each_action_of_an_organisation_has_a_name() -> None:
    assert ORGANIZATION_NAMES.keys() == ORGANIZATION_ACTIONS.keys()


async def test_sql_needs_the_same_roles(database: Database) -> None:
    async with database.connect() as sql:
        needed = {row["name"]: row["needed"] for row in await sql.fetch("SELECT * FROM permissions_needed()")}
        known = {row[0] for row in await sql.fetch("SELECT name FROM permissions_known()")}
        bindable = set(await sql.fetchval("SELECT permissions_bindable()"))
    expected: dict[str, list[str]] = {name: [ORGANIZATION_ACTIONS[one]] for one, name in ORGANIZATION_NAMES.items()}
    expected |= {name: [WORKSPACE_ACTIONS[one]] for one, name in WORKSPACE_NAMES.items()}
    expected |= {name: list(CHAT_ACTIONS[one].values()) for one, name in CHAT_NAMES.items()}
    expected |= {name: [DOCUMENT_ACTIONS[one]] for one, name in DOCUMENT_NAMES.items()}
    assert needed == expected
    assert known == needed.keys() > bindable


async def test_they_are_off_unless_app_yaml_says_so(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for path in ("/api/organizations/1/roles", "/api/organizations/1/role-bindings", "/api/permissions"):
        assert problem(await ada.api.get(path), 404, "feature_off")["feature"] == "enable_user_roles"
        problem(await chat_server.anybody.get(path), 401, "unauthorized")
    params = {"permission": "chat.pin", "chat_id": "1"}
    problem(await ada.api.get("/api/permissions/explain", params=params), 404, "feature_off")


@ON
async def test_a_role_of_a_group_lets_a_member_pin(chat_server: ChatServer, database: Database) -> None:
    ada, bob, cid = await chat_server.team("Ada", "Bob", "Cid")
    path = await founded(ada)
    body = {"type": "PrivateChannel", "name": "c", "members": [bob.id, cid.id], "workspace_id": ada.workspace}
    chat = ok(await ada.api.post("/api/chats", json=body), 201)["id"]
    said = await ada.say(chat, "hi")
    pin = f"/api/chats/{chat}/messages/{said['id']}/pin"
    problem(await bob.api.put(pin), 403, "forbidden")
    group = ok(await ada.api.post(f"{path}/groups", json={"name": "pinners"}), 201)["id"]
    ok(await ada.api.put(f"{path}/groups/{group}/members/{bob.id}"), 204)
    every = ["chat.pin", "chat.rename", "chat.delete_others_messages", "workspace.fetch_links"]
    role = await create_role(ada, path, *every)
    assert not (await explain(bob, "chat.pin", chat_id=chat))["allowed"]
    bound = await bind(ada, path, role, group_id=group, workspace_id=ada.workspace)
    assert (await bob.api.put(pin)).is_success
    problem(await cid.api.put(pin), 403, "forbidden")
    # What a route asks for in its middle is granted, too, and nothing besides.
    ok(await bob.api.delete(f"/api/chats/{chat}/messages/{(await ada.say(chat, 'hi'))['id']}"), 204)
    workspace = f"/api/workspaces/{ada.workspace}"
    ok(await bob.api.put(workspace, json={"link_previews": False}))
    problem(await bob.api.put(workspace, json={"link_previews": True, "name": "Bob's"}), 403, "forbidden")
    problem(await bob.api.put(workspace, json={"public_publishing": False}), 403, "forbidden")
    explained = await explain(bob, "chat.pin", chat_id=chat)
    assert explained["allowed"]
    assert explained["refusal"] is None
    assert explained["sources"] == [{"source": "binding", "role": "Helper", "binding": bound}]
    assert await explain(ada, "chat.pin", chat_id=chat, user_id=bob.id) == explained
    problem(
        await bob.api.get(
            "/api/permissions/explain", params={"permission": "chat.pin", "chat_id": chat, "user_id": cid.id}
        ),
        403,
        "forbidden",
    )
    refused = await explain(ada, "chat.pin", chat_id=chat, user_id=cid.id)
    assert (refused["allowed"], refused["sources"], refused["refusal"]["code"]) == (False, [], "forbidden")
    owner = await explain(ada, "chat.pin", chat_id=chat)
    assert owner["sources"] == [{"source": "membership", "role": "owner", "binding": None}]
    ok(await ada.api.post(f"/api/chats/{chat}/archive"))
    archived = await explain(bob, "chat.pin", chat_id=chat)
    assert (archived["allowed"], archived["refusal"]["code"]) == (False, "chat_is_archived")
    ok(await ada.api.post(f"/api/chats/{chat}/unarchive"))

    [own] = ok(await bob.api.get("/api/sync"))["organizations"]
    assert [(one["id"], one["permissions"]) for one in own["bindings"]] == [(bound["id"], sorted(every))]
    # Out of the group, the role, the binding: each is enough.
    ok(await ada.api.delete(f"{path}/groups/{group}/members/{bob.id}"), 204)
    problem(await bob.api.put(pin), 403, "forbidden")
    ok(await ada.api.put(f"{path}/groups/{group}/members/{bob.id}"), 204)
    assert (await bob.api.put(pin)).is_success
    ok(await ada.api.patch(f"{path}/roles/{role}", json={"permissions": ["chat.rename"]}))
    problem(await bob.api.put(pin), 403, "forbidden")
    ok(await ada.api.patch(f"{path}/roles/{role}", json={"permissions": ["chat.pin"], "name": "Pinner"}))
    assert (await bob.api.put(pin)).is_success
    async with database.connect() as sql:
        await sql.execute("UPDATE features SET enabled = false WHERE name = 'enable_user_roles'")
        assert (await bob.api.put(pin)).status_code == 403
        await sql.execute("UPDATE features SET enabled = true WHERE name = 'enable_user_roles'")
        assert (await bob.api.put(pin)).is_success
        await sql.execute("DELETE FROM role_bindings")
        problem(await bob.api.put(pin), 403, "forbidden")
        audited = await sql.fetchval("SELECT array_agg(action ORDER BY id) FROM audit_log WHERE action LIKE 'role%'")
    assert audited == ["role_added", "role_binding_added", "role_changed", "role_changed", "role_binding_removed"]


@ON
async def test_roles_and_bindings_over_rest(chat_server: ChatServer) -> None:
    ada, bob, eve = *(await chat_server.team("Ada", "Bob")), await chat_server.sign_up("Eve")
    path = await founded(ada)
    known = {one["name"]: one for one in ok(await ada.api.get("/api/permissions"))}
    assert known["chat.pin"] == {
        "name": "chat.pin",
        "kind": "chat",
        "needed": ["member", "member", "admin", "admin"],
        "bindable": True,
        "shows": False,
        "delegable": False,
    }
    role = await create_role(ada, path, "workspace.rename", "chat.pin", "chat.pin")
    listed = ok(await ada.api.get(f"{path}/roles"))
    assert [one["name"] for one in listed] == ["owner", "admin", "member", "editor", "viewer", "guest", "Helper"]
    assert [one["built_in"] for one in listed] == [True] * 6 + [False]
    assert listed[-1]["permissions"] == ["chat.pin", "workspace.rename"]
    assert "workspace.rename" in listed[1]["permissions"]
    assert listed[5]["permissions"] == ["organization.leave", "organization.see"]
    for outsider, status, code in ((bob, 403, "forbidden"), (eve, 404, "not_found")):
        problem(await outsider.api.get(f"{path}/roles"), status, code)
        problem(await outsider.api.post(f"{path}/roles", json={"name": "x", "permissions": []}), status, code)
        problem(await outsider.api.patch(f"{path}/roles/{role}", json={}), status, code)
        problem(await outsider.api.delete(f"{path}/roles/{role}"), status, code)
        problem(await outsider.api.get(f"{path}/role-bindings"), status, code)
        problem(await outsider.api.post(f"{path}/role-bindings", json={"role_id": role, "user_id": 1}), status, code)
        problem(await outsider.api.patch(f"{path}/role-bindings/1", json={"ends_at": None}), status, code)
        problem(await outsider.api.delete(f"{path}/role-bindings/1"), status, code)
    refused: tuple[tuple[Any, int, str], ...] = (
        ({"name": "Helper", "permissions": []}, 409, "roles_name_key"),
        ({"name": "Owner", "permissions": []}, 422, "roles_name_built_in"),
        ({"name": "x", "permissions": ["chat.fly"]}, 422, "role_permissions_bindable"),
        ({"name": "x", "permissions": ["chat.delete"]}, 422, "role_permissions_bindable"),
        ({"name": "x", "permissions": ["Chat"]}, 422, "validation_failed"),
        ({"name": "x"}, 422, "validation_failed"),
    )
    for body, status, code in refused:
        problem(await ada.api.post(f"{path}/roles", json=body), status, code)
    problem(await ada.api.patch(f"{path}/roles/1", json={"name": "Boss"}), 404, "not_found")
    problem(await ada.api.delete(f"{path}/roles/1"), 404, "not_found")

    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    bound = await bind(ada, path, role, user_id=bob.id, workspace_id=ada.workspace, ends_at=soon)
    ok(await bob.api.put(f"/api/workspaces/{ada.workspace}", json={"name": "Bob's"}))
    refused = (
        ({"user_id": bob.id, "workspace_id": ada.workspace}, 409, "role_bindings_key"),
        ({"workspace_id": ada.workspace}, 422, "validation_failed"),
        ({"user_id": bob.id, "group_id": 1}, 422, "validation_failed"),
        ({"user_id": bob.id, "chat_id": 1, "page_id": 1}, 422, "validation_failed"),
        ({"user_id": bob.id, "page_id": 999}, 422, "validation_failed"),
        ({"user_id": eve.id}, 404, "not_found"),
        ({"user_id": bob.id, "workspace_id": eve.workspace}, 422, "role_binding_is_of_organization"),
        ({"user_id": bob.id, "ends_at": "2020-01-01T00:00:00Z"}, 422, "role_binding_ends_later"),
    )
    for body, status, code in refused:
        problem(await ada.api.post(f"{path}/role-bindings", json={"role_id": role, **body}), status, code)
    built_in = {"role_id": 2, "user_id": bob.id}
    problem(await ada.api.post(f"{path}/role-bindings", json=built_in), 404, "not_found")
    assert ok(await ada.api.get(f"{path}/role-bindings")) == [bound]
    assert ok(await ada.api.get(f"{path}/role-bindings", params={"role_id": role, "user_id": bob.id})) == [bound]
    assert ok(await ada.api.get(f"{path}/role-bindings", params={"user_id": ada.id})) == []
    changed = ok(await ada.api.patch(f"{path}/role-bindings/{bound['id']}", json={"ends_at": None}))
    assert changed == {**bound, "ends_at": None}
    ok(await ada.api.delete(f"{path}/role-bindings/{bound['id']}"), 204)
    problem(await ada.api.delete(f"{path}/role-bindings/{bound['id']}"), 404, "not_found")
    problem(await bob.api.put(f"/api/workspaces/{ada.workspace}", json={"name": "Bob's"}), 403, "forbidden")
    ok(await ada.api.delete(f"{path}/roles/{role}"), 204)
    for more in ({}, {"workspace_id": str(ada.workspace)}, {"chat_id": "1", "page_id": "1"}):
        asked = await ada.api.get("/api/permissions/explain", params={"permission": "chat.pin", **more})
        problem(asked, 422, "validation_failed")
    hidden = {"permission": "workspace.see", "workspace_id": str(eve.workspace)}
    problem(await ada.api.get("/api/permissions/explain", params=hidden), 404, "not_found")
