"""What is done with documents: their content as JSON, how two differ, and how one gets a former content back."""

import asyncio
import base64
import copy
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text, XmlElement, XmlFragment, XmlText, merge_updates

from chat_core.documents import lib0, worker
from chat_core.documents.process import DocumentFailed, DocumentProcess, Documents
from chat_core.documents.updates import EMPTY, Extent
from chat_core.documents.worker import restore
from tests.support.clients.node import node_clients
from tests.support.documents.documents import ROOTS, Editors, document, edit

chances = st.integers(0, 2**32).map(random.Random)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["a", "~b", "c/d", ""]), inner),
    max_leaves=20,
)


def rich(state: bytes) -> Any:
    """All there is to see, with formats and attributes."""

    def shown(one: Any) -> Any:
        match one:
            case Map():
                return {key: shown(value) for key, value in one.items()}
            case Array():
                return [shown(value) for value in one]
            case Text() | XmlText():
                return [(text, formats or None) for text, formats in _joined(one.diff())]
            case XmlElement():
                attributes: Any = one.attributes
                return one.tag, sorted(attributes), [shown(child) for child in one.children]
            case XmlFragment():
                return [shown(child) for child in one.children]
        return one

    doc = document(state)
    return {name: shown(doc.get(name, type=kind)) for name, kind in ROOTS.items()}


def _joined(parts: Any) -> list[tuple[Any, Any]]:
    """Neighbours of one format may be told in one piece or in several."""
    joined: list[tuple[Any, Any]] = []
    for part, formats in parts:
        if joined and isinstance(part, str) and isinstance(joined[-1][0], str) and joined[-1][1] == (formats or None):
            part = joined.pop()[0] + part
        joined.append((part, formats or None))
    return joined


@given(chances, st.integers(0, 20), st.integers(0, 20))
@settings(deadline=None, max_examples=150)
def test_a_former_content_comes_back_and_goes_again(chance: random.Random, before: int, after: int) -> None:
    """Of all types, with deletions, whose content the present has no more: it is collected there."""
    people = Editors(chance)
    former = people.edit(before)
    present = people.edit(after)
    restored = merge_updates(present, restore(former, present))
    assert rich(restored) == rich(former)
    again = merge_updates(restored, restore(present, restored))
    assert rich(again) == rich(present)
    assert restore(former, restored) == restore(former, former) == EMPTY


@given(chances)
@settings(deadline=None, max_examples=50)
def test_it_merges_with_what_people_do_meanwhile(chance: random.Random) -> None:
    people = Editors(chance)
    former = people.edit(15)
    present = people.edit(15)
    update = restore(former, present)
    doc = people.docs[1]
    for _ in range(5):
        edit(chance, doc)
    doc.apply_update(update)
    people.docs[0].apply_update(update)
    people.docs[0].apply_update(doc.get_update())
    assert rich(doc.get_update()) == rich(people.docs[0].get_update())


def test_what_stays_is_not_touched() -> None:
    """So an edit of it that comes later is not lost."""
    doc = Doc[Any]()
    elements = doc.get("elements", type=Map)
    elements["note"] = Map({"text": Text("hello")})
    former = doc.get_update()
    elements["other"] = Map({})
    editor = document(doc.get_update())
    editor.get("elements", type=Map)["note"]["text"].insert(5, " world")
    doc.apply_update(restore(former, doc.get_update()))
    doc.apply_update(editor.get_update())
    assert content(doc.get_update()) == {"elements": {"note": {"text": "hello world"}}}


async def test_yjs_makes_the_same_of_it() -> None:
    kinds = {"map": "Map", "array": "Array", "text": "Text", "xml": "XmlFragment"}
    async with node_clients() as clients:

        async def made(*updates: bytes) -> Any:
            encoded = [base64.b64encode(update).decode() for update in updates]
            return await clients("made", "", updates=encoded, roots=kinds)

        for seed in range(40):
            people = Editors(random.Random(seed))
            former = people.edit(20)
            present = people.edit(20)
            assert await made(present, restore(former, present)) == await made(former)


def test_the_content_of_each_type_of_root() -> None:
    doc = Doc[Any]()
    doc.get("map", type=Map)["a"] = Map({"n": 1.0, "f": 1.5, "b": b"\x01", "none": None})
    doc.get("array", type=Array).extend(["a", True, Array([1])])
    doc.get("text", type=Text).insert(0, "<rich>", {"bold": True})
    doc.get("xml", type=XmlFragment).children.append(XmlElement("p", {"b": '"', "a": "1"}, [XmlText("<&")]))
    doc.get("nested", type=Array).append(XmlFragment([XmlElement("p", {"b": "2", "a": "1"})]))
    doc.get("empty", type=Array).extend([1])
    doc.get("empty", type=Array).clear()
    assert content(doc.get_update()) == {
        "map": {"a": {"n": 1, "f": 1.5, "b": [1], "none": None}},
        "array": ["a", True, [1]],
        "text": "<rich>",
        "xml": """<p a="1" b='"'>&lt;&amp;</p>""",
        "nested": ['<p a="1" b="2"></p>'],
    }


def content(*updates: bytes) -> Any:
    state, *_ = worker.compact(EMPTY, list(updates))
    return json.loads(worker.export(state, [])[0])


def state_of(value: Any) -> bytes:
    doc = Doc[Any]()
    doc.get("map", type=Map)["value"] = value
    return doc.get_update()


def changes(before: Any, after: Any) -> Any:
    patch, _ = worker.compare(state_of(before), state_of(after), [], 1 << 20)
    assert patch is not None
    return json.loads(patch)


def patched(whole: Any, patch: list[dict[str, Any]]) -> Any:
    """As RFC 6902 says, of the three operations that are used."""
    whole = [copy.deepcopy(whole)]
    for change in patch:
        parent: Any = whole
        *path, last = [part.replace("~1", "/").replace("~0", "~") for part in f"/0{change['path']}".split("/")[1:]]
        for part in path:
            parent = parent[int(part)] if isinstance(parent, list) else parent[part]
        match change["op"], parent:
            case "remove", _:
                del parent[int(last) if isinstance(parent, list) else last]
            case "add", list():
                parent.insert(int(last), change["value"])
            case _:
                parent[int(last) if isinstance(parent, list) else last] = change["value"]
    return whole[0]


@given(JSON, JSON)
@example([1, [0], {"a": False}], [True, [False], {"a": 0}])
def test_a_patch_leads_from_one_content_to_the_other(before: Any, after: Any) -> None:
    patch = changes(before, after)
    assert sorted_keys(patched({"map": {"value": before}}, patch)) == sorted_keys({"map": {"value": after}})
    assert changes(after, after) == []


def sorted_keys(value: Any) -> str:
    """In which true is not 1."""
    match value:
        case dict():
            return str([(key, sorted_keys(value[key])) for key in sorted(value)])
        case list():
            return str([sorted_keys(one) for one in value])
    return repr(value)


def test_a_patch_is_small() -> None:
    strokes = [{"x": number} for number in range(1000)]
    assert changes({"a": strokes}, {"a": [*strokes[:500], {"x": -1}, *strokes[500:]]}) == [
        {"op": "add", "path": "/map/value/a/500", "value": {"x": -1}}
    ]
    assert changes({"a": strokes}, {"a": [*strokes[:500], *strokes[502:]]}) == [
        {"op": "remove", "path": "/map/value/a/500"},
        {"op": "remove", "path": "/map/value/a/500"},
    ]


async def test_the_process_does_it_and_says_what_it_cannot() -> None:
    documents = Documents()
    try:
        async with documents.turn("ada") as process:
            doc = Doc[Any]()
            notes = doc.get("notes", type=Map)
            former = doc.get_update()
            notes["a"] = "x" * 100
            present = doc.get_update()
            assert await process.export(former, [present]) == (b'{"notes":{"a":"%s"}}' % (b"x" * 100), {})
            assert await process.compare(present, former, [], 1000) == (b'[{"op":"remove","path":"/notes"}]', {})
            assert await process.compare(former, former, [present], 100) == (None, {})
            assert content(present, await process.restore(former, present)) == {}
            with pytest.raises(DocumentFailed):
                await process.export(b"\x01", [])
    finally:
        await documents.close()


async def test_the_process_gives_way_to_every_other_process_not_only_to_those_of_its_session() -> None:
    documents = Documents()
    try:
        async with documents.turn("ada") as process:
            await process.export(EMPTY, [])
            assert process._process is not None
            pid = process._process.pid
            lower = os.getpriority(os.PRIO_PROCESS, pid) - os.getpriority(os.PRIO_PROCESS, 0)
            autogroup = Path(f"/proc/{pid}/autogroup")
            assert lower == 10
            assert not autogroup.exists() or autogroup.read_text().split()[-2:] == ["nice", "5"]
    finally:
        await documents.close()


async def test_a_process_is_ended_in_the_middle_of_its_answer() -> None:
    process = DocumentProcess()
    process.give_up_at = asyncio.get_running_loop().time() + 60
    state = b"\x01\x01\x07\x00\x03\x01\x01x" + lib0.buffer(bytes(16 << 20)) + b"\x00"
    asking = asyncio.create_task(process.compact(EMPTY, [state]))
    async with asyncio.timeout(60):
        while process._process is None or not process._process.stdout._buffer:  # type: ignore[union-attr]  # noqa: ASYNC110
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
    assert asking.cancelled()


def test_minus_zero_is_not_zero() -> None:
    """In lib0's encoding of any value, in JSON, and when a version comes back."""

    def setting(clock: int, after: bytes, value: bytes) -> bytes:
        place = b"\x28\x01\x01m\x01k" if not after else b"\xa8" + after
        return bytes((1, 1, 7, clock)) + place + b"\x01" + value + b"\x00"

    former = setting(0, b"", b"\x7d\x40")
    present = worker.compact(former, [setting(1, b"\x07\x00", b"\x7d\x00")])[0]
    assert (worker.export(former, [])[0], worker.export(present, [])[0]) == (b'{"m":{"k":-0}}', b'{"m":{"k":0}}')
    assert worker.compare(present, former, [], 100)[0] == b'[{"op":"replace","path":"/m/k","value":-0}]'
    restored = worker.compact(present, [worker.restore(former, present)])[0]
    assert worker.export(restored, [])[0] == b'{"m":{"k":-0}}'


def test_a_snapshot_deletes_nothing_by_itself() -> None:
    """Two people made a text within a map bold at once. Clients delete redundant formats, as edits of their own."""
    text = b"\x01\x02\x07\x00\x27\x01\x01m\x01t\x02\x04\x00\x07\x00\x02ab\x00"
    bold, plain = b"\x04bold\x04true", b"\x04bold\x04null"

    def formatting(client: int, clock: int) -> bytes:
        start, end = b"\x46\x07\x01" + bold, b"\x86\x07\x02" + plain
        return bytes((1, 2, client, clock)) + start + end + b"\x00"

    updates = [text, formatting(7, 3), formatting(8, 0)]
    for update in updates:
        Extent.of_new(update)
    state, _, _, pending, failing = worker.compact(EMPTY, updates)
    assert (pending, failing, worker.export(state, [])[0]) == (False, [], b'{"m":{"t":"ab"}}')
    assert Extent.of(state).deletions.amount == 0
