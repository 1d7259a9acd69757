"""`python -m bench.peers.stock_app`: SSE as sse-starlette's documentation shows it. Run by stock.py.

A queue and an async generator per stream, an EventSourceResponse over it, uvicorn on uvloop and httptools. A POST
with an event's data a line gives them to every queue. Prints its address once it listens.
"""

import asyncio
import socket
from collections.abc import AsyncIterator

import uvicorn
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Event = dict[str, str]
queues: set[asyncio.Queue[Event]] = set()
published = 0


async def events(request: Request) -> Response:
    queue: asyncio.Queue[Event] = asyncio.Queue()
    queues.add(queue)

    async def stream() -> AsyncIterator[Event]:
        try:
            while True:
                yield await queue.get()
        finally:
            queues.discard(queue)

    return EventSourceResponse(stream(), sep="\n", ping=0)


async def publish(request: Request) -> Response:
    global published
    for data in (await request.body()).decode().splitlines():
        published += 1
        event = {"id": str(published), "event": "NewMessage", "data": data}
        for queue in queues:
            queue.put_nowait(event)
    return Response(status_code=202)


def main() -> None:
    app = Starlette(routes=[Route("/events", events), Route("/publish", publish, methods=["POST"])])
    config = uvicorn.Config(app, loop="uvloop", http="httptools", ws="none", log_level="error", access_log=False)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen(4096)
        print(f"http://127.0.0.1:{bound.getsockname()[1]}", flush=True)
        uvicorn.Server(config).run(sockets=[bound])


if __name__ == "__main__":
    main()
