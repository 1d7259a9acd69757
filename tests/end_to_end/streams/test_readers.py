"""Readers of all kinds: slow ones, silent ones, many at once, behind nginx; and a server that is told to stop."""

import asyncio
import shutil
import signal
import socket
import struct
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from fechatter_client import Problem
from fechatter_client.stream import PATH

from tests.end_to_end.raw import figures
from tests.end_to_end.system import Person, System, contents
from tests.support.clients.listener import bare_stream, listen, refusal
from tests.support.clients.plain_http import plain_http
from tests.support.servers import free_port


@pytest.mark.system(notify__buffer_bytes=200_000)
async def test_a_reader_that_stalls_is_cut_off_and_slows_nobody(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    stalled = socket.create_connection(("127.0.0.1", system.notify.port))
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    try:
        stalled.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {grace.token}\r\n\r\n".encode())
        async with ada.listen() as stream, system.sql() as connection:
            while (await figures(system))["fechatter_streams_open"] < 2:
                pass
            amount = 0
            # The kernel's buffers take several MB before the server's own one fills.
            while (await figures(system)).get('fechatter_streams_closed_total{reason="slow",transport="sse"}', 0) < 1:
                await connection.execute(
                    "INSERT INTO messages (chat_id, sender_id, content) "
                    "SELECT $1, $2, repeat('x', 9000) FROM generate_series(1, 50)",
                    chat,
                    ada.id,
                )
                amount += 50
                await stream.until_kind("NewMessage", amount)
                queued = (await figures(system))["fechatter_streams_queued_bytes"]
                assert queued <= 2 * 200_000 + 50 * 9200
            assert (await figures(system))["fechatter_streams_open"] == 1
            assert [event.data["seq"] for event in stream.events("NewMessage")] == list(range(1, amount + 1))
    finally:
        stalled.close()


@pytest.mark.system
async def test_clients_that_leave_in_traffic_harm_nobody(system: System) -> None:
    """Some close, some reset, and some had pipelined another request behind their stream."""
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    stream_request = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {grace.token}\r\n\r\n".encode()
    pipelined = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"

    async def come_and_go(request: bytes, reset: bool) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", system.notify.port)
        if reset:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.write(request)
        await reader.readuntil(b"event: ready")
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async with ada.listen() as stream, system.sql() as connection:
        for number in range(40):
            async with asyncio.TaskGroup() as group:
                for request in (stream_request, stream_request + pipelined):
                    for reset in (False, True):
                        group.create_task(come_and_go(request, reset))
                for _ in range(10):
                    await connection.execute(
                        "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'x')", chat, ada.id
                    )
            await stream.until_kind("NewMessage", 10 * (number + 1))
        assert (stream.opens, len(contents(stream))) == (1, 400)
        while (await figures(system))["fechatter_streams_open"] > 1:
            pass
    assert not [entry for entry in system.notify.log if '"level": "error"' in entry or "critical" in entry]


@pytest.mark.system(notify__heartbeat_seconds=1)
async def test_a_heartbeat_without_id_comes_only_when_nothing_else_does(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with (
        plain_http() as http,
        http.stream("GET", ada.notify_url + PATH, headers={"Authorization": f"Bearer {ada.token}"}) as answer,
    ):
        lines = answer.aiter_lines()
        async for line in lines:
            if line == ":":
                break
        assert await anext(lines) == ""
        # As long as something is sent each half second, there is no heartbeat between.
        seen = []
        for number in range(5):
            await ada.messages.post(chat, str(number))
            async for line in lines:
                seen.append(line)
                if line.startswith("data: ") and f'"content":"{number}"' in line:
                    break
            await asyncio.sleep(0.4)  # the pace of the traffic is what is tested
        assert seen.count(":") == 0
        assert await anext(lines) == ""
        assert await anext(lines) == ":"


async def test_metrics_tell_what_an_operator_watches(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with ada.listen() as stream:
        cursor = stream.cursor
        await ada.messages.post(chat, "hello")
        await stream.until_kind("NewMessage")
        before = await figures(system)
        assert before["fechatter_streams_open"] >= 1
        assert before["fechatter_log_lag_events"] == 0
        assert before["fechatter_commit_to_socket_seconds_count"] >= 1
        assert 0 <= before["fechatter_notify_queue_usage_ratio"] < 1
        assert before["fechatter_log_lag_seconds"] < 5
        assert before["fechatter_streams_queued_bytes"] == 0
        assert before["fechatter_listen_reconnects_total"] == 0
    async with ada.listen(cursor) as stream, ada.listen("00000000.1") as unknown:
        await stream.until_kind("NewMessage")
        await unknown.until_kind("reset")
        after = await figures(system)
        assert after["fechatter_replayed_events_sum"] >= before["fechatter_replayed_events_sum"] + 1
        resets = 'fechatter_resets_total{reason="epoch_changed"}'
        assert after[resets] == before.get(resets, 0) + 1
        left = 'fechatter_streams_closed_total{reason="client_left",transport="sse"}'
        assert after[left] > before.get(left, 0)


async def test_sixty_streams_get_the_same_in_the_same_order(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with asyncio.TaskGroup() as group:
        opened = asyncio.Semaphore(0)
        received: list[list[tuple[str, str]]] = []

        async def read(person: Person) -> None:
            async with person.listen() as stream:
                opened.release()
                await stream.until_kind("NewMessage", 50)
                received.append([(event.cursor, event.kind) for event in stream.events("NewMessage")[:50]])

        people = [ada] * 30 + [grace] * 30
        for person in people:
            group.create_task(read(person))
        for _ in people:
            await opened.acquire()
        for number in range(50):
            await ada.messages.post(chat, str(number))
    assert len(received) == 60
    assert all(order == received[0] for order in received)


@pytest.mark.system(notify__streams_per_user=2)
async def test_a_user_has_a_bounded_number_of_streams(system: System) -> None:
    ada = await system.sign_up("Ada")
    async with ada.listen(), ada.listen():
        problem = await refusal(ada.notify_url, ada.token)
        assert (problem.status, problem.code) == (429, "too_many_streams")
        assert problem.retry_after_seconds is not None


@pytest.mark.system
async def test_an_operator_drops_a_stream(system: System) -> None:
    ada = await system.sign_up("Ada")
    async with ada.listen() as stream, ada.listen() as other, system.sql() as connection:
        while len(rows := await connection.fetch("SELECT node, stream FROM streams ORDER BY stream")) < 2:
            pass
        await connection.execute(
            "SELECT pg_notify('fechatter_control', $1)", f"drop {rows[0]['node']} {rows[0]['stream']}"
        )
        await stream.until_ended()
        assert not other.ended.is_set()


async def until_refused(notify_url: str, token: str) -> Problem:
    """A server that is no longer ready lets people in until it has asked who takes its streams."""
    while True:
        with suppress(AssertionError):
            return await refusal(notify_url, token)


@pytest.mark.system(notify__drain_streams_per_second=8, notify__drain_seconds=10)
async def test_sigterm_says_so_first_then_spreads_the_streams_and_loses_nothing(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    loop = asyncio.get_running_loop()
    ends: list[float] = []
    retries: set[float | None] = set()
    streams = []

    async with asyncio.TaskGroup() as group:
        opened = asyncio.Semaphore(0)

        async def read() -> None:
            async with grace.listen() as stream:
                streams.append(stream)
                opened.release()
                await stream.until_ended()
                ends.append(loop.time())
                retries.add(stream.retry_seconds)

        for _ in range(20):
            group.create_task(read())
        for _ in range(20):
            await opened.acquire()
        system.notify.signal(signal.SIGTERM)
        async with plain_http(base_url=system.notify.url) as http:
            while (ready := await http.get("/health/ready")).status_code == 200:
                pass
            assert len(ends) < 20
            assert ready.json()["code"] == "shutting_down"
            assert (await http.get("/health")).json()["status"] == "stopping"
            assert (await http.get("/health/live")).status_code == 200
            refused = await until_refused(system.notify.url, grace.token)
            assert (refused.status, refused.code) == (503, "shutting_down")
        sent = [await ada.messages.post(chat, str(number)) for number in range(20)]
    assert await system.notify.wait() == 0
    assert max(ends) - min(ends) > 0.3
    assert len(retries) > 5
    await system.notify.start()
    for stream in streams[:5]:
        missing = 20 - len(contents(stream))
        async with grace.listen(stream.cursor) as rest:
            await rest.until(lambda s, n=missing: len(contents(s)) == n)  # type: ignore[misc]
            assert contents(stream) + contents(rest) == [message.content for message in sent]


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed (Debian: nginx-light)")
async def test_it_works_through_nginx_with_its_default_buffering(system: System, tmp_path: Path) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    port = free_port()
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"""
        daemon off; pid {tmp_path}/nginx.pid; error_log stderr; worker_processes 1;
        events {{}}
        http {{
            access_log off;
            client_body_temp_path {tmp_path}/body; proxy_temp_path {tmp_path}/proxy;
            fastcgi_temp_path {tmp_path}/f; uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;
            server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {system.notify.url}; }} }}
        }}
        """
    )
    tmp_path.chmod(0o755)
    nginx = await asyncio.create_subprocess_exec("nginx", "-e", "stderr", "-c", str(config), "-p", str(tmp_path))
    try:
        url = f"http://127.0.0.1:{port}"
        async with plain_http() as http:
            while True:
                try:
                    assert (await http.get(f"{url}/health/live")).is_success
                    break
                except httpx.ConnectError:
                    assert nginx.returncode is None
        async with listen(bare_stream(url, ada.token)) as stream:
            await ada.messages.post(chat, "through nginx")
            await stream.until_kind("NewMessage")
            assert contents(stream) == ["through nginx"]
    finally:
        nginx.terminate()
        await nginx.wait()
