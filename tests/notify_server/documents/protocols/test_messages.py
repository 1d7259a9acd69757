"""What clients of the protocols send, read to the last byte: it is what it should be, or it is refused."""

import contextlib
import json
import random
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.documents import lib0
from chat_core.documents.lib0 import Malformed
from notify_server.documents.awareness import Awareness, Elsewhere, Entry
from notify_server.documents.protocols import hocuspocus_messages, json_messages
from notify_server.documents.protocols.hocuspocus import Document
from notify_server.documents.yjs import awareness, sync

STEP = sync.step_1(b"\x00")
# One message of each kind, as npm's client writes it.
HOCUSPOCUS = {
    "step 1": b"\x00" + STEP,
    "update": b"\x00" + sync.update(b"\x00\x00"),
    "awareness": b"\x01" + lib0.buffer(awareness.NOTHING),
    "token": b"\x02\x00" + lib0.string("secret"),
    "token and version": b"\x02\x00" + lib0.string("secret") + lib0.string("4.8.0"),
    "query": b"\x03",
    "stateless": b"\x05" + lib0.string("{}"),
    "close": b"\x07",
}


@pytest.mark.parametrize("content", HOCUSPOCUS.values(), ids=HOCUSPOCUS)
def test_a_message_of_hocuspocus_is_read_to_its_last_byte(content: bytes) -> None:
    frame = lib0.string("7") + content
    message = hocuspocus_messages.read(frame)
    assert (message.document, message.kind) == ("7", content[0])
    for length in range(len(frame)):
        if frame[:length] != lib0.string("7") + HOCUSPOCUS["token"]:
            with pytest.raises(Malformed):
                hocuspocus_messages.read(frame[:length])
    if content != HOCUSPOCUS["token"]:
        with pytest.raises(Malformed):
            hocuspocus_messages.read(frame + b"\x00")


@pytest.mark.parametrize("kind", [4, 6, 8, 9, 10, 11, 200])
def test_messages_that_clients_do_not_send_are_refused(kind: int) -> None:
    with pytest.raises(Malformed, match=f"send no message {kind}"):
        hocuspocus_messages.read(lib0.string("7") + lib0.uint(kind))


def test_a_token_is_all_that_clients_say_of_who_they_are() -> None:
    for said in (1, 2, 3):
        with pytest.raises(Malformed, match="no other auth message"):
            hocuspocus_messages.read(lib0.string("7") + b"\x02" + lib0.uint(said) + lib0.string("x"))


@pytest.mark.parametrize(
    ("name", "board_id"),
    [
        ("7", 7),
        ("7\0session", 7),
        ("0", None),
        ("07", None),
        ("-7", None),
        (" 7", None),
        ("٧", None),
        ("", None),
        ("x", None),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
    ],
    ids=range(11),
)
def test_a_documents_name_is_the_id_of_a_board(name: str, board_id: int | None) -> None:
    assert Document(name).board_id == board_id


def json_frame(message: bytes, **more: object) -> bytes:
    return json.dumps({"type": "yjs:sync", "data": b64encode(message).decode(), **more}).encode()


def test_a_message_of_json_is_read_to_its_last_byte() -> None:
    upward, said = json_messages.read(json_frame(STEP, ref=1))
    assert isinstance(upward, json_messages.YjsSync)
    assert upward.ref == 1
    assert said == sync.Message(sync.STEP_1, b"\x00")


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{",
        b"[]",
        b'{"type": "yjs:sync"}',
        b'{"type": "yjs:sync", "data": "*"}',
        b'{"type": "yjs:sync", "data": "AAE"}',
        b'{"type": "yjs:sync", "data": "\\u00e9"}',
        b'{"type": "yjs:sync", "data": [0, 1, 0]}',
        json_frame(STEP + b"\x00"),
        json_frame(STEP[:-1]),
        json_frame(STEP) + b"\xff",
        json_frame(b"\x03\x00"),
        json_frame(STEP, ref="x" * 129),
        json_frame(STEP, ref=[]),
        b'{"type": "presence:sync", "cursor": null, "selection": []}',
        b'{"type": "presence:update", "cursor": {"x": 1}, "selection": []}',
        b'{"type": "presence:update", "cursor": {"x": 1e999, "y": 0}, "selection": []}',
        b'{"type": "presence:update", "cursor": null, "selection": [1]}',
        b'{"type": "presence:viewport", "x": 0, "y": 0, "zoom": 0}',
        b'{"type": "presence:viewport", "x": NaN, "y": 0, "zoom": 1}',
        b'{"type": "x", "x": ' + b"[" * 9999 + b"}",
    ],
    ids=range(21),
)
def test_what_is_no_message_of_json_is_refused(frame: bytes) -> None:
    with pytest.raises(Malformed):
        json_messages.read(frame)


readers = pytest.mark.parametrize("read", [hocuspocus_messages.read, json_messages.read], ids=["hocuspocus", "json"])


@readers
@given(frame=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_a_decoder_has_no_other_failure(read: Callable[[bytes], Any], frame: bytes) -> None:
    with contextlib.suppress(Malformed):
        read(frame)


@readers
@given(seed=st.integers(0, 2**32))
def test_nor_for_what_is_almost_a_message(read: Callable[[bytes], Any], seed: int) -> None:
    chance = random.Random(seed)
    frame = bytearray(lib0.string("7") + chance.choice(list(HOCUSPOCUS.values())))
    if read is json_messages.read:
        frame = bytearray(json_frame(STEP, ref=1))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(frame))
        frame[at : at + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 2))
        if not frame:
            break
    with contextlib.suppress(Malformed):
        read(bytes(frame))


# -- presence over other servers


class Tab:
    def __init__(self, user_id: int, session_id: int, opening: int = 0) -> None:
        self.user_id, self.session_id, self.opening = user_id, session_id, opening


def told(entries: list[Entry]) -> list[tuple[int, int, bool, int]]:
    return [(e.client, e.clock, e.state is not None, e.user_id) for e in entries]


def over_there(client: int, clock: int, who: Elsewhere) -> tuple[Elsewhere, Entry]:
    return who, Entry(client, clock, b"{}")


def test_presence_elsewhere_comes_and_changes_and_goes() -> None:
    room, grace = Awareness[Tab](), Elsewhere(2, 20, 1)
    assert told(room.take_elsewhere([over_there(7, 3, grace)])) == [(7, 3, True, 2)]
    assert room.take_elsewhere([over_there(7, 3, grace)]) == []
    assert told(room.take_elsewhere([over_there(7, 4, grace)])) == [(7, 4, True, 2)]
    assert room.own(7) is None
    assert told(room.take_elsewhere([])) == [(7, 4, False, 2)]
    assert room.take_elsewhere([over_there(7, 4, grace)]) == []  # late news


def test_nobody_takes_a_client_over_from_elsewhere() -> None:
    room, ada = Awareness[Tab](), Tab(1, 10)
    room.take(ada, [Entry(7, 3, b"{}")])
    assert room.take_elsewhere([over_there(7, 9, Elsewhere(2, 20, 1))]) == []
    room.take_elsewhere([over_there(8, 3, Elsewhere(2, 20, 1))])
    assert room.take(ada, [Entry(8, 9, b"{}")]) == ([], [])
    assert told(room.all()) == [(7, 3, True, 1), (8, 3, True, 2)]


def test_a_client_that_has_moved_to_another_server_is_there_all_the_time() -> None:
    room, ada, there = Awareness[Tab](), Tab(1, 10, opening=1), Elsewhere(1, 10, 2)
    room.take(ada, [Entry(7, 3, b"{}")])
    assert told(room.take_elsewhere([over_there(7, 3, there)])) == [(7, 3, True, 1)]
    assert room.leave(ada) == []  # its former connection, which is only now known to be dead
    assert told(room.take_elsewhere([over_there(7, 4, there)])) == [(7, 4, True, 1)]
    again = Tab(1, 10, opening=3)
    assert told(room.take(again, [Entry(7, 4, b"{}")])[0]) == [(7, 4, True, 1)]
    assert room.take_elsewhere([]) == []
    assert told(room.leave(again)) == [(7, 4, False, 1)]
