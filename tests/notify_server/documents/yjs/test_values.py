"""Whatever value a client's presence has, it is told as JSON that every other client reads, and its socket stays."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_core.documents.json_text import DEEPEST
from chat_core.documents.lib0 import Malformed
from notify_server.documents.awareness import Awareness, Entry
from notify_server.documents.protocols import json_messages
from notify_server.documents.protocols.json_messages import PresenceUpdate, YjsSync
from notify_server.documents.yjs import awareness, sync

HALVES = ("\ud83d", "\ude00")
texts = st.lists(st.sampled_from([*HALVES, "\\", '"', "u", "d83d", "\0", "é", "😀", "\ufeff"]), max_size=6).map("".join)
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))


class Tab:
    """An owner of presence, as far as it takes one. `opening`: the first."""

    user_id, session_id, opening = 1, 1, 1


def whole(text: str) -> str:
    """As a browser writes it: pairs are one character, and halves are U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def told(state: bytes) -> Any:
    [entry] = Awareness[Tab]().take(Tab(), [Entry(7, 1, state)])[0]
    return json.loads(entry.state or b"")


@given(st.dictionaries(texts, values, max_size=4), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_state_is_told_with_all_its_values(state: dict[str, Any], escaped: bool) -> None:
    written = json.dumps(state) if escaped else whole(json.dumps(state, ensure_ascii=False))
    expected = json.loads(whole(json.dumps(state, ensure_ascii=False))) | {"user_id": 1}
    assert repr(sorted(told(written.encode()).items())) == repr(sorted(expected.items()))  # which tells -0.0 from 0.0


@given(values.filter(lambda value: not isinstance(value, dict)))
def test_a_state_that_is_no_object_says_nothing(value: Any) -> None:
    assert told(json.dumps(value).encode()) == {"user_id": 1}


@pytest.mark.parametrize("depth", [DEEPEST - 1, DEEPEST, 100_000])
def test_a_state_that_is_too_deep_for_others_says_nothing(depth: int) -> None:
    state = b'{"brackets":"%b","deep":%b}' % (b"[" * depth, b"[" * depth + b"]" * depth)
    assert ("deep" in told(state)) == (depth < DEEPEST)


@given(st.lists(texts, max_size=4), st.floats(allow_nan=False, allow_infinity=False))
def test_presence_of_json_is_read_with_all_its_values(selection: list[str], x: float) -> None:
    frame = json.dumps({"type": "presence:update", "cursor": {"x": x, "y": -0.0}, "selection": selection})
    upward, _ = json_messages.read(frame.encode())
    assert isinstance(upward, PresenceUpdate)
    assert upward.cursor is not None
    assert (repr(upward.cursor.x), repr(upward.cursor.y)) == (repr(x), "-0.0")
    assert upward.selection == [whole(name) for name in selection]


@pytest.mark.parametrize("ids", [1000, 2000, 100_000])
def test_presence_of_json_that_is_too_large_is_passed_over(ids: int) -> None:
    frame = json.dumps({"type": "presence:update", "cursor": None, "selection": ["x" * 40] * ids}).encode()
    upward, _ = json_messages.read(frame)
    assert (upward is None) == (len(frame) > json_messages.LARGEST_PRESENCE_BYTES)
    with pytest.raises(Malformed):
        json_messages.read(frame.replace(b"presence:update", b"presence:other"))


def test_a_ref_is_read_with_half_of_a_pair() -> None:
    upward, said = json_messages.read(b'{"type":"yjs:sync","data":"AAEA","ref":"\\ud83d"}')
    assert upward == YjsSync(data="AAEA", ref="\ufffd")
    assert said == sync.Message(sync.STEP_1, b"\x00")


def test_an_awareness_update_with_a_state_that_is_too_large_tells_of_its_client() -> None:
    large = Entry(7, 3, json.dumps({"name": "x" * 100}).encode())
    entries = awareness.read(awareness.write([large]), 64)
    assert [entry.client for entry in entries] == [7]
    assert told(entries[0].state or b"") == {"user_id": 1}
