"""What is on a board, to take away."""

import asyncio
import json
import math
import struct
from contextlib import AsyncExitStack
from typing import Any

import psutil
import pytest
from pycrdt import Doc, Map, Text

from chat_core.documents import lib0, worker
from chat_core.documents.updates import Extent
from chat_core.problems import Problem
from chat_server.parts import board_documents
from chat_server.parts.board_documents import BoardDocuments
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


# An item of client 7 that says that it is to the right of itself: no client takes it.
BESIDE_ITSELF = b"\x01\x01\x07\x00\x84\x07\x00\x01a\x00"


async def test_a_board_goes_on_without_an_update_on_which_yjs_fails(
    chat_server: ChatServer, database: Database
) -> None:
    """What older servers have taken, say."""
    ada, bob = await chat_server.team("Ada", "Bob")
    board = await ada.board(bob)
    for update in (note("a"), BESIDE_ITSELF, b"\xff\xff", note("b")):
        await draw(database, board, bob.id, update)
    assert ok(await ada.api.get(f"/api/boards/{board}/export"))["elements"].keys() == {"a", "b"}
    first, second = ok(await ada.api.get(f"/api/boards/{board}/quarantine"))
    assert (first["seq"], first["user_id"], first["bytes"]) == (2, bob.id, len(BESIDE_ITSELF))
    assert first["reason"].startswith("TypeError: ")
    assert second["seq"] == 3
    page = await ada.api.get(f"/api/boards/{board}/quarantine", params={"limit": 1})
    assert (ok(page), "after_id=2" in page.headers["Link"]) == ([first], True)
    async with database.connect() as sql:
        told = await sql.fetch("SELECT user_id, payload FROM events WHERE kind = 'BoardUpdateQuarantined'")
        assert [(row["user_id"], json.loads(row["payload"])["seq"]) for row in told] == [(ada.id, 2), (ada.id, 3)]
        assert await sql.fetchval("SELECT ops.release_update($1, 2)", board) == 5
        await sql.execute("SELECT ops.delete_quarantined($1, 3)", board)
    ok(await ada.api.post(f"/api/boards/{board}/versions", json={"name": "first"}), 201)
    assert [one["seq"] for one in ok(await ada.api.get(f"/api/boards/{board}/quarantine"))] == [5]


async def test_values_that_clients_have_are_exported_compared_and_restored(
    chat_server: ChatServer, database: Database
) -> None:
    """JSON has nothing for some of them; a document has. The twelve bytes are an old client's [1]."""
    ada = await chat_server.sign_up("Ada")
    board = await ada.board()
    await draw(database, board, ada.id, bytes.fromhex("010107000201017401013100"))
    any_of = {"NaN": b"\x7b" + struct.pack(">d", math.nan), "infinity": b"\x7b" + struct.pack(">d", -math.inf)}
    any_of |= {"big": b"\x7a" + (2**62).to_bytes(8, "big"), "undefined": b"\x7f", "deep": b"\x75\x01" * 400 + b"\x7e"}
    any_of["-0"] = b"\x7d\x40"
    update = b"\x01" + bytes((len(any_of), 8, 0))
    for key, value in any_of.items():
        update += b"\x28\x01\x01m" + lib0.string(key) + b"\x01" + value
    Extent.of_new(update + b"\x00")
    await draw(database, board, ada.id, update + b"\x00")
    exported = await ada.api.get(f"/api/boards/{board}/export")
    shown = ok(exported)
    deep = shown["m"].pop("deep")
    assert shown == {"t": [1], "m": {"NaN": None, "infinity": None, "big": 2**62, "undefined": None, "-0": 0}}
    assert str(2**62).encode() in exported.content
    assert b'"-0":-0' in exported.content
    assert json.dumps(deep) == "[" * 400 + "null" + "]" * 400
    version = ok(await ada.api.post(f"/api/boards/{board}/versions", json={"name": "first"}), 201)["id"]
    path = f"/api/boards/{board}/versions/{version}"
    cleared = b"\x00\x01\x08\x01\x00" + bytes((len(any_of),))
    await draw(database, board, ada.id, cleared)
    assert ok(await ada.api.get(f"{path}/compare"))["changes"] == [{"op": "remove", "path": "/m"}]
    ok(await ada.api.post(f"{path}/restore"), 201)
    assert (await ada.api.get(f"/api/boards/{board}/export")).content == exported.content
    states = [
        (await ada.api.get(f"{of}/export", params={"format": "yjs"})).content for of in (path, f"/api/boards/{board}")
    ]
    assert worker.engine().call("contents", states[0]) == worker.engine().call("contents", states[1])


async def test_a_document_that_cannot_be_read_harms_no_other(chat_server: ChatServer, database: Database) -> None:
    """Nor does the end of the process."""
    ada = await chat_server.sign_up("Ada")
    bad, good = await ada.board(), await ada.board()
    async with database.connect() as sql:
        await sql.execute(
            "INSERT INTO document_versions (document_id, name, seq, state) VALUES ($1, 'bad', 0, '\\xffff')", bad
        )
        version = await sql.fetchval("SELECT id FROM document_versions")
    await draw(database, good, ada.id, note("a"))
    problem(await ada.api.get(f"/api/boards/{bad}/versions/{version}/export"), 409, "document_failed")
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
