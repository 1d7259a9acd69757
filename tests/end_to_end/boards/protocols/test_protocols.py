"""Clients of all three protocols on one board: what one does the others see, whatever they speak."""

import pytest

from tests.end_to_end.boards.conftest import BoardTools
from tests.end_to_end.system import Person, System
from tests.support.clients.node import NodeClients

KINDS = ("yjs", "hocuspocus", "json")
kinds = pytest.mark.parametrize("kind", KINDS)
acknowledging = pytest.mark.parametrize("kind", ["hocuspocus", "json"])


def cursor(x: int) -> dict[str, object]:
    return {"cursor": {"x": x, "y": 1}, "selection": [f"note-{x}"]}


async def test_clients_of_three_kinds_edit_one_board_and_see_each_others_cursors(
    system: System, clients: NodeClients, boards: BoardTools
) -> None:
    people = await system.team("Ada", "Grace", "Mary")
    board = await boards.make(*people)
    for number, (kind, person) in enumerate(zip(KINDS, people, strict=True)):
        await boards.open(kind, board, person, kind=kind, state=cursor(number))
    for number in range(3):
        for other in KINDS[:number] + KINDS[number + 1 :]:
            await clients("sees", other, amount=1, like={"user_id": people[number].id, **cursor(number)})
    for kind in KINDS:
        await clients("append", kind, text=f"{kind} ")
        await boards.shows("".join(f"{k} " for k in KINDS[: KINDS.index(kind) + 1]), *KINDS)
    await clients("kept", "hocuspocus")
    await clients("kept", "json")
    for number, kind in enumerate(KINDS):
        await clients("state", kind, state=cursor(number + 10))
        for other in KINDS[:number] + KINDS[number + 1 :]:
            await clients("sees", other, amount=1, like=cursor(number + 10))
    for kind in KINDS:  # who comes late has all at once
        await boards.open(f"late {kind}", board, people[0], kind=kind)
        assert await clients("text", f"late {kind}") == "yjs hocuspocus json "
        for number, person in enumerate(people):
            await clients("sees", f"late {kind}", amount=1, like={"user_id": person.id, **cursor(number + 10)})


@kinds
async def test_who_is_cut_off_is_gone_for_all_and_whole_when_back(
    system: System, clients: NodeClients, boards: BoardTools, kind: str
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace)
    for other in KINDS:
        await boards.open(other, board, ada, kind=other)
    await boards.open("grace", board, grace, kind=kind, state=cursor(1))
    for other in KINDS:
        await clients("sees", other, amount=1, like={"user_id": grace.id})
    await clients("silence", "grace")
    for other in KINDS:
        await clients("sees", other, amount=0, like={"user_id": grace.id})
    await clients("insert", "grace", text="offline")
    await clients("connect", "grace")
    for other in KINDS:
        await clients("sees", other, amount=1, like={"user_id": grace.id, **cursor(1)})
    await boards.shows("offline", *KINDS)
    # At once, too, before the server knows that the former connection is dead or just as it does.
    for _ in range(5):
        await clients("cut", "grace")
        await clients("synced", "grace")
    for other in KINDS:
        await clients("sees", other, amount=1, like={"user_id": grace.id, **cursor(1)})


@acknowledging
async def test_an_edit_is_acknowledged_when_it_is_durable_and_not_before(
    system: System, clients: NodeClients, boards: BoardTools, kind: str
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace)
    await boards.open("ada", board, ada, kind=kind)
    await boards.open("grace", board, grace)
    await clients("kept", "ada")
    async with system.sql() as sql:
        async with sql.transaction():
            await sql.execute("SELECT FROM documents WHERE id = $1 FOR UPDATE", board)
            await clients("insert", "ada", text="hello")
            await boards.shows("hello", "grace")  # relayed at once
            assert await clients("unsynced", "ada") == 1
        await clients("kept", "ada")
        assert await sql.fetchval("SELECT count(*) FROM board_updates WHERE board_id = $1", board) == 1


async def a_role(system: System, board: int, person: Person, role: str) -> None:
    async with system.sql() as sql:
        await sql.execute(
            "UPDATE document_members SET role = $3 WHERE document_id = $1 AND user_id = $2", board, person.id, role
        )


@acknowledging
async def test_a_viewers_edits_are_refused_and_it_stays(
    system: System, clients: NodeClients, boards: BoardTools, kind: str
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace, role="viewer")
    await boards.open("ada", board, ada)
    await clients("insert", "ada", text="hello")
    await boards.open("grace", board, grace, kind=kind, state=cursor(1))
    await boards.shows("hello", "grace")
    await clients("kept", "grace")  # what it has is all known
    await clients("append", "grace", text=" mine")
    if kind == "json":
        assert (await clients("event", "grace", key="denied"))["denied"] == "read_only"
    await clients("append", "ada", text=" ada's")
    await clients("has", "grace", text="ada's")
    assert await clients("unsynced", "grace") == 1
    await clients("cut", "grace")  # it offers what it has again when it comes back
    await clients("synced", "grace")
    await clients("append", "ada", text=" again")
    await clients("has", "grace", text="again")
    assert await clients("unsynced", "grace") >= 1
    assert await clients("text", "ada") == "hello ada's again"
    await clients("sees", "ada", amount=1, like={"user_id": grace.id, **cursor(1)})
    async with system.sql() as sql:
        users = await sql.fetch("SELECT DISTINCT user_id FROM board_updates WHERE board_id = $1", board)
    assert [row["user_id"] for row in users] == [ada.id]


@acknowledging
async def test_another_role_reaches_an_open_board(
    system: System, clients: NodeClients, boards: BoardTools, kind: str
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace)
    await boards.open("ada", board, ada)
    await boards.open("grace", board, grace, kind=kind)
    await clients("forget", "grace")
    await a_role(system, board, grace, "viewer")
    if kind == "json":
        assert (await clients("event", "grace", key="role"))["role"] == "viewer"
    else:
        assert (await clients("event", "grace", key="scope"))["scope"] == "readonly"
    await clients("insert", "grace", text="no")
    await clients("forget", "grace")
    await a_role(system, board, grace, "editor")
    await clients("event", "grace", key="role" if kind == "json" else "scope")
    await clients("append", "ada", text="yes")
    await clients("has", "grace", text="yes")
    assert await clients("text", "ada") == "yes"


async def test_documents_on_one_socket_fare_each_for_itself(
    system: System, clients: NodeClients, boards: BoardTools
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    own, others, hers = [await boards.make(ada, grace, role=role) for role in ("editor", "viewer", "editor")]
    for name, board in (("own", own), ("others", others), ("hers", hers)):
        await boards.open(f"ada on {name}", board, ada)
        await boards.open(name, board, grace, kind="hocuspocus", socket="grace", state=cursor(1))
        await clients("sees", f"ada on {name}", amount=1, like=cursor(1))
        assert (await clients("event", name, key="scope"))["scope"] == (
            "readonly" if name == "others" else "read-write"
        )
    await boards.open("none", 2**60, grace, kind="hocuspocus", socket="grace", synced=False)
    assert (await clients("event", "none", key="denied"))["denied"] == "no_such_board"
    for name in ("own", "others", "hers"):
        await clients("insert", name, text=name)
    await boards.shows("own", "ada on own")
    await boards.shows("hers", "ada on hers")
    for name in ("own", "hers"):  # others see it before it is durable, and whoever is removed is not told any more
        await clients("kept", name)
    assert await clients("unsynced", "others") == 1
    assert await clients("text", "ada on others") == ""
    async with system.sql() as sql:
        await sql.execute("DELETE FROM document_members WHERE document_id = $1 AND user_id = $2", hers, grace.id)
        assert (await clients("event", "hers", key="denied"))["denied"] == "removed"
        await clients("append", "hers", text=" no more")
        await clients("append", "own", text=" still")
        await clients("kept", "own")
        await boards.shows("own still", "ada on own")
        assert await clients("unsynced", "hers") == 1
        assert await clients("text", "ada on hers") == "hers"
    await clients("sees", "ada on hers", amount=0)
    await clients("close", "own")
    await clients("sees", "ada on own", amount=0)
    await clients("sees", "ada on others", amount=1)


async def test_one_document_twice_on_a_socket(system: System, clients: NodeClients, boards: BoardTools) -> None:
    ada = await system.sign_up("Ada")
    board = await boards.make(ada)
    for name in ("one", "two"):
        await boards.open(name, board, ada, kind="hocuspocus", socket="ada", session=True, state={"tab": name})
    await clients("insert", "one", text="hello")
    await boards.shows("hello", "two")
    await clients("kept", "one")
    await clients("sees", "two", amount=1, like={"tab": "one"})
    await clients("close", "one")
    await clients("sees", "two", amount=0)


async def test_a_bad_token_is_denied_and_a_good_one_taken_over_the_same_socket(
    system: System, clients: NodeClients, boards: BoardTools
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada)
    await boards.open("ada", board, ada, kind="hocuspocus", token="no", synced=False)
    assert (await clients("event", "ada", key="denied"))["denied"] == "unauthorized"
    await clients("insert", "ada", text="early")
    await clients("sign_in", "ada", token=ada.token)
    await clients("kept", "ada")
    await clients("forget", "ada")
    await clients("sign_in", "ada", token=await ada.access_token())
    assert "scope" in await clients("event", "ada", key="scope")
    # Somebody else's does not make it theirs.
    await clients("forget", "ada")
    await clients("sign_in", "ada", token=grace.token)
    assert (await clients("event", "ada", key="denied"))["denied"] == "unauthorized"
    assert not [event for event in await clients("events", "ada") if "close" in event]
    await boards.open("late", board, ada)
    assert await clients("text", "late") == "early"


@kinds
async def test_who_signs_out_is_out_of_all_boards(
    system: System, clients: NodeClients, boards: BoardTools, kind: str
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace)
    await boards.open("ada", board, ada)
    await boards.open("grace", board, grace, kind=kind, state=cursor(1))
    await clients("sees", "ada", amount=1, like={"user_id": grace.id})
    await grace.log_out()
    assert (await clients("event", "grace", key="close"))["reason"] == "session_revoked"
    await clients("sees", "ada", amount=0)
