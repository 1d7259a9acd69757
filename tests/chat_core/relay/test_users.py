"""What the users of NATS that we ship may do there, with a real nats-server. That it is enough for a chat_server is in
tests/end_to_end/operations/test_told_over_nats.py."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chat_core.relay.bus import Bus
from chat_core.settings import Nats, Settings
from tests.support.services.nats import NatsServer, nats_server
from tests.support.services.nats_users import Shipped, User, of_compose, of_the_page

SUBJECTS = ("fechatter.log", "fechatter.boards", "fechatter.documents", "fechatter.beat", "fechatter.notices", "x.log")
OF_CHAT = {"publish": {"fechatter.notices"}, "subscribe": {"fechatter.beat"}}
OF_NOTIFY = {way: {subject for subject in SUBJECTS if subject.startswith("fechatter.")} for way in OF_CHAT}

PATIENCE_SECONDS = 30

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="docker/secrets.sh needs openssl")


def _settings(server: NatsServer, user: User) -> Nats:
    options = {"servers": [server.url], "user": user.name, "password_file": user.password_file}
    return Settings.model_validate({"nats": options}).nats


@asynccontextmanager
async def _bus(settings: Nats, heard: Counter[str]) -> AsyncIterator[Bus]:
    """Which counts the messages of each subject."""

    def hearing(subject: str) -> Callable[[bytes], None]:
        return lambda _: heard.update([subject])

    bus = Bus(settings, {subject: hearing(subject) for subject in SUBJECTS})
    running = asyncio.create_task(bus.run())
    try:
        await bus.subscribed.wait()
        yield bus
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _arrives(bus: Bus, heard: Counter[str], subject: str) -> set[str]:
    """All subjects of which there was a message, those that are sent now in any case: the last one is of a subject that
    comes through."""
    for each in (*SUBJECTS, subject):
        await bus.send(each, b"x")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while heard[subject] < 2:  # noqa: ASYNC110 - what counts them has no event
            await asyncio.sleep(0.01)
    return set(heard)


async def _may(settings: Nats, everybody: Nats) -> dict[str, set[str]]:
    """What a user may publish and subscribe to: what another one who may do everything hears and is heard of."""
    told: Counter[str] = Counter()
    heard: Counter[str] = Counter()
    async with _bus(everybody, told) as all_seeing, _bus(settings, heard) as bus:
        published = await _arrives(bus, told, "fechatter.notices")
        return {"publish": published, "subscribe": await _arrives(all_seeing, heard, "fechatter.beat")}


@pytest.mark.parametrize("shipped", [pytest.param(of_compose, marks=needs_openssl), of_the_page])
async def test_each_user_may_do_what_its_servers_do_and_nothing_else(
    shipped: Callable[[Path], Shipped], tmp_path: Path
) -> None:
    (notify, chat), config = shipped(tmp_path)
    root = User("root", tmp_path / "root.password")
    root.password_file.write_text("everything")
    more = '{user: root, password: "everything"}'
    config.write_text(config.read_text().replace("users = [", f"users = [\n{more}", 1))
    async with nats_server(arguments=["-c", str(config)]) as server:
        everybody = _settings(server, root)
        assert await _may(_settings(server, chat), everybody) == OF_CHAT
        assert await _may(_settings(server, notify), everybody) == OF_NOTIFY
