"""Boards end to end: who is on one and what it is called is told live, in a replay and in the snapshot, to its members
and to nobody else."""

import pytest

from tests.end_to_end.system import Person, System
from tests.support.clients.listener import Listener

FROM = pytest.mark.parametrize(
    "replayed_from", ["memory", pytest.param("database", marks=pytest.mark.system(notify__ring_bytes=0))]
)
PICTURE = b"\xff\xd8\xff picture"


async def boards_of(person: Person) -> list[tuple[int, str]]:
    return [(board.id, board.role) for board in (await person.sync()).boards]


async def until_done(stream: Listener, who: Person) -> None:
    """A change of one's own name comes last."""
    await who.users.update_me(fullname="Done")
    await stream.until(lambda s: any(e.data["id"] == who.id for e in s.events("UserUpdated")))


def told(stream: Listener) -> list[str]:
    return [kind for kind in stream.kinds() if kind != "UserUpdated"]


@FROM
async def test_everything_about_a_board_is_told_to_its_members_and_to_nobody_else(
    system: System, replayed_from: str
) -> None:
    """Neither to somebody of the same workspace nor to a stranger, live and in a replay."""
    ada, grace, carol = await system.team("Ada", "Grace", "Carol")
    stranger = await system.sign_up("Mary")
    people = (ada, grace, carol, stranger)
    cursors = {person: (await person.sync()).cursor for person in people}
    async with (
        ada.listen() as to_ada,
        grace.listen() as to_grace,
        carol.listen() as to_carol,
        stranger.listen() as to_stranger,
    ):
        board = (await ada.boards.create(ada.workspace, "plans")).id
        await ada.boards.add_member(board, grace.id)
        await ada.boards.set_role(board, grace.id, "editor")
        await grace.boards.rename(board, "blueprints")
        await grace.boards.set_thumbnail(board, PICTURE)
        await ada.boards.create_invite(board)
        version = await grace.boards.create_version(board, "first")
        await ada.boards.delete_version(board, version.id)
        await ada.boards.delete(board)
        await ada.boards.restore(board)
        await ada.boards.remove_member(board, grace.id)
        await ada.boards.rename(board, "without grace")
        streams = (to_ada, to_grace, to_carol, to_stranger)
        for stream, person in zip(streams, people, strict=True):
            await until_done(stream, person)
        assert told(to_grace) == [
            *("NewBoard", "UserJoinedBoard", "BoardMemberUpdated", "BoardUpdated", "BoardThumbnailUpdated"),
            *("BoardVersionUpdated", "BoardVersionDeleted", "BoardDeleted", "BoardRestored", "UserLeftBoard"),
        ]
        assert told(to_ada) == [
            *("NewBoard", "UserJoinedBoard", "UserJoinedBoard", "BoardMemberUpdated", "BoardUpdated"),
            *("BoardThumbnailUpdated", "BoardInviteUpdated", "BoardVersionUpdated", "BoardVersionDeleted"),
            *("BoardDeleted", "BoardRestored", "UserLeftBoard", "BoardUpdated"),
        ]
        assert told(to_carol) == told(to_stranger) == []
    assert [await boards_of(person) for person in people] == [[(board, "owner")], [], [], []]
    # Who was away hears of it from where it was restored on, and of what they have lost nothing but that.
    expected = [["BoardDeleted", *told(to_ada)[-3:]], ["BoardDeleted", "UserLeftBoard"], [], []]
    for person, kinds in zip(people, expected, strict=True):
        async with person.listen(cursors[person]) as stream:
            await until_done(stream, person)
            assert told(stream) == kinds


async def test_what_is_done_to_boards_in_psql_is_told_too(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = (await ada.boards.create(ada.workspace, "plans")).id
    async with grace.listen() as to_grace, system.sql() as sql:
        member = "INSERT INTO document_members (document_id, user_id, role) VALUES ($1, $2, 'viewer')"
        await sql.execute(member, board, grace.id)
        await sql.execute("UPDATE documents SET name = 'by psql'")
        await sql.execute("DELETE FROM documents")
        await until_done(to_grace, grace)
        assert told(to_grace) == ["NewBoard", "UserJoinedBoard", "BoardUpdated", "BoardDeleted"]


@FROM
async def test_who_is_let_in_hears_nothing_from_before(system: System, replayed_from: str) -> None:
    """A replay to a member starts where they were let in, or where a deleted board was restored."""
    ada, grace = await system.team("Ada", "Grace")
    board = (await ada.boards.create(ada.workspace, "plans")).id
    cursor = (await grace.sync()).cursor
    await ada.boards.rename(board, "unheard")
    await ada.boards.add_member(board, grace.id)
    await ada.boards.rename(board, "unheard too, since it is deleted")
    await ada.boards.delete(board)
    await ada.boards.restore(board)
    await ada.boards.rename(board, "heard")
    async with grace.listen(cursor) as to_grace:
        await until_done(to_grace, grace)
        assert told(to_grace)[-2:] == ["BoardRestored", "BoardUpdated"]
        assert [event.data["name"] for event in to_grace.events("BoardUpdated")] == ["heard"]
