"""A closed loop: every connection sends a prepared request, waits for the answer, and sends its next one. HTTP/1.1, or
what a peer speaks (dialogue.py).

`drive` starts the generator as a process (http_generator.py), gives it a Plan on stdin, and meters the servers from
its line `measuring` to its line `measured`; what it found follows as JSON. Of an HTTP answer it reads the status line
and Content-Length, and nothing else.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import msgspec

from bench.figures.cpu import Meter, servers
from bench.figures.result import BenchError
from bench.load.dialogue import Script
from bench.load.http_generator import Found, Plan
from bench.people import Person

# After the measured time: for requests in progress, and for starting.
PATIENCE_SECONDS = 30


class Load(msgspec.Struct, frozen=True):
    """What came of one drive. `shares` are cores' worth of CPU by name, see Meter, the generator's among them."""

    found: Found
    shares: dict[str, float]

    @property
    def per_second(self) -> float:
        return self.found.measured / self.found.seconds

    def cpu_ms(self, *names: str) -> float:
        """Milliseconds of CPU that these processes took for one request."""
        return sum(self.shares[name] for name in names) / self.per_second * 1000

    @property
    def servers_cpu_us(self) -> float:
        """Microseconds of CPU that all servers took for one request."""
        return servers(self.shares) / self.per_second * 1e6


def request(method: str, url: str, person: Person, body: object = None) -> bytes:
    """One request of a signed-in person, as bytes. `body` is sent as JSON."""
    parts = urlsplit(url)
    content = b"" if body is None else msgspec.json.encode(body)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", f"Authorization: Bearer {person.token}"]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


async def drive(
    url: str,
    connections: Sequence[Sequence[bytes] | Script],
    seconds: float,
    pids: Mapping[str, int],
    warm_seconds: float = 0.5,
    interval_seconds: float = 0,
) -> Load:
    """Drives the server at `url` with the requests of each connection. BenchError unless every answer was a 2xx."""
    parts = urlsplit(url)
    scripts = [each if isinstance(each, Script) else Script(list(each)) for each in connections]
    plan = Plan(parts.hostname or "", parts.port or 80, scripts, warm_seconds, seconds, interval_seconds)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load.http_generator", stdin=PIPE, stdout=PIPE, limit=2**20
    )
    told = b""
    try:
        async with asyncio.timeout(seconds + warm_seconds + PATIENCE_SECONDS):
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(msgspec.json.encode(plan))
            process.stdin.write_eof()
            await process.stdout.readline()
            meter = Meter(**pids)
            await process.stdout.readline()
            shares = meter.stop()
            told = await process.stdout.readline()
    except TimeoutError:
        raise BenchError(f"the server at {url} left requests unanswered for {PATIENCE_SECONDS} s") from None
    finally:
        if not told and process.returncode is None:
            process.kill()
        await process.wait()
    if not told:
        raise BenchError("the load generator lost a connection: see what it said above")
    found = msgspec.json.decode(told, type=Found)
    if bad := {status: count for status, count in found.answers.items() if not 200 <= status < 300}:
        raise BenchError(f"the server at {url} refused requests (status: count): {bad}")
    return Load(found, {**shares, "generator": found.cpu_share})
