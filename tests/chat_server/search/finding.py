"""What tests of search do: index as the follower would, and search."""

from typing import Any

import asyncpg

from chat_server.search.indexing import indexer
from tests.chat_server.people import Person, ok
from tests.support.postgres import Database


async def found(person: Person, q: str, **parameters: Any) -> list[str]:
    page = ok(await person.api.get("/api/search", params={"q": q, **parameters}))
    assert page["complete"]
    return [item["message"]["content"] for item in page["items"]]


async def index(database: Database) -> None:
    """All that there is to index, under the server's own role."""
    connection = await asyncpg.connect(database.chat_url)
    try:
        await indexer.run(connection)
    finally:
        await connection.close()
