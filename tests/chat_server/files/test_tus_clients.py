"""The clients of tus that people use, as judges of our endpoint: tuspy, and npm's tus-js-client."""

import asyncio
import base64
import hashlib
import io
import json
import random
import shutil
from typing import Any

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from tests.chat_server.files.test_cleanup import Kept, kept
from tests.chat_server.files.test_uploads import BODY, DATA, TUS, offset
from tests.chat_server.people import ChatServer, Person, ok
from tests.support.clients.node import FOLDER
from tests.support.postgres import Database

__all__ = ["kept"]
PART = 200_000


async def tuspy(server: ChatServer, person: Person, content: bytes = DATA, **options: Any) -> Any:
    """An uploader, which asks for the state of an upload whose `url` it is given. It blocks its thread."""
    client = TusClient(
        f"{server.url}/api/workspaces/{person.workspace}/uploads", headers={"Authorization": f"Bearer {person.token}"}
    )
    given = {"file_stream": io.BytesIO(content), "chunk_size": PART, "metadata": {"filename": "größe.bin"}}
    return await asyncio.to_thread(lambda: client.uploader(**given, **options))


async def uploaded(person: Person, upload: str) -> bytes:
    """What the file is that an upload has become."""
    response = await person.api.head(upload, headers=TUS)
    assert response.headers["upload-offset"] == response.headers["upload-length"]
    file = response.headers["file-id"]
    assert ok(await person.api.get(f"/api/files/{file}/info"))["name"] == "größe.bin"
    return (await person.api.get(f"/api/files/{file}")).content


@pytest.mark.parametrize("checksum", [False, True])
async def test_tuspy_uploads_and_resumes(chat_server: ChatServer, checksum: bool) -> None:
    ada = await chat_server.sign_up()
    first = await tuspy(chat_server, ada, upload_checksum=checksum)
    await asyncio.to_thread(first.upload, stop_at=PART)
    upload = first.url.removeprefix(chat_server.url)
    assert (await ada.api.head(upload, headers=TUS)).headers["upload-offset"] == str(PART)
    # It knows no more than the address: where to go on is what the server says.
    second = await tuspy(chat_server, ada, url=first.url, upload_checksum=checksum)
    assert second.offset == PART
    await asyncio.to_thread(second.upload)
    assert await uploaded(ada, upload) == DATA


async def test_tuspy_learns_of_a_wrong_checksum_and_of_the_end_of_an_upload(kept: Kept, database: Database) -> None:
    ada = await kept.server.sign_up()
    uploader = await tuspy(kept.server, ada, upload_checksum=True)
    await asyncio.to_thread(uploader.upload_chunk)
    uploader._BaseUploader__checksum_algorithm = lambda part: hashlib.sha1(part + b"x", usedforsecurity=False)
    with pytest.raises(TusCommunicationError) as refused:
        await asyncio.to_thread(uploader.upload_chunk)
    assert refused.value.status_code == 460
    upload = uploader.url.removeprefix(kept.server.url)
    assert (await ada.api.head(upload, headers=TUS)).headers["upload-offset"] == str(PART)
    async with database.connect() as sql:
        await sql.execute("UPDATE uploads SET expires_at = now() - interval '1 s'")
    await kept.clean()
    with pytest.raises(TusCommunicationError) as gone:
        await tuspy(kept.server, ada, url=uploader.url)
    assert gone.value.status_code == 404
    assert set((await kept.left()).values()) == {0}


async def by_npm(server: ChatServer, person: Person, *steps: dict[str, Any]) -> list[dict[str, Any]]:
    if shutil.which("node") is None or not (FOLDER / "node_modules" / "tus-js-client").exists():
        pytest.skip("node is not installed, or `make test` has not fetched tests/node's packages yet")
    request = {
        "endpoint": f"{server.url}/api/workspaces/{person.workspace}/uploads",
        "token": person.token,
        "content": base64.b64encode(DATA).decode(),
        "steps": steps,
    }
    node = await asyncio.create_subprocess_exec(
        *("node", "tus.mjs"), cwd=FOLDER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await node.communicate(json.dumps(request).encode())
    done: list[dict[str, Any]] = json.loads(answer)
    return done


async def test_tus_js_client_uploads_resumes_and_terminates(kept: Kept) -> None:
    ada = await kept.server.sign_up()
    part = {"chunkSize": PART}
    stopped, resumed = await by_npm(kept.server, ada, {**part, "stopAfter": PART}, part)
    assert (stopped["requests"], stopped["file"]) == ([["POST", 201], ["PATCH", 204]], None)
    assert resumed["requests"] == [["HEAD", 200], ["PATCH", 204], ["PATCH", 204], ["PATCH", 204]]
    assert (await ada.api.get(f"/api/files/{resumed['file']}")).content == DATA

    with_creation = {**part, "uploadDataDuringCreation": True}
    [at_once] = await by_npm(kept.server, ada, {"uploadDataDuringCreation": True})
    assert at_once["requests"] == [["POST", 201]]
    assert (await ada.api.get(f"/api/files/{at_once['file']}")).content == DATA
    await kept.clean()
    before = await kept.left()
    [given_up] = await by_npm(kept.server, ada, {**with_creation, "stopAfter": PART, "terminate": True})
    assert given_up["requests"][-1] == ["DELETE", 204]
    await kept.clean()
    assert await kept.left() == before


async def test_an_upload_that_is_cut_anywhere_resumes(chat_server: ChatServer) -> None:
    """At bytes of chance, by a connection that is lost in the middle of a request."""
    ada = await chat_server.sign_up()
    chance = random.Random(7)
    uploader = await tuspy(chat_server, ada)
    await asyncio.to_thread(uploader.upload_chunk)
    upload, host = uploader.url.removeprefix(chat_server.url), chat_server.url.removeprefix("http://")
    received = PART
    for _ in range(6):
        rest = DATA[received:]
        reader, writer = await asyncio.open_connection(*host.split(":"))
        head = {"Host": host, "Authorization": f"Bearer {ada.token}", "Content-Length": str(len(rest)), **TUS}
        head |= {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(received)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        cut = chance.randrange(1, min(80_000, len(rest)))
        writer.write(f"PATCH {upload} HTTP/1.1\r\n{lines}\r\n".encode() + rest[:cut])
        assert await offset(ada, upload) == received  # meanwhile the server reads, and counts nothing before the end
        writer.write_eof()
        await reader.read()
        writer.close()
        now, settled = received, 423
        while settled != 204:  # until the server has noticed, and nobody writes any more
            now = await offset(ada, upload)
            nothing = {**BODY, "Upload-Offset": str(now)}
            settled = (await ada.api.patch(upload, headers=nothing, content=b"")).status_code
        assert received <= now <= received + cut
        received = now
    await asyncio.to_thread((await tuspy(chat_server, ada, url=uploader.url)).upload)
    assert await uploaded(ada, upload) == DATA
