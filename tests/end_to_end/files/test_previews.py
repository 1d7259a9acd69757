"""A picture is posted at once, and those who see the message learn when its preview is there."""

import io

import pytest
from fechatter_client import File, Message, PreviewName, Problem
from PIL import Image

from tests.end_to_end.system import System


def picture(colour: str = "teal") -> bytes:
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (1200, 800), colour).save(made, "JPEG", exif=exif)
    return made.getvalue()


async def test_the_preview_of_a_posted_picture(system: System) -> None:
    ada, grace, mary = await system.team("Ada", "Grace", "Mary")
    chat = await system.group(ada, grace)
    async with ada.listen() as own, grace.listen() as other, mary.listen() as colleague:
        file = await ada.files.upload_bytes(ada.workspace, picture(), "home.jpg")
        posted = await ada.messages.post(chat, files=[file.id])
        ready = await own.until_kind("FileReady")
        assert ready.data == {"file_id": file.id, "workspace_id": ada.workspace, "state": "ready"}
        known = await grace.files.get(file.id)
        assert (known.width, known.height, known.previews) == (1200, 800, ["thumbnail", "preview"])
        assert known.placeholder is not None
        # It was posted while pending, so the chat learns of it; or it was ready before.
        if posted.files[0].state == "pending":
            shown = (await other.until_kind("MessageFilesReady")).to(Message)
        else:
            shown = (await other.until_kind("NewMessage")).to(Message)
        assert shown.files == [known]
        sizes: list[tuple[PreviewName, int]] = [("thumbnail", 360), ("preview", 1200)]
        for name, width in sizes:
            with Image.open(io.BytesIO(await grace.files.fetch_preview(file.id, name))) as image:
                assert (image.format, image.width, dict(image.getexif())) == ("WEBP", width, {})
            with pytest.raises(Problem, match="404"):
                await mary.files.fetch_preview(file.id, name)
        await mary.users.update_me(fullname="Mary Two")
        await colleague.until_kind("UserUpdated")
        assert set(colleague.kinds()) == {"UserUpdated"}


async def test_a_message_learns_what_was_pending_and_a_deletion_redacts_it(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with ada.listen() as own, grace.listen() as other:
        file = await ada.files.upload_bytes(ada.workspace, picture("red"), "secret name.jpg")
        await own.until_kind("FileReady")
        message = await ada.messages.post(chat, files=[file.id])
        start = own.cursor
        async with system.sql() as sql:  # as an operator has it looked at again
            await sql.execute("UPDATE files SET state = 'pending' WHERE id = $1", file.id)
            keys = await sql.fetchval(
                "SELECT array_agg(key) FROM previews JOIN files f USING (sha256) WHERE f.id = $1", file.id
            )
        for amount, state in enumerate(("pending", "ready"), 1):
            told = (await other.until_kind("MessageFilesReady", amount)).to(Message)
            assert (told.id, told.files[0].state) == (message.id, state)
        await ada.messages.delete(chat, message.id)
        await other.until_kind("MessageDeleted")
        with pytest.raises(Problem, match="404"):
            await grace.files.fetch_preview(file.id, "thumbnail")
    async with system.sql() as sql:
        assert not await sql.fetch("SELECT FROM events WHERE payload::text LIKE '%secret name%'")
        assert await sql.fetchval("SELECT count(*) FROM previews WHERE key = ANY ($1)", keys) == 0
        assert await sql.fetchval("SELECT count(*) FROM blob_deletions WHERE key = ANY ($1)", keys) == 2
    async with grace.listen(start) as stream:
        replayed = await stream.until_kind("MessageFilesReady")
        assert replayed.data["files"] == []


async def test_what_cannot_be_decoded_is_ready_without_a_preview(system: System) -> None:
    ada = await system.sign_up("Ada")
    async with ada.listen() as own:
        file = await ada.files.upload_bytes(ada.workspace, b"\xff\xd8\xff not a picture", "broken.jpg")
        await own.until_kind("FileReady")
    known: File = await ada.files.get(file.id)
    assert (known.state, known.previews, known.width) == ("ready", [], None)
    assert "not a picture" in str(known.no_preview)
    assert await ada.files.fetch(file.id) == b"\xff\xd8\xff not a picture"


async def test_a_file_is_found_by_the_words_in_it_while_one_sees_a_message_with_it(system: System) -> None:
    ada, grace, mary = await system.team("Ada", "Grace", "Mary")
    chat = await system.group(ada, grace)
    async with ada.listen() as own:
        file = await ada.files.upload_bytes(ada.workspace, "Straßenkarte von 上海".encode(), "a.txt")
        await own.until_kind("FileReady")
    message = await ada.messages.post(chat, files=[file.id])
    for words in ("strassenkarte", "上海 VON", "a.txt"):
        assert [found.message_id async for found in grace.search.files(words)] == [message.id], words
        assert [found async for found in mary.search.files(words)] == []
    assert [found async for found in grace.search.files("strassenkarte fehlt")] == []
    await ada.messages.delete(chat, message.id)
    assert [found async for found in grace.search.files("strassenkarte")] == []
