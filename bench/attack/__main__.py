"""`make attack`: each attack for a few seconds on a running Fechatter, and its effect on well-behaved users.

Users post to chats at an even rate and have streams, sign in and open a board, first undisturbed, then during each
attack. An attack does no harm if their p99 from due to received stays within 3 × the undisturbed figure, nothing they
do fails, and neither server's resident memory grows by more than 200 MiB. The exit status is 1 if one does harm.
Attackers run on the same cores, at a lower priority, and come from addresses of 127.66.0.0/24; nothing leaves the
machine.
"""

import argparse
import asyncio
import sys
import threading
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from signal import SIGKILL
from urllib.parse import urlsplit

import httpx
import msgspec
import psutil

from bench import people
from bench.attack import ATTACKS
from bench.attack.attacker import Order
from bench.attack.everyday import Everyday
from bench.attack.target import Target
from bench.code import ROOT
from bench.figures.result import BenchError
from bench.load.documents.yjs_wire import buffer
from bench.rooms import Rooms, open_rooms
from bench.system import System
from chat_core.process import children
from fechatter.progress import say

ROOMS, PER_SECOND = 10, 40
QUIET_ROUNDS = 3
MOST_TIMES, MOST_BYTES = 3.0, 200 << 20
# Between two attacks: until cut connections are gone, and boards without clients out of memory.
REST_SECONDS = 3
LARGE_BOARD_BYTES, HUGE_BOARD_BYTES = 4 << 20, 17 << 20
_STORE = """
WITH stored AS (INSERT INTO board_updates (board_id, seq, user_id, origin, data) VALUES ($1, 1, $2, 'attack', $3))
UPDATE documents SET last_seq = 1 WHERE id = $1
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`p99` in milliseconds; `memory` by server, in bytes, at its most; `grown`: how much more that is than before the
    first attack. `met` is what the attacker met, how often."""

    attack: str
    p99: float
    times: float
    memory: dict[str, int]
    grown: int
    slowest: dict[str, float]
    failures: Sequence[str]
    met: dict[str, int]

    @property
    def harmless(self) -> bool:
        return self.times <= MOST_TIMES and self.grown <= MOST_BYTES and not self.failures

    def lines(self) -> str:
        memory = ", ".join(f"{name} {size >> 20} MiB" for name, size in self.memory.items())
        slowest = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in self.slowest.items())
        met = ", ".join(f"{what} × {times:,}" for what, times in sorted(self.met.items(), key=lambda one: -one[1])[:5])
        told = [
            f"{self.attack:22}p99 {self.p99:8.1f} ms {self.times:6.2f} ×   {memory}   "
            f"{'harmless' if self.harmless else 'HARM'}",
            f"{'':22}slowest: {slowest}; the attacker met: {met or 'nothing'}",
        ]
        return "\n".join([*told, *(f"{'':22}failed: {failure[:200]}" for failure in sorted(set(self.failures))[:5])])


class Memory:
    """The most that each server's own process had resident while it was watched."""

    def __init__(self, fechatter: System) -> None:
        self._processes = {"chat": psutil.Process(fechatter.chat_pid), "notify": psutil.Process(fechatter.notify_pid)}
        self.most = dict.fromkeys(self._processes, 0)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def grown(self, before: "Memory") -> int:
        """The server that has grown most, in bytes."""
        return max(size - before.most[name] for name, size in self.most.items())

    def _watch(self) -> None:
        """In a thread: an attack that keeps a server busy must not keep this from looking."""
        while True:
            for name, process in self._processes.items():
                self.most[name] = max(self.most[name], process.memory_info().rss)
            if self._over.wait(0.05):
                return


async def prepare(rooms: Rooms) -> tuple[Target, Everyday]:
    """What there is to attack, and the account that attacks."""
    fechatter = rooms.fechatter
    workspace = await people.add_workspace(fechatter.sql)
    attacker, owner = await people.add_people(fechatter.sql, fechatter.signer, workspace, 2)
    board, large, huge = await people.add_boards(fechatter.sql, workspace, [[attacker]] * 3)
    viewed, own = await people.add_boards(fechatter.sql, workspace, [[owner, attacker], [owner]])
    await fechatter.sql.execute("UPDATE document_members SET role = 'viewer' WHERE role = 'editor'")
    [chat] = await people.add_chats(fechatter.sql, workspace, 1, [attacker])
    for number, size in ((large, LARGE_BOARD_BYTES), (huge, HUGE_BOARD_BYTES)):
        await fechatter.sql.execute(_STORE, number, attacker.id, _text(size))
    await people.settle(fechatter.sql)
    version = await _version(fechatter, large, attacker.token)
    chat_at, notify_at = urlsplit(fechatter.chat), urlsplit(fechatter.notify)
    assert chat_at.hostname
    assert notify_at.hostname
    target = Target(
        *(chat_at.hostname, chat_at.port or 80, notify_at.hostname, notify_at.port or 80),
        token=attacker.token,
        board=board,
        viewed_board=viewed,
        large_board=large,
        huge_board=huge,
        version=version,
        chat=chat,
    )
    everyday = Everyday(fechatter, own, owner.token)
    await everyday.sign_up()
    return target, everyday


async def _version(fechatter: System, board: int, token: str) -> int:
    async with httpx.AsyncClient(base_url=fechatter.chat, trust_env=False, timeout=60) as client:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await client.post(f"/api/boards/{board}/versions", json={"name": "before"}, headers=headers)
        return int(answer.raise_for_status().json()["id"])


def _text(size: int) -> bytes:
    """A Yjs update that writes this much into the board's root `text`."""
    return b"\1\1\7\0\4\1\4text" + buffer(b"a" * size) + b"\0"


@asynccontextmanager
async def attacking(attack: str, target: Target, met: dict[str, int]) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.attack.attacker"),
        cwd=ROOT,
        stdin=PIPE,
        stdout=PIPE,
        start_new_session=True,
        preexec_fn=children.die_with_parent(SIGKILL),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(msgspec.json.encode(Order(attack, target)) + b"\n")
        if await process.stdout.readline() != b"attacking\n":
            raise BenchError(f"{attack}: the attacker did not start: see what it said above")
        yield
        process.stdin.write_eof()
        met |= msgspec.json.decode(await process.stdout.read(), type=dict[str, int])
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def run(names: Sequence[str], seconds: float) -> list[Verdict]:
    async with open_rooms(ROOMS) as rooms:
        target, everyday = await prepare(rooms)
        say("undisturbed")
        await _beside(rooms, everyday, seconds)  # plans, caches, connections
        with Memory(rooms.fechatter) as before:
            quiet = max([await _beside(rooms, everyday, seconds) for _ in range(QUIET_ROUNDS)])
        print(f"{'undisturbed':22}p99 {quiet:8.1f} ms, the highest of {QUIET_ROUNDS} rounds", flush=True)
        verdicts = []
        for name in names:
            say(name)
            verdict = await _attacked(rooms, everyday, target, name, seconds, quiet, before)
            print(verdict.lines(), flush=True)
            verdicts.append(verdict)
            await asyncio.sleep(REST_SECONDS)
    return verdicts


async def _attacked(
    rooms: Rooms, everyday: Everyday, target: Target, name: str, seconds: float, quiet: float, before: Memory
) -> Verdict:
    met: dict[str, int] = {}
    everyday.slowest, everyday.failures = {}, []
    with Memory(rooms.fechatter) as memory:
        async with attacking(name, target, met):
            try:
                p99 = await _beside(rooms, everyday, seconds)
            except (BenchError, OSError) as error:  # TimeoutError is one
                p99 = float("inf")
                everyday.failures.append(f"posting: {str(error).partition(chr(10))[0]}")
    grown = memory.grown(before)
    return Verdict(name, p99, p99 / quiet, memory.most, grown, everyday.slowest, everyday.failures, met)


async def _beside(rooms: Rooms, everyday: Everyday, seconds: float) -> float:
    """The p99 of messages from due to received, while people do everyday things."""
    doing = asyncio.create_task(everyday.go_on())
    try:
        return (await rooms.measure(PER_SECOND, seconds)).receipt.p99
    finally:
        doing.cancel()
        await asyncio.wait([doing])


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.attack", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("attack", nargs="*", choices=[[], *ATTACKS], help="which to run (default: all)")
    parser.add_argument("--seconds", type=float, default=8, help="how long each goes on (8)")
    arguments = parser.parse_args()
    verdicts = asyncio.run(run(arguments.attack or list(ATTACKS), arguments.seconds))
    return 0 if all(verdict.harmless for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
