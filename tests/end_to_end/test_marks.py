"""What people put on messages, seen by the others at once and by nobody else."""

from tests.end_to_end.system import System


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
