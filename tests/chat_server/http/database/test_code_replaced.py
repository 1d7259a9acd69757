"""`fechatter migrate up` beside a chat_server that answers: what is under way is done by the old code or by the new."""

import asyncio

from chat_core.database import code
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database


async def test_requests_go_on_while_all_of_the_code_is_replaced(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    chats = [await ada.chat() for _ in range(3)]
    replaced = asyncio.Event()

    async def write(person: Person, chat: int) -> int:
        """Posts, edits and reads, with prepared statements, until the code has been replaced, and once more."""
        posted = 0
        last = False
        while not last:
            last = replaced.is_set()
            message = ok(await person.api.post(f"/api/chats/{chat}/messages", json={"content": "x"}), 201)
            posted += 1
            edit = {"content": "y"}
            while (
                edited := await person.api.patch(f"/api/chats/{chat}/messages/{message['id']}", json=edit)
            ).status_code == 503:
                problem(edited, 503, "try_again")  # on a busy machine the code may have its locks for that long
            ok(edited)
            ok(await person.api.get(f"/api/chats/{chat}/messages"))
            ok(await person.api.get("/api/sync"))
        return posted

    async with database.connect() as sql, asyncio.TaskGroup() as group:
        writing = [group.create_task(write(ada, chat)) for chat in chats]
        for _ in range(2):
            await code.replace(sql, lambda _: None)
        replaced.set()
    async with database.connect() as sql:
        rows = await sql.fetch("SELECT kind, count(*) FROM events WHERE kind ~ 'Message' GROUP BY kind")
    posted = sum(task.result() for task in writing)
    assert posted > len(chats)
    assert {row["kind"]: row["count"] for row in rows} == {"NewMessage": posted, "MessageUpdated": posted}
