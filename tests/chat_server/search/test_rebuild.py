"""`fechatter search rebuild` mends a damaged index, which stays in use."""

import pytest

from chat_core.database.queries import load
from chat_core.settings import Settings
from fechatter.commands.search import rebuild
from tests.chat_server.people import ChatServer, ok
from tests.chat_server.search.finding import found, index
from tests.support.postgres import Database


async def test_a_damaged_index_is_mended(
    chat_server: ChatServer, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    for text in ("one boat", "two boats", "boat three"):
        await ada.say(chat, text)
    page = await ada.page(schema="free", content=["a pier"])
    await index(database)
    async with database.connect() as sql:
        await sql.execute(
            "UPDATE search_pages SET tsv = '';"
            "UPDATE search_documents SET tsv = '' WHERE message_id = 1;"
            "DELETE FROM search_documents WHERE message_id = 3;"
            "INSERT INTO search_documents SELECT 99, chat_id, sender_id, created_at, tsv FROM search_documents LIMIT 1"
        )
        assert await found(ada, "boat") == []
        assert ok(await ada.api.get("/api/search/pages", params={"q": "pier"})) == []
        capsys.readouterr()
        assert await rebuild(Settings.model_validate({"database": {"url": database.url}})) == 0
        assert "the index of messages and pages is complete" in capsys.readouterr().out
        assert await found(ada, "boat") == ["boat three", "one boat"]
        assert [row["page"]["id"] for row in ok(await ada.api.get("/api/search/pages", params={"q": "pier"}))] == [page]
        assert [row[0] for row in await sql.fetch("SELECT message_id FROM search_documents ORDER BY 1")] == [1, 2, 3]


async def test_an_edit_that_was_not_indexed_yet_is_found_while_the_index_is_built_anew(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    message = await ada.say(chat, "one boat")
    await index(database)
    ok(await ada.api.patch(f"/api/chats/{chat}/messages/{message['id']}", json={"content": "one plane"}))
    async with database.connect() as sql:
        await sql.execute("SELECT search_begin((SELECT analyser FROM search_state), true)")
    assert await found(ada, "plane") == ["one plane"]


async def test_how_far_the_index_is_behind_is_measured(chat_server: ChatServer, database: Database) -> None:
    """What /metrics shows, and what has the follower started."""
    ada = await chat_server.sign_up("Ada")
    chat, page = await ada.chat(), await ada.page()
    await ada.say(chat, "one boat")
    async with database.connect() as sql:
        progress = load()["search_progress"]
        before = await progress.one(sql)
        assert before["events_behind"] > 0
        assert before["seconds_behind"] >= 0
        assert not before["pages_waiting"]  # nobody has read of it in the log yet
        await index(database)
        after = await progress.one(sql)
        names = ("events_behind", "seconds_behind", "pages_waiting", "continues", "complete")
        assert [after[name] for name in names] == [0, 0, 0, True, True]
        # What a page says is indexed anew with the messages.
        await sql.execute("SELECT search_begin((SELECT analyser FROM search_state), true)")
        assert (await progress.one(sql))["pages_waiting"] == 1
        assert await found(ada, "boat") == ["one boat"]
        assert ok(await ada.api.get("/api/search/pages", params={"q": "plans"}))[0]["page"]["id"] == page
        await index(database)
        assert (await progress.one(sql))["pages_waiting"] == 0
