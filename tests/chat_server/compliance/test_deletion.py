"""Deleting a person over REST and by the command: who may, what the store still has, and what a dry run says."""

import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from chat_core.database.pool import open_pool
from chat_core.storage import open_storage
from chat_server.background.deletions import erase_people
from chat_server.background.maintenance import maintain_once
from chat_server.files.cleanup import clean_once
from chat_server.files.uploads import Uploads
from fechatter.commands import person as command
from fechatter.errors import CommandError
from tests.chat_server.people import ChatServer, Person, chat_server_on, ok, problem, settings
from tests.support.postgres import Database

FEATURES = {"enable_organizations": True, "enable_advanced_admin": True}
ON = pytest.mark.chat_server(features=FEATURES)


def stored(folder: Path, content: bytes) -> list[Path]:
    """Files of the store that have these bytes."""
    return [path for path in folder.rglob("*") if path.is_file() and content in path.read_bytes()]


async def _with_a_file(ada: Person, bob: Person, content: bytes) -> int:
    """A chat in which the second one has shared a file."""
    chat = await ada.chat(bob)
    upload = f"/api/workspaces/{ada.workspace}/files"
    file = ok(await bob.api.post(upload, params={"name": "plan.txt"}, content=content), 201)
    body = {"type": "file", "content": "the plan", "files": [file["id"]]}
    ok(await bob.api.post(f"/api/chats/{chat}/messages", json=body), 201)
    return chat


async def test_deletion_reaches_the_bytes_of_files(database: Database, keys: Path, tmp_path: Path) -> None:
    folder, secret = tmp_path / "files", b"a most secret plan"
    configured = settings(database.chat_url, keys, storage={"directory": folder}, features=FEATURES)
    async with chat_server_on(configured) as server:
        ada, bob = await server.team("Ada", "Bob")
        chat = await _with_a_file(ada, bob, secret)
        assert stored(folder, secret)
        exported = await bob.api.get("/api/users/me/export")
        with zipfile.ZipFile(BytesIO(exported.content)) as archive:
            [name] = [name for name in archive.namelist() if name.startswith("files/")]
            assert archive.read(name) == secret
        parts = ok(await bob.api.get("/api/users/me/deletion"))
        assert {(part["what"], part["happens"], part["amount"]) for part in parts} >= {
            ("messages", "goes", 1),
            ("files", "goes", 1),
        }
        ok(await bob.api.delete("/api/users/me"), 204)
        problem(await bob.api.get("/api/users/me/deletion"), 401, "unauthorized")
        problem(await server.sign_in(bob), 401, "wrong_credentials")
        pool = await open_pool(configured.database, "test")
        try:
            while await erase_people(pool):
                pass
            blobs, staging = open_storage(configured)
            await clean_once(pool, Uploads(pool, configured.storage, staging, blobs))
        finally:
            await pool.close()
        assert stored(folder, secret) == []
        [message] = ok(await ada.api.get(f"/api/chats/{chat}/messages"))
        assert (message["content"], message["sender_id"], message["deleted_at"] is None) == ("", bob.id, False)
        [member] = ok(await ada.api.get(f"/api/chats/{chat}/members"))
        assert member["user_id"] == ada.id
    async with database.connect() as sql:
        exports = await sql.fetch("SELECT actor_id, address FROM audit_log WHERE action = 'person_exported'")
        assert [tuple(row) for row in exports] == [(bob.id, None)]


async def test_a_round_of_erasing_is_bounded_and_one_servers(database: Database, keys: Path) -> None:
    state = "SELECT left_at IS NOT NULL, finished_at IS NOT NULL FROM person_deletions ORDER BY user_id"
    pool = await open_pool(settings(database.chat_url, keys).database, "test")
    try:
        async with database.connect() as sql, database.connect() as other:
            for name in ("Ada", "Bob"):
                person = await sql.fetchval("SELECT id FROM create_user($1, $1 || '@example.com')", name)
                await sql.execute("SELECT delete_person($1)", person)
            await other.execute("SELECT pg_advisory_lock(hashtext('fechatter.deletions'))")
            assert not await erase_people(pool, batches=1)
            await maintain_once(pool, 7)
            assert [tuple(row) for row in await sql.fetch(state)] == [(False, False)] * 2
            await other.execute("SELECT pg_advisory_unlock(hashtext('fechatter.deletions'))")
            assert await erase_people(pool, batches=1)
            assert [tuple(row) for row in await sql.fetch(state)] == [(True, False)] * 2
            while await erase_people(pool, batches=1):
                pass
            assert [tuple(row) for row in await sql.fetch(state)] == [(True, True)] * 2
    finally:
        await pool.close()


@ON
async def test_an_organisation_deletes_only_people_whose_accounts_it_keeps(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob, eve, mallory = *(await chat_server.team("Ada", "Bob", "Eve")), await chat_server.sign_up("Mallory")
    organization = ok(await ada.api.post("/api/organizations", json={"name": "Engines"}), 201)["id"]
    path = f"/api/organizations/{organization}"
    ok(await ada.api.put(f"{path}/workspaces/{ada.workspace}"), 204)
    account, exported = f"{path}/members/{bob.id}/account", f"{path}/members/{bob.id}/export"
    preview = f"{path}/members/{bob.id}/deletion"
    for refused in (await ada.api.delete(account), await ada.api.get(exported), await ada.api.get(preview)):
        problem(refused, 403, "accounts_not_kept")
    async with database.connect() as sql:
        await sql.execute("SELECT ops.keep_accounts($1)", organization)
        async with sql.transaction():  # looking waits for nobody who is changing something
            await sql.execute("SELECT FROM organizations FOR UPDATE; SELECT FROM organization_members FOR UPDATE")
            ok(await ada.api.get(preview))
    problem(await eve.api.get(preview), 403, "forbidden")
    problem(await mallory.api.get(preview), 404, "not_found")
    problem(await ada.api.get(f"{path}/members/999/deletion"), 404, "not_found")
    problem(await bob.api.delete("/api/users/me"), 403, "account_is_kept")
    problem(await eve.api.delete(account), 403, "forbidden")
    problem(await mallory.api.delete(account), 404, "not_found")
    problem(await ada.api.delete(f"{path}/members/999/account"), 404, "not_found")
    problem(await chat_server.anybody.delete(account), 401, "unauthorized")
    problem(await ada.api.delete(f"{path}/members/{ada.id}/account"), 409, "person_owns_alone")
    assert (await ada.api.get(exported)).content.startswith(b"PK")
    async with database.connect() as sql:
        await sql.execute("UPDATE sessions SET auth_time = now() - interval '1 year'")
    for path_of in (account, "/api/users/me"):
        problem(await ada.api.delete(path_of), 403, "reauthentication_required")
    problem(await mallory.api.get("/api/users/me/export"), 403, "reauthentication_required")
    async with database.connect() as sql:
        await sql.execute("UPDATE sessions SET auth_time = now()")
    ok(await ada.api.delete(account), 204)
    problem(await bob.api.get("/api/workspaces"), 401, "unauthorized")
    [profile] = [one for one in ok(await ada.api.get(f"{path}/members")) if one["user_id"] == bob.id]
    assert (profile["fullname"], profile["status"]) == ("Deleted user", "inactive")
    assert {act["action"] for act in ok(await ada.api.get(f"{path}/audit"))} >= {"person_deleted", "person_exported"}


@ON
async def test_a_dry_run_says_what_goes_and_changes_nothing(
    chat_server: ChatServer, database: Database, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    await bob.say(chat, "one")
    configured = settings(database.url, keys, storage={"directory": tmp_path})
    await command.delete_person(configured, bob.email, dry_run=True)
    said = capsys.readouterr().out
    assert re.search(r"^goes +1  messages: a tombstone stays", said, re.MULTILINE)
    assert "dry run" in said
    assert len(ok(await bob.api.get("/api/chats"))) == 1
    with pytest.raises(CommandError, match="only owner of workspace"):
        await command.delete_person(configured, ada.email, dry_run=False)
    with pytest.raises(CommandError, match="there is no user"):
        await command.delete_person(configured, "nobody@example.com", dry_run=True)
    await command.delete_person(configured, bob.email, dry_run=False)
    assert "deleted\n" in capsys.readouterr().out
    [message] = ok(await ada.api.get(f"/api/chats/{chat}/messages"))
    assert message["content"] == ""
    with pytest.raises(CommandError, match="there is no user"):
        await command.delete_person(configured, bob.email, dry_run=True)


@ON
async def test_owners_see_how_far_deletions_are_and_what_holds_them(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    mallory, cid = await chat_server.team("Mallory", "Cid")
    firms = []
    for owner in (ada, mallory):
        firm = ok(await owner.api.post("/api/organizations", json={"name": "Engines"}), 201)["id"]
        ok(await owner.api.put(f"/api/organizations/{firm}/workspaces/{owner.workspace}"), 204)
        firms.append(f"/api/organizations/{firm}/deletions")
    ours, theirs = firms
    problem(await chat_server.anybody.get(ours), 401, "unauthorized")
    problem(await eve.api.get(ours), 403, "forbidden")
    problem(await mallory.api.get(ours), 404, "not_found")
    problem(await ada.api.get(ours, params={"done": "perhaps"}), 400, "validation_failed")
    assert ok(await ada.api.get(ours)) == []
    # What Bob has said is held by a hold of the organisation's, and by another one of another's.
    async with database.connect() as sql:
        await sql.execute(
            "INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ($1, $2, 'member')",
            mallory.workspace,
            bob.id,
        )
    for owner in (ada, mallory):
        await bob.say(await owner.chat(bob), "a secret")
        hold = {"name": f"{owner.id} v. Bob", "reason": "a lawsuit", "user_id": bob.id}
        ok(await owner.api.post(f"/api/workspaces/{owner.workspace}/holds", json=hold), 201)
    ok(await bob.api.delete("/api/users/me"), 204)
    ok(await eve.api.delete("/api/users/me"), 204)

    async def shown(**asked: str) -> list[tuple[object, ...]]:
        rows = ok(await ada.api.get(ours, params=asked))
        return [(one["user_id"], one["state"], one["percent"], one["kept"]) for one in rows]

    assert await shown() == await shown(done="false") == [(bob.id, "queued", 0, 0), (eve.id, "queued", 0, 0)]
    assert await shown(limit="1") == [(bob.id, "queued", 0, 0)]
    assert 'rel="next"' in (await ada.api.get(ours, params={"limit": "1"})).headers["link"]
    async with database.connect() as sql:
        await sql.execute("SELECT erase_person($1, 1)", bob.id)
        [(_, state, percent, _), _] = await shown()
        assert (state, 0 < int(str(percent)) <= 80) == ("running", True)
        for person in (bob, eve):
            while not await sql.fetchval("SELECT erase_person($1, 100)", person.id):
                pass
    # Bob's own workspace is his alone: nothing holds it.
    assert await shown() == await shown(done="true") == [(bob.id, "done", 100, 1), (eve.id, "done", 100, 0)]
    assert await shown(done="false") == []
    [of_bob, _] = ok(await ada.api.get(ours))
    assert [(one["name"], one["reason"]) for one in of_bob["holds"]] == [(f"{ada.id} v. Bob", "a lawsuit")]
    [elsewhere] = ok(await mallory.api.get(theirs))
    assert [one["name"] for one in elsewhere["holds"]] == [f"{mallory.id} v. Bob"]
    # Cid is alone in a workspace that is held: it waits for that.
    async with database.connect() as sql:
        await sql.execute(
            "INSERT INTO holds (workspace_id, name, user_id) VALUES ($1, 'of his own', $2)", cid.workspace, cid.id
        )
    ok(await cid.api.delete("/api/users/me"), 204)
    async with database.connect() as sql:
        while not await sql.fetchval("SELECT erase_person($1, 100)", cid.id):
            pass
    # A hold of others' is nobody else's business. Nor is what one is about, to whoever has no right to read it there.
    for state, holds in (("running", []), ("held", [None])):
        [waiting] = ok(await mallory.api.get(theirs, params={"done": "false"}))
        told = (waiting["user_id"], waiting["state"], [one["name"] for one in waiting["holds"]])
        assert not any(one["reason"] for one in waiting["holds"])
        assert told == (cid.id, state, holds)
        async with database.connect() as sql:
            firm = "SELECT organization_id FROM workspaces WHERE id = $1"
            await sql.execute(
                f"UPDATE workspaces SET organization_id = ({firm}) WHERE id = $2", mallory.workspace, cid.workspace
            )
