"""Deleted messages and drafts: told at once to those who are there, and nowhere to be found by those who come later."""

from tests.end_to_end.system import System, from_ring_and_database


@from_ring_and_database
async def test_edits_and_deletions_are_told_and_not_replayed(system: System) -> None:
    ada, grace, mary = await system.team("Ada", "Grace", "Mary")
    eve = await system.sign_up("Eve")
    chat = await system.group(ada, grace)
    async with grace.listen() as stream, eve.listen() as outside:
        start = stream.cursor
        message = await ada.messages.post(chat, "secret")
        edited = await ada.messages.edit(chat, message.id, "secret too")
        await ada.chats.add_member(chat, mary.id)
        async with mary.listen() as late:
            before_deletion = late.cursor
        await ada.messages.delete(chat, message.id)
        await stream.until_kind("MessageDeleted")
        told = [(event.kind, event.data["content"]) for event in stream.events() if "content" in event.data]
        assert told == [("NewMessage", "secret"), ("MessageUpdated", edited.content), ("MessageDeleted", "")]
        await eve.users.update_me(fullname="Eva")
        await outside.until_kind("UserUpdated")
        assert outside.kinds() == ["UserUpdated"]
    tombstone = (await grace.request("GET", f"/chats/{chat}/messages/{message.id}")).json()
    async with grace.listen(start) as again, mary.listen(start) as joined, mary.listen(before_deletion) as recent:
        await again.until_kind("MessageDeleted")
        assert [event.data for event in again.events("NewMessage")] == [tombstone]
        assert [event.data for event in again.events("MessageUpdated")] == [tombstone]
        assert [event.data for event in again.events("MessageDeleted")] == [{**tombstone, "removed": False}]
        await joined.until_kind("MessageDeleted")
        assert joined.events("NewChat")[0].data["messages"] == [tombstone]
        await recent.until_kind("MessageDeleted")
        assert recent.kinds() == ["MessageDeleted"]


@from_ring_and_database
async def test_what_was_drafted_before_is_not_replayed(system: System) -> None:
    [ada] = await system.team("Ada")
    chat = await system.group(ada)
    thread = (await ada.messages.post(chat, "why?")).id
    async with ada.listen() as stream:
        start = stream.cursor
        for content in ("secret", "Dear all"):
            await ada.reading.save_draft(chat, content)
        await stream.until(lambda s: len(s.events("DraftChanged")) == 2)
        async with ada.listen(start) as again:
            await again.until(lambda s: len(s.events("DraftChanged")) == 2)
            drafts = [event.data["draft"] for event in again.events("DraftChanged")]
            assert [draft and draft["content"] for draft in drafts] == [None, "Dear all"]
        await ada.reading.drop_draft(chat)
        await ada.reading.save_draft(chat, "because", thread_id=thread)
        await stream.until(lambda s: len(s.events("DraftChanged")) == 4)
        async with ada.listen(start) as again:
            await again.until(lambda s: len(s.events("DraftChanged")) == 4)
            drafts = [event.data["draft"] and event.data["thread_id"] for event in again.events("DraftChanged")]
            assert drafts == [None, None, None, thread]
        async with system.sql() as sql:
            await sql.execute("DELETE FROM messages WHERE id = $1", thread)
        await stream.until_kind("MessageDeleted")
    async with ada.listen(start) as late:
        await late.until(lambda s: len(s.events("DraftChanged")) == 4)
        assert [event.data["draft"] for event in late.events("DraftChanged")] == [None] * 4
