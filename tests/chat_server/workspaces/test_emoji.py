"""Emoji that a workspace has made itself."""

import json
from pathlib import Path

import asyncpg
import pytest

from tests.chat_server.files.test_files import PNG, upload
from tests.chat_server.files.test_uses import sees
from tests.chat_server.people import ChatServer, ok, problem
from tests.support.postgres import Database


async def test_an_emoji_is_seen_by_the_members_of_its_workspace(chat_server: ChatServer, database: Database) -> None:
    ada, bob, eve = *(await chat_server.team("Ada", "Bob")), await chat_server.sign_up("Eve")
    bob.workspace = ada.workspace
    path = f"/api/workspaces/{ada.workspace}/emoji"
    file, other = await upload(bob), await upload(bob, PNG + b"2")
    shipit = ok(await bob.api.put(f"{path}/shipit", json={"file_id": file}))
    assert (shipit["name"], shipit["file_id"], shipit["created_by"]) == ("shipit", file, bob.id)
    assert ok(await bob.api.put(f"{path}/shipit", json={"file_id": file})) == shipit
    problem(await bob.api.put(f"{path}/shipit", json={"file_id": other}), 409, "emoji_exists")
    again = ok(await bob.api.put(f"{path}/again", json={"file_id": file}))
    assert ok(await ada.api.get(path)) == ok(await ada.api.get("/api/sync"))["emoji"] == [again, shipit]
    assert ok(await eve.api.get("/api/sync"))["emoji"] == []
    problem(await eve.api.get(path), 404, "not_found")
    assert [await sees(who, file) for who in (ada, bob, eve)] == [True, True, False]

    chat = await ada.chat(bob)
    message = await bob.say(chat, "done :shipit:")
    reaction = f"/api/chats/{chat}/messages/{message['id']}/reactions/:shipit:"
    [counted] = ok(await ada.api.put(reaction))["reactions"]
    assert (counted["emoji"], counted["user_ids"]) == (":shipit:", [ada.id])

    ok(await ada.api.put(f"/api/workspaces/{ada.workspace}", json={"icon_file_id": file}))
    ok(await ada.api.put(f"/api/workspaces/{ada.workspace}", json={"icon_file_id": None}))
    for _ in range(2):
        ok(await bob.api.delete(f"{path}/again"), 204)
    assert await sees(ada, file)  # the other name has it
    ok(await ada.api.delete(f"{path}/shipit"), 204)
    assert not await sees(ada, file)
    assert ok(await ada.api.get(reaction.rpartition("/")[0]))[0]["emoji"] == ":shipit:"
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT array_agg(id) FROM files") == [other]
        acts = "SELECT action || ' ' || (coalesce(before, after) ->> 'emoji') FROM audit_log WHERE action ~ 'emoji'"
        assert [act for (act,) in await sql.fetch(acts)] == [
            "emoji_added shipit",
            "emoji_added again",
            "emoji_removed again",
            "emoji_removed shipit",
        ]


async def test_what_is_no_emoji(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    path = f"/api/workspaces/{ada.workspace}/emoji"
    file, text = await upload(ada), await upload(ada, b"hello", "a.txt")
    theirs, large = await upload(bob), await upload(ada, PNG + bytes(262_144))
    for name in ("Party", ":shipit:", "p" * 51, "é"):
        problem(await ada.api.put(f"{path}/{name}", json={"file_id": file}), 422, "custom_emoji_name_form")
    for name in ("tada", "+1", "x"):
        problem(await ada.api.put(f"{path}/{name}", json={"file_id": file}), 422, "custom_emoji_name_is_free")
    for unfit in (text, theirs, 999):
        problem(await ada.api.put(f"{path}/xx", json={"file_id": unfit}), 422, "picture_is_seen")
    problem(await ada.api.put(f"{path}/xx", json={"file_id": large}), 422, "custom_emoji_size")
    async with database.connect() as sql:
        with pytest.raises(asyncpg.PostgresError, match=":tada: is the name of a standard emoji"):
            await sql.execute(
                "INSERT INTO custom_emoji (workspace_id, name, file_id) VALUES ($1, 'tada', $2)", ada.workspace, file
            )
        await sql.execute(
            "INSERT INTO custom_emoji (workspace_id, name, file_id) "
            "SELECT $1, 'e' || n, $2 FROM generate_series(1, 500) n",
            ada.workspace,
            file,
        )
    ok(await ada.api.put(f"{path}/e1", json={"file_id": file}))
    problem(await ada.api.put(f"{path}/xx", json={"file_id": file}), 409, "custom_emoji_amount")
    assert len(ok(await ada.api.get(path))) == 500


async def test_the_standard_names_are_those_of_the_picker(database: Database) -> None:
    """`make vendor` writes both."""
    made = (Path(__file__).parents[3] / "web/vendor/emoji_en.js").read_text().partition("export default ")[2]
    rows = [row.split("\t") for row in json.loads(made.rstrip(";\n")).split("\n") if "\t" in row]
    names = {code for row in rows for code in row[2].split()}
    async with database.connect() as sql:
        refused = await sql.fetchval(
            "SELECT array_agg(name) FROM unnest($1::text[]) name WHERE is_standard_emoji(name)", [*names, "shipit"]
        )
    assert set(refused) == names
    assert len(names) > 2500
