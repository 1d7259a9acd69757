"""What the server learns of files, and what hostile ones do to it: nothing."""

import asyncio
import io
import json
import os
import random
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from xml.sax.saxutils import escape

import pillow_heif
import psutil
import pytest
from PIL import Image

from chat_server.media import landlock
from chat_server.media.pdf import first_page
from chat_server.media.process import LookFailed, Media, MediaProcess, Seen
from chat_server.media.recordings import ffmpeg
from chat_server.media.text import MOST_CHARACTERS
from chat_server.media.worker import MOST_WORDS, words_of

pillow_heif.register_heif_opener()

ZIP = "application/zip"


@pytest.fixture(scope="module")
async def media(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Media]:
    media = Media(tmp_path_factory.mktemp("media"))
    media.make_folders()
    yield media
    await media.close()


async def look(media: Media, folder: Path, data: bytes, media_type: str) -> Seen:
    """Copies are moved into the folder."""
    path = media.originals / "upload"
    path.write_bytes(data)
    async with media.turn("ada") as process:
        seen = await process.look(path, media_type, media.copies)
    for copy in seen.files:
        (media.copies / copy.name).rename(folder / copy.name)
    return seen


def jpeg(width: int, height: int, *, orientation: int = 1) -> bytes:
    """With a place in its EXIF."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[2] = (31.0, 13.0, 49.0)
    made = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(made, "JPEG", exif=exif)
    return made.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A picture that says how large it is, and goes on with nothing but one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes(1 << 20)))
        + chunk(b"IEND", b"")
    )


def made_by_ffmpeg(*arguments: str) -> bytes:
    command = [ffmpeg(), "-v", "error", "-f", "lavfi", "-i", *arguments, "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def pdf(words: str) -> bytes:
    drawn = f"BT /F1 24 Tf 20 100 Td ({words}) Tj ET".encode()
    return (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R"
        b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
        b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF" % (len(drawn), drawn)
    )


def workers() -> list[int]:
    return [one.pid for one in psutil.Process().children() if "chat_server.media.worker" in one.cmdline()]


async def test_a_photograph_is_shown_upright_and_without_its_place(media: Media, tmp_path: Path) -> None:
    photograph = jpeg(2400, 1200, orientation=6)
    assert b"Exif" in photograph
    seen = await look(media, tmp_path, photograph, "image/jpeg")
    assert (seen.width, seen.height) == (1200, 2400)
    assert [(copy.name, copy.width, copy.height) for copy in seen.files] == [
        ("preview.webp", 800, 1600),
        ("thumbnail.webp", 180, 360),
    ]
    assert seen.placeholder is not None
    assert len(seen.placeholder) < 32
    for copy in seen.files:
        with Image.open(tmp_path / copy.name) as image:
            assert image.size == (copy.width, copy.height)
            assert "exif" not in image.info
            red, green, blue = image.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
            assert red > 180 > 60 > max(green, blue)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "AVIF", "TIFF", "BMP", "HEIF"])
async def test_pictures_of_each_kind(media: Media, tmp_path: Path, kind: str) -> None:
    made = io.BytesIO()
    Image.new("RGBA" if kind in ("PNG", "WEBP") else "RGB", (40, 20)).save(made, kind)
    seen = await look(media, tmp_path, made.getvalue(), "image/heic" if kind == "HEIF" else f"image/{kind.lower()}")
    assert (seen.width, seen.height, seen.animated, seen.refused) == (40, 20, False, None)
    assert [(copy.width, copy.height) for copy in seen.files] == [(40, 20), (40, 20)]


async def test_an_animation_is_known_as_one(media: Media, tmp_path: Path) -> None:
    made = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green")]
    frames[0].save(made, "GIF", save_all=True, append_images=frames[1:])
    assert (await look(media, tmp_path, made.getvalue(), "image/gif")).animated


async def test_a_drawing_is_drawn_without_what_is_on_the_servers_disk(media: Media, tmp_path: Path) -> None:
    Image.new("RGB", (10, 10), (255, 0, 0)).save(tmp_path / "secret.png")
    secret = escape(str(tmp_path / "secret.png"))
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="200" height="100">'
        '<rect width="200" height="100" fill="#00ff00"/>'
        f'<image xlink:href="{secret}" width="200" height="100"/><image href="{secret}" width="200" height="100"/>'
        "<script>alert(1)</script></svg>"
    )
    seen = await look(media, tmp_path, drawing.encode(), "image/svg+xml")
    assert (seen.width, seen.height) == (200, 100)
    with Image.open(tmp_path / "preview.webp") as image:
        assert image.size == (1600, 800)
        red, green, _ = image.convert("RGB").getpixel((800, 400))  # type: ignore[misc]
        assert green > 200 > 60 > red


async def test_the_first_page_of_a_pdf_and_its_words(media: Media, tmp_path: Path) -> None:
    seen = await look(media, tmp_path, pdf("Quarterly figures"), "application/pdf")
    assert (seen.width, seen.height, seen.pages, seen.words) == (1600, 1067, 1, ("figures", "quarterly"))
    assert len(seen.files) == 2


async def test_words_of_an_office_file(media: Media, tmp_path: Path) -> None:
    first = "<w:p><w:t>会议纪要 </w:t><w:t>Minutes</w:t></w:p>"
    document = f'<w:document xmlns:w="w">{first}<w:p><w:t>two</w:t></w:p></w:document>'
    seen = await look(media, tmp_path, zipped({"word/document.xml": document.encode()}), ZIP)
    assert {"minutes", "two", "会议", "纪要"} <= set(seen.words)


async def test_a_video_has_a_picture_and_a_length(media: Media, tmp_path: Path) -> None:
    video = made_by_ffmpeg(
        "testsrc=size=320x240:rate=10:duration=2", "-c:v", "mpeg4", "-f", "mp4", "-movflags", "frag_keyframe+empty_moov"
    )
    seen = await look(media, tmp_path, video, "video/mp4")
    assert (seen.width, seen.height, len(seen.files)) == (320, 240, 2)
    assert seen.duration == pytest.approx(2, abs=0.2)


async def test_a_sound_has_a_waveform_and_a_length(media: Media, tmp_path: Path) -> None:
    louder = "aevalsrc='sin(880*t)*t/4':s=8000:d=4"
    seen = await look(media, tmp_path, made_by_ffmpeg(louder, "-f", "wav"), "audio/wav")
    assert seen.duration == pytest.approx(4, abs=0.1)
    assert seen.waveform is not None
    assert len(seen.waveform) == 64
    assert list(seen.waveform) == sorted(seen.waveform)
    assert seen.waveform[-1] == 100


@pytest.mark.parametrize(
    ("data", "media_type", "why"),
    [
        (png_header(40_000, 40_000), "image/png", "too many to decode"),
        (png_header(4_000, 4_000), "image/png", "cannot be decoded"),
        (b"not a picture", "image/jpeg", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><g>", "image/svg+xml", "not XML"),
        (b"%PDF-1.7 and nothing", "application/pdf", "cannot be read"),
        (b"PK\x03\x04nothing", ZIP, "cannot be read"),
        (b"RIFF\x00\x00\x00\x00WAVE", "audio/wav", "neither sound nor picture"),
        (b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\nfile:///etc/passwd\n", "video/mp4", "neither sound nor picture"),
    ],
)
async def test_what_cannot_be_decoded_is_refused(
    media: Media, tmp_path: Path, data: bytes, media_type: str, why: str
) -> None:
    seen = await look(media, tmp_path, data, media_type)
    assert why in str(seen.refused)
    assert seen.files == ()


async def test_an_archive_that_grows_is_refused(media: Media, tmp_path: Path) -> None:
    seen = await look(media, tmp_path, zipped({"word/document.xml": b"<a>" + b" " * (40 << 20) + b"</a>"}), ZIP)
    assert "larger than 32 MiB" in str(seen.refused)
    assert seen.files == ()


async def test_entities_that_grow_are_refused(media: Media, tmp_path: Path) -> None:
    grown = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 10))
    bomb = f'<!DOCTYPE svg [<!ENTITY e0 "ha">{grown}]><svg xmlns="http://www.w3.org/2000/svg"><text>&e9;</text></svg>'
    assert "not XML" in str((await look(media, tmp_path, bomb.encode(), "image/svg+xml")).refused)


async def test_frames_are_not_counted(media: Media, tmp_path: Path) -> None:
    """A million of them in a GIF, and four thousand million that a PNG announces: the first one is shown."""
    frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x44\1\0"
    gif = b"GIF89a" + struct.pack("<HHBBB", 500, 500, 0x80, 0, 0) + bytes(6) + frame * 1_000_000 + b";"
    plain = io.BytesIO()
    Image.new("RGB", (50, 40)).save(plain, "PNG")
    animation = b"acTL" + struct.pack(">II", 2**32 - 1, 0)
    chunk = struct.pack(">I", 8) + animation + struct.pack(">I", zlib.crc32(animation))
    png = plain.getvalue()[:33] + chunk + plain.getvalue()[33:]
    for data, media_type, size in ((gif, "image/gif", (500, 500)), (png, "image/png", (50, 40))):
        await look(media, tmp_path, plain.getvalue(), "image/png")  # it runs
        process = psutil.Process(workers()[0])
        before = sum(process.cpu_times()[:2])
        seen = await look(media, tmp_path, data, media_type)
        assert ((seen.width, seen.height), seen.refused) == (size, None)
        assert sum(process.cpu_times()[:2]) - before < 1


async def test_a_process_that_is_too_slow_is_killed(tmp_path: Path) -> None:
    media, others = Media(tmp_path, longest_seconds=0.5), workers()
    media.make_folders()
    try:
        pipe = media.originals / "endless"
        os.mkfifo(pipe)
        with pytest.raises(LookFailed, match="too slow"):
            async with media.turn("ada") as process:
                await process.look(pipe, "text/plain", media.copies)
        assert workers() == others
    finally:
        await media.close()


CONFINED = """
import json, os, socket, sys
from pathlib import Path
from chat_server.media.confinement import confine

given, made, secret = map(Path, sys.argv[1:4])
confine(1 << 30, 1 << 20, [given], [made])
for statement in json.loads(sys.argv[4]):
    try:
        exec(statement)
    except Exception as error:
        print(type(error).__name__)
    else:
        print("done")
"""


async def confined(folder: Path, *statements: str) -> list[str]:
    """What a process says that may read the folder `given` and write into the folder `made`, and tries these."""
    paths = [folder / name for name in ("given", "made", "secret")]
    for path in paths[:2]:
        path.mkdir()
    for path in (paths[0] / "file", paths[2]):
        path.write_text("text")
    command = [sys.executable, "-c", CONFINED, *map(str, paths), json.dumps(statements)]
    python = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    return (await python.communicate())[0].decode().split()


async def test_its_process_cannot_open_a_socket(tmp_path: Path) -> None:
    assert await confined(tmp_path, "socket.socket()") == ["PermissionError"]


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
async def test_its_process_reads_and_writes_nothing_but_what_it_is_given(tmp_path: Path) -> None:
    allowed = (
        "(given / 'file').read_text()",
        "(made / 'copy').write_text('x'); (made / 'copy').unlink()",
        "import wave; Path(os.__file__).read_bytes()",
    )
    denied = (
        "secret.read_text()",
        "Path('/proc/self/environ').read_bytes()",
        "Path('/etc/passwd').read_bytes()",
        "os.listdir('..')",
        "(given / 'file').open('r+')",
        "(given / 'new').write_text('x')",
        "secret.unlink()",
        "secret.rename(made / 'mine')",
        "os.link(secret, made / 'mine')",
    )
    said = await confined(tmp_path, *allowed, *denied)
    assert said[: len(allowed)] == ["done"] * len(allowed)
    assert set(said[len(allowed) :]) <= {"PermissionError", "OSError"}, (
        said
    )  # EXDEV for what would move between folders
    assert len(said) == len(allowed) + len(denied)
    assert (tmp_path / "secret").read_text() == "text"


async def test_a_long_book_has_as_many_words_as_are_kept(media: Media, tmp_path: Path) -> None:
    page = 'BT /F1 2 Tf 5 190 Td ("' + "word " * 12_000 + '") Tj ET'
    streams = f"<</Length {len(page)}>>stream\n{page}\nendstream\n".encode()
    pages = range(5, 30)
    kids = " ".join(f"{number} 0 R" for number in pages).encode()
    book = (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[%s]/Count %d>>endobj\n"
        b"3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n4 0 obj%sendobj\n" % (kids, len(pages), streams)
    )
    looks = b"/MediaBox[0 0 9999 200]/Contents 4 0 R/Resources<</Font<</F1 3 0 R>>>>"
    for number in pages:
        book += b"%d 0 obj<</Type/Page/Parent 2 0 R%s>>endobj\n" % (number, looks)
    seen = await look(media, tmp_path, book + b"trailer<</Root 1 0 R>>\n%%EOF", "application/pdf")
    assert seen.pages == len(pages)
    assert "word" in seen.words
    assert len(first_page(media.originals / "upload")[2]) == MOST_CHARACTERS


async def test_a_drawing_may_claim_any_size(media: Media, tmp_path: Path) -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="99999999999" height="99999999999"><g/></svg>'
    seen = await look(media, tmp_path, drawing, "image/svg+xml")
    assert (seen.width or 0) <= 1_000_000


async def test_an_answer_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MediaProcess, "largest_answer", 1000)
    media = Media(tmp_path)
    media.make_folders()
    (media.originals / "long.txt").write_text(" ".join(map(str, range(1000))))
    try:
        with pytest.raises(LookFailed, match="at most 1000"):
            async with media.turn("ada") as process:
                await process.look(media.originals / "long.txt", "text/plain", media.copies)
    finally:
        await media.close()


def test_a_file_has_no_more_words_than_postgres_takes() -> None:
    chance = random.Random(3)
    text = "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(MOST_CHARACTERS))
    assert MOST_WORDS / 2 < len(words_of(text)) <= MOST_WORDS
