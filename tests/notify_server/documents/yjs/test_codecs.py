"""The encodings of Yjs: what is written is read again, and what differs by a byte is refused or something else."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text, XmlElement, XmlFragment, merge_updates

from chat_core.documents import lib0, worker
from chat_core.documents.json_text import DEEPEST
from chat_core.documents.lib0 import LARGEST, Malformed, Reader
from chat_core.documents.ranges import Ranges
from chat_core.documents.updates import EMPTY, Extent, NotTaken, read_vector
from notify_server.documents.awareness import MOST_CLIENTS, Awareness, Entry
from notify_server.documents.yjs import awareness, sync

numbers = st.integers(0, LARGEST)
clocks = st.integers(0, LARGEST - 1)


def read_number(data: bytes) -> int:
    reader = Reader(data)
    number = reader.uint()
    reader.end()
    return number


def read_string(data: bytes) -> str:
    reader = Reader(data)
    text = reader.string()
    reader.end()
    return text


@given(numbers, st.text(), st.binary())
def test_what_is_written_is_read(number: int, text: str, content: bytes) -> None:
    reader = Reader(lib0.uint(number) + lib0.string(text) + lib0.buffer(content))
    assert (reader.uint(), reader.string(), reader.buffer()) == (number, text, content)
    reader.end()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it ends within a number"),
        (b"\x80", "it ends within a number"),
        (b"\x80\x00", "superfluous bytes"),
        (b"\x81\x80\x00", "superfluous bytes"),
        (lib0.uint(LARGEST + 1), "too large"),
        (b"\xff" * 8 + b"\x01", "too long"),
        (b"\x01\x01", "it has trailing bytes"),
    ],
    ids=range(7),
)
def test_a_number_has_one_form(data: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        read_number(data)


@pytest.mark.parametrize("data", [b"\x02\xc3", b"\x01\xc3", b"\x03\xed\xa0\x80", b"\x05abc"], ids=range(4))
def test_text_is_utf_8_and_as_long_as_it_says(data: bytes) -> None:
    with pytest.raises(Malformed):
        read_string(data)


def test_a_string_is_as_long_as_its_bytes() -> None:
    assert lib0.string("é😀") == b"\x06" + "é😀".encode()


@given(st.binary(max_size=200))
def test_sync_messages(content: bytes) -> None:
    for kind, written in enumerate((sync.step_1(content), sync.step_2(content), sync.update(content))):
        reader = Reader(written)
        assert sync.read(reader) == sync.Message(kind, content)
        reader.end()
    with pytest.raises(Malformed, match="unknown sync message 3"):
        sync.read(Reader(b"\x03\x00"))


# -- updates


def make_updates(seed: int) -> tuple[Doc[Any], list[bytes]]:
    """A document that three people have written, and its updates."""
    randomly = random.Random(seed)
    updates: list[bytes] = []
    docs = [Doc[Any](client_id=2 ** randomly.randint(2, 53) - client - 1) for client in range(3)]
    for _ in range(12):
        doc = randomly.choice(docs)
        before = doc.get_state()
        randomly.choice(EDITS)(doc, randomly)
        update = doc.get_update(before)
        if update != EMPTY:
            updates.append(update)
            for other in docs:
                other.apply_update(update)
    return docs[0], updates


def write_text(doc: Doc[Any], randomly: random.Random) -> None:
    text = doc.get("text", type=Text)
    text.insert(randomly.randint(0, 1) * len(text), randomly.choice(["a", "word ", "1234"]))


def delete_text(doc: Doc[Any], randomly: random.Random) -> None:
    text = doc.get("text", type=Text)
    if len(text):
        at = randomly.randrange(len(text))
        del text[at : min(len(text), at + randomly.randint(1, 3))]


def format_text(doc: Doc[Any], randomly: random.Random) -> None:
    text = doc.get("text", type=Text)
    if len(text):
        text.format(0, len(text), {"bold": randomly.random()})


def set_value(doc: Doc[Any], randomly: random.Random) -> None:
    plain = [None, True, -(2**40), 0.5, "😀", b"x", [1, {"deep": [[]]}], {"é": "ü"}]
    doc.get("map", type=Map)[randomly.choice("abc")] = randomly.choice([*plain, Map({"x": Array([1, "y"])}), Doc()])


def add_element(doc: Doc[Any], randomly: random.Random) -> None:
    doc.get("xml", type=XmlFragment).children.append(XmlElement("p", {"class": "x"}))


EDITS: list[Callable[[Doc[Any], random.Random], None]] = [write_text, delete_text, format_text, set_value, add_element]


@given(st.integers(0, 2**32))
def test_the_extent_of_updates_is_that_of_the_document(seed: int) -> None:
    doc, updates = make_updates(seed)
    extent = Extent.of_all(updates)
    assert read_vector(extent.vector()) == read_vector(doc.get_state())
    whole = Extent.of(doc.get_update())
    assert whole.covers(extent)
    assert extent.covers(whole)
    assert Extent.of(merge_updates(EMPTY, *updates)).covers(extent)
    if updates and (last := Extent.of(updates[-1])).structs.clients:
        assert not Extent.of_all(updates[:-1]).covers(last)


IN_ROOT = b"\x01\x01a"
A_CHARACTER = b"\x04" + IN_ROOT + b"\x01x"


def update_of(*structs: bytes, clients: int = 1) -> bytes:
    """Of client 7, from clock 0."""
    return bytes((clients, len(structs), 7, 0)) + b"".join(structs) + b"\x00"


@pytest.mark.parametrize("shared", [b"\x03\x01p", b"\x05\x01p", b"\x06"], ids=["element", "hook", "text"])
def test_every_type_of_yjs_is_taken(shared: bytes) -> None:
    assert list(Extent.of_new(update_of(b"\x07" + IN_ROOT + shared)).structs) == [(7, 0, 1)]


@pytest.mark.parametrize(
    ("update", "why"),
    [
        (update_of(b"\x84\x07\x00\x01x"), "a later one"),
        (update_of(A_CHARACTER, b"\x84\x07\x01\x01x"), "a later one"),
        (update_of(A_CHARACTER, b"\x44\x07\x05\x01x"), "a later one"),
        (update_of(b"\x04\x00\x07\x00\x01x"), "a later one"),
        (b"\x02" + update_of(A_CHARACTER)[1:-1] + update_of(A_CHARACTER)[1:], "occurs twice"),
        (update_of(b"\x09" + IN_ROOT + b"\x01g\x7e"), "not an object"),
        (update_of(b"\x08" + IN_ROOT + b"\x01\x7d" + b"\xff" * 8 + b"\x01"), "too large"),
        (update_of(b"\x05" + IN_ROOT + b"\x03NaN"), "not JSON"),
        (update_of(b"\x07" + IN_ROOT + b"\x07"), "unknown type"),
        (b"\x00\x01\x07\x02\x05\x01\x00\x01", "not in order"),
    ],
    ids=range(10),
)
def test_what_yjs_fails_on_or_passes_over_is_not_taken_but_can_be_read_where_it_is_stored(
    update: bytes, why: str
) -> None:
    with pytest.raises(Malformed, match=why):
        Extent.of_new(update)
    if why in ("a later one", "occurs twice", "not an object"):
        assert Extent.of(update).structs.clients


@pytest.mark.parametrize(
    "text", [b'"\\ud83d"', b'{"\\ude00":1}', b"1e999", b"1" * 400, b"-0.0", b" [ ] "], ids=range(6)
)
def test_json_is_what_javascript_takes(text: bytes) -> None:
    assert Extent.of_new(update_of(b"\x05" + IN_ROOT + lib0.buffer(text))).structs.clients


@pytest.mark.parametrize("written", [b"\x08" + IN_ROOT + b"\x01%b", b"\x05" + IN_ROOT + b"%b"], ids=["any", "JSON"])
def test_how_deep_a_value_may_be_nested(written: bytes) -> None:
    def nested(depth: int) -> bytes:
        value = b"\x75\x01" * depth + b"\x7e" if b"\x08" in written[:1] else b"[" * depth + b"]" * depth
        return update_of(written % (value if b"\x08" in written[:1] else lib0.buffer(value)))

    assert Extent.of_new(nested(DEEPEST)).structs.clients
    with pytest.raises(NotTaken, match="too_deep"):
        Extent.of_new(nested(DEEPEST + 1))
    brackets = update_of(b"\x05" + IN_ROOT + lib0.string(json.dumps(["[" * 9999])))
    assert Extent.of_new(brackets).structs.clients


@given(st.integers(0, 2**32), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_whatever_is_not_an_update_is_refused_and_what_is_taken_can_be_compacted(
    seed: int, randomly: random.Random
) -> None:
    _, updates = make_updates(seed)
    for update in updates:
        with pytest.raises(Malformed):
            Extent.of_new(update[: randomly.randrange(len(update))])
        with pytest.raises(Malformed, match="it has trailing bytes"):
            Extent.of_new(update + randomly.randbytes(1))
        broken = bytearray(update)
        broken[randomly.randrange(len(broken))] = randomly.randrange(256)
        try:
            extent = Extent.of_new(bytes(broken))
        except Malformed:
            continue
        state, *_, failing = worker.compact(EMPTY, [bytes(broken)])
        assert failing == []
        assert Extent.of(state).structs.covers(extent.structs)


several = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60), st.integers(1, 5)), max_size=40)


@given(st.lists(several), st.integers(1, 5))
def test_ranges_are_sets_of_clocks(added: list[list[tuple[int, int, int]]], most: int) -> None:
    """In whatever parts they come: one by one, many together, or from another process."""
    ranges, clocks = Ranges(), set[tuple[int, int]]()
    for number, some in enumerate(added):
        news = Ranges()
        for client, start, length in some:
            news.add(client, start, start + length)
        theirs = {(client, clock) for client, start, end in news for clock in range(start, end)}
        assert theirs == {(client, start + at) for client, start, length in some for at in range(length)}
        lacking = sum(not {(client, clock) for clock in range(start, end)} <= clocks for client, start, end in news)
        assert ranges.lacks(news) == lacking == sum(map(ranges.lacks, news.pieces(most)))
        together = len({client for client, _ in theirs | clocks})
        assert [ranges.has_more_clients(news, together - less) for less in (0, 1)] == [False, True]
        if number % 2:
            copy = Ranges()
            for _ in copy.unpack(news.pack(), most):
                pass
            ranges.include(copy)
        else:
            for piece in news.pieces(most):
                ranges.include(piece)
        clocks |= theirs
        assert {(client, clock) for client, start, end in ranges for clock in range(start, end)} == clocks
        assert ranges.amount == len(list(ranges))
        for spans in ranges.clients.values():
            assert all(end < start for end, start in zip(spans.ends, spans.starts[1:], strict=False))


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 5)), min_size=1, max_size=40))
def test_deletions_come_in_any_order(deleted: list[tuple[int, int]]) -> None:
    update = b"\x00\x01\x07" + lib0.uint(len(deleted)) + b"".join(lib0.uint(at) + lib0.uint(n) for at, n in deleted)
    expected = Ranges()
    for at, n in deleted:
        expected.add(7, at, at + n)
    assert list(Extent.of(update).deletions) == list(expected)


def test_a_gap_ends_the_state_vector() -> None:
    doc, updates = Doc[Any](client_id=1), []
    for _ in range(3):
        before = doc.get_state()
        doc.get("text", type=Text).insert(0, "ab")
        updates.append(doc.get_update(before))
    assert read_vector(Extent.of_all(updates).vector()) == {1: 6}
    assert read_vector(Extent.of_all([updates[0], updates[2]]).vector()) == {1: 2}
    assert read_vector(Extent.of_all(updates[1:]).vector()) == {}


# -- awareness


class Tab:
    def __init__(self, user_id: int, session_id: int, opening: int = 0) -> None:
        self.user_id, self.session_id, self.opening = user_id, session_id, opening


def entry(client: int, clock: int, state: dict[str, Any] | None = None) -> Entry:
    return Entry(client, clock, None if state is None else json.dumps(state).encode())


def told(entries: list[Entry]) -> list[tuple[int, int, Any]]:
    return [(e.client, e.clock, json.loads(e.state or b"null")) for e in entries]


@given(st.lists(st.builds(entry, numbers, clocks, st.none() | st.just({"x": "é"})), max_size=5))
def test_an_awareness_update_is_read_as_it_is_written(entries: list[Entry]) -> None:
    written = awareness.write(entries)
    assert awareness.read(written, 100) == entries
    for broken in (written + b"\x00", written[:-1]):
        with pytest.raises(Malformed):
            awareness.read(broken, 100)
    assert awareness.read(awareness.write([entry(1, 1, {"name": "long"})]), 9) == [entry(1, 1, {})]
    with pytest.raises(Malformed, match="no next one"):
        awareness.read(awareness.write([entry(1, LARGEST)]), 9)


def test_a_client_belongs_to_the_connection_that_was_first_to_use_it() -> None:
    room, ada, eve = Awareness[Tab](), Tab(1, 1), Tab(2, 2)
    assert told(room.take(ada, [entry(7, 3, {"x": 1, "user_id": 2})])[0]) == [(7, 3, {"x": 1, "user_id": 1})]
    for attempt in (entry(7, 4, {"x": 2}), entry(7, 4), entry(7, 3), entry(8, 9)):
        assert room.take(eve, [attempt]) == ([], [])
    assert told(room.take(ada, [entry(7, 3, {"x": 3}), entry(7, 4, {"x": 4})])[0]) == [(7, 4, {"x": 4, "user_id": 1})]
    assert told(room.all()) == [(7, 4, {"x": 4, "user_id": 1})]
    assert told(room.take(ada, [entry(7, 4)])[0]) == [(7, 4, None)]
    assert len(room) == 0


def test_who_has_gone_does_not_come_back_by_hearsay_and_hears_of_it() -> None:
    room, ada, eve = Awareness[Tab](), Tab(1, 1), Tab(2, 2)
    room.take(ada, [entry(7, 3, {})])
    assert told(room.leave(ada)) == [(7, 3, None)]
    assert room.leave(ada) == []
    changed, late = room.take(eve, [entry(7, 3, {})])
    assert (changed, told(late)) == ([], [(7, 3, None)])
    changed, late = room.take(Tab(1, 1), [entry(7, 4, {})])
    assert (told(changed), late) == ([(7, 4, {"user_id": 1})], [])


def as_told(room: Awareness[Tab], entries: list[Entry], session_id: int) -> list[Entry]:
    return awareness.read(awareness.joined(room.as_told(entries).to(session_id, awareness.encode)), 1 << 20)


def test_clocks_that_others_are_told_are_higher_with_every_opening_on_whatever_server() -> None:
    rooms = [Awareness[Tab]() for _ in range(2)]
    clocks = []
    for opening, room in enumerate([0, 0, 1, 0, 1]):
        rooms[room].take(Tab(1, 1), [entry(7, 5, {})])
        rooms[room].lead(opening)
        clocks.append(as_told(rooms[room], rooms[room].all(), 2)[0].clock)
        assert as_told(rooms[room], rooms[room].all(), 1)[0].clock == 5
    assert clocks == sorted(set(clocks))
    rooms[0].lead(0)  # somebody who was slow to come: what the others know counts
    assert as_told(rooms[0], rooms[0].all(), 2)[0].clock == clocks[3]


def test_what_others_were_told_of_somebody_who_has_gone_is_hearsay_too() -> None:
    room, ada, eve = Awareness[Tab](), Tab(1, 1), Tab(2, 2)
    room.lead(1)
    [told_eve] = as_told(room, room.take(ada, [entry(7, 3, {})])[0], eve.session_id)
    room.leave(ada)
    room.lead(2)
    changed, late = room.take(eve, [told_eve])
    assert (changed, late[0].state, late[0].clock >= told_eve.clock) == ([], None, True)
    # Somebody who hears of themselves so, by another session, says that they are there.
    assert room.take(Tab(1, 3), [entry(7, late[0].clock + 1, {})])[1] == []
    assert len(room) == 1


def test_a_client_that_comes_back_takes_over_from_its_former_connection() -> None:
    room, former, now, other_session = Awareness[Tab](), Tab(1, 1), Tab(1, 1), Tab(1, 2)
    room.take(former, [entry(7, 3, {})])
    assert room.take(other_session, [entry(7, 4, {})]) == ([], [])
    assert told(room.take(now, [entry(7, 3, {})])[0]) == [(7, 3, {"user_id": 1})]
    assert told(room.take(now, [entry(7, 4, {})])[0]) == [(7, 4, {"user_id": 1})]
    assert room.leave(former) == []
    assert told(room.leave(now)) == [(7, 4, None)]


def test_what_a_tab_tells_of_another_tab_does_not_take_it_over() -> None:
    room, one, two = Awareness[Tab](), Tab(1, 1), Tab(1, 1)
    room.take(one, [entry(7, 3, {})])
    room.take(two, [entry(8, 1, {})])
    assert room.take(two, [entry(7, 3, {})]) == ([], [])
    assert told(room.leave(two)) == [(8, 1, None)]
    assert told(room.all()) == [(7, 3, {"user_id": 1})]


def test_how_many_clients_a_connection_has_is_bounded() -> None:
    room, ada = Awareness[Tab](), Tab(1, 1)
    room.take(ada, [entry(client, 1, {}) for client in range(100)])
    assert len(room) == MOST_CLIENTS


@pytest.mark.parametrize("state", [b"", b"{", b"[", b"{}x", b'{"x":nul}', b'{"x":"\xff"}'], ids=range(6))
def test_a_state_is_json(state: bytes) -> None:
    with pytest.raises(Malformed):
        Awareness[Tab]().take(Tab(1, 1), [Entry(1, 1, state)])
