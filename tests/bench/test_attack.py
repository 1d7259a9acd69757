"""The attackers attack, count what they meet, and stop when they are told to; and harm is called harm."""

import asyncio
from dataclasses import replace

import pytest

from bench.attack import ATTACKS
from bench.attack.__main__ import MOST_BYTES, Verdict, attacking
from bench.attack.target import Target

pytestmark = pytest.mark.anyio


async def test_an_attacker_goes_on_until_it_is_told_to_stop() -> None:
    served = asyncio.Semaphore(0)

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(40_000)
        writer.close()
        served.release()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        met: dict[str, int] = {}
        async with attacking("endless-headers", Target("127.0.0.1", port, "127.0.0.1", port), met):
            for _ in range(3):
                await served.acquire()
    assert sum(times for what, times in met.items() if what.startswith("closed after")) >= 2


async def test_an_attack_survives_a_server_that_is_not_there() -> None:
    nobody = Target("127.0.0.1", 9, "127.0.0.1", 9)
    for attack in ("unfinished-requests", "strangers"):
        met: dict[str, int] = {}
        async with attacking(attack, nobody, met):
            pass
        assert set(met) <= {"refused to connect"}


def test_harm_is_called_harm() -> None:
    good = Verdict("strangers", 12.0, 1.2, {"chat": 150 << 20, "notify": 120 << 20}, 1 << 20, {}, (), {"closed": 5})
    assert good.harmless
    assert "closed × 5" in good.lines()
    assert not replace(good, times=3.1).harmless
    assert not replace(good, grown=MOST_BYTES + 1).harmless
    assert "failed: posting" in replace(good, failures=["posting: 503"]).lines()
    assert len(ATTACKS) == 12
