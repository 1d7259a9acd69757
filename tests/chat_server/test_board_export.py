"""What is on a board, to take away."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import psutil
import pytest
from pycrdt import Doc, Map, Text

from chat_core.problems import Problem
from chat_server import board_documents
from chat_server.board_documents import BoardDocuments
from tests.chat_server.people import ChatServer, ok, problem
from tests.support.postgres import Database


async def draw(database: Database, board: int, user: int, *updates: bytes) -> None:
    """As notify_server does."""
    async with database.connect() as sql:
        amount = len(updates)
        append = "SELECT board_append('n', $1, $2, $3, 0, false)"
        await sql.execute(append, [board] * amount, [user] * amount, list(updates))


def note(text: str, doc: "Doc[Any] | None" = None) -> bytes:
    """An update that puts a note on a board."""
    doc = doc or Doc[Any]()
    before = doc.get_state()
    doc.get("elements", type=Map)[text] = Map({"text": Text(text)})
    return doc.get_update(before)


async def test_a_board_is_taken_away_as_json_and_for_yjs(chat_server: ChatServer, database: Database) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    board = await ada.board(bob)
    path = f"/api/boards/{board}/export"
    assert ok(await ada.api.get(path)) == {}
    empty = await ada.api.get(path, params={"format": "yjs"})
    assert (empty.content, empty.headers["content-type"]) == (b"\x00\x00", "application/octet-stream")
    doc = Doc[Any]()
    await draw(database, board, ada.id, note("a", doc), note("b", doc))
    answer = await bob.api.get(path)
    assert ok(answer) == {"elements": {"a": {"text": "a"}, "b": {"text": "b"}}}
    assert answer.headers["content-disposition"] == f'attachment; filename="board-{board}.json"'
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers.get_list("cache-control") == ["private, no-cache"]
    taken = await bob.api.get(path, params={"format": "yjs"})
    copy = Doc[Any]()
    copy.apply_update(taken.content)
    assert copy.get("elements", type=Map).to_py() == doc.get("elements", type=Map).to_py()
    for one, options in ((answer, {}), (taken, {"format": "yjs"})):
        headers = {"If-None-Match": one.headers["etag"]}
        assert (await ada.api.get(path, params=options, headers=headers)).status_code == 304
    await draw(database, board, ada.id, note("c", doc))
    later = await ada.api.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert "c" in ok(later)["elements"]
    problem(await carol.api.get(path), 404, "not_found")
    refused = problem(await ada.api.get(path, params={"format": "xml"}), 400, "validation_failed")
    assert refused["errors"] == [{"path": "query.format", "expected": "one of json, yjs"}]
    ok(await ada.api.delete(f"/api/boards/{board}"), 204)
    assert len(ok(await ada.api.get(path))["elements"]) == 3


async def test_a_document_that_cannot_be_read_harms_no_other(chat_server: ChatServer, database: Database) -> None:
    """Nor does the end of the process."""
    ada = await chat_server.sign_up("Ada")
    bad, good = await ada.board(), await ada.board()
    await draw(database, bad, ada.id, b"\xff\xff")
    await draw(database, good, ada.id, note("a"))
    problem(await ada.api.get(f"/api/boards/{bad}/export"), 409, "document_failed")
    assert ok(await ada.api.get(f"/api/boards/{good}/export"))
    [process] = [one for one in psutil.Process().children() if "chat_core.documents.worker" in one.cmdline()]
    process.kill()
    await asyncio.to_thread(process.wait)
    problem(await ada.api.get(f"/api/boards/{good}/export"), 409, "document_failed")
    assert ok(await ada.api.get(f"/api/boards/{good}/export"))


async def test_few_of_one_user_wait_for_a_process_and_others_do_not_wait_for_them() -> None:
    documents = BoardDocuments()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(documents.turn(1))
        waiting = [asyncio.create_task(documents.turn(1).__aenter__()) for _ in range(board_documents.WAITING_EACH)]
        await asyncio.sleep(0)
        assert documents.waiting == board_documents.WAITING_EACH
        with pytest.raises(Problem) as refused:
            await documents.turn(1).__aenter__()
        assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "2"})
        await stack.enter_async_context(documents.turn(2))
        for one in waiting:
            one.cancel()
        await asyncio.wait(waiting)
        assert documents.waiting == 0
