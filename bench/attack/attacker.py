"""`python -m bench.attack.attacker`: the process that attacks, at a lower priority than its targets.

It reads a line of JSON, `{"attack": name, "target": {…}}`, prints `attacking`, and continues until its stdin ends; then
it prints one line of JSON with the errors it met, and how often.
"""

import asyncio
import resource
import sys
from collections import Counter
from contextlib import suppress
from typing import Any

import msgspec
import uvloop

from bench.attack import ATTACKS
from bench.attack.target import Tally, Target
from chat_core.process.children import lower_session_priority


class Order(msgspec.Struct):
    attack: str
    target: Target


async def attack(order: Order, stop: asyncio.Event) -> Tally:
    tally: Tally = Counter()
    attacking = asyncio.create_task(_attack(order, tally))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([attacking, stopping], return_when=asyncio.FIRST_COMPLETED)
    for task in (attacking, stopping):
        task.cancel()
    with suppress(asyncio.CancelledError):
        await attacking
    return tally


async def _attack(order: Order, tally: Tally) -> None:
    """An attack that a server has ended begins again."""
    while True:
        try:
            await ATTACKS[order.attack](order.target, tally)
        except* OSError:
            tally["refused to connect"] += 1
            await asyncio.sleep(0.2)


async def main() -> None:
    lower_session_priority()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_quiet)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    order = msgspec.json.decode(await reader.readline(), type=Order)
    stop = asyncio.Event()
    print("attacking", flush=True)

    async def until_told() -> None:
        await reader.read()
        stop.set()

    telling = asyncio.create_task(until_told())
    tally = await attack(order, stop)
    telling.cancel()
    print(msgspec.json.encode(tally).decode(), flush=True)


def _quiet(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Connections that the server has cut while they were written to are expected."""
    if not isinstance(context.get("exception"), OSError):
        loop.default_exception_handler(context)


if __name__ == "__main__":
    uvloop.run(main())
