"""Uploads in parts: tus, cuts, limits, and what is left of them."""

import asyncio
import base64
import hashlib
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat_core import settings
from chat_core.database.pool import open_pool
from chat_core.problems import Problem
from chat_core.storage import open_storage
from chat_server.files.uploads import Uploads
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database

TUS = {"Tus-Resumable": "1.0.0"}
BODY = {**TUS, "Content-Type": "application/offset+octet-stream"}
DATA = random.Random(5).randbytes(700_000)


def named(name: str) -> dict[str, str]:
    return {"Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}"}


async def begin(person: Person, size: int = len(DATA), **headers: str) -> str:
    given = {**TUS, "Upload-Length": str(size), **named("clip.bin"), **headers}
    response = await person.api.post(f"/api/workspaces/{person.workspace}/uploads", headers=given)
    ok(response, 201)
    assert response.headers["upload-offset"] == "0"
    return response.headers["location"]


async def offset(person: Person, upload: str) -> int:
    response = await person.api.head(upload, headers=TUS)
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    return int(response.headers["upload-offset"])


async def test_an_upload_in_parts_becomes_a_file(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    upload = await begin(ada)
    first = await ada.api.patch(upload, headers={**BODY, "Upload-Offset": "0"}, content=DATA[:300_000])
    assert (first.status_code, first.headers["upload-offset"]) == (204, "300000")
    assert "file-id" not in first.headers
    problem(await ada.api.patch(upload, headers={**BODY, "Upload-Offset": "5"}, content=b"x"), 409, "wrong_offset")
    problem(await bob.api.get(upload), 404, "not_found")
    assert await offset(ada, upload) == 300_000
    last = await ada.api.patch(upload, headers={**BODY, "Upload-Offset": "300000"}, content=DATA[300_000:])
    file = last.headers["file-id"]
    assert ok(await ada.api.get(f"/api/files/{file}/info"))["name"] == "clip.bin"
    assert (await ada.api.get(f"/api/files/{file}")).content == DATA
    # The response may be lost: the same file is there for whoever asks again.
    again = await ada.api.head(upload, headers=TUS)
    assert (again.headers["upload-offset"], again.headers["file-id"]) == (str(len(DATA)), file)


async def test_what_arrived_before_the_client_left_is_kept(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up()
    upload = await begin(ada)
    host, port = chat_server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    headers = {"Host": host, "Authorization": f"Bearer {ada.token}", "Content-Length": str(len(DATA))}
    headers |= {**BODY, "Upload-Offset": "0", "Expect": "100-continue"}
    head = f"PATCH {upload} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(head.encode() + b"\r\n")
    assert b"100 Continue" in await reader.readuntil(b"\r\n\r\n")  # no byte was sent before it had been admitted
    writer.write(DATA[:400_000])
    await writer.drain()
    busy = await ada.api.patch(upload, headers={**BODY, "Upload-Offset": "0"}, content=b"x")
    problem(busy, 423, "upload_busy")
    writer.transport.abort()
    async with asyncio.timeout(30):
        while (received := await offset(ada, upload)) == 0:
            pass
    assert 0 < received <= 400_000
    rest = {**BODY, "Upload-Offset": str(received)}
    done = await ada.api.patch(upload, headers=rest, content=DATA[received:])
    assert (await ada.api.get(f"/api/files/{done.headers['file-id']}")).content == DATA


@pytest.mark.chat_server(storage={"file_bytes": 1000, "user_bytes": 1500}, background=True)
async def test_limits_are_told_before_the_first_byte(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up()
    uploads = f"/api/workspaces/{ada.workspace}/uploads"
    options = await ada.api.options(uploads)
    assert (options.status_code, options.headers["tus-max-size"]) == (204, "1000")
    huge = {**TUS, "Upload-Length": str(50 * 2**30)}
    refused = problem(await ada.api.post(uploads, headers=huge), 413, "file_too_large")
    assert refused["allowed"] == 1000
    async with asyncio.timeout(30):  # maintenance passes the quotas on to the database
        while (await ada.api.get(f"/api/workspaces/{ada.workspace}/storage")).json()["yours"]["allowed"] != 1500:
            pass
    upload = await begin(ada, 1000)
    full = problem(await ada.api.post(uploads, headers={**TUS, "Upload-Length": "600"}), 507, "quota_exceeded")
    assert (full["quota"], full["used"], full["needed"]) == ("user", 1000, 600)
    ok(await ada.api.delete(upload, headers=TUS), 204)
    await begin(ada, 600)


async def test_bytes_beyond_the_announced_length_are_refused(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up()
    upload = await begin(ada, 10)
    more = await ada.api.patch(upload, headers={**BODY, "Upload-Offset": "0"}, content=bytes(11))
    problem(more, 413, "body_too_large")
    assert await offset(ada, upload) == 0


async def test_a_wrong_checksum_keeps_nothing(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up()
    upload = await begin(ada, 5)
    right = base64.b64encode(hashlib.sha1(b"hello", usedforsecurity=False).digest()).decode()
    part = {**BODY, "Upload-Offset": "0", "Upload-Checksum": f"sha1 {right}"}
    problem(await ada.api.patch(upload, headers=part, content=b"hallo"), 460, "checksum_mismatch")
    assert await offset(ada, upload) == 0
    ok(await ada.api.patch(upload, headers=part, content=b"hello"), 204)


async def test_an_append_that_comes_too_late_changes_nothing(
    chat_server: ChatServer, database: Database, tmp_path: Path
) -> None:
    """Its row was read before another request finished the upload, whose bytes are a blob's since."""
    ada = await chat_server.sign_up("Ada")
    pool = await open_pool(settings.Database.model_validate({"url": database.chat_url}), "fechatter test")
    try:
        configured = settings.Settings.model_validate({"storage": {"directory": tmp_path}})
        blobs, staging = open_storage(configured)
        uploads = Uploads(pool, configured.storage, staging, blobs)
        begun = await uploads.begin(ada.id, ada.workspace, "a.txt", 5)
        late = await uploads.of(ada.id, begun.id)
        await uploads.receive(begun, pieces(b"hello"))
        await uploads.finish(begun)
        with pytest.raises(Problem, match="begins at 0"):
            await uploads.receive(late, pieces(b"jello"))
        assert [path.read_bytes() for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == [b"hello"]
        assert await staging.uploads() == []
    finally:
        await pool.close()


async def test_an_empty_upload_is_an_empty_file(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    path = f"/api/workspaces/{ada.workspace}/uploads"
    begun = await ada.api.post(path, headers={"Upload-Length": "0"})
    assert (begun.status_code, begun.json()["received"]) == (201, 0)
    assert (await ada.api.get(f"/api/files/{begun.json()['file_id']}")).content == b""


async def test_uploads_side_by_side_do_not_wait_for_each_other_in_a_circle(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    path = f"/api/workspaces/{ada.workspace}/files"
    calls = [ada.api.post(path, params={"name": "a"}, content=b"%d" % (number % 5)) for number in range(30)]
    assert {answer.status_code for answer in await asyncio.gather(*calls)} == {201}


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def test_the_length_of_a_body_must_be_sent(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    path = f"/api/workspaces/{ada.workspace}/files"
    problem(await ada.api.post(path, params={"name": "a"}, content=pieces(b"hello")), 411, "length_required")


async def test_the_same_bytes_are_uploaded_while_they_are_deleted(chat_server: ChatServer) -> None:
    """Both need the blob and the counts of what is stored, in one order."""
    ada = await chat_server.sign_up("Ada")
    path = f"/api/workspaces/{ada.workspace}/files"

    async def come_and_go() -> None:
        for _ in range(4):
            file = ok(await ada.api.post(path, params={"name": "a"}, content=b"same"), 201)["id"]
            ok(await ada.api.delete(f"/api/files/{file}"), 204)

    await asyncio.gather(*(come_and_go() for _ in range(8)))
