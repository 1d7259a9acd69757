"""docs/integrations/first-steps.md works when its blocks are pasted as they stand: a GitHub webhook, a Bolt app and a
reply by e-mail. Only the ports are the test's own, and nobody waits two minutes for a mail."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
import yaml

from chat_core.settings import variable
from tests.support.pasted import block, paste
from tests.support.postgres import Database
from tests.support.servers import ROOT, ServerProcess, free_port

PAGE = (ROOT / "docs" / "integrations" / "first-steps.md").read_text()
PORTS = {standing: str(free_port()) for standing in ("2525", "2424", "3000")}
AT_ONCE = "CREATE OR REPLACE FUNCTION mail_delay() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '0' $$"


def ours(name: str) -> str:
    script = block(PAGE, name).replace(".venv/bin/python", sys.executable)
    script = script.replace("client/examples/", f"{ROOT}/client/examples/")
    for standing, port in PORTS.items():
        script = script.replace(standing, port)
    return script


def settings() -> dict[str, str]:
    """Those of the page but for public_url, which is where the test's server listens."""
    sections: dict[str, dict[str, Any]] = yaml.safe_load(ours("settings"))
    del sections["server"]
    return {
        variable(f"{section}.{name}"): ",".join(value) if isinstance(value, list) else str(value)
        for section, fields in sections.items()
        for name, value in fields.items()
    }


@contextmanager
def mail_server(folder: Path) -> Iterator[None]:
    process = subprocess.Popen(["bash", "-c", f"exec {ours('smtp')}"], cwd=folder)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


async def listens(port: str) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", int(port))
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


@pytest.mark.long
async def test_a_new_user_takes_the_first_steps(database: Database, keys: Path, tmp_path: Path) -> None:
    async with database.connect() as sql:
        await sql.execute(AT_ONCE)
    chat = ServerProcess("chat-server", database.chat_url, keys, settings())
    chat.set_default("server.public_url", chat.url)
    with mail_server(tmp_path):
        await listens(PORTS["2525"])
        await chat.start()
        try:
            script = "\n".join(map(ours, ("people", "github", "bolt", "mail")))
            script = script.replace("http://127.0.0.1:6688", chat.url)
            printed = (await anyio.to_thread.run_sync(paste, script, tmp_path)).splitlines()
        finally:
            await chat.stop()
    assert printed[0].startswith("Payload URL: http")
    assert printed[0].endswith("/github")
    assert printed[1] == "ok"
    assert printed[2].startswith("[acme/api](https://github.com/acme/api): ada pushed [1 commit](")
    assert printed[4:7] == ["Deploy `main`?", "`main` is deployed for @grace", "Type `/deploy BRANCH`."]
    assert printed[7:] == ['{"outcome":"verified"}', "Margherita!", "menu.csv"]
