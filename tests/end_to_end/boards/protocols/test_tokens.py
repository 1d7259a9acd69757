"""What becomes of an open board when the token ends with which it was opened."""

from pathlib import Path

import pytest

from chat_core.tokens import Signer, Verifier
from tests.end_to_end.boards.conftest import BoardTools
from tests.end_to_end.system import Person, System
from tests.support.clients.node import NodeClients

ISSUER = "fechatter"
# Until the whole second after the next.
SHORTLY = 2


def token_of(person: Person, keys: Path, seconds: int) -> str:
    """Of the session that they have, for so long."""
    session = Verifier(keys / "public.pem", ISSUER).verify(person.token).session_id
    return Signer(keys / "private.pem", ISSUER, seconds).sign(person.id, session)[0]


async def closes(clients: NodeClients, name: str) -> list[int]:
    return [event["close"] for event in await clients("events", name) if "close" in event]


@pytest.mark.parametrize("kind", ["yjs", "json"])
async def test_an_expired_token_is_told_once_and_nobody_tries_again(
    system: System, clients: NodeClients, boards: BoardTools, keys: Path, kind: str
) -> None:
    ada = await system.sign_up("Ada")
    board = await boards.make(ada)
    await boards.open("ada", board, ada, kind=kind, token=token_of(ada, keys, SHORTLY))
    assert await clients("event", "ada", key="final") == {"final": 4405}
    await clients("insert", "ada", text="offline")
    await clients("forget", "ada")
    await clients("connect", "ada")  # with the same one
    assert await clients("event", "ada", key="final") == {"final": 4407}
    assert await closes(clients, "ada") == [4407]
    await clients("renew", "ada", token=ada.token)
    await clients("synced", "ada")
    await boards.open("late", board, ada)
    await boards.shows("offline", "late")
    assert await closes(clients, "ada") == [4407]


async def test_a_socket_of_hocuspocus_outlives_its_token_where_the_client_has_another(
    system: System, clients: NodeClients, boards: BoardTools, keys: Path
) -> None:
    """It is asked for when less than a minute is left; a function as `token` gives a fresh one."""
    ada = await system.sign_up("Ada")
    board = await boards.make(ada)
    short = token_of(ada, keys, SHORTLY)
    await boards.open("clock", board, ada, token=short)
    await boards.open("ada", board, ada, kind="hocuspocus", token=[short, ada.token])
    await boards.open("stuck", board, ada, kind="hocuspocus", token=short)
    assert await clients("event", "clock", key="final") == {"final": 4405}
    # One that has no other goes with the token. It comes back, is denied, and waits on that socket.
    assert (await clients("event", "stuck", key="close"))["reason"] == "token_expired"
    assert (await clients("event", "stuck", key="denied"))["denied"] == "unauthorized"
    await clients("insert", "ada", text="hello")
    await clients("kept", "ada")
    assert await closes(clients, "ada") == []
    await clients("sign_in", "stuck", token=ada.token)
    await boards.shows("hello", "stuck")
    assert await closes(clients, "stuck") == [4405]
