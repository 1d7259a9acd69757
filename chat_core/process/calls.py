"""Work done by separate processes: what may take long, much memory, or crash on hostile bytes.

A process is `python -m MODULE`, and the module calls `serve`. Requests arrive on its stdin and are answered on its
stdout, one after the other, as messages (messages.py). The process ends with its stdin.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, BinaryIO, ClassVar, Generic, TypeVar

import msgspec

from chat_core.process import messages
from chat_core.process.children import die_with_parent
from chat_core.turns import Turns


class CalledProcess:
    """One process, for the duration of a turn, which ends at `give_up_at` (the loop's time). It is started by its
    first call, and again after it has died. A subclass has a method for each of the module's."""

    module: ClassVar[str]
    # Raised where a call fails, or the process ends or is too slow; the text says why.
    failed: ClassVar[type[Exception]]
    # Bytes of an answer: a process that hostile bytes have taken over may say anything.
    largest_answer: ClassVar[int] = messages.LARGEST
    # The variables that it gets of our environment, which may have secrets; None: all of them.
    environment: ClassVar[frozenset[str] | None] = None

    def __init__(self, *arguments: str) -> None:
        """`arguments` are the module's, in sys.argv."""
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self.give_up_at = 0.0
        self.closed = False

    async def call(self, method: str, *arguments: object, kind: Any = Any) -> Any:
        """The result, of the type `kind`: with memoryview instead of bytes, these are not copied."""
        if self.closed:
            raise self.failed(f"{method}: the server stops")
        try:
            process = self._process = self._process or await self._start()
            assert process.stdin is not None  # noqa: S101 - both are pipes
            assert process.stdout is not None  # noqa: S101
            async with asyncio.timeout_at(self.give_up_at):
                await messages.send(process.stdin, (method, *arguments))
                answer = await messages.receive(process.stdout, self.largest_answer)
            good, result = msgspec.msgpack.decode(answer, type=tuple[bool, msgspec.Raw])
            told = msgspec.msgpack.decode(result, type=kind if good else str)
        except (OSError, EOFError, TimeoutError) as error:
            await self.close()
            raise self.failed(f"{method}: the process has ended or was too slow") from error
        except (ValueError, RecursionError) as error:  # msgspec's errors are of these
            await self.close()
            raise self.failed(f"{method}: the process answers what was not asked: {error}") from error
        except asyncio.CancelledError:
            await self.close()  # its response would be taken for the next one's
            raise
        if not good:
            raise self.failed(f"{method}: {told}")
        return told

    async def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            # asyncio considers the process ended only once its output has been read completely.
            assert process.stdout is not None  # noqa: S101 - a pipe
            with suppress(RuntimeError):  # the caller waiting for the response reads it
                await process.stdout.read()
            await process.wait()

    def _inherited(self) -> dict[str, str] | None:
        if self.environment is None:
            return None
        return {name: value for name, value in os.environ.items() if name in self.environment}

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", self.module, *self._arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # a terminal's Ctrl-C is for the server, which ends this one
            preexec_fn=die_with_parent(signal.SIGKILL),
            env=self._inherited(),
        )


P = TypeVar("P", bound=CalledProcess)


class CalledProcesses(Generic[P]):
    """A few processes, started when first needed. A turn has a process to itself; Turns decides whose turn is next."""

    def __init__(
        self,
        what: str,
        make: Callable[[], P],
        *,
        longest_seconds: float,
        processes: int,
        waiting_each: int,
        waiting_all: int,
    ) -> None:
        """`longest_seconds`: a turn that takes longer is abandoned, and its process killed."""
        self._longest_seconds = longest_seconds
        self._turns = Turns(what, processes, waiting_each=waiting_each, waiting_all=waiting_all)
        self._idle = [make() for _ in range(processes)]
        self._all = list(self._idle)

    @property
    def waiting(self) -> int:
        return self._turns.waiting

    @asynccontextmanager
    async def turn(self, name: Hashable) -> AsyncIterator[P]:
        """Raises Problem 429 and 503 as Turns; `failed` of the process if the work fails or takes too long."""
        async with self._turns.turn(name):
            process = self._idle.pop()  # the most recently used one: the others need not be started yet
            process.give_up_at = asyncio.get_running_loop().time() + self._longest_seconds
            try:
                yield process
            finally:
                self._idle.append(process)

    async def end_idle(self) -> None:
        """Ends the processes that are in no turn; the next turns start others."""
        for process in self._idle:
            await process.close()

    async def close(self) -> None:
        for process in self._all:
            process.closed = True
            await process.close()


def serve(methods: Mapping[str, Callable[..., Any]], requests: BinaryIO, answers: BinaryIO) -> None:
    """What the process runs: answers requests until its stdin ends."""
    while length := requests.read(4):
        method, *arguments = msgspec.msgpack.decode(requests.read(int.from_bytes(length, "big")))
        try:
            answer = (True, methods[method](*arguments))
        except Exception as error:
            answer = (False, f"{type(error).__name__}: {error}")
        encoded = msgspec.msgpack.encode(answer)
        answers.write(len(encoded).to_bytes(4, "big") + encoded)
        answers.flush()
