"""A message's way as a trace: from REST over its COMMIT to the streams, as a collector of OpenTelemetry gets it."""

import secrets
from pathlib import Path

from tests.end_to_end.system import System
from tests.support.postgres import Database
from tests.support.servers import ServerProcess
from tests.support.services.otlp import collector

POST = "POST /api/chats/{chat_id}/messages"


def traceparent(flags: str = "01") -> tuple[str, str, str]:
    """One of a request, its trace and its span."""
    trace, span = secrets.token_hex(16), secrets.token_hex(8)
    return f"00-{trace}-{span}-{flags}", trace, span


async def test_a_traced_message_is_followed_to_the_streams_and_others_are_not(database: Database, keys: Path) -> None:
    async with collector() as collected:
        settings = {
            "FECHATTER_TRACING__ENDPOINT": collected.url,
            "FECHATTER_TRACING__SAMPLE_RATIO": "0",
            "FECHATTER_TRACING__EXPORT_SECONDS": "0.1",
        }
        chat_server = ServerProcess("chat-server", database.chat_url, keys, settings)
        notify_server = ServerProcess("notify-server", database.notify_url, keys, settings)
        system = System(database.url, chat_server, notify_server)
        try:
            await chat_server.start()
            await notify_server.start()
            ada, grace = await system.team("Ada", "Grace")
            chat = await system.group(ada, grace)
            asked, trace, span = traceparent()
            unsampled, *_ = traceparent("00")
            async with ada.listen() as first, grace.listen() as second, grace.listen() as third:
                for header in ({"traceparent": unsampled}, {"traceparent": "nonsense"}, {"traceparent": asked}):
                    answer = await ada.request("POST", f"/chats/{chat}/messages", json={"content": "x"}, headers=header)
                    assert answer.status_code == 201
                for heard in (first, second, third):
                    await heard.until_kind("NewMessage", 3)
            await collected.until(lambda it: "deliver" in it.of(trace))
            found = collected.of(trace)
            assert {name: len(spans) for name, spans in found.items()} == {POST: 1, "commit": 1, "deliver": 1}
            [request], [commit], [deliver] = found[POST], found["commit"], found["deliver"]
            assert (request.parent, commit.parent, deliver.parent) == (span, request.id, commit.id)
            assert deliver.links == (commit.id,)
            assert [each.server for each in (request, commit, deliver)] == [
                "chat_server",
                "chat_server",
                "notify_server",
            ]
            assert request.attributes["http.response.status_code"] == 201
            assert deliver.attributes["fechatter.log.position"] == third.events("NewMessage")[-1].position
            assert all(each.seconds >= 0 for each in (request, commit, deliver))
            assert {each.trace for each in collected.spans} == {trace}
            async with database.connect() as sql:
                assert await sql.fetchval("SELECT count(*) FROM message_traces") == 1
        finally:
            await system.forget_people()
            await chat_server.stop()
            await notify_server.stop()
