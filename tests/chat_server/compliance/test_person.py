"""`fechatter export person`: all of one person, and nothing that others have said."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from fechatter.commands import person
from fechatter.errors import CommandError
from tests.chat_server.people import ChatServer, Json, Person, chat_server_on, ok, settings
from tests.support.postgres import Database


async def _spoken(chat_server: ChatServer) -> tuple[Person, Person, Json]:
    """Two people who have done something of everything, and the second one's file."""
    ada, bob = await chat_server.team("Ada", "Bob")
    group = await ada.chat(bob)
    messages = f"/api/chats/{group}/messages"
    mine, theirs = await bob.say(group, "my secret"), await ada.say(group, "her secret")
    ok(await bob.api.patch(f"{messages}/{mine['id']}", json={"content": "my word"}))
    gone = await bob.say(group, "too much")
    ok(await bob.api.delete(f"{messages}/{gone['id']}"), 204)
    ok(await bob.api.put(f"{messages}/{theirs['id']}/reactions/👍"))
    ok(await bob.api.put(f"/api/chats/{group}/draft", json={"content": "half a word"}))
    asked = (await ada.say(group, "what?"))["id"]
    ok(await bob.api.put(f"/api/chats/{group}/messages/{asked}/thread/draft", json={"content": "half a reply"}))
    ok(await ada.api.patch(f"/api/workspaces/{ada.workspace}/members/{bob.id}", json={"role": "admin"}))
    upload = await bob.api.post(
        f"/api/workspaces/{ada.workspace}/files", params={"name": "plan.txt"}, content=b"a plan"
    )
    file: Json = ok(upload, 201)
    return ada, bob, file


async def test_all_of_one_person_is_in_the_file_and_nothing_of_others(
    database: Database, keys: Path, tmp_path: Path
) -> None:
    storage = {"directory": tmp_path / "files"}
    async with chat_server_on(settings(database.chat_url, keys, storage=storage)) as chat_server:
        ada, bob, file = await _spoken(chat_server)
    folder = tmp_path / "exports"
    folder.mkdir()
    configured = settings(database.url, keys, storage=storage)
    target = folder / "bob.zip"
    await person.export_person(configured, bob.email, target)
    assert target.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        content = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(content.pop("manifest.json"))
    said = {entry["name"]: entry for entry in manifest["entries"]}
    for name, data in content.items():
        assert (said[name]["bytes"], said[name]["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert manifest["user_id"] == bob.id
    records = {
        name.removesuffix(".jsonl"): [json.loads(line) for line in data.splitlines()]
        for name, data in content.items()
        if name.endswith(".jsonl")
    }
    assert {name: len(found) for name, found in records.items()} == {
        name.removesuffix(".jsonl"): entry["records"] for name, entry in said.items() if name.endswith(".jsonl")
    }
    assert records["profile"][0]["email"] == bob.email
    assert [(message["content"], message["deleted_at"] is None) for message in records["messages"]] == [
        ("my word", True),
        ("", False),
    ]
    assert [edit["content"] for edit in records["messages"][0]["earlier"]] == ["my secret"]
    assert [reaction["emoji"] for reaction in records["reactions"]] == ["👍"]
    assert [draft["content"] for draft in records["drafts"]] == ["half a word", "half a reply"]
    assert {(place["kind"], place["id"]) for place in records["memberships"]} >= {("workspace", ada.workspace)}
    assert "workspace_member_role_changed" in {act["action"] for act in records["audit"]}
    assert {place["kind"] for place in records["memberships"]} == {"workspace", "chat"}
    assert records["sessions"]
    assert [found["id"] for found in records["files"]] == [file["id"]]
    everything = b"".join(content.values()).decode()
    assert "her secret" not in everything
    assert "too much" not in everything
    assert ada.email not in everything
    assert "argon2" not in everything
    with pytest.raises(CommandError, match="already exists"):
        await person.export_person(configured, bob.email, target)
    with pytest.raises(CommandError, match="there is no user"):
        await person.export_person(configured, "nobody@example.com", folder / "nobody.zip")
    assert [path.name for path in folder.iterdir()] == ["bob.zip"]
