"""A failover that loses edits: rooms that have one are given up, and all others go on."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from pycrdt import Doc, Text

from chat_core.problems import Problem
from chat_core.tokens import Claims
from notify_server.documents.room import Newest
from notify_server.documents.yjs.room import Room
from tests.notify_server.documents.world import Node, Tab, World, running_node


async def lose(world: World, board: int, *instead: str) -> None:
    """The newest update of a board. Others may have its number and those after it by now."""
    async with world.sql.transaction():
        await world.sql.execute("SET LOCAL session_replication_role = replica")
        lost = await world.sql.fetchval(
            "DELETE FROM board_updates USING documents WHERE id = board_id AND seq = last_seq AND id = $1 "
            "RETURNING seq",
            board,
        )
        await world.sql.execute("UPDATE documents SET last_seq = $2 - 1 WHERE id = $1", board, lost)
    for text in instead:
        doc = Doc[Any]()
        doc.get("text", type=Text).insert(0, text)
        await world.sql.execute(
            "SELECT board_append('x', ARRAY[$1::bigint], '{1}', ARRAY[$2::bytea], 0, false)", board, doc.get_update()
        )


async def edited(world: World, node: Node, person: Claims, *texts: str) -> Tab:
    """A board in which these were stored, in the tab of its owner."""
    tab = await Tab(world, person, await world.board(person)).opened(node)
    for number, text in enumerate(texts, 1):
        tab.edit(text)
        await world.until(lambda number=number: _stored(node, tab.board) == number)  # type: ignore[misc]
    return tab


def _stored(node: Node, board: int) -> int:
    return max((edit.number for edit in node.rooms.open[board].recent), default=0)


@pytest.mark.parametrize(
    "instead", [[], ["other "], ["other ", "more "]], ids=["lost", "its number is another's", "others came after it"]
)
async def test_a_board_goes_on_unless_one_of_its_newest_edits_is_lost(
    world: World, node: Node, instead: list[str]
) -> None:
    ada = await world.person("ada")
    edits: list[list[str]] = [["two ", "one "], ["two ", "one "], ["two ", "one "], ["two ", "one "], []]
    lost, kept, old, failing, _ = tabs = [await edited(world, node, ada, *texts) for texts in edits]
    async with running_node(world.database.notify_url) as other:  # where they are loaded, and nobody has edited them
        readers = [await Tab(world, ada, tab.board).opened(other) for tab in tabs]
        await world.sql.execute("SELECT board_keep_snapshot($1, 2, $2, '', '', false)", old.board, old.doc.get_update())
        await world.sql.execute("SELECT expire_board_updates($1, '-1 day', 10)", old.board)
        await world.sql.execute("SELECT quarantine_board_updates($1, '{2}', '{fails}')", failing.board)
        await lose(world, lost.board, *instead)
        for each in (node, other):
            await world.until(lambda each=each: _stored(each, lost.board) > len(instead))  # type: ignore[misc]
            each.rooms.go_on()
        await world.until(lambda: not (lost.open or readers[0].open))
        assert [tab.open for tab in (*tabs[1:], *readers[1:])] == [True] * 8
    assert lost.wire.close_code == 4001
    await lost.opened(node)
    expected = sorted(f"one two {''.join(instead)}".split())
    await world.until(lambda: sorted(lost.text.split()) == expected, "its client brings back what was lost")
    await world.comes_about(lambda: _has(world, lost.board, expected))
    kept.edit("zero ")
    await world.is_stored(kept.board, "zero one two ")


async def _has(world: World, board: int, words: list[str]) -> bool:
    return sorted((await world.stored(board)).split()) == words


@pytest.mark.parametrize("during", ["load", "presence"])
async def test_a_board_that_was_being_loaded_when_an_epoch_ended_is_loaded_again(
    world: World, node: Node, monkeypatch: pytest.MonkeyPatch, during: str
) -> None:
    ada = await world.person("ada")
    board = await world.board(ada)
    load, read, done = node.rooms.load, node.rooms.presence.read, Counter[str]()

    def ends(at: str) -> None:
        done[at] += 1
        if at == during and done[at] == 1:
            node.rooms.go_on()

    async def load_slowly(document_id: int, user_id: int) -> Room:
        room = await load(document_id, user_id)
        ends("load")
        return room

    async def read_slowly(documents: Any) -> Any:
        present = await read(documents)
        ends("presence")
        return present

    monkeypatch.setattr(node.rooms, "load", load_slowly)
    monkeypatch.setattr(node.rooms.presence, "read", read_slowly)
    await Tab(world, ada, board).opened(node)
    assert done["load"] == 2


@pytest.mark.parametrize("fails", [False, True], ids=["answered", "fails"])
async def test_what_is_doubted_during_a_look_up_is_looked_up_too(
    world: World, node: Node, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    tab = await edited(world, node, await world.person("ada"), "one ")
    look_up, asked = node.rooms.lost, 0

    async def lost(doubted: Sequence[tuple[int, Newest]]) -> set[int]:
        nonlocal asked
        asked += 1
        if asked == 1 and fails:
            await lose(world, tab.board)
            raise Problem(503, "overloaded", "")
        if asked == 1:  # another history begins, and goes on without an edit of the board that is open by then
            node.rooms.reset()
            await tab.opened(node)
            await lose(world, tab.board)
            node.rooms.go_on()
            return set()
        return await look_up(doubted)

    monkeypatch.setattr(node.rooms, "lost", lost)
    node.rooms.go_on()
    await world.until(lambda: asked == 2 and not tab.open)
