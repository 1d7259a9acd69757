"""The clients that people use for boards, from npm, in a process of node's: see tests/node/clients.mjs."""

import asyncio
import itertools
import json
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chat_core.process.children import die_with_parent

FOLDER = Path(__file__).parent.parent.parent / "node"
# For what has to happen, on a machine with other things to do.
PATIENCE_SECONDS = 60


class NodeClients:
    """`await clients("insert", "ada", text="x")` is a call of clients.mjs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def __call__(self, do: str, name: str, **arguments: Any) -> Any:
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        line = json.dumps({"id": number, "do": do, "name": name, **arguments})
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                told = await answer
        except TimeoutError:
            shown = {} if do in ("text", "events", "others") else await self._situation(name)
            raise AssertionError(f"{do} {name} {arguments}: not within {PATIENCE_SECONDS} s; {shown}") from None
        assert "error" not in told, f"{do} {name}: {told['error']}"
        return told["value"]

    async def _situation(self, name: str) -> dict[str, Any]:
        return {do: str(await self(do, name))[:500] for do in ("text", "events", "others")}

    async def read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            answer = json.loads(line)
            self._tell(answer["id"], answer)
        for number in list(self._answers):
            self._tell(number, {"error": "node has ended"})

    def _tell(self, number: int, answer: dict[str, Any]) -> None:
        if not (waiting := self._answers.pop(number)).done():  # else nobody has the patience any more
            waiting.set_result(answer)


@asynccontextmanager
async def node_clients() -> AsyncIterator[NodeClients]:
    """Skips the test where node or its packages are not installed."""
    if shutil.which("node") is None or not (FOLDER / "node_modules").exists():
        pytest.skip("node and npm are not installed, or `make test` has not fetched tests/node's packages yet")
    process = await asyncio.create_subprocess_exec(
        "node",
        "clients.mjs",
        cwd=FOLDER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 26,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    clients = NodeClients(process)
    reading = asyncio.create_task(clients.read())
    try:
        yield clients
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        await reading
