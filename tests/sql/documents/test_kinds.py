"""A document's kind is final, and what is a board's is done to boards alone."""

import asyncpg
import pytest

from chat_core.database import resources
from chat_core.database.queries import load
from tests.sql.boards.test_board_updates import append
from tests.sql.world import World

pytestmark = pytest.mark.postgres_15


def test_every_query_about_a_document_asks_for_its_kind() -> None:
    found = {name: set(query.parameters) for name, query in load(resources.QUERIES / "documents").items()}
    about_one = {name for name, parameters in found.items() if {"document", "document_id"} & parameters}
    assert len(about_one) > 20
    assert {name for name in about_one if "kind" not in found[name]} == set()


async def test_a_kind_is_known_and_final(world: World) -> None:
    board = await world.add_board("alice")
    with pytest.raises(asyncpg.CheckViolationError):
        await world.sql.execute("INSERT INTO documents (kind, workspace_id, name) VALUES ('sheet', 1, 'notes')")
    for table, key in (("documents", "id"), ("document_members", "document_id")):
        with pytest.raises(asyncpg.PostgresError) as error:
            await world.sql.execute(f"UPDATE {table} SET kind = 'page' WHERE {key} = $1", board)
        assert error.value.constraint_name == "key_is_final"


async def test_nothing_is_drawn_on_a_document_of_another_kind(world: World) -> None:
    board = await world.add_board("alice")
    page = await world.add_page("alice")
    assert await append(world, (page, b"ab"), (board, b"cd")) == [None, 1]
    await world.sql.execute("SELECT board_keep_snapshot($1, 0, 'x', 'v', 'd', false)", page)
    assert await world.rows("SELECT board_id FROM board_updates UNION ALL SELECT board_id FROM board_snapshots") == [
        (board,)
    ]
    opening = load()["document_open"]
    session = await world.add_session(world.alice)
    for kind, document, role in (("board", board, "owner"), ("board", page, None), ("page", page, "owner")):
        opened = await opening.one(world.sql, kind=kind, user_id=world.alice, session_id=session, document_id=document)
        assert opened["role"] == role, (kind, document)
