"""Which features are on, and what is said where one is off."""

import asyncio
import json
import re

import asyncpg
import pytest

from chat_core.database.pool import Pool, open_pool
from chat_core.settings import Settings
from chat_server.http.openapi import FILE
from chat_server.parts import features
from chat_server.parts.features import FEATURES, FEATURES_ON, Features
from tests.chat_server.identity.test_sessions import until
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database


async def test_all_are_off_unless_app_yaml_says_so(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    assert ok(await ada.api.get("/api/features")) == {"features": dict.fromkeys(FEATURES, False), "organizations": {}}
    problem(await chat_server.anybody.get("/api/features"), 401, "unauthorized")


@pytest.mark.chat_server(features={"enable_user_roles": True})
async def test_what_app_yaml_says_is_in_the_database_too(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    said = {name: name == "enable_user_roles" for name in FEATURES}
    async with database.connect() as sql:
        assert {name: await sql.fetchval("SELECT feature_enabled($1)", name) for name in FEATURES} == said
        await sql.execute(
            f"SELECT create_organization({ada.id}, 'Engines'), create_organization({ada.id}, 'Others'); "
            "INSERT INTO organization_features VALUES (1, 'enable_user_roles', false), (2, 'enable_bot_messages', true)"
        )
        assert not await sql.fetchval("SELECT feature_enabled('enable_user_roles', 1)")
        assert await sql.fetchval("SELECT feature_enabled('enable_user_roles', 2)")
    assert ok(await ada.api.get("/api/features")) == {
        "features": said,
        "organizations": {"1": {"enable_user_roles": False}, "2": {"enable_bot_messages": True}},
    }


@pytest.mark.chat_server(features={name: name != "enable_organizations" for name in FEATURES})
async def test_nothing_of_an_organisation_is_there_without_organisations(chat_server: ChatServer) -> None:
    """Whatever else is on: each route that names one, in its path or in its query."""
    ada = await chat_server.sign_up("Ada")
    routes = [
        (method, re.sub(r"{\w+}", "1", path))
        for path, operations in json.loads(FILE.read_bytes())["paths"].items()
        if "{organization_id}" in path
        for method in operations
    ]
    assert len(routes) > 50
    queried = ("/api/admin/overview", "/api/statistics/online", "/api/statistics/online/export")
    for method, path in [*routes, *(("get", f"{path}?organization_id=1") for path in queried)]:
        answer = await ada.api.request(method, path, json=None if method == "get" else {})
        off = problem(answer, 404, "feature_off")
        assert off["feature"] == "enable_organizations", path


async def _switched(chat_server: ChatServer, database: Database, person: Person, name: str, enabled: bool) -> None:
    """In organisation 1; until the server has heard of it."""
    async with database.connect() as sql:
        await sql.execute(
            "INSERT INTO organization_features VALUES (1, $1, $2) ON CONFLICT (organization_id, name) DO UPDATE "
            "SET enabled = $2",
            name,
            enabled,
        )

    async def heard() -> bool:
        answer = await person.api.get(f"/api/workspaces/{person.workspace}/dlp-rules")
        return (answer.status_code == 200) == enabled

    if name == "enable_advanced_admin":
        await until(heard)


@pytest.mark.chat_server(features={"enable_organizations": True, "enable_bot_messages": True})
async def test_a_workspace_has_the_features_of_its_organisation(chat_server: ChatServer, database: Database) -> None:
    ada, mallory = await chat_server.sign_up("Ada"), await chat_server.sign_up("Mallory")
    ok(await ada.api.post("/api/organizations", json={"name": "Engines"}), 201)
    ok(await ada.api.put(f"/api/organizations/1/workspaces/{ada.workspace}"), 204)
    # Tried out in one organisation, it is in its workspaces, and in nobody else's.
    await _switched(chat_server, database, ada, "enable_advanced_admin", enabled=True)
    for path in ("dlp-rules", "holds", "cases", "held-messages"):
        ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/{path}"))
        off = problem(await mallory.api.get(f"/api/workspaces/{mallory.workspace}/{path}"), 404, "feature_off")
        assert off["feature"] == "enable_advanced_admin"
    # Switched off in one, what is there of it stops working there, and nowhere else.
    hooks, tokens = {}, {}
    for person in (ada, mallory):
        chat = await person.chat(type="PublicChannel", name="ci")
        body = {"username": f"ci{person.id}", "fullname": "CI"}
        bot = ok(await person.api.post(f"/api/workspaces/{person.workspace}/bots", json=body), 201)["id"]
        ok(await person.api.post(f"/api/chats/{chat}/members", json={"user_id": bot}), 201)
        made = ok(await person.api.post(f"/api/bots/{bot}/webhooks", json={"chat_id": chat, "name": "ci"}), 201)
        hooks[person] = (f"/api/hooks/{made['id']}", {"Authorization": f"Bearer {made['token']}"})
        wish = {"name": "t", "scopes": ["chats:read"], "days": 1}
        tokens[person] = ok(await person.api.post(f"/api/bots/{bot}/tokens", json=wish), 201)["token"]
    await _switched(chat_server, database, ada, "enable_bot_messages", enabled=False)
    await _switched(chat_server, database, ada, "enable_advanced_admin", enabled=False)  # heard with it
    problem(await ada.api.get(f"/api/workspaces/{ada.workspace}/bots"), 404, "feature_off")
    for person, status in ((ada, 401), (mallory, 201)):
        path, headers = hooks[person]
        ok(await chat_server.anybody.post(path, json={"content": "built"}, headers=headers), status)
    for person, status in ((ada, 401), (mallory, 200)):
        headers = {"Authorization": f"Bearer {tokens[person]}"}
        ok(await chat_server.anybody.get("/api/chats", headers=headers), status)
    # A workspace that leaves the organisation has what the server has.
    ok(await ada.api.delete(f"/api/organizations/1/workspaces/{ada.workspace}"), 204)

    async def back() -> bool:
        return (await ada.api.get(f"/api/workspaces/{ada.workspace}/bots")).status_code == 200

    await until(back)


async def test_no_read_of_the_flags_overtakes_another(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that began before a change would undo it by ending last."""
    read: list[str] = []

    class Noted:
        async def rows(self, pool: Pool) -> list[asyncpg.Record]:
            read.append("begins")
            rows = await FEATURES_ON.rows(pool)
            read.append("ends")
            return rows

    monkeypatch.setattr(features, "FEATURES_ON", Noted())
    settings = Settings.model_validate({"database": {"url": database.chat_url}})
    pool = await open_pool(settings.database, "test")
    try:
        flags = Features(pool, settings)
        await flags.read()  # which also writes what the settings say
        read.clear()
        await asyncio.gather(*(flags.read() for _ in range(3)))
    finally:
        await pool.close()
    assert read == ["begins", "ends"] * 3
