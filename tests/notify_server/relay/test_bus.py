"""The connection to a real nats-server, as `fechatter doctor` makes it, too."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from chat_core.settings import Database, Nats, Settings
from fechatter.commands.doctor import installation
from fechatter.commands.doctor.installation import relay
from notify_server.relay.relay import Relay
from tests.support.services.nats import nats_server

USERS = """
authorization { users = [
  {user: whole, password: secret, permissions: {publish: "chat.>", subscribe: "chat.>"}},
  {user: deaf, password: secret, permissions: {publish: "chat.>", subscribe: "other"}},
] }
"""


async def test_doctor_says_whether_nats_takes_and_delivers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "NATS_SECONDS", 1.5)
    (tmp_path / "nats.conf").write_text(USERS)
    (tmp_path / "password").write_text("secret\n")
    (tmp_path / "wrong").write_text("guess\n")
    async with nats_server(arguments=["-c", str(tmp_path / "nats.conf")]) as nats:

        async def said(user: str, file: str = "password") -> str:
            access = Nats(servers=[nats.url], subject="chat", user=user, password_file=tmp_path / file)
            return (await relay(Settings(nats=access))).problem or "ok"

        assert await said("whole") == "ok"
        assert "permissions violation" in await said("deaf")
        assert "Authorization" in await said("whole", "wrong")
        await nats.kill()
        assert "does not deliver" in await said("whole")
    assert (await relay(Settings())).problem is None


@asynccontextmanager
async def _relay(url: str, channel: str) -> AsyncIterator[tuple[Relay, "asyncio.Queue[tuple[int, bytes]]"]]:
    """That of a server which is led, and what it hears of boards."""
    heard: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue()
    # No database answers: nobody leads, and each goes on trying to.
    settings = Settings(
        nats=Nats(servers=[url]), database=Database(url=SecretStr("postgresql://nobody@127.0.0.1:1/none"))
    )
    relay = Relay(settings, {}, lambda _: None)
    relay.hear_early = lambda board_id, update: heard.put_nowait((board_id, update))
    await relay.start()
    await relay.bus.subscribed.wait()
    relay.know(channel)
    relay.switch(led=True)
    running = asyncio.create_task(relay.run())
    try:
        yield relay, heard
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_updates_of_boards_reach_the_other_servers_of_this_database() -> None:
    async with nats_server() as nats, AsyncExitStack() as stack:
        (here, own), (other, there), (stranger, strange) = [
            await stack.enter_async_context(_relay(nats.url, channel)) for channel in ("ours", "ours", "another's")
        ]
        assert await other.bus.answers()  # so that its subscription has come
        stranger.tell_early(7, b"forged")
        await stranger.bus.answers()
        here.tell_early(7, b"update")
        here.tell_early(7, bytes(65_537))
        here.tell_early(8, b"the next")
        async with asyncio.timeout(10):
            assert [await there.get(), await there.get()] == [(7, b"update"), (8, b"the next")]
        assert await here.bus.answers()
        assert own.empty()
        assert strange.empty()
