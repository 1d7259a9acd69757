"""A request that is refused again and again is closed later each time, and until then it is a stranger's."""

from types import SimpleNamespace
from typing import Any

import pytest
from websockets.frames import Close, Frame, Opcode

from notify_server.documents import backoff
from notify_server.documents.backoff import FORGET_SECONDS, LONGEST_SECONDS, Backoff
from notify_server.documents.protocols.y_websocket import YWebSocket
from notify_server.documents.yjs import sync
from notify_server.websocket.websocket_stream import CONFINED_BYTES
from tests.notify_server.documents.test_openings import Door, Shaken, door, message
from tests.notify_server.documents.world import World

__all__ = ["door"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(backoff, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_who_comes_back_at_once_is_told_later_each_time_up_to_a_bound(clock: list[float]) -> None:
    """As y-websocket 1 and 2 do: in all, hardly more than three times a minute."""
    refusals, late = Backoff(), []
    for _ in range(12):
        late.append(refusals.seconds(b"a"))
        clock[0] += late[-1] + 0.1
    assert late[:7] == [0, 1, 2, 4, 8, 16, LONGEST_SECONDS]
    assert set(late[7:]) == {LONGEST_SECONDS}
    assert refusals.seconds(b"b") == 0  # another request is nobody's fault
    clock[0] += LONGEST_SECONDS + FORGET_SECONDS + 1
    assert refusals.seconds(b"a") == 0


def test_how_many_are_remembered_is_bounded() -> None:
    refusals = Backoff(most=3)
    for request in (b"a", b"b", b"c", b"a", b"d"):
        refusals.seconds(request)
    assert [refusals.seconds(request) > 0 for request in (b"a", b"b")] == [True, False]


class Client(Shaken):
    """`heard`: messages, in the loop's next turn."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        super().__init__(self.heard.append)


async def refused(door: Door, board: int, name: str = "nobody") -> tuple[Any, Client]:
    client = Client()
    socket, _ = await door.open(YWebSocket, board, name, client)
    return socket, client


async def test_the_second_time_it_is_over_at_once_and_closed_later(world: World, door: Door) -> None:
    _, client = await refused(door, 1)
    assert client.close_code == 4407
    socket, client = await refused(door, 1)
    assert (client.close_code, socket.reason, socket in door.strangers) == (None, "unauthorized", True)
    await world.until(lambda: client.heard == [b"\x02\x00\x0cunauthorized"])
    other, told = await refused(door, 2)  # which is another request
    assert told.close_code == 4407
    socket._close_now()  # its time has come
    assert client.close_code == 4407
    for one in (socket, other):
        one.connection_lost(None)


async def test_while_it_waits_hardly_anything_is_kept_and_it_may_go(world: World, door: Door) -> None:
    for _ in range(2):
        socket, client = await refused(door, 1)
    frame = message("1", b"\x00" + sync.update(bytes(1 << 20)))
    for at in range(0, len(frame), 65_536):
        client.receive(frame[at : at + 65_536])
        assert socket._unfinished() <= CONFINED_BYTES
    assert (client.half_closed, client.closed) == (False, False)  # else it would be back at once
    socket._close_now()
    assert (client.close_code, client.half_closed) == (4407, True)
    socket, client = await refused(door, 1)
    client.receive(Frame(Opcode.CLOSE, Close(1000, "").serialize()).serialize(mask=True))
    assert (client.close_code, client.closed) == (1000, True)


async def test_strangers_make_way_for_newcomers_while_they_wait(world: World, door: Door) -> None:
    waiting = [await refused(door, 1) for _ in range(6)]
    assert len(door.strangers) == 4
    assert [client.closed for _, client in waiting] == [True, True, False, False, False, False]


async def test_a_user_whose_board_is_refused_again_has_no_connection_open(world: World, door: Door) -> None:
    eve = door.people["eve"] = await world.person("eve")
    board = await world.board(door.people["ada"])
    for expected in ((4414, False), (None, True), (None, True)):
        socket, client = await refused(door, board, "eve")
        assert (client.close_code, socket in door.strangers) == expected
    rooms = door.rooms
    assert rooms.of_user[eve.user_id] == 1  # the first one, until it has answered its close frame
    await world.sql.execute(
        "INSERT INTO workspace_members (workspace_id, user_id, role) SELECT workspace_id, $1, 'member' FROM documents",
        eve.user_id,
    )
    await world.sql.execute(
        "INSERT INTO document_members (document_id, user_id, role) VALUES ($1, $2, 'editor')", board, eve.user_id
    )
    socket, client = await refused(door, board, "eve")
    assert (client.close_code, len(socket.peers)) == (None, 1)  # who may is in, however often they might not
