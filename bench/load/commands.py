"""What a load generator's process does with its commands; generator.py is the other end."""

import asyncio
import gc
import json
import resource
import sys


async def obey(generator: object) -> None:
    """Calls the method that each line of stdin names, and prints what it returns, until stdin ends.

    The process may have as many connections as the system allows, and collects no garbage: nothing here is in a cycle
    while it is in use, and a pass over all that came takes milliseconds.
    """
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    gc.disable()
    reader = asyncio.StreamReader(limit=1 << 28)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        answer = await getattr(generator, command.pop("do"))(**command)
        print(json.dumps(answer), flush=True)
