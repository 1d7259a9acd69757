"""npm's Yjs, in V8: what boards' clients have, so that a document is here what it is to them (javascript/)."""

import atexit
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from py_mini_racer import DEFAULT_V8_FLAGS, JSTimeoutException, MiniRacer, init_mini_racer

from chat_core.documents.lib0 import Reader, buffer

_FOLDER: Final = Path(__file__).parent / "javascript"
# In this order, each with what the ones before it have.
_SCRIPTS: Final = ("browser.js", "vendor/yjs.js", "content.js", "changes.js", "restoring.js", "documents.js")
# Where the heap has grown to this, V8 ends the process; bytes are outside of it.
HEAP_MIB: Final = 2048
# A thread has 8 MiB. Browsers give their scripts about one, and fail there on what is nested deeper.
_STACK_KIB: Final = 6000


class EngineFailed(Exception):
    """It could not be done; the text says why."""


class Engine:
    """One per process: V8 takes its flags once."""

    def __init__(self) -> None:
        flags = (*DEFAULT_V8_FLAGS, f"--max-old-space-size={HEAP_MIB}", f"--stack-size={_STACK_KIB}")
        init_mini_racer(flags=flags, ignore_duplicate_init=True)
        with ThreadPoolExecutor(1) as thread:  # where no event loop runs, so that it makes one of its own
            self._context = thread.submit(MiniRacer).result()
        atexit.register(self._context.close)  # later its thread stands still, and closing waits for it
        for script in _SCRIPTS:
            # Nothing of the last value is wanted, and not every value can come over.
            self._context.eval((_FOLDER / script).read_text() + "\n;0")
        self._room: Any = self._context.eval("room")
        self._answer: Any = self._context.eval("answer")

    def call(self, name: str, *pieces: bytes, seconds: float | None = None) -> list[bytes]:
        """One of `calls` in javascript/documents.js. EngineFailed where it fails or takes too long."""
        request = buffer(name.encode()) + b"".join(map(buffer, pieces))
        self._room(len(request))[:] = request
        try:
            reader = Reader(bytes(self._answer(timeout_sec=seconds)))
        except JSTimeoutException as error:
            raise EngineFailed("it takes too long") from error
        good, answers = reader.uint(), []
        while reader.at < len(reader.data):
            answers.append(reader.buffer())
        if not good:
            raise EngineFailed(answers[0].decode())
        return answers
