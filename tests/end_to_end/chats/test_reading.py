"""What one member reads, mutes and drafts: who is told of it, on which of their devices, and who is not."""

from datetime import UTC, datetime

import pytest
from fechatter_client import ChatNotifications, DraftChanged, Problem

from tests.end_to_end.system import System


async def test_each_sees_how_far_the_other_has_read(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    eve = await system.sign_up("Eve")  # in another workspace
    async with ada.listen() as to_ada, grace.listen() as to_grace, eve.listen() as to_eve:
        chat = await system.group(ada, grace)
        for text in ("one", "two"):
            await ada.messages.post(chat, text)
        await grace.reading.move_marker(chat, 2)
        await grace.reading.mark_unread(chat, 2)
        for stream in (to_ada, to_grace):
            await stream.until_kind("ReadMarkerMoved", 2)
            assert [event.data for event in stream.events("ReadMarkerMoved")] == [
                {"chat_id": chat, "user_id": grace.id, "last_read_seq": seq, "unread_mentions": []} for seq in (2, 1)
            ]
        assert [member.last_read_seq for member in (await ada.sync()).chats[0].members or ()] == [2, 1]
        readers = [(reader.user_id, reader.last_read_seq) async for reader in grace.reading.readers(chat)]
        assert readers == [(ada.id, 2), (grace.id, 1)]
        for call in (
            anext(eve.reading.readers(chat)),
            eve.reading.move_marker(chat, 1),
            eve.reading.mark_unread(chat, 1),
        ):
            with pytest.raises(Problem, match="404"):
                await call
        # An event of her own, later in the log, shows that nothing is still on its way.
        await eve.users.update_me(fullname="Renamed")
        await to_eve.until_kind("UserUpdated")
        assert to_eve.kinds() == ["UserUpdated"]


async def test_mutes_and_drafts_follow_a_user_across_devices_and_nobody_else(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    eve = await system.sign_up("Eve")  # in another workspace
    chat = await system.group(ada, grace)
    async with ada.listen() as to_ada, grace.listen() as phone, grace.listen() as laptop:
        until = datetime(2030, 1, 1, tzinfo=UTC)
        changed = await grace.reading.set_notifications(chat, level="mentions", muted_until=until)
        saved = await grace.reading.save_draft(chat, "Dear Ada")
        for device in (phone, laptop):
            await device.until_kind("DraftChanged")  # a draft that is dropped at once is not shown
        await grace.messages.post(chat, "Hello")  # leaves the draft alone
        await grace.reading.drop_draft(chat)
        for device in (phone, laptop):
            await device.until_kind("DraftChanged", 2)
            assert device.kinds() == ["ChatNotificationsChanged", "DraftChanged", "NewMessage", "DraftChanged"]
            assert device.events("ChatNotificationsChanged")[0].to(ChatNotifications) == changed
            assert [event.to(DraftChanged).draft for event in device.events("DraftChanged")] == [saved, None]
        await ada.users.update_me(fullname="Renamed")
        await to_ada.until_kind("UserUpdated")
        assert to_ada.kinds() == ["NewMessage", "UserUpdated"]
    for call in (
        eve.reading.set_notifications(chat, level="mentions", muted_until=until),
        eve.reading.draft(chat),
        eve.reading.save_draft(chat, "x"),
        eve.reading.drop_draft(chat),
    ):
        with pytest.raises(Problem, match="404 not_found"):
            await call


async def test_what_is_written_in_psql_is_told_too(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    await ada.messages.post(chat, "one")
    async with grace.listen() as stream, system.sql() as sql:
        mine = f"WHERE chat_id = {chat} AND user_id = {grace.id}"
        await sql.execute(f"UPDATE chat_members SET last_read_seq = 1 {mine}")
        await sql.execute(f"UPDATE chat_members SET muted_until = now() + interval '1 hour' {mine}")
        await sql.execute(f"INSERT INTO drafts (chat_id, user_id, content) VALUES ({chat}, {grace.id}, 'Dear')")
        await sql.execute(f"DELETE FROM drafts {mine}")
        await stream.until_kind("DraftChanged", 2)
        assert stream.kinds() == ["ReadMarkerMoved", "ChatNotificationsChanged", "DraftChanged", "DraftChanged"]


async def test_a_mention_arrives_and_is_gone_when_it_is_read_or_edited_away(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    eve = await system.sign_up("Eve")  # in another workspace
    chat = await system.group(ada, grace)
    name = (await grace.users.me()).username
    async with grace.listen() as to_grace, eve.listen() as to_eve:
        for text in (f"@{name}", "@here", f"`@{name}`"):
            message = await ada.messages.post(chat, text)
        await ada.messages.edit(chat, message.id, f"@{name}, after all")
        await grace.reading.move_marker(chat, 2)
        await to_grace.until_kind("ReadMarkerMoved")
        told = [(event.data["mentions"], event.data["mentions_everyone"]) for event in to_grace.events("NewMessage")]
        assert told == [([grace.id], None), ([], "here"), ([], None)]
        assert to_grace.events("MessageUpdated")[0].data["mentions"] == [grace.id]
        assert to_grace.events("ReadMarkerMoved")[0].data["unread_mentions"] == [3]
        assert [message async for message in eve.reading.mentions()] == []
        await eve.users.update_me(fullname="Renamed")
        await to_eve.until_kind("UserUpdated")
        assert to_eve.kinds() == ["UserUpdated"]
