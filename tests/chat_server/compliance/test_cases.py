"""Holds and exports for cases over REST: who may do what, and what an export has."""

import json
from pathlib import Path

import asyncpg
import pytest

from chat_core.chained_lines import Damaged, verify
from tests.chat_server.people import ChatServer, Json, Person, ok, problem
from tests.command.command import fechatter
from tests.support.postgres import Database

pytestmark = pytest.mark.chat_server(features={"enable_advanced_admin": True})


async def owners(chat_server: ChatServer, database: Database) -> tuple[Person, Person, Person]:
    """Two owners of the first one's workspace, and a member. It may export cases."""
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    ok(await ada.api.patch(f"/api/workspaces/{ada.workspace}/members/{bob.id}", json={"role": "owner"}))
    async with database.connect() as sql:
        await sql.execute("SELECT ops.let_export_cases($1)", ada.workspace)
    return ada, bob, eve


async def place(person: Person, **scope: object) -> Json:
    body = {"name": "a case", "reason": "a letter from a court", **scope}
    placed: Json = ok(await person.api.post(f"/api/workspaces/{person.workspace}/holds", json=body), 201)
    return placed


async def test_owners_place_and_release_holds_and_nobody_else(chat_server: ChatServer, database: Database) -> None:
    ada, bob, eve = await owners(chat_server, database)
    stranger = await chat_server.sign_up("Mallory")
    path = f"/api/workspaces/{ada.workspace}/holds"
    body = {"name": "a case", "user_id": eve.id}
    problem(await chat_server.anybody.post(path, json=body), 401, "unauthorized")
    problem(await eve.api.post(path, json=body), 403, "forbidden")
    problem(await stranger.api.post(path, json=body), 404, "not_found")
    problem(await ada.api.post(path, json={"name": "everything"}), 422, "validation_failed")
    backwards = {"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
    problem(await ada.api.post(path, json={**body, **backwards}), 422, "validation_failed")
    problem(await ada.api.post(path, json={"name": "x", "chat_id": 99999}), 422, "hold_chat_in_workspace")
    key = {"Idempotency-Key": "once"}
    placed = ok(await ada.api.post(path, json=body, headers=key), 201)
    assert ok(await ada.api.post(path, json=body, headers=key)) == placed
    assert (placed["user_id"], placed["placed_by"], placed["released_at"]) == (eve.id, ada.id, None)
    assert ok(await bob.api.get(f"{path}/{placed['id']}")) == placed
    problem(await bob.api.get(f"{path}/{placed['id'] + 1}"), 404, "not_found")
    problem(await eve.api.get(path), 403, "forbidden")
    release = f"{path}/{placed['id']}/release"
    problem(await eve.api.post(release, json={}), 403, "forbidden")
    problem(await bob.api.post(f"{path}/99/release", json={}), 404, "not_found")
    problem(await ada.api.delete(f"/api/workspaces/{ada.workspace}"), 409, "workspace_is_held")
    on_bob = await place(ada, user_id=bob.id)
    problem(await bob.api.post(f"{path}/{on_bob['id']}/release", json={}), 403, "hold_is_released_by_another")
    ok(await ada.api.post(f"{path}/{on_bob['id']}/release", json={}))
    async with database.connect() as sql:
        await sql.execute("UPDATE sessions SET auth_time = now() - interval '1 day' WHERE user_id = $1", ada.id)
    problem(await ada.api.post(release, json={}), 403, "reauthentication_required")
    released = ok(await bob.api.post(release, json={"reason": "settled"}))
    assert (released["released_by"], released["release_reason"]) == (bob.id, "settled")
    problem(await bob.api.post(release, json={"reason": "again"}), 409, "hold_is_released")
    assert ok(await ada.api.get(path, params={"released": "false"})) == []
    assert ok(await ada.api.get(path, params={"released": "true"}))[-1] == released
    acts = ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/audit", params={"limit": 1}))
    assert [(act["action"], act["actor_id"]) for act in acts] == [("hold_released", bob.id)]


async def test_one_asks_another_approves_and_the_first_one_fetches(
    chat_server: ChatServer, database: Database, tmp_path: Path
) -> None:
    ada, bob, eve = await owners(chat_server, database)
    group = await ada.chat(bob, eve)
    messages = f"/api/chats/{group}/messages"
    stays, goes = await eve.say(group, "I know nothing"), await eve.say(group, "shred it")
    hold = await place(ada, user_id=eve.id)
    ok(await eve.api.patch(f"{messages}/{stays['id']}", json={"content": "I know"}))
    ok(await eve.api.delete(f"{messages}/{goes['id']}"), 204)
    cases = f"/api/workspaces/{ada.workspace}/cases"
    asked = ok(await ada.api.post(cases, json={"hold_id": hold["id"], "reason": "for the court"}), 201)
    case = f"{cases}/{asked['id']}"
    assert asked["status"] == "asked"
    problem(await ada.api.get(f"{case}/export"), 409, "case_is_approved")
    problem(await ada.api.post(f"{case}/approve"), 403, "cases_two_people")
    problem(await eve.api.post(f"{case}/approve"), 403, "forbidden")
    assert ok(await bob.api.post(f"{case}/approve"))["status"] == "approved"
    problem(await bob.api.post(f"{case}/decline"), 409, "case_is_decided")
    problem(await bob.api.get(f"{case}/export"), 403, "forbidden")
    problem(await chat_server.anybody.get(f"{case}/export"), 401, "unauthorized")
    exported = await ada.api.get(f"{case}/export")
    assert (exported.status_code, exported.headers["content-type"]) == (200, "application/jsonl")
    file = tmp_path / "case.jsonl"
    file.write_bytes(exported.content)
    lines = [json.loads(line) for line in exported.content.splitlines()]
    assert (lines[0]["manifest"]["asked_by"], lines[0]["manifest"]["approved_by"]) == (ada.id, bob.id)
    records = [line["record"] for line in lines[1:-1]]
    assert [(record["message_id"], record["content"]["content"], record["lost"]) for record in records] == [
        (stays["id"], "I know", None),
        (stays["id"], "I know nothing", "edited"),
        (goes["id"], "shred it", "deleted"),
    ]
    shown = ok(await ada.api.get(case))
    assert (shown["records"], shown["sha256"]) == (3, verify(exported.content.splitlines(keepends=True)).sha256)
    done = fechatter(tmp_path, "export", "verify", str(file))
    assert done.returncode == 0, done.stderr
    assert shown["sha256"] in done.stdout
    file.write_bytes(exported.content.replace(b"shred it", b"keep it!"))
    done = fechatter(tmp_path, "export", "verify", str(file))
    assert (done.returncode, "line 5 does not follow line 4" in done.stderr) == (1, True), done.stderr
    acts = ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/audit", params={"limit": 4}))[::-1]
    assert [(act["action"], act["actor_id"]) for act in acts] == [
        ("case_asked", ada.id),
        ("case_approved", bob.id),
        ("case_export_begun", ada.id),
        ("case_exported", ada.id),
    ]
    ok(await ada.api.post(f"/api/workspaces/{ada.workspace}/holds/{hold['id']}/release", json={}))
    problem(await ada.api.get(f"{case}/export"), 409, "case_is_approved")


async def test_a_case_is_about_a_hold_of_its_workspace_and_is_declined_for_good(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob, eve = await owners(chat_server, database)
    hold = await place(ada, user_id=eve.id)
    cases = f"/api/workspaces/{ada.workspace}/cases"
    elsewhere = f"/api/workspaces/{eve.workspace}/cases"
    body = {"hold_id": hold["id"], "reason": "x"}
    problem(await eve.api.post(elsewhere, json=body), 422, "case_hold_in_workspace")
    problem(await eve.api.post(cases, json=body), 403, "forbidden")
    problem(await ada.api.post(cases, json={**body, "reason": " "}), 422, "validation_failed")
    problem(await chat_server.anybody.get(cases), 401, "unauthorized")
    asked = ok(await ada.api.post(cases, json=body), 201)
    problem(await eve.api.get(f"{elsewhere}/{asked['id']}"), 404, "not_found")
    problem(await eve.api.post(f"{elsewhere}/{asked['id']}/approve"), 404, "not_found")
    assert ok(await ada.api.post(f"{cases}/{asked['id']}/decline"))["status"] == "declined", "one's own: withdrawn"
    problem(await bob.api.post(f"{cases}/{asked['id']}/approve"), 409, "case_is_decided")
    assert [case["id"] for case in ok(await bob.api.get(cases))] == [asked["id"]]


async def test_an_owner_with_two_accounts_exports_nothing_unless_the_operator_lets_it(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob, puppet = await owners(chat_server, database)
    ok(await ada.api.patch(f"/api/workspaces/{ada.workspace}/members/{puppet.id}", json={"role": "owner"}))
    cases = f"/api/workspaces/{ada.workspace}/cases"
    body = {"hold_id": (await place(ada, user_id=bob.id))["id"], "reason": "x"}
    asked, approved = [f"{cases}/{ok(await ada.api.post(cases, json=body), 201)['id']}" for _ in range(2)]
    ok(await puppet.api.post(f"{approved}/approve"))
    async with database.connect() as sql:
        await sql.execute("SELECT ops.let_export_cases($1, false)", ada.workspace)
        for statement in (
            "INSERT INTO cases (workspace_id, hold_id, reason, asked_by) SELECT workspace_id, id, 'x', 1 FROM holds",
            "UPDATE cases SET approved = true, decided_by = 3 WHERE approved IS NULL",
        ):
            with pytest.raises(asyncpg.PostgresError) as refused:
                await sql.execute(statement)
            assert refused.value.constraint_name == "workspace_may_not_export_cases", statement
    problem(await ada.api.post(cases, json=body), 403, "workspace_may_not_export_cases")
    problem(await puppet.api.post(f"{asked}/approve"), 403, "workspace_may_not_export_cases")
    problem(await ada.api.get(f"{approved}/export"), 403, "workspace_may_not_export_cases")
    ok(await puppet.api.post(f"{asked}/decline"))


@pytest.mark.chat_server
async def test_with_the_feature_off_there_are_no_routes(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for answer in (
        await ada.api.get(f"/api/workspaces/{ada.workspace}/holds"),
        await ada.api.get(f"/api/workspaces/{ada.workspace}/cases"),
    ):
        problem(answer, 404, "feature_off")


def lines_of(amount: int) -> list[bytes]:
    from chat_core.chained_lines import Chain

    chain = Chain()
    return [
        chain.manifest('{"case_id":1,"workspace_id":1}'),
        *(chain.record(f'{{"a":{number}}}') for number in range(amount)),
        chain.end(),
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[1:], "line 1 does not follow"),
        (lambda lines: lines[:2] + lines[3:], "line 3 does not follow line 2"),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "line 2 does not follow"),
        (lambda lines: lines[:-1], "it has no last line"),
        (lambda lines: [*lines[:-1], lines[-1].rstrip()], "cut off"),
        (lambda lines: [*lines, lines[-1]], "comes after the last one"),
        (lambda lines: [lines[0], lines[1].replace(b'"a":0', b'"a":9'), *lines[2:]], "line 3 does not follow"),
        (lambda lines: [b"{}\n"], "line 1 is not one of an export"),
        (lambda lines: [], "it has no last line"),
        (lambda lines: lines_of(1)[:1] + lines_of(3)[2:], "line 2 does not follow"),
    ],
)
def test_lines_that_were_changed_added_left_out_or_cut_off_are_noticed(change, said: str) -> None:  # type: ignore[no-untyped-def]
    lines = lines_of(3)
    assert verify(lines).records == 3
    with pytest.raises(Damaged, match=said):
        verify(change(lines))


def test_the_files_that_are_not_there_are_one_line(tmp_path: Path) -> None:
    done = fechatter(tmp_path, "export", "verify", "nowhere.jsonl")
    assert done.returncode == 1
    assert "cannot be read" in done.stderr
