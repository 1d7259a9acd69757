"""The client `y-websocket` from npm, as people use it, against the running servers."""

import pytest

from tests.end_to_end.boards.conftest import BoardTools
from tests.end_to_end.system import System
from tests.support.clients.node import NodeClients
from tests.support.clients.plain_http import plain_http


async def test_two_clients_work_on_one_board_and_a_third_comes_later(
    system: System, clients: NodeClients, boards: BoardTools
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace)
    await boards.open("ada", board, ada, state={"user": {"name": "Ada"}})
    await boards.open("grace", board, grace)
    await clients("insert", "ada", text="hello")
    await boards.shows("hello", "grace")
    await clients("append", "grace", text=" you")
    await clients("insert", "ada", text="> ")
    await boards.shows("> hello you", "ada", "grace")
    await boards.stored(board, 3)
    await boards.open("late", board, grace)
    assert await clients("text", "late") == "> hello you"
    await clients("sees", "late", amount=1, like={"user_id": grace.id})
    await clients("sees", "late", amount=1, like={"user_id": ada.id, "user": {"name": "Ada"}})


async def test_roles_on_the_wire(system: System, clients: NodeClients, boards: BoardTools) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace, role="viewer")
    await boards.open("ada", board, ada)
    await boards.open("grace", board, grace)
    await clients("insert", "grace", text="mine")
    assert await clients("event", "grace", key="denied") == {"denied": "read_only"}
    await clients("insert", "ada", text="hello")
    await clients("has", "grace", text="hello")
    await clients("sees", "ada", amount=1, like={"user_id": grace.id})
    await clients("close", "grace")
    async with system.sql() as sql:
        await sql.execute("UPDATE document_members SET role = 'editor' WHERE user_id = $1", grace.id)
        await boards.open("grace", board, grace)
        await clients("append", "grace", text=" you")
        await boards.shows("hello you", "ada", "grace")
        await sql.execute("DELETE FROM document_members WHERE user_id = $1", grace.id)
        # For good: the client does not come back by itself.
        assert await clients("event", "grace", key="final") == {"final": 4412}
        await sql.execute("UPDATE documents SET deleted_at = now() WHERE id = $1", board)
        assert await clients("event", "ada", key="final") == {"final": 4413}


async def test_who_may_not_is_told_so_and_does_not_try_again(
    system: System, clients: NodeClients, boards: BoardTools
) -> None:
    ada, eve = await system.sign_up("Ada"), await system.sign_up("Eve")
    board = await boards.make(ada)
    ticket = (await ada.request("POST", "/auth/tickets")).json()["ticket"]
    await boards.open("once", board, ada, token=None, params={"ticket": ticket})
    for name, options, code in (
        ("twice", {"token": None, "params": {"ticket": ticket}}, 4407),
        ("nobody", {"token": None}, 4407),
        ("forged", {"token": ada.token[:-4] + "AAAA"}, 4407),
    ):
        await boards.open(name, board, ada, synced=False, **options)
        assert await clients("event", name, key="final") == {"final": code}
    await boards.open("eve", board, eve, synced=False)
    await boards.open("none", 999_999, ada, synced=False)
    assert [await clients("event", name, key="final") for name in ("eve", "none")] == [{"final": 4414}] * 2
    async with plain_http() as http:
        answer = await http.get(f"{system.notify.url}/api/boards/yjs/{board}")
        assert (answer.status_code, answer.json()["code"]) == (426, "upgrade_required")


async def test_who_is_there(system: System, clients: NodeClients, boards: BoardTools) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace)
    for name, person in (("ada", ada), ("tab", ada), ("grace", grace)):
        await boards.open(name, board, person, state={"cursor": None})
    await clients("state", "ada", state={"cursor": {"x": 1}, "user_id": grace.id})
    await clients("sees", "grace", amount=1, like={"cursor": {"x": 1}, "user_id": ada.id})
    await clients("silence", "ada")
    await clients("sees", "grace", amount=1, like={"user_id": ada.id})  # the other tab
    await clients("connect", "ada")
    await clients("sees", "grace", amount=2, like={"user_id": ada.id})
    await clients("disconnect", "tab")
    await clients("sees", "grace", amount=1, like={"user_id": ada.id})


@pytest.mark.system(notify__heartbeat_seconds=1)
async def test_an_idle_viewer_hears_something_now_and_then(
    system: System, clients: NodeClients, boards: BoardTools
) -> None:
    """y-websocket closes after 30 s without a message, and pings are none."""
    ada = await system.sign_up("Ada")
    board = await boards.make(ada)
    await boards.open("ada", board, ada, state=None)
    heard = await clients("heard", "ada")
    while await clients("heard", "ada") < heard + 2:
        pass
    async with plain_http() as http:
        health = (await http.get(f"{system.notify.url}/health")).json()
        nobody = {"connections": 0, "rooms": 0}
        assert health == {"status": "ok", "streams": 0, "boards": {"connections": 1, "rooms": 1}, "pages": nobody}
        figures = (await http.get(f"{system.notify.url}/metrics")).text
    assert 'fechatter_board_connections{protocol="yjs"} 1.0' in figures
    assert "fechatter_board_rooms 1.0" in figures
