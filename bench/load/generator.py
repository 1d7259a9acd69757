"""A load generator: a separate process that gets commands and reports results. A command is a line of JSON on its
stdin, the answer one on its stdout."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from signal import SIGKILL
from typing import Any

from bench.code import ROOT
from bench.figures.result import BenchError
from chat_core.process import children

Json = dict[str, Any]
# Answers hold the times of all that was timed.
_LONGEST_LINE = 1 << 28


class Generator:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    async def do(self, command: str, **values: Any) -> Json:
        """BenchError if it has died."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": command, **values}).encode() + b"\n")
        await self._process.stdin.drain()
        line = await self._process.stdout.readline()
        if not line:
            raise BenchError("the load generator has died: see what it said above")
        answer: Json = json.loads(line)
        return answer


@asynccontextmanager
async def generator(module: str) -> AsyncIterator[Generator]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
        start_new_session=True,
        preexec_fn=children.die_with_parent(SIGKILL),
    )
    try:
        yield Generator(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
