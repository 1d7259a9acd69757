"""What people put on messages, seen by the others at once and by nobody else."""

import pytest
from fechatter_client import MessageReactions, Pin, Problem, Thread, ThreadUpdated

from tests.end_to_end.system import System


async def test_reactions_and_pins_reach_the_chat_and_nobody_else(system: System) -> None:
    ada, grace, mary = await system.team("Ada", "Grace", "Mary")
    eve = await system.sign_up("Eve")  # of another workspace
    chat = await system.group(ada, grace)
    message = (await ada.messages.post(chat, "Noon?")).id
    async with ada.listen() as stream, mary.listen() as colleague, eve.listen() as stranger:
        start = stream.cursor
        counted = await grace.reactions.add(chat, message, "👍")
        await grace.reactions.remove(chat, message, "👍")
        pin = await grace.pins.add(chat, message)
        await ada.pins.remove(chat, message)
        async with system.sql() as sql:
            await sql.execute(
                "INSERT INTO message_reactions (message_id, user_id, emoji) VALUES ($1, $2, ':psql:')", message, ada.id
            )
        await stream.until_kind("ReactionAdded", 2)
        expected = ["ReactionAdded", "ReactionRemoved", "MessagePinned", "MessageUnpinned", "ReactionAdded"]
        assert stream.kinds() == expected
        added, removed, pinned, unpinned, by_psql = stream.events()
        assert added.to(MessageReactions) == counted
        assert (added.data["user_id"], added.data["emoji"]) == (grace.id, "👍")
        assert removed.data == {**added.data, "reactions": []}
        assert pinned.to(Pin) == pin
        assert unpinned.data == {"chat_id": chat, "message_id": message}
        assert by_psql.data["reactions"] == [{"emoji": ":psql:", "count": 1, "user_ids": [ada.id]}]
        for person, heard in ((mary, colleague), (eve, stranger)):
            await person.users.update_me(fullname="Renamed")
            await heard.until_kind("UserUpdated")
            assert set(heard.kinds()) == {"UserUpdated"}
            for call in (
                person.reactions.add(chat, message, "👍"),
                anext(person.reactions.list(chat, message)),
                person.pins.add(chat, message),
            ):
                with pytest.raises(Problem, match="404"):
                    await call
    async with grace.listen(start) as stream:  # and what was missed
        await stream.until_kind("ReactionAdded", 2)
        assert [kind for kind in stream.kinds() if kind != "UserUpdated"] == expected


async def test_a_thread_is_told_to_the_chat_and_followed_by_who_takes_part(system: System) -> None:
    ada, grace, mary = await system.team("Ada", "Grace", "Mary")
    eve = await system.sign_up("Eve")  # of another workspace
    chat = await system.group(ada, grace, mary)
    root = (await ada.messages.post(chat, "Noon?")).id
    async with ada.listen() as to_ada, grace.listen() as to_grace, mary.listen() as to_mary, eve.listen() as stranger:
        start = to_ada.cursor
        first = await grace.messages.post(chat, "reply", reply_to=root)
        second = await ada.messages.post(chat, "reply", reply_to=first.id)
        read = await grace.threads.move_read_marker(chat, root, 2)
        await grace.threads.unfollow(chat, root)
        async with system.sql() as sql:
            await sql.execute(
                "INSERT INTO messages (chat_id, sender_id, content, reply_to) VALUES ($1, $2, 'psql', $3)",
                *(chat, grace.id, root),
            )
        told = ["NewMessage", "ThreadUpdated"]
        for stream in (to_ada, to_grace, to_mary):
            await stream.until_kind("ThreadUpdated", 3)
        await to_grace.until_kind("ThreadFollowed", 2)
        assert to_mary.kinds() == told * 3
        assert to_ada.kinds() == [*told, "ThreadFollowed", *told * 2]
        own = ["ThreadReadMarkerMoved", "ThreadUnfollowed"]
        assert to_grace.kinds() == [*told, "ThreadFollowed", *told, *own, *told, "ThreadFollowed"]
        threads = [event.to(ThreadUpdated).thread for event in to_mary.events("ThreadUpdated")]
        assert [thread.reply_count for thread in threads] == [1, 2, 3]
        assert threads[1] == Thread(
            reply_count=2,
            participant_count=2,
            participants=[grace.id, ada.id],
            last_seq=2,
            last_reply_id=second.id,
            last_reply_at=second.created_at,
        )
        followed = to_ada.events("ThreadFollowed")[0].data
        assert (followed["thread_id"], followed["last_read_seq"], followed["unread"]) == (root, 0, 1)
        assert (read.last_read_seq, read.unread) == (2, 0)
        assert to_grace.events("ThreadReadMarkerMoved")[0].data["last_read_seq"] == 2
        await eve.users.update_me(fullname="Renamed")
        await stranger.until_kind("UserUpdated")
        assert stranger.kinds() == ["UserUpdated"]
        with pytest.raises(Problem, match="404"):
            await anext(eve.threads.newest(chat, root))
    async with ada.listen(start) as stream:  # and what was missed
        await stream.until_kind("ThreadUpdated", 3)
        assert [kind for kind in stream.kinds() if kind != "UserUpdated"] == [*told, "ThreadFollowed", *told * 2]
