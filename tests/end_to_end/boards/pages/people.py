"""People who have a board open as a page, each in a browser of their own."""

from typing import cast

from fechatter_client.models.boards import BoardRole

from tests.end_to_end.system import PASSWORD, Person
from tests.support.clients.browser import Tab, Window


async def made_board(owner: Person, **roles: Person) -> int:
    """A board of this owner with an `editor` or a `viewer`, if given; returns its id."""
    board = (await owner.boards.create(owner.workspace, "Plan")).id
    for role, person in roles.items():
        await owner.boards.add_member(board, person.id, role=cast(BoardRole, role))
    return board


async def at_board(window: Window, person: Person, board: int) -> Tab:
    """A tab in which this person sees the board, live."""
    tab = await window.tab(f"/board/{board}", person.email, PASSWORD)
    await tab.until("live")
    return tab
