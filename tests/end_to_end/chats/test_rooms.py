"""Rooms end to end: what is done over REST reaches those who may see it, and nobody of another workspace."""

import pytest
from fechatter_client import Problem

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.listener import Listener


def told(stream: Listener) -> list[str]:
    """The kinds, without marks, and without what is told of a transfer between its two members."""
    return [kind for kind in stream.kinds() if kind not in ("UserUpdated", "ChatAdminAdded")]


async def test_everything_about_a_room_is_told_to_its_members_and_to_nobody_else(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    mary = await system.sign_up("Mary")
    chat = (await ada.chats.create("PrivateChannel", name="vault", workspace_id=ada.workspace)).id
    async with ada.listen() as to_ada, grace.listen() as to_grace, mary.listen() as to_mary:
        await ada.chats.set_password(chat, "open sesame")
        await grace.chats.join(chat, "open sesame")
        await ada.chats.silence(chat, grace.id, 60)
        await ada.chats.end_silence(chat, grace.id)
        await ada.chats.archive(chat)
        await ada.chats.unarchive(chat)
        await ada.chats.ban(chat, grace.id, reason="noise")
        await ada.chats.lift_ban(chat, grace.id)
        token = (await ada.chats.create_invite(chat, max_uses=1)).token
        await grace.invites.accept(token)
        await ada.chats.transfer(chat, grace.id)
        for person in (ada, grace, mary):
            await person.users.update_me(fullname="Done")
        for stream, own in ((to_ada, ada), (to_grace, grace), (to_mary, mary)):
            await stream.until(lambda s, own=own: any(e.data["id"] == own.id for e in s.events("UserUpdated")))  # type: ignore[misc]
        assert told(to_ada) == [
            "ChatUpdated",
            "UserJoinedChat",
            *["ChatMemberUpdated"] * 2,
            *["ChatUpdated"] * 2,
            *("UserLeftChat", "UserBanned", "ChatBanUpdated", "UserUnbanned"),
            "ChatInviteUpdated",
            "ChatInviteUpdated",
            "UserJoinedChat",
            *["ChatMemberUpdated"] * 2,
        ]
        assert told(to_grace) == [
            *("NewChat", "UserJoinedChat"),
            *["ChatMemberUpdated"] * 2,
            *["ChatUpdated"] * 2,
            "UserLeftChat",
            *("NewChat", "UserJoinedChat"),
            *["ChatMemberUpdated"] * 2,
        ]
        assert to_mary.kinds() == ["UserUpdated"]
        [added] = to_grace.events("ChatAdminAdded")
        assert (added.data["user_id"], added.data["bans"], added.data["invites"][0]["uses"]) == (grace.id, [], 1)
        silenced, heard = to_grace.events("ChatMemberUpdated")[:2]
        assert (silenced.data["silenced_until"] is None, heard.data["silenced_until"] is None) == (False, True)
        assert [event.data["archived_at"] is None for event in to_ada.events("ChatUpdated")] == [True, False, True]
        assert "noise" not in str([event.data for event in to_ada.events("UserBanned")])
    with pytest.raises(Problem, match="404"):
        await mary.chats.get(chat)


async def test_a_deactivated_user_is_seen_as_such_and_their_streams_end(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    await system.group(ada, grace)
    async with ada.listen() as to_ada, grace.listen() as to_grace:
        await grace.users.deactivate_me(PASSWORD)
        assert (await to_ada.until_kind("UserUpdated")).data["status"] == "inactive"
        await to_grace.until_ended()
        assert to_grace.events("SessionRevoked")[0].data["reason"] == "deactivated"
    assert [member.status for member in (await ada.sync()).chats[0].members or ()] == ["active", "inactive"]
