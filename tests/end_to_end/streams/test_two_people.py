"""The main job: two people write over REST and see it over SSE; what is written in psql arrives in the same way."""

import subprocess

from fechatter_client import Message

from chat_core.database.embedded_account import wheel_programs
from tests.end_to_end.system import System, contents


async def test_two_people_talk(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    async with ada.listen() as to_ada, grace.listen() as to_grace:
        chat = await system.group(ada, grace)
        first = await ada.messages.post(chat, "hello")
        second = await grace.messages.post(chat, "hi 👋")
        for stream in (to_ada, to_grace):
            await stream.until_kind("NewMessage", 2)
            assert [event.to(Message) for event in stream.events("NewMessage")] == [first, second]
        # Each gets the chat with both members in it, and then hears of joins from their own on.
        joins = ["UserJoinedChat"]
        assert to_ada.kinds() == ["NewChat", *joins * 2, "NewMessage", "NewMessage"]
        assert to_grace.kinds() == ["NewChat", *joins, "NewMessage", "NewMessage"]
        assert [len(stream.events("NewChat")[0].data["members"]) for stream in (to_ada, to_grace)] == [2, 2]
        assert [e.cursor for e in to_ada.events("NewMessage")] == [e.cursor for e in to_grace.events("NewMessage")]


async def test_outsiders_see_nothing(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    colleague_and_stranger = [await system.sign_up("Mary"), await system.sign_up("Eve")]
    await system.invite(ada, colleague_and_stranger[0])
    async with colleague_and_stranger[0].listen() as colleague, colleague_and_stranger[1].listen() as stranger:
        chat = await system.group(ada, grace)
        await ada.messages.post(chat, "between us")
        # An event of their own, later in the log, shows that nothing is still on its way.
        for person, stream in zip(colleague_and_stranger, (colleague, stranger), strict=True):
            await person.users.update_me(fullname="Renamed")
            await stream.until(lambda s: any(e.kind == "UserUpdated" for e in s.events()))
            assert set(stream.kinds()) == {"UserUpdated"}


async def test_rows_written_in_psql_are_live_events(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.listen() as stream:
        statements = [
            f"INSERT INTO messages (chat_id, sender_id, content) VALUES ({chat}, {ada.id}, 'from psql')",
            "UPDATE messages SET content = 'edited in psql' WHERE content = 'from psql'",
            "DELETE FROM messages WHERE content = 'edited in psql'",
            f"UPDATE chats SET name = 'renamed' WHERE id = {chat}",
        ]
        for statement in statements:
            subprocess.run([wheel_programs() / "psql", system.owner_url, "-qc", statement], check=True)
        await stream.until_kind("ChatUpdated")
        assert stream.kinds() == ["NewMessage", "MessageUpdated", "MessageDeleted", "ChatUpdated"]
        assert contents(stream) == ["from psql"]
        assert stream.events("MessageUpdated")[0].data["content"] == "edited in psql"
        assert stream.events("ChatUpdated")[0].data["name"] == "renamed"


async def test_what_is_rolled_back_never_appears(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    insert = "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, $3)"
    async with grace.listen() as stream, system.sql() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(insert, chat, ada.id, "never")
        await transaction.rollback()
        await connection.execute(insert, chat, ada.id, "committed")
        await stream.until_kind("NewMessage")
        assert contents(stream) == ["committed"]
        assert stream.events("NewMessage")[0].data["seq"] == 1
