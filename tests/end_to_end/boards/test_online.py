"""Sockets with boards are among the streams: their people are online, and an operator sees them and closes them."""

from tests.end_to_end.boards.conftest import BoardTools
from tests.end_to_end.presence.test_presence import hears
from tests.end_to_end.system import System, lively
from tests.sql.world import until
from tests.support.clients.node import NodeClients

KINDS = ("hocuspocus", "json", "yjs")


@lively
async def test_who_has_a_board_open_is_online_and_can_be_dropped(
    system: System, clients: NodeClients, boards: BoardTools
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada)
    async with system.sql() as sql, grace.listen() as to_grace:

        async def open_sockets() -> list[str]:
            rows = await sql.fetch("SELECT transport FROM ops.online WHERE user_id = $1 ORDER BY transport", ada.id)
            return [row["transport"] for row in rows]

        async def reported(*transports: str) -> None:
            async def holds() -> bool:
                return await open_sockets() == [*transports]

            await until(holds, f"{transports} are online")

        for kind in KINDS:
            await boards.open(kind, board, ada, kind=kind)
        await reported(*KINDS)
        await hears(to_grace, ada, "online")
        # A database that has forgotten the server, as after a crash, is told of all of them again.
        await sql.execute("DELETE FROM notify_nodes")
        await reported(*KINDS)
        await sql.fetch("SELECT ops.drop_stream(node, stream) FROM ops.online WHERE transport = 'yjs'")
        assert await clients("event", "yjs", key="close") == {"close": 4002, "reason": "dropped"}
        await clients("synced", "yjs")  # it comes back by itself
        await reported(*KINDS)
        assert await sql.fetchval("SELECT ops.drop_streams($1)", ada.email) == 3
        for kind in KINDS:
            assert (await clients("event", kind, key="close"))["close"] == 4002
            await clients("synced", kind)
        for kind in KINDS:
            await clients("close", kind)
        await reported()
        await hears(to_grace, ada, "online", "offline")
