"""What people put on messages, seen by the others at once and by nobody else."""

from typing import Any

from tests.end_to_end.system import Person, System


async def test_reactions_and_pins_reach_the_chat_and_nobody_else(system: System) -> None:
    ada, grace, mary = await system.team("Ada", "Grace", "Mary")
    eve = await system.sign_up("Eve")  # of another workspace
    chat = await system.group(ada, grace)
    message = (await ada.send(chat, "Noon?"))["id"]
    path = f"/chats/{chat}/messages/{message}"
    async with ada.stream() as stream, mary.stream() as colleague, eve.stream() as stranger:
        start = stream.cursor
        counted = await grace.call("PUT", f"{path}/reactions/👍")
        await grace.call("DELETE", f"{path}/reactions/👍")
        pin = await grace.call("PUT", f"{path}/pin")
        await ada.call("DELETE", f"{path}/pin")
        async with system.sql() as sql:
            await sql.execute(
                "INSERT INTO message_reactions (message_id, user_id, emoji) VALUES ($1, $2, 'psql')", message, ada.id
            )
        await stream.until_kind("ReactionAdded", 2)
        expected = ["ReactionAdded", "ReactionRemoved", "MessagePinned", "MessageUnpinned", "ReactionAdded"]
        assert stream.kinds() == expected
        added, removed, pinned, unpinned, by_psql = (event.data for event in stream.events())
        assert added == {**counted, "user_id": grace.id, "emoji": "👍"}
        assert (removed["user_id"], removed["emoji"], removed["reactions"]) == (grace.id, "👍", [])
        assert pinned == pin
        assert unpinned == {"chat_id": chat, "message_id": message}
        assert by_psql["reactions"] == [{"emoji": "psql", "count": 1, "user_ids": [ada.id]}]
        for person, heard in ((mary, colleague), (eve, stranger)):
            await person.call("PATCH", "/users/me", {"fullname": "Renamed"})
            await heard.until_kind("UserUpdated")
            assert set(heard.kinds()) == {"UserUpdated"}
            for method, what in (("PUT", "reactions/x"), ("GET", "reactions"), ("PUT", "pin")):
                answer = await person.api.request(method, f"/api{path}/{what}")
                assert answer.status_code == 404
    async with grace.stream(start) as stream:  # and what was missed
        await stream.until_kind("ReactionAdded", 2)
        assert [kind for kind in stream.kinds() if kind != "UserUpdated"] == expected


async def reply(person: Person, chat: int, to: int) -> Any:
    return await person.call("POST", f"/chats/{chat}/messages", {"content": "reply", "reply_to": to})


async def test_a_thread_is_told_to_the_chat_and_followed_by_who_takes_part(system: System) -> None:
    ada, grace, mary = await system.team("Ada", "Grace", "Mary")
    eve = await system.sign_up("Eve")  # of another workspace
    chat = await system.group(ada, grace, mary)
    root = (await ada.send(chat, "Noon?"))["id"]
    path = f"/chats/{chat}/messages/{root}/thread"
    async with ada.stream() as to_ada, grace.stream() as to_grace, mary.stream() as to_mary, eve.stream() as stranger:
        start = to_ada.cursor
        first = await reply(grace, chat, root)
        second = await reply(ada, chat, first["id"])
        read = await grace.call("POST", f"{path}/read", {"thread_seq": 2})
        await grace.call("DELETE", f"{path}/follow")
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
        threads = [event.data["thread"] for event in to_mary.events("ThreadUpdated")]
        assert [thread["reply_count"] for thread in threads] == [1, 2, 3]
        assert threads[1] == {
            "reply_count": 2,
            "participant_count": 2,
            "participants": [grace.id, ada.id],
            "last_seq": 2,
            "last_reply_id": second["id"],
            "last_reply_at": second["created_at"],
        }
        followed = to_ada.events("ThreadFollowed")[0].data
        assert (followed["thread_id"], followed["last_read_seq"], followed["unread"]) == (root, 0, 1)
        assert (read["last_read_seq"], read["unread"]) == (2, 0)
        assert to_grace.events("ThreadReadMarkerMoved")[0].data["last_read_seq"] == 2
        await eve.call("PATCH", "/users/me", {"fullname": "Renamed"})
        await stranger.until_kind("UserUpdated")
        assert stranger.kinds() == ["UserUpdated"]
        assert (await eve.api.get(f"/api{path}")).status_code == 404
    async with ada.stream(start) as stream:  # and what was missed
        await stream.until_kind("ThreadUpdated", 3)
        assert [kind for kind in stream.kinds() if kind != "UserUpdated"] == [*told, "ThreadFollowed", *told * 2]
