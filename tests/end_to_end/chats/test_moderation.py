"""Moderation over REST and SSE: reports, bans and invites reach the admins, and nobody else."""

import asyncio

from fechatter_client.models.workspaces import Role

from tests.end_to_end.system import Person, System, from_ring_and_database
from tests.support.clients.listener import Listener
from tests.support.copy_of_sync import Copy

REPORTS = {"ReportFiled", "ReportUpdated", "ReportHandled"}


async def set_role(owner: Person, other: Person, role: Role) -> None:
    await owner.workspaces.set_role(owner.workspace, other.id, role)


async def heard(person: Person, stream: Listener, mark: str) -> list[str]:
    """Of reports, up to a change of one's own that comes last."""
    await person.users.update_me(fullname=mark)
    await stream.until(lambda s: any(e.data.get("fullname") == mark for e in s.events("UserUpdated")))
    return [kind for kind in stream.kinds() if kind in REPORTS]


@from_ring_and_database
async def test_reports_reach_those_who_are_admins_when_they_are_delivered(system: System) -> None:
    ada, bob, grace, mary = await system.team("Ada", "Bob", "Grace", "Mary")
    eve = await system.sign_up("Eve")
    everybody = (ada, bob, grace, mary, eve)
    chat = await system.group(grace, mary, workspace=ada.workspace)
    message = await grace.messages.post(chat, "a secret")
    cursors = [(await person.sync()).cursor for person in everybody]
    async with ada.listen() as a, bob.listen() as b, grace.listen() as g, mary.listen() as m, eve.listen() as e:
        streams = (a, b, g, m, e)
        mine = await mary.moderation.report(chat, message.id, "spam")
        await set_role(ada, bob, "admin")
        await bob.moderation.handle_report(ada.workspace, mine.id, status="resolved")
        await set_role(ada, bob, "member")
        await ada.moderation.handle_report(ada.workspace, mine.id, note="done")
        told = await asyncio.gather(*(heard(*pair, "mark") for pair in zip(everybody, streams, strict=True)))
        assert told == [
            ["ReportFiled", "ReportUpdated", "ReportUpdated"],
            ["ReportUpdated"],
            [],
            ["ReportHandled"],
            [],
        ]
        assert a.events("ReportFiled")[0].data["reporter_id"] == mary.id
        assert not any("a secret" in str(event.data) for event in a.events())
    # A replay shows what was for admins to those who were admins then and still are; grace has become one since.
    await set_role(ada, grace, "admin")
    again = []
    for person, cursor in zip(everybody, cursors, strict=True):
        async with person.listen(cursor) as stream:
            again.append(await heard(person, stream, "back"))
    assert again == [told[0], [], [], ["ReportHandled"], []]


ADMINS = {"ChatBanUpdated", "ChatAdminAdded", "WorkspaceAdminAdded", "BoardOwnerAdded"}
INVITES = {"ChatInviteUpdated", "ChatInviteDeleted", "BoardInviteUpdated", "BoardInviteDeleted"}


@from_ring_and_database
async def test_who_becomes_an_admin_sees_what_admins_see_and_no_longer_than_they_are_one(system: System) -> None:
    """Snapshot + events = fresh snapshot, all the while, and in a replay too. Of a board its owners are told."""
    ada, grace, mary, bob = await system.team("Ada", "Grace", "Mary", "Bob")
    chat = await system.group(ada, grace, mary, bob)
    message = await ada.messages.post(chat, "hello")
    board = (await ada.boards.create(ada.workspace, "plans")).id
    for editor in (grace, bob):
        await ada.boards.add_member(board, editor.id, "editor")
    snapshot = (await grace.request("GET", "/sync")).json()
    bobs_cursor = (await bob.sync()).cursor

    async def set_roles(role: Role) -> None:
        await ada.chats.set_role(chat, grace.id, role)
        await set_role(ada, grace, role)
        await ada.boards.set_role(board, grace.id, "owner" if role == "admin" else "editor")

    async def copied(stream: Listener, mark: str) -> tuple[int, int, int, int] | None:
        """How many bans, invites to the chat and the board, and reports are in a copy that is as a fresh snapshot; None
        where it is a member's."""
        await heard(grace, stream, mark)
        copy = Copy(snapshot)
        for event in stream.events():
            copy.apply(event)
        state = copy.state()
        assert state == Copy((await grace.request("GET", "/sync")).json()).state()
        [room], [drawn] = (room for room in state["chats"] if room["id"] == chat), state["boards"]
        assert (room["bans"] is None) == (room["invites"] is None) == (drawn["invites"] is None)
        if room["bans"] is None:
            return None
        return len(room["bans"]), len(room["invites"]), len(drawn["invites"]), len(state["reports"])

    async with grace.listen(snapshot["cursor"]) as stream, bob.listen() as to_bob:
        await ada.chats.ban(chat, mary.id, reason="noise")
        await bob.chats.create_invite(chat)
        await bob.boards.create_invite(board)
        mine = await bob.moderation.report(chat, message.id, "spam")
        assert await copied(stream, "a member") is None
        await set_roles("admin")
        assert await copied(stream, "an admin") == (1, 1, 1, 1)
        invite, to_board = await ada.chats.create_invite(chat), await ada.boards.create_invite(board)
        await ada.chats.ban(chat, mary.id, reason="more noise")
        await ada.moderation.handle_report(ada.workspace, mine.id, status="resolved")
        await ada.moderation.report(chat, message.id, "other")
        assert await copied(stream, "still an admin") == (1, 2, 2, 1)
        async with grace.listen(snapshot["cursor"]) as again:
            assert await copied(again, "an admin who comes back") == (1, 2, 2, 1)
        await ada.boards.delete(board)
        await ada.boards.restore(board)
        await ada.boards.revoke_invite(board, to_board.id)
        assert await copied(stream, "an owner of what was restored") == (1, 2, 1, 1)
        await set_roles("member")
        await ada.chats.revoke_invite(chat, invite.id)
        await ada.chats.lift_ban(chat, mary.id)
        await ada.boards.create_invite(board)
        assert await copied(stream, "a member again") is None
        async with grace.listen(snapshot["cursor"]) as again:
            assert await copied(again, "a member who comes back") is None
            assert not (ADMINS | INVITES) & {*again.kinds()}, "what was for admins is not for who is none now"
        await set_roles("admin")
        assert await copied(stream, "an admin again") == (0, 1, 2, 1)
        await heard(bob, to_bob, "done")
        assert [kind for kind in to_bob.kinds() if kind in ADMINS | INVITES] == [
            *("ChatInviteUpdated", "BoardInviteUpdated"),
        ], "who made an invite hears of that one"
    async with bob.listen(bobs_cursor) as again:
        await heard(bob, again, "back")
        # Nothing from before the board was restored.
        assert [kind for kind in again.kinds() if kind in ADMINS | INVITES] == ["ChatInviteUpdated"]
