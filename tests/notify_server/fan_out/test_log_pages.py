"""What is read of the log at once is bounded in bytes, however large its events are."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from chat_core.log.lineage import Lineage
from chat_core.log.page import PAGE, PAGE_BYTES, Page
from chat_core.log.reader import LOG_AFTER
from chat_core.settings import Settings
from notify_server.fan_out.hub import Hub
from notify_server.fan_out.listener import Listener
from notify_server.fan_out.ring import Ring
from notify_server.subscriptions.replay import Replay
from tests.support.postgres import Database

pytestmark = pytest.mark.anyio

EVENTS, EACH = 400, 100_000
# Random letters, so that the server has to keep them as they are.
FILL = """
INSERT INTO events (position, kind, audience, user_id, payload)
SELECT nextval('events_position_seq'), 'UserUpdated', 'user', 1, json_build_object('n', n, 'text', (
    SELECT string_agg(md5(n || '.' || part), '') FROM generate_series(1, $2::int / 32) part))
FROM generate_series(1, $1::int) n
"""


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.connect() as sql:
        await sql.execute(FILL, EVENTS, EACH)
    return database


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of each page that is read from here on: its bytes."""
    read: list[int] = []
    of = Page.of.__func__  # type: ignore[attr-defined]

    def noted(cls: type[Page], rows: list[Any], epoch: str, amount: int) -> Page:
        page: Page = of(cls, rows, epoch, amount)
        read.append(sum(len(event.payload) for event in page.events))
        return page

    monkeypatch.setattr(Page, "of", classmethod(noted))
    return read


async def test_a_server_starts_with_what_its_ring_holds(filled: Database, sizes: list[int]) -> None:
    ring_bytes = 16 << 20
    settings = Settings.model_validate({"database": {"url": filled.notify_url}, "notify": {"ring_bytes": ring_bytes}})
    hub = Hub(Ring(ring_bytes))
    listener = Listener(settings, hub, {}, lambda _: None)
    await listener.start()
    try:
        assert hub.position == EVENTS
        held = hub.ring.after(hub.ring.floor)
        assert [event.position for event in held] == list(range(hub.ring.floor + 1, EVENTS + 1))
        assert ring_bytes - 2 * EACH < hub.ring.bytes <= ring_bytes
        assert max(sizes) <= PAGE_BYTES + EACH + 1000
        assert sum(sizes) <= ring_bytes + PAGE_BYTES + EACH + 1000, "no more is read than is kept"
        assert len(sizes) > 3
    finally:
        listener._reader._connection.terminate()


async def test_a_replay_reads_all_in_bounded_pages(filled: Database, sizes: list[int]) -> None:
    subscriber: Any = SimpleNamespace(
        user_id=1, member_of=SimpleNamespace(chats={}, documents={}, workspaces={}), position=0
    )
    hub = Hub(Ring(0))
    async with filled.connect("fechatter_notify") as connection:
        hub.start(Lineage(await connection.fetchval("SELECT epoch FROM log_state")), EVENTS, EVENTS, ())
        pool: Any = connection
        boots: Any = SimpleNamespace(turn=lambda _: nullcontext())
        stream: Any = SimpleNamespace(user_id=1)
        replay = Replay(pool, None, boots, hub, subscriber, subscriber, stream, 0)
        read: list[int] = []
        while replay.position < EVENTS:
            events = await replay._page(EVENTS)
            assert events is not None
            read += [event.position for event in events]
    assert read == list(range(1, EVENTS + 1))
    assert max(sizes) <= PAGE_BYTES + EACH + 1000


async def test_small_events_are_read_by_the_page(database: Database, sizes: list[int]) -> None:
    async with database.connect() as sql:
        await sql.execute(FILL, 3 * PAGE, 32)
    settings = Settings.model_validate({"database": {"url": database.notify_url}})
    hub = Hub(Ring(1 << 25))
    listener = Listener(settings, hub, {}, lambda _: None)
    await listener.start()
    listener._reader._connection.terminate()
    assert len(hub.ring) == 3 * PAGE
    assert len(sizes) == 4


async def test_what_was_read_before_takes_no_room(database: Database) -> None:
    """The event at the reader's own position comes along without its payload, whatever its size."""
    async with database.connect() as sql:
        await sql.execute(FILL, 1, 2 * PAGE_BYTES)
        await sql.execute(FILL, 2, 32)
        rows = await LOG_AFTER.rows(sql, position=1, amount=PAGE, bytes=PAGE_BYTES)
    assert [(row["position"], row["payload"] is None) for row in rows] == [(1, True), (2, False), (3, False)]
