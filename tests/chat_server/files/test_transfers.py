"""Uploads and downloads of slow clients hinder nobody else."""

import asyncio

import pytest

from tests.chat_server.files.test_uploads import BODY, begin
from tests.chat_server.people import ChatServer

FILE_BYTES = 12_000_000


async def test_transfers_are_not_in_flight(chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than requests that may be in flight hinder nobody."""
    ada = await chat_server.sign_up("Ada")
    upload = await begin(ada, FILE_BYTES)
    large = await ada.api.patch(upload, headers={**BODY, "Upload-Offset": "0"}, content=bytes(FILE_BYTES))
    file = large.headers["file-id"]
    uploads = [(await begin(ada)).removeprefix(chat_server.url) for _ in range(4)]
    monkeypatch.setattr("chat_server.http.steps.observe.MOST_IN_FLIGHT", 3)
    host, port = chat_server.url.removeprefix("http://").split(":")
    token = f"Host: x\r\nAuthorization: Bearer {ada.token}\r\n"
    part = "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n"
    waits = "Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n"
    requests = [f"PATCH {upload} HTTP/1.1\r\n{token}{part}{waits}" for upload in uploads]
    requests += [f"GET /api/files/{file} HTTP/1.1\r\n{token}\r\n"] * 4
    writers = []
    for request in requests:
        reader, writer = await asyncio.open_connection(host, int(port), limit=4096)
        writers.append(writer)
        writer.write(request.encode())
        line = await reader.readline()  # the request has come so far that it waits for its client
        assert line.startswith(b"HTTP/1.1 100" if request.startswith("PATCH") else b"HTTP/1.1 200")
        await asyncio.wait_for(reader.readuntil(b"\r\n"), 5)
    assert (await ada.api.get("/api/auth/me")).status_code == 200
    for writer in writers:
        writer.transport.abort()
