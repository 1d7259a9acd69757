"""A database of each released version is migrated, and everything in it is still there."""

import json
import lzma
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from fechatter_client import (
    BoardVersionUpdated,
    Client,
    NewBoard,
    NewChat,
    NewMessage,
    Snapshot,
    UserJoinedBoard,
)

from chat_core.database import migrations
from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.embedded_account import wheel_programs
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import apply_roles, clone
from tests.support.servers import ServerProcess
from tests.upgrade.fill import ADA, FOLDER, GRACE, PASSWORD, seen

pytestmark = pytest.mark.anyio

VERSIONS = sorted(path.name.removesuffix(".dump.xz") for path in FOLDER.glob("*.dump.xz"))
# What depends on when it is asked.
OF_THE_MOMENT = {"cursor", "presence", "presences", "last_seen_at", "seen_at"}


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def servers(
    version: str, postgres: EmbeddedPostgres, keys: Path, tmp_path: Path
) -> AsyncIterator[tuple[str, str]]:
    """chat_server and notify_server on the migrated database."""
    async with clone(postgres, "template0") as database, AsyncExitStack() as stack:
        restore = (wheel_programs() / "pg_restore", "--exit-on-error", "--no-owner", "--no-acl", "-d", database.url)
        dump = tmp_path / "chat.dump"
        dump.write_bytes(lzma.decompress((FOLDER / f"{version}.dump.xz").read_bytes()))
        subprocess.run([*restore, dump], check=True, capture_output=True, text=True)
        async with database.connect() as connection:
            # It is upgraded where it is, and not restored elsewhere: cursors of before stay good.
            await connection.execute("UPDATE log_state SET cluster = log_cluster()")
            await migrations.up(connection, lambda _: None)
            assert await migrations.verify(connection) == []
            await apply_roles(connection)
        chat = ServerProcess("chat-server", database.chat_url, keys, {})
        notify = ServerProcess("notify-server", database.notify_url, keys, {})
        for server in (chat, notify):
            stack.push_async_callback(server.stop)
            await server.start()
        yield chat.url, notify.url


async def test_nothing_is_lost_and_it_goes_on(version: str, servers: tuple[str, str]) -> None:
    expected = json.loads((FOLDER / f"{version}.json").read_text())
    async with AsyncExitStack() as stack:
        people = {email: await stack.enter_async_context(Client(*servers, http=plain_http())) for email in (ADA, GRACE)}
        for email, person in people.items():
            await person.sign_in(email, PASSWORD)
            (board,) = [board["id"] for board in expected[email]["sync"]["boards"]]
            assert list(lost(expected[email], await seen(person, board))) == []
        chat = expected[ADA]["sync"]["chats"][0]["id"]
        async for event in people[GRACE].events(snapshot=True):
            match event.data:
                case Snapshot():
                    await people[ADA].messages.post(chat, "after the upgrade")
                case NewMessage(content=text):
                    assert text == "after the upgrade"
                    break
        epoch = expected[GRACE]["sync"]["cursor"].partition(".")[0]
        replayed = []
        async for event in people[GRACE].events(f"{epoch}.0"):
            replayed.append(type(event.data))
            if isinstance(event.data, NewMessage) and event.data.content == "after the upgrade":
                break
        assert Snapshot not in replayed  # which stands in for a reset
        assert {NewChat, NewBoard, UserJoinedBoard, BoardVersionUpdated} <= set(replayed)


def lost(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Where `after` has not what `before` has. A newer version may add fields."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() - OF_THE_MOMENT:
            if key in after:
                yield from lost(before[key], after[key], f"{path}.{key}")
            else:
                yield f"{path}.{key} is gone"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from lost(old, new, f"{path}[{number}]")
    elif before != after:
        yield f"{path}: {before!r} → {after!r}"
