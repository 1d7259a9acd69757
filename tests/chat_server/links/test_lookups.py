"""The queue of messages with links: what is put off, given up, and taken in turns."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from asyncpg import Record
from PIL import Image

from chat_core.database.pool import Connection, open_pool
from chat_core.storage import open_storage
from chat_server.links.hosts import Hosts
from chat_server.links.lookups import LINK_LOOKUP_CLAIM, LINKS_FOLLOW, Lookups
from chat_server.links.process import FetchFailed, Fetching
from chat_server.media.process import Media
from chat_server.parts.metrics import Metrics
from tests.chat_server.people import settings
from tests.support.postgres import Database
from tests.support.services.web_peer import response, web_peer

PEOPLE = """
    INSERT INTO users (email, fullname, password_hash) VALUES ('a@example.com', 'A', ''), ('b@example.com', 'B', '');
    BEGIN;
    INSERT INTO workspaces (name) VALUES ('W');
    INSERT INTO workspace_members (workspace_id, user_id, role) VALUES (1, 1, 'owner'), (1, 2, 'member');
    COMMIT;
    BEGIN;
    INSERT INTO chats (workspace_id, type, name) VALUES (1, 'Group', 'lunch');
    INSERT INTO chat_members (chat_id, user_id, role) VALUES (1, 1, 'owner'), (1, 2, 'member');
    COMMIT;
"""


class Dying(Fetching):
    """Its processes end as soon as they are asked."""

    def __init__(self) -> None:
        super().__init__("x", [])
        for process in self._all:
            process.module = "chat_server.links.no_such_module"  # type: ignore[misc]


@dataclass
class Queue:
    lookups: Lookups
    sql: Connection

    async def claim(self, *busy: int) -> Record | None:
        pool = self.lookups._pool
        await LINKS_FOLLOW.value(pool, amount=100, most_waiting=100, most_of_sender=100)
        return await LINK_LOOKUP_CLAIM.row(pool, seconds=60, busy=list(busy))

    async def post(self, sender: int, content: str) -> None:
        post = "INSERT INTO messages (chat_id, sender_id, content) VALUES (1, $1, $2)"
        await self.sql.execute(post, sender, content)


@pytest.fixture
async def queue(database: Database, keys: Path) -> AsyncIterator[Queue]:
    configured = settings(database.chat_url, keys)
    pool = await open_pool(configured.database, "links", lock_seconds=2.5)
    fetching = Dying()
    try:
        blobs, _ = open_storage(configured)
        async with database.connect() as sql:
            await sql.execute(PEOPLE)
            yield Queue(Lookups(pool, blobs, None, fetching, [], Metrics().links), sql)
    finally:
        await fetching.close()
        await pool.close()


async def test_a_host_that_was_asked_often_is_asked_later(queue: Queue) -> None:
    await queue.post(1, "https://a.example/x")
    claimed = await queue.claim()
    assert claimed is not None
    queue.lookups._hosts = Hosts(1)
    queue.lookups._hosts.wait_seconds(["a.example"], time.monotonic())
    await queue.lookups._look_up(claimed)
    [waiting] = await queue.sql.fetch("SELECT tries, due_at - now() > interval '30 seconds' AS later FROM link_lookups")
    assert (waiting["tries"], waiting["later"]) == (0, True)


async def test_where_links_lead_counts_too(queue: Queue) -> None:
    """Pages that redirect, each of which a message asks for once, flood nobody together."""
    async with web_peer() as web:
        queue.lookups._hosts = Hosts(4)
        queue.lookups._fetching = fetching = Fetching("x", [web.authority])
        web.says("/there", "<title>x</title>")
        try:
            for number in range(3):
                await queue.post(1, web.redirects(f"/{number}", "/there"))
                claimed = await queue.claim()
                assert claimed is not None
                await queue.lookups._look_up(claimed)
        finally:
            await fetching.close()
        assert web.paths() == ["/0", "/there", "/1", "/there"]
    assert await queue.sql.fetchval("SELECT count(*) FROM messages WHERE links IS NOT NULL") == 2
    assert await queue.sql.fetchval("SELECT count(*) FROM link_lookups WHERE due_at > now()") == 1


async def test_a_picture_that_failed_is_asked_for_again_later_each_time(queue: Queue, tmp_path: Path) -> None:
    picture = BytesIO()
    Image.new("RGB", (30, 20)).save(picture, "PNG")
    async with web_peer() as web:
        page = web.says("/page", '<meta property="og:title" content="A"><meta property="og:image" content="/a.png">')
        queue.lookups._fetching = fetching = Fetching("x", [web.authority])
        queue.lookups._media = media = Media(tmp_path)
        media.make_folders()
        await queue.post(1, page)
        try:
            for seconds in (60, 600, None):
                claimed = await queue.claim()
                assert claimed is not None
                await queue.lookups._look_up(claimed)
                [shown] = json.loads(await queue.sql.fetchval("SELECT links FROM messages"))
                assert (shown["title"], shown["image"]) == ("A", None)
                due = await queue.sql.fetch(
                    "SELECT ceil(extract(epoch FROM due_at - now())) AS seconds FROM link_lookups"
                )
                assert [row["seconds"] for row in due] == ([] if seconds is None else [seconds])
                good = "SELECT max(ceil(extract(epoch FROM expires_at - now()))) FROM link_previews"
                assert await queue.sql.fetchval(good) == (seconds or 3600)
                await queue.sql.execute("UPDATE link_lookups SET due_at = now()")
                await queue.sql.execute("UPDATE link_previews SET expires_at = now()")
            assert web.paths() == ["/page", "/a.png"] * 3
            web.answers["/a.png"] = response(picture.getvalue(), "image/png")
            await queue.post(2, page)
            claimed = await queue.claim()
            assert claimed is not None
            await queue.lookups._look_up(claimed)
        finally:
            await fetching.close()
            await media.close()
    [shown] = json.loads(await queue.sql.fetchval("SELECT links FROM messages WHERE sender_id = 2"))
    assert shown["image"] == {"width": 30, "height": 20}
    assert await queue.sql.fetchval("SELECT max(expires_at) > now() + interval '23 hours' FROM link_previews")


async def test_each_sender_has_one_at_a_time(queue: Queue) -> None:
    for sender in (1, 1, 2):
        await queue.post(sender, "https://a.example/x")
    first = await queue.claim()
    assert first is not None
    second = await queue.claim(first["sender_id"])
    assert second is not None
    assert (first["sender_id"], second["sender_id"]) == (1, 2)
    assert await queue.claim(1, 2) is None


async def test_a_link_that_processes_die_of_shows_nothing_for_an_hour(queue: Queue) -> None:
    await queue.post(1, "https://a.example/x")
    claimed = await queue.claim()
    assert claimed is not None
    with pytest.raises(FetchFailed):
        async with queue.lookups._fetching.turn(1) as process:
            await process.look("https://a.example/x")
    await queue.lookups._look_up(claimed)
    [known] = await queue.sql.fetch("SELECT shown, expires_at - now() < interval '1 hour' AS hour FROM link_previews")
    assert (known["shown"], known["hour"]) == (None, True)
    assert await queue.sql.fetchval("SELECT links FROM messages") is None
    assert not await queue.sql.fetch("SELECT FROM link_lookups")


async def test_a_message_that_servers_die_of_is_given_up(queue: Queue) -> None:
    await queue.post(1, "https://a.example/x")
    for _ in range(3):
        assert await queue.claim() is not None
        await queue.sql.execute("UPDATE link_lookups SET due_at = now()")
    claimed = await queue.claim()
    assert claimed is not None
    await queue.lookups._look_up(claimed)
    assert await queue.claim() is None
    assert not await queue.sql.fetch("SELECT FROM link_previews")
