"""Retention over REST and SSE: the members are told once, and nobody gets what has gone, on whichever way back."""

from chat_core.database.pool import open_pool
from chat_core.settings import Settings
from chat_server.background.maintenance import expire_messages
from tests.end_to_end.system import System, from_ring_and_database
from tests.support.copy_of_sync import Copy, synced

AGE = """
    ALTER TABLE messages DISABLE TRIGGER p30_final_key;
    UPDATE messages SET created_at = now() - interval '3 days' WHERE chat_id = {chat} AND seq <= 3;
    ALTER TABLE messages ENABLE TRIGGER p30_final_key
"""


@from_ring_and_database
async def test_what_has_gone_reaches_nobody(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    eve = await system.sign_up("Eve")
    chat = await system.group(ada, grace)
    other = await system.group(ada, grace, name="other")
    before = await synced(grace)
    for number in range(1, 6):
        await ada.messages.post(chat, f"secret {number}")
    await ada.messages.post(other, "kept")
    oldest = [message async for message in grace.messages.newest(chat)][4]
    await grace.pins.add(chat, oldest.id)
    held = await synced(grace)
    assert [c["unread"] for c in held["chats"] if c["id"] == chat] == [5]
    await ada.chats.update(chat, retention_days=2)
    async with grace.listen(held["cursor"]) as stream, eve.listen() as stranger:
        async with system.sql() as sql:
            await sql.execute(AGE.format(chat=chat))
            pool = await open_pool(Settings.model_validate({"database": {"url": system.owner_url}}).database, "test")
            try:
                await expire_messages(pool)
            finally:
                await pool.close()
        await stream.until_kind("ChatUpdated", 2)
        assert stream.events("ChatUpdated")[-1].data["first_seq"] == 4
        assert not stream.events("MessageDeleted")
        copy = Copy(held)
        for event in stream.events():
            copy.apply(event)
        fresh = await synced(grace)
        assert copy.state() == Copy(fresh).state()
        [now] = [c for c in fresh["chats"] if c["id"] == chat]
        assert ([m["seq"] for m in now["messages"]], now["unread"], now["pinned_message_ids"]) == ([4, 5], 2, [])
        await eve.users.update_me(fullname="mark")
        await stranger.until_kind("UserUpdated")
        assert stranger.kinds() == ["UserUpdated"]
    async with grace.listen(before["cursor"]) as stream:
        await stream.until_kind("ChatUpdated", 2)
        again = Copy(before)
        for event in stream.events():
            again.apply(event)
        assert again.state() == Copy(fresh).state()
        told = str([event.data for event in stream.events()])
        assert [f"secret {n}" in told for n in range(1, 6)] == [False, False, False, True, True]
        assert "kept" in told


async def test_retention_is_set_by_owners(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    await ada.chats.set_role(chat, grace.id, "admin")
    for path in (f"/chats/{chat}", f"/workspaces/{ada.workspace}"):
        assert (await grace.request("PUT", f"{path}", json={"retention_days": 3})).status_code == 403
        for wrong in (0, 36501, "3"):
            assert (await ada.request("PUT", f"{path}", json={"retention_days": wrong})).status_code == 422
        for body, kept in (({"retention_days": 3}, 3), ({"description": "x"}, 3), ({"retention_days": None}, None)):
            assert (await ada.request("PUT", path, json=body)).json()["retention_days"] == kept
