"""A version is restored while people have the board open: it reaches them as anybody's edit does."""

from tests.end_to_end.boards.conftest import BoardTools
from tests.end_to_end.boards.protocols.test_protocols import KINDS
from tests.end_to_end.system import System
from tests.support.clients.node import NodeClients


async def test_a_restored_version_reaches_open_boards_in_each_protocol(
    system: System, clients: NodeClients, boards: BoardTools
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace)
    for kind in KINDS:
        await boards.open(kind, board, ada, kind=kind)
    await clients("append", "json", text="hello")
    await clients("kept", "json")
    version = await ada.boards.create_version(board, "hello")
    await boards.shows("hello", *KINDS)
    await clients("remove", "hocuspocus", at=1, length=4)
    await clients("append", "hocuspocus", text="i!")
    await clients("kept", "hocuspocus")
    restored = await grace.boards.restore_version(board, version.id)
    await boards.shows("hello", *KINDS)
    await clients("append", "hocuspocus", text=" world")
    await boards.shows("hello world", *KINDS)
    await clients("kept", "hocuspocus")
    assert restored.before is not None
    await grace.boards.restore_version(board, restored.before.id)
    await boards.shows("hi!", *KINDS)
    await boards.open("late", board, grace)
    assert await clients("text", "late") == "hi!"
    assert [(await ada.boards.export(board, one.id))["text"] async for one in ada.boards.versions(board)] == [
        *("hello", "hi!", "hello world"),
    ]
