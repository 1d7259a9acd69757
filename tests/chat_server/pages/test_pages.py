"""Pages: created empty, with content or from a template, listed, deleted and restored; their members and exports."""

import json
from typing import Any

from tests.chat_server.pages.test_page_content import NEW, PATCH, adding, content, patched
from tests.chat_server.people import ChatServer, Person, ok, problem

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
TREE: dict[str, Any] = {
    "rootId": 1,
    "components": {
        "1": {"id": 1, "name": "Page", "children": [3, 2], "note": "kept"},
        "2": {"id": 2, "name": "Card", "parentId": 1},
        "3": {"id": 3, "name": "Text", "props": {"text": "hi"}, "parentId": 1},
        "4": {"id": 4, "name": "Text", "parentId": 2.0, "order": 1.5},
    },
    "theme": {"dark": True},
}


async def listed(who: Person, workspace: int, **params: Any) -> list[str]:
    return [page["name"] for page in ok(await who.api.get(f"/api/workspaces/{workspace}/pages", params=params))]


async def test_a_page_is_created_listed_changed_deleted_and_restored(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    pages = f"/api/workspaces/{ada.workspace}/pages"
    answer = await ada.api.post(pages, json={"name": "Home"}, headers={"Idempotency-Key": "k"})
    made = ok(answer, 201)
    assert answer.headers["location"] == f"/api/pages/{made['id']}"
    shown = (made["name"], made["role"], made["version"], made["schema"], made["is_template"], made["deleted_at"])
    assert shown == ("Home", "owner", 1, "page", False, None)
    assert ok(await ada.api.post(pages, json={"name": "Home"}, headers={"Idempotency-Key": "k"})) == made
    path = f"/api/pages/{made['id']}"
    assert await listed(ada, ada.workspace, search="OM") == ["Home"]
    assert await listed(bob, ada.workspace) == []
    ok(await ada.api.post(f"{path}/members", json={"user_id": bob.id, "role": "editor"}), 201)
    assert ok(await bob.api.patch(path, json={"name": "Start", "is_template": True}))["is_template"]
    assert ok(await bob.api.patch(path, json={}))["name"] == "Start"
    assert (await listed(bob, ada.workspace, template="true"), await listed(bob, ada.workspace, template="false")) == (
        ["Start"],
        [],
    )
    ok(await bob.api.put(f"{path}/thumbnail", content=PNG))
    assert (await ada.api.get(f"{path}/thumbnail")).content == PNG
    [synced] = ok(await bob.api.get("/api/sync"))["pages"]
    assert (synced["id"], synced["version"], synced["is_template"]) == (made["id"], 1, True)
    problem(await bob.api.delete(path), 403, "forbidden")
    ok(await ada.api.delete(path), 204)
    assert (await listed(ada, ada.workspace), await listed(ada, ada.workspace, deleted="true")) == ([], ["Start"])
    problem(await ada.api.patch(path, json={"name": "x"}), 409, "page_is_deleted")
    problem(await ada.api.post(f"{path}/restore", json={"version": 1}), 409, "page_is_deleted")
    problem(await bob.api.post(f"{path}/restore"), 404, "not_found")
    assert ok(await ada.api.post(f"{path}/restore"))["deleted_at"] is None
    for bad in ({}, {"name": " "}, {"name": "x", "schema": "html"}, {"name": "x", "spam": 1}):
        problem(await ada.api.post(pages, json=bad), 422, "validation_failed")


async def test_a_page_may_begin_with_content(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    page = await ada.page(content=TREE)
    assert await content(ada, page) == TREE
    free: list[Any] = [1, -0.0, "\u0000", None, {"b": 1, "a": 2}]
    other = await ada.page(schema="free", content=free)
    exported = await ada.api.get(f"/api/pages/{other}/export")
    assert exported.content == b'[1,-0.0,"\\u0000",null,{"b":1,"a":2}]'
    assert exported.headers["content-disposition"] == f'attachment; filename="page-{other}.json"'
    assert exported.headers["etag"] == '"1"'
    again = await ada.api.get(f"/api/pages/{other}/export", headers={"If-None-Match": '"1"'})
    assert again.status_code == 304
    assert await content(ada, await ada.page(schema="free", content=None)) is None
    pages = f"/api/workspaces/{ada.workspace}/pages"
    deep: Any = 1
    for _ in range(65):
        deep = [deep]
    for schema, bad in (
        ("page", {}),
        ("page", [1]),
        ("page", {**TREE, "rootId": 9}),
        ("free", {"__proto__": 1}),
        ("free", 2**53),
        ("free", deep),
    ):
        refused = await ada.api.post(pages, json={"name": "x", "schema": schema, "content": bad})
        assert problem(refused, 422, "validation_failed")["errors"][0]["path"] == "content"


async def test_a_page_from_a_template_is_a_copy_with_its_own_ids(chat_server: ChatServer) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    template = await ada.page(bob, name="Landing", content=TREE, is_template=True)
    ok(await patched(ada, template, adding(5, "new"), match="*"))
    page = await bob.page(name="Mine", template=template)
    copy, original = await content(bob, page), await content(ada, template)
    assert not copy["components"].keys() & original["components"].keys()
    assert copy["theme"] == {"dark": True}

    def tree(whole: Any, id_: Any) -> Any:
        """What is below a component, without ids."""
        component = whole["components"][str(int(id_))]
        below = [one["id"] for one in whole["components"].values() if one.get("parentId") == component["id"]]
        inner = {key: value for key, value in component.items() if key not in ("id", "parentId", "children")}
        order = [below.index(child) for child in component.get("children", ())]
        return inner, order, [tree(whole, child) for child in below]

    assert tree(copy, copy["rootId"]) == tree(original, 1)
    assert all(str(one["id"]) == key for key, one in copy["components"].items())
    ok(await patched(bob, page, {"op": "remove", "path": "/theme"}, match="*"))
    assert (await content(ada, template))["theme"] == {"dark": True}
    pages = f"/api/workspaces/{carol.workspace}/pages"
    problem(await carol.api.post(pages, json={"name": "x", "template": template}), 404, "not_found")
    both = {"name": "x", "template": template, "content": NEW}
    problem(await bob.api.post(f"/api/workspaces/{bob.workspace}/pages", json=both), 422, "validation_failed")


async def test_invites_lead_to_pages_and_members_have_roles(chat_server: ChatServer) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    page = await ada.page(bob)
    path = f"/api/pages/{page}"
    made = ok(await bob.api.post(f"{path}/invites", json={"role": "viewer", "max_uses": 1}), 201)
    [shown] = ok(await ada.api.get(f"{path}/invites"))
    assert (shown["page_id"], shown["role"]) == (page, "viewer")
    target = ok(await carol.api.get(f"/api/invites/{made['token']}"))
    assert (target["page_id"], target["board_id"], target["name"]) == (page, None, "plans")
    joined = ok(await carol.api.post(f"/api/invites/{made['token']}/accept"))
    assert (joined["id"], joined["role"], joined["version"]) == (page, "viewer", 1)
    members = ok(await carol.api.get(f"{path}/members"))
    roles = [(page, role) for role in ("owner", "editor", "viewer")]
    assert [(one["page_id"], one["role"]) for one in members] == roles
    assert ok(await ada.api.patch(f"{path}/members/{carol.id}", json={"role": "editor"}))["role"] == "editor"
    assert ok(await ada.api.post(f"{path}/transfer", json={"user_id": bob.id}))["role"] == "editor"
    problem(await bob.api.delete(f"{path}/members/{bob.id}"), 409, "page_keeps_owner")
    ok(await bob.api.delete(f"{path}/members/{carol.id}"), 204)
    problem(await carol.api.get(path), 404, "not_found")
    ok(await bob.api.delete(f"{path}/invites/{shown['id']}"), 204)


async def test_whoever_is_no_member_learns_nothing(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    page = await ada.page()
    for path in ("", "/content", "/history", "/diff?from=1", "/publish", "/comments", "/versions", "/export"):
        hidden = problem(await bob.api.get(f"/api/pages/{page}{path}"), 404, "not_found")
        assert problem(await bob.api.get(f"/api/pages/{2**40}{path}"), 404, "not_found") == hidden
        problem(await chat_server.anybody.get(f"/api/pages/{page}{path}"), 401, "unauthorized")


async def test_changes_by_others_than_members_find_no_page(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    page = await ada.page()
    ok(await ada.api.post(f"/api/pages/{page}/versions", json={"name": "first"}), 201)
    for method, path, body in (
        ("PATCH", "", {"name": "mine"}),
        ("DELETE", "", None),
        ("POST", "/restore", {"version": 1}),
        ("POST", "/restore", None),
        ("POST", "/publish", {"audience": "public"}),
        ("DELETE", "/publish", None),
        ("POST", "/comments", {"component_id": "1", "content": "hi"}),
        ("POST", "/versions", {"name": "mine"}),
        ("POST", "/versions/1/restore", None),
        ("POST", "/members", {"user_id": bob.id}),
        ("POST", "/invites", {}),
    ):
        refused = await bob.api.request(method, f"/api/pages/{page}{path}", json=body)
        hidden = problem(refused, 404, "not_found")
        absent = await bob.api.request(method, f"/api/pages/{2**40}{path}", json=body)
        assert absent.json() == hidden, f"{method} {path}"
    for where in (page, 2**40):
        refused = await bob.api.patch(
            f"/api/pages/{where}/content?version=1", content=json.dumps([]), headers={"Content-Type": PATCH}
        )
        problem(refused, 404, "not_found")
