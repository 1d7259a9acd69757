"""What the pages of administration ask for: who sees the figures, the audit logs, the sessions and the storage."""

import csv
import io
import json

import pytest

from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database

ON = pytest.mark.chat_server(features={"enable_organizations": True, "enable_advanced_admin": True})


async def _two_organizations(chat_server: ChatServer) -> tuple[Person, Person, Person, Person, int]:
    """Ada's organisation with Bob as an admin and Eve as a member, and Mallory, who owns another one."""
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    mallory = await chat_server.sign_up("Mallory")
    ids = []
    for owner in (ada, mallory):
        made = ok(await owner.api.post("/api/organizations", json={"name": "Engines"}), 201)["id"]
        ok(await owner.api.put(f"/api/organizations/{made}/workspaces/{owner.workspace}"), 204)
        ids.append(made)
    ok(await ada.api.patch(f"/api/organizations/{ids[0]}/members/{bob.id}", json={"role": "admin"}))
    return ada, bob, eve, mallory, ids[0]


async def test_administration_is_off_unless_app_yaml_says_so(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    paths = ("/api/admin/overview", *(f"/api/organizations/1/{what}" for what in ("audit", "sessions", "storage")))
    for path in paths:
        assert problem(await ada.api.get(path), 404, "feature_off")["feature"] == "enable_advanced_admin"
        problem(await chat_server.anybody.get(path), 401, "unauthorized")


@ON
async def test_an_overview_is_for_admins_of_the_organisation_or_operators(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob, eve, mallory, organization = await _two_organizations(chat_server)
    chat, elsewhere = await ada.chat(bob, eve), await mallory.chat()
    for number in range(3):
        await ada.say(chat, f"{number}")
    await mallory.say(elsewhere, "elsewhere")
    path = f"/api/admin/overview?organization_id={organization}"
    own = ok(await bob.api.get(path))
    assert own["people"] == {"active": 3, "inactive": 0, "guests": 0, "bots": 0, "online": 0}
    assert (own["workspaces"], own["chats"], own["documents"], own["sessions"], own["streams"]) == (1, 1, 0, 3, 0)
    assert [day["messages"] for day in own["messages_by_day"]][:6] == [0] * 6
    assert own["messages_by_day"][-1]["messages"] == 3
    assert (own["log"], own["queues"], own["nodes"]) == (None, None, None)
    problem(await eve.api.get(path), 403, "forbidden")
    problem(await mallory.api.get(path), 404, "not_found")
    problem(await ada.api.get("/api/admin/overview"), 403, "forbidden")
    problem(await ada.api.get("/api/admin/overview?organization_id=x"), 400, "validation_failed")
    async with database.connect() as sql:
        await sql.execute("SELECT * FROM ops.appoint_operator($1)", eve.email)
        everything = ok(await eve.api.get("/api/admin/overview"))
        await sql.execute("SELECT * FROM ops.dismiss_operator($1)", eve.email)
        assert await sql.fetchval("SELECT count(*) FROM audit_log WHERE action ~ '^operator_'") == 2
        await sql.execute("INSERT INTO organization_features VALUES ($1, 'enable_organizations', false)", organization)
    problem(await eve.api.get("/api/admin/overview"), 403, "forbidden")
    assert everything["people"]["active"] == 4
    assert everything["messages_by_day"][-1]["messages"] == 4
    assert everything["log"]["position"] > everything["log"]["floor"]
    assert everything["queues"].keys() >= {"mails", "blob_deletions", "held_messages"}
    assert everything["nodes"] == []


@ON
async def test_an_organisations_audit_log_is_its_owners(chat_server: ChatServer) -> None:
    ada, bob, eve, mallory, organization = await _two_organizations(chat_server)
    path = f"/api/organizations/{organization}/audit"
    ok(await bob.api.post(f"/api/organizations/{organization}/departments", json={"name": "=1+1"}), 201)
    acts = ok(await ada.api.get(path))
    assert (acts[0]["action"], acts[0]["actor_id"]) == ("department_added", bob.id)
    assert {act["action"] for act in acts} >= {
        *("organization_created", "organization_member_added", "organization_member_changed"),
        "workspace_organization_changed",
    }
    assert not any(mallory.id in (act["actor_id"], act["target_id"]) for act in acts)
    assert [act["action"] for act in ok(await ada.api.get(path, params={"actor_id": bob.id}))] == ["department_added"]
    assert ok(await ada.api.get(path, params={"action": "department_removed"})) == []
    problem(await bob.api.get(path), 403, "forbidden")
    problem(await mallory.api.get(path), 404, "not_found")
    problem(await ada.api.get(path, params={"since": "2026-01-01T00:00:00"}), 400, "validation_failed")

    for log in (path, f"/api/workspaces/{ada.workspace}/audit"):
        listed = ok(await ada.api.get(log))
        lines = (await ada.api.get(f"{log}/export", params={"format": "jsonl"})).text.splitlines()
        assert [json.loads(line) for line in lines] == listed
        exported = await ada.api.get(f"{log}/export")
        assert exported.headers["content-type"].startswith("text/csv")
        assert exported.headers["content-disposition"].startswith("attachment")
        rows = list(csv.DictReader(io.StringIO(exported.text)))
        assert [int(row["id"]) for row in rows] == [act["id"] for act in listed]
        assert [json.loads(row["after"] or "null") for row in rows] == [act["after"] for act in listed]
        problem(await eve.api.get(f"{log}/export"), 403, "forbidden")
        problem(await mallory.api.get(f"{log}/export"), 404, "not_found")
        problem(await ada.api.get(f"{log}/export", params={"format": "xls"}), 400, "validation_failed")


@ON
async def test_sessions_are_seen_and_ended_only_of_accounts_that_the_organisation_keeps(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob, eve, mallory, organization = await _two_organizations(chat_server)
    path = f"/api/organizations/{organization}/sessions"
    problem(await bob.api.get(path), 403, "accounts_not_kept")
    async with database.connect() as sql:
        await sql.execute("SELECT * FROM ops.keep_accounts($1)", organization)
    listed = ok(await bob.api.get(path))
    assert [one["user_id"] for one in listed] == [ada.id, bob.id, eve.id]
    assert not any(one["current"] for one in listed)
    [of_eve] = ok(await bob.api.get(path, params={"user_id": eve.id}))
    problem(await eve.api.get(path), 403, "forbidden")
    problem(await mallory.api.get(path), 404, "not_found")
    problem(await eve.api.delete(f"{path}/{of_eve['id']}"), 403, "forbidden")
    problem(await bob.api.delete(f"{path}/{listed[0]['id']}"), 403, "forbidden")  # an owner's
    problem(await bob.api.delete(f"{path}/999"), 404, "not_found")
    ok(await bob.api.delete(f"{path}/{of_eve['id']}"), 204)
    problem(await eve.api.get("/api/workspaces"), 401, "unauthorized")
    problem(await bob.api.delete(f"{path}/{of_eve['id']}"), 404, "not_found")
    # Whoever is a member of another organisation, too, is nobody's to look after.
    await mallory.invite(bob)
    assert [one["user_id"] for one in ok(await ada.api.get(path))] == [ada.id]
    problem(await ada.api.delete(f"{path}/{listed[1]['id']}"), 404, "not_found")


@ON
async def test_nobody_gives_an_account_away_by_putting_somebody_into_an_organisation(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob, eve, _, organization = await _two_organizations(chat_server)
    async with database.connect() as sql:
        kept = await sql.fetchval("SELECT people FROM ops.keep_accounts($1)", organization)
    zed = await chat_server.sign_up("Zed")
    await zed.invite(ada)
    path = f"/api/organizations/{organization}"
    ok(await ada.api.post(f"{path}/members", json={"user_id": zed.id}), 201)
    listed = ok(await ada.api.get(f"{path}/sessions"))
    assert {one["user_id"] for one in listed} == {ada.id, bob.id, eve.id}
    assert kept == 3
    problem(await ada.api.get(f"{path}/members/{zed.id}/export"), 403, "accounts_not_kept")
    # Whoever leaves has it back, and keeps it if they are put in again.
    ok(await eve.api.delete(f"{path}/members/{eve.id}"), 204)
    await ada.invite(eve)
    assert eve.id not in {one["user_id"] for one in ok(await ada.api.get(f"{path}/sessions"))}
    # A directory names whom an organisation employs.
    async with database.connect() as sql:
        await sql.execute("UPDATE organization_members SET source = 'staff' WHERE user_id = $1", zed.id)
    assert zed.id in {one["user_id"] for one in ok(await ada.api.get(f"{path}/sessions"))}


@ON
async def test_what_an_organisations_workspaces_store_and_for_how_long(chat_server: ChatServer) -> None:
    ada, bob, eve, mallory, organization = await _two_organizations(chat_server)
    upload = f"/api/workspaces/{ada.workspace}/files"
    ok(await ada.api.post(upload, params={"name": "plan.txt"}, content=b"a plan"), 201)
    ok(await ada.api.put(f"/api/workspaces/{ada.workspace}", json={"name": "Works", "retention_days": 30}))
    path = f"/api/organizations/{organization}/storage"
    [stored] = ok(await bob.api.get(path))
    assert (stored["workspace_id"], stored["retention_days"]) == (ada.workspace, 30)
    assert stored["kinds"]["files"] == stored["bytes"] == 6
    problem(await eve.api.get(path), 403, "forbidden")
    problem(await mallory.api.get(path), 404, "not_found")


@ON
async def test_admins_suspend_people_whose_accounts_the_organisation_keeps_and_let_them_in_again(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob, eve, mallory, organization = await _two_organizations(chat_server)
    path = f"/api/organizations/{organization}/members"
    problem(await chat_server.anybody.put(f"{path}/{eve.id}/suspension"), 401, "unauthorized")
    problem(await bob.api.put(f"{path}/{eve.id}/suspension"), 403, "accounts_not_kept")
    async with database.connect() as sql:
        await sql.execute("SELECT * FROM ops.keep_accounts($1)", organization)
    for act in (ada.api.put, ada.api.delete):
        problem(await act(f"{path}/{mallory.id}/suspension"), 404, "not_found")
    for nobody, status, code in ((eve, 403, "forbidden"), (mallory, 404, "not_found")):
        problem(await nobody.api.put(f"{path}/{bob.id}/suspension"), status, code)
    problem(await bob.api.put(f"{path}/{ada.id}/suspension"), 403, "forbidden")  # an owner's
    problem(await ada.api.put(f"{path}/{ada.id}/suspension"), 403, "forbidden")
    for _ in range(2):
        ok(await bob.api.put(f"{path}/{eve.id}/suspension"), 204)
    problem(await eve.api.get("/api/workspaces"), 401, "unauthorized")
    [listed] = ok(await bob.api.get(path, params={"q": "eve"}))
    assert (listed["status"], listed["is_suspended_here"]) == ("suspended", True)
    acts = ok(await ada.api.get(f"/api/organizations/{organization}/audit", params={"action": "user_suspended"}))
    assert [(act["actor_id"], act["target_id"]) for act in acts] == [(bob.id, eve.id)]
    # An operator's word stays when the organisation takes back its own.
    async with database.connect() as sql:
        status_of = "SELECT status FROM users WHERE id = $1"
        await sql.execute("UPDATE users SET status = 'suspended' WHERE id = $1", eve.id)
        ok(await bob.api.delete(f"{path}/{eve.id}/suspension"), 204)
        assert await sql.fetchval(status_of, eve.id) == "suspended"
        ok(await bob.api.put(f"{path}/{eve.id}/suspension"), 204)
        await sql.execute("SELECT reinstate_by('organization-0', $1)", eve.id)
        await sql.execute("DELETE FROM suspensions WHERE source = 'operator'")
        ok(await bob.api.delete(f"{path}/{eve.id}/suspension"), 204)
        assert await sql.fetchval(status_of, eve.id) == "active"
        # Whoever is taken out of the organisation has the account again: it is not the organisation's any more.
        ok(await bob.api.put(f"{path}/{eve.id}/suspension"), 204)
        ok(await bob.api.delete(f"{path}/{eve.id}"), 204)
        assert await sql.fetchval(status_of, eve.id) == "active"
        await sql.execute("UPDATE sessions SET auth_time = now() - interval '1 day' WHERE user_id = $1", ada.id)
    for act in (ada.api.put, ada.api.delete):
        problem(await act(f"{path}/{bob.id}/suspension"), 403, "reauthentication_required")
