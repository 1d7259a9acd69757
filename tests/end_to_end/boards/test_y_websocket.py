"""The client `y-websocket` from npm, as people use it, against the running servers."""

from tests.end_to_end.boards.conftest import BoardTools
from tests.end_to_end.system import System
from tests.support.node import NodeClients


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
