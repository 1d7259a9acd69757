"""What one member reads, mutes and drafts: who is told of it, on which of their devices, and who is not."""

from tests.end_to_end.system import System


async def test_each_sees_how_far_the_other_has_read(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    eve = await system.sign_up("Eve")  # in another workspace
    async with ada.stream() as to_ada, grace.stream() as to_grace, eve.stream() as to_eve:
        chat = await system.group(ada, grace)
        for text in ("one", "two"):
            await ada.send(chat, text)
        await grace.call("POST", f"/chats/{chat}/read", {"seq": 2})
        await grace.call("POST", f"/chats/{chat}/unread", {"seq": 2})
        for stream in (to_ada, to_grace):
            await stream.until_kind("ReadMarkerMoved", 2)
            assert [event.data for event in stream.events("ReadMarkerMoved")] == [
                {"chat_id": chat, "user_id": grace.id, "last_read_seq": seq, "unread_mentions": []} for seq in (2, 1)
            ]
        members = (await ada.call("GET", "/sync"))["chats"][0]["members"]
        assert [member["last_read_seq"] for member in members] == [2, 1]
        readers = await grace.call("GET", f"/chats/{chat}/readers")
        assert [(reader["user_id"], reader["last_read_seq"]) for reader in readers] == [(ada.id, 2), (grace.id, 1)]
        for method, path, body in (
            ("GET", "readers", None),
            ("POST", "read", {"seq": 1}),
            ("POST", "unread", {"seq": 1}),
        ):
            assert (await eve.api.request(method, f"/api/chats/{chat}/{path}", json=body)).status_code == 404
        # An event of her own, later in the log, shows that nothing is still on its way.
        await eve.call("PATCH", "/users/me", {"fullname": "Renamed"})
        await to_eve.until_kind("UserUpdated")
        assert to_eve.kinds() == ["UserUpdated"]


async def test_mutes_and_drafts_follow_a_user_across_devices_and_nobody_else(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    eve = await system.sign_up("Eve")  # in another workspace
    chat = await system.group(ada, grace)
    async with ada.stream() as to_ada, grace.stream() as phone, grace.stream() as laptop:
        choice = {"notification_level": "mentions", "muted_until": "2030-01-01T00:00:00+00:00"}
        changed = await grace.call("PATCH", f"/chats/{chat}/me", choice)
        saved = await grace.call("PUT", f"/chats/{chat}/draft", {"content": "Dear Ada"})
        await grace.send(chat, "Hello")  # leaves the draft alone
        await grace.call("DELETE", f"/chats/{chat}/draft")
        for device in (phone, laptop):
            await device.until_kind("DraftChanged", 2)
            assert device.kinds() == ["ChatNotificationsChanged", "DraftChanged", "NewMessage", "DraftChanged"]
            assert device.events("ChatNotificationsChanged")[0].data == changed
            assert [event.data["draft"] for event in device.events("DraftChanged")] == [saved, None]
        await ada.call("PATCH", "/users/me", {"fullname": "Renamed"})
        await to_ada.until_kind("UserUpdated")
        assert to_ada.kinds() == ["NewMessage", "UserUpdated"]
    for method, path, body in (
        ("PATCH", "me", choice),
        ("GET", "draft", None),
        ("PUT", "draft", {"content": "x"}),
        ("DELETE", "draft", None),
    ):
        assert (await eve.api.request(method, f"/api/chats/{chat}/{path}", json=body)).status_code == 404


async def test_what_is_written_in_psql_is_told_too(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    await ada.send(chat, "one")
    async with grace.stream() as stream, system.sql() as sql:
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
    name = (await grace.call("GET", "/auth/me"))["username"]
    async with grace.stream() as to_grace, eve.stream() as to_eve:
        for text in (f"@{name}", "@here", f"`@{name}`"):
            message = await ada.send(chat, text)
        await ada.call("PATCH", f"/chats/{chat}/messages/{message['id']}", {"content": f"@{name}, after all"})
        await grace.call("POST", f"/chats/{chat}/read", {"seq": 2})
        await to_grace.until_kind("ReadMarkerMoved")
        told = [(event.data["mentions"], event.data["mentions_everyone"]) for event in to_grace.events("NewMessage")]
        assert told == [([grace.id], None), ([], "here"), ([], None)]
        assert to_grace.events("MessageUpdated")[0].data["mentions"] == [grace.id]
        assert to_grace.events("ReadMarkerMoved")[0].data["unread_mentions"] == [3]
        assert await eve.call("GET", "/mentions") == []
        await eve.call("PATCH", "/users/me", {"fullname": "Renamed"})
        await to_eve.until_kind("UserUpdated")
        assert to_eve.kinds() == ["UserUpdated"]
