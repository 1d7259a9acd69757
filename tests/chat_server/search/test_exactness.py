"""A search finds what a scan of all messages would, whatever happens and however far the follower is."""

import asyncio
import random
import re
import unicodedata
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest

from chat_core.database.pool import Connection, Pool
from chat_server.search import search
from chat_server.search.indexing import indexer
from chat_server.search.query_language import parse
from chat_server.search.scope import scope_of
from tests.support.postgres import Database

WORDS = ["Straße", "strasse", "Łódź", "lodz", "你好世界", "世界", "今天天气", "世", "안녕하세요", "안녕"]
WORDS += ["こんにちは", "Ёлка", "🚀", "ship", "Ships", "naïve", "NAIVE", "utf8", "ﬁne", "x" * 90]
QUERIES = [*WORDS, "天气", "气", "세요", "елка", "fine", "ship 世界", "lodz 🚀", "x" * 80]


def plainly(text: str) -> str:
    """Without case and accents: what the documentation says, by other means than the server's."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("ł", "l")
    return "".join(c for c in unicodedata.normalize("NFD", text) if c not in "\u0308\u0301\u0300\u0327")


def scanned(word: str, content: str) -> bool:
    word, content = plainly(word), plainly(content)
    if re.fullmatch(r"[a-z0-9\u0430-\u044f]+", word):
        return word in re.findall(r"[a-z0-9\u0430-\u044f]+", content)
    return word in content  # neither CJK nor emoji have anything that separates words


class People:
    """Three users in some of three chats, and what they do, in SQL as anybody may."""

    def __init__(self, sql: Connection, chance: random.Random) -> None:
        self.sql, self.chance = sql, chance
        self.users: list[int] = []
        self.chats: list[int] = []

    async def begin(self) -> None:
        workspace = await self.sql.fetchval("INSERT INTO workspaces (name) VALUES ('acme') RETURNING id")
        for name in ("ada", "bob", "cleo"):
            user = await self.sql.fetchval(
                "INSERT INTO users (email, fullname, password_hash) VALUES ($1, $2, '') RETURNING id",
                f"{name}@example.com",
                name,
            )
            self.users.append(user)
            role = "member" if self.chats or len(self.users) > 1 else "owner"
            await self.sql.execute("INSERT INTO workspace_members VALUES ($1, $2, $3)", workspace, user, role)
        for number in range(3):
            async with self.sql.transaction():
                chat = await self.sql.fetchval(
                    "INSERT INTO chats (workspace_id, type, name) VALUES ($1, 'Group', $2) RETURNING id",
                    workspace,
                    f"chat {number}",
                )
                await self.sql.execute(
                    "INSERT INTO chat_members (chat_id, user_id, role) VALUES ($1, $2, 'owner')", chat, self.users[0]
                )
            self.chats.append(chat)

    def text(self) -> str:
        return " ".join(self.chance.choices(WORDS, k=self.chance.randint(1, 4)))

    async def say(self, sql: Connection | None = None) -> None:
        chat = self.chance.choice(self.chats)
        await (sql or self.sql).execute(
            "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, $3)", chat, self.users[0], self.text()
        )

    async def edit(self) -> None:
        await self.sql.execute(
            "UPDATE messages SET content = $1 WHERE id = (SELECT id FROM messages WHERE deleted_at IS NULL "
            "AND content <> $1 ORDER BY random() LIMIT 1)",
            self.text(),
        )

    async def bury(self) -> None:
        await self.sql.execute(
            "UPDATE messages SET deleted_at = now() WHERE id = "
            "(SELECT id FROM messages WHERE deleted_at IS NULL ORDER BY random() LIMIT 1)"
        )

    async def expire(self) -> None:
        await self.sql.execute(
            "UPDATE chats SET first_seq = least(first_seq + 2, last_seq) WHERE id = $1 AND first_seq < last_seq",
            self.chance.choice(self.chats),
        )

    async def come_or_go(self) -> None:
        chat, user = self.chance.choice(self.chats), self.chance.choice(self.users[1:])
        gone = await self.sql.execute("DELETE FROM chat_members WHERE chat_id = $1 AND user_id = $2", chat, user)
        if gone == "DELETE 0":
            await self.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", chat, user)

    async def expected(self, user: int, words: str) -> list[int]:
        rows = await self.sql.fetch(
            "SELECT id, content FROM messages JOIN chat_members USING (chat_id) "
            "WHERE user_id = $1 AND deleted_at IS NULL ORDER BY id DESC",
            user,
        )
        return [row["id"] for row in rows if all(scanned(word, row["content"]) for word in words.split())]


async def found(pool: Pool, user: int, words: str) -> list[int]:
    """In pages of three."""
    ids: list[int] = []
    parsed = parse(words)
    before: int | None = search.END
    while before is not None:
        page = await search.find(pool, parsed, await scope_of(pool, user, parsed), before, 3)
        ids += [one.id for one in page.found]
        before = page.next_before
    return ids


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[tuple[Connection, Connection, Pool]]:
    pool: Pool = await asyncpg.create_pool(database.chat_url, min_size=1, max_size=2)
    async with database.connect() as sql, database.connect() as other, pool:
        yield sql, other, pool


async def killed_step(database: Database, sql: Connection, chance: random.Random) -> None:
    """A follower whose connection is cut somewhere in a step."""
    connection: Connection = await asyncpg.connect(database.chat_url)
    stepping = asyncio.create_task(indexer.step(connection))
    for _ in range(chance.randint(0, 12)):
        await asyncio.sleep(0)
    await sql.fetchval("SELECT pg_terminate_backend($1)", connection.get_server_pid())
    await asyncio.gather(stepping, return_exceptions=True)
    connection.terminate()


@pytest.mark.parametrize("seed", [1, pytest.param(0, marks=pytest.mark.long)])
async def test_a_search_is_a_scan_of_what_one_may_see(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(indexer, "MESSAGES", 4)
    monkeypatch.setattr(indexer, "EVENTS", 7)
    async with opened(database) as (sql, other, pool):
        people = People(sql, chance)
        await people.begin()
        actions: list[Callable[[], object]] = [people.say] * 6 + [people.edit, people.bury, people.expire] * 2
        actions += [people.come_or_go] * 3
        for number in range(60):
            await chance.choice(actions)()  # type: ignore[misc]
            if chance.random() < 0.3:
                await killed_step(database, sql, chance)
            if chance.random() < 0.5:
                connection: Connection = await asyncpg.connect(database.chat_url)
                await indexer.step(connection)
                await connection.close()
            if number % 15 == 14:
                async with other.transaction():
                    await people.say(other)  # neither committed nor found
                    await check(people, pool)
        connection = await asyncpg.connect(database.chat_url)
        await indexer.run(connection)
        await connection.close()
        await check(people, pool)
        assert await sql.fetchval("SELECT count(*) FROM search_tail(10)") == 0
        assert await sql.fetch("SELECT token, documents FROM search_tokens ORDER BY token") == await sql.fetch(
            'SELECT unnest(tsvector_to_array(tsv)) COLLATE "C" AS token, count(*) AS documents '
            "FROM search_documents GROUP BY 1 ORDER BY 1"
        )
        assert await sql.fetchval("SELECT count(*) FROM search_documents") == await sql.fetchval(
            "SELECT count(*) FROM messages WHERE deleted_at IS NULL"
        )


async def check(people: People, pool: Pool) -> None:
    for user in people.users:
        for words in people.chance.sample(QUERIES, 8):
            assert await found(pool, user, words) == await people.expected(user, words), words
