"""What cameras write into pictures and videos is gone, and what they show is as it was."""

import contextlib
import io
import struct
import subprocess
import tracemalloc
import zlib
from pathlib import Path

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from chat_server.files.stripping import _TYPES, Unstrippable, strip
from chat_server.media.recordings import ffmpeg
from tests.chat_server.files.test_files import upload
from tests.chat_server.people import ChatServer, ok, problem

pillow_heif.register_heif_opener()

SECRET = b"taken at 31.2304N 121.4737E"
ORIENTATION = 6


def exif(orientation: int = ORIENTATION) -> Image.Exif:
    made = Image.Exif()
    made[0x010E] = SECRET.decode()
    made[0x0112] = orientation
    made.get_ifd(0x8825)[2] = (31.0, 13.0, 49.0)
    made.get_ifd(0x8825)[29] = "2031:12:13"
    made.get_ifd(0x8769)[0xA431] = "serial 4711"
    return made


def picture(kind: str, **options: object) -> bytes:
    made = io.BytesIO()
    Image.linear_gradient("L").resize((64, 48)).convert("RGB").save(made, kind, exif=exif(), **options)
    return made.getvalue()


def png() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    text.add_itxt("XML:com.adobe.xmp", f"<x>{SECRET.decode()}</x>")
    return picture("PNG", pnginfo=text, dpi=(300, 300))


def jpeg() -> bytes:
    """With what follows the picture in a phone's file: another one, with its own Exif, and a film."""
    whole = picture("JPEG", comment=SECRET, progressive=True, xmp=b"<x>" + SECRET + b"</x>")
    return whole + picture("JPEG") + SECRET


PICTURES = {
    "image/jpeg": jpeg(),
    "image/png": png() + SECRET,
    "image/webp": picture("WEBP", xmp=SECRET, lossless=True),
    "image/tiff": picture("TIFF"),
    "image/heic": picture("HEIF", xmp=SECRET),
    "image/avif": picture("AVIF", xmp=SECRET),
}


@pytest.mark.parametrize("media_type", PICTURES)
def test_a_picture_keeps_its_pixels_and_orientation_and_nothing_else(media_type: str, tmp_path: Path) -> None:
    path, before = tmp_path / "picture", PICTURES[media_type]
    assert SECRET in before
    path.write_bytes(before)
    assert strip(path, media_type)
    after = path.read_bytes()
    assert len(after) == len(before)
    for secret in (SECRET, b"serial 4711", b"2031:12:13"):
        assert secret not in after, secret
    with Image.open(io.BytesIO(before)) as old, Image.open(io.BytesIO(after)) as new:
        old.load()
        new.load()
        assert new.tobytes() == old.tobytes()
        assert new.info.get("icc_profile") == old.info.get("icc_profile")
        if media_type in ("image/jpeg", "image/png", "image/webp"):  # the others' pixels are turned as they are read
            assert new.getexif().get(0x0112) == ORIENTATION
        assert not any(new.getexif().get_ifd(0x8825).values())
        if media_type == "image/png":
            assert new.info["dpi"] == old.info["dpi"]
    assert strip(path, media_type)
    assert path.read_bytes() == after


@pytest.mark.parametrize(
    ("kind", "media_type", "place"), [("mp4", "video/mp4", b"loci"), ("mov", "video/quicktime", b"+31.2304")]
)
def test_a_video_keeps_its_frames_and_not_its_place(kind: str, media_type: str, place: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"video.{kind}"
    tags = ("location=+31.2304+121.4737/", f"comment={SECRET.decode()}", "creation_time=2031-12-13T10:00:00Z")
    written = [argument for tag in tags for argument in ("-metadata", tag)]
    source = ("-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=1")
    subprocess.run([ffmpeg(), "-v", "error", *source, "-c:v", "mpeg4", *written, str(path)], check=True)
    before, frames = path.read_bytes(), md5_of_frames(path)
    assert place in before
    assert strip(path, media_type)
    after = path.read_bytes()
    assert len(after) == len(before)
    assert place not in after
    assert SECRET not in after
    said = subprocess.run([ffmpeg(), "-hide_banner", "-i", str(path)], capture_output=True, check=False).stderr
    assert b"2031" not in said
    assert md5_of_frames(path) == frames


def md5_of_frames(path: Path) -> bytes:
    command = [ffmpeg(), "-v", "error", "-i", str(path), "-f", "framemd5", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.mark.parametrize("media_type", _TYPES)
@given(data=st.data())
def test_damaged_files_are_refused_or_stripped_and_never_grow(
    media_type: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = PICTURES.get(media_type, PICTURES["image/heic"])[:4000]
    broken = bytearray(whole[: data.draw(st.integers(1, len(whole)))])
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(broken) - 1), st.integers(0, 255)), max_size=8)):
        broken[at] = value
    path = tmp_path_factory.getbasetemp() / "broken"
    path.write_bytes(broken)
    with contextlib.suppress(Unstrippable):
        strip(path, media_type)
    assert len(path.read_bytes()) == len(broken)


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def test_work_is_bounded(tmp_path: Path) -> None:
    """Items that overlap, boxes without end, segments without content."""
    items = 2000
    entries = b"".join(box(b"infe", b"\x02\0\0\0" + struct.pack(">HH", item, 0) + b"Exif\0") for item in range(items))
    places = b"".join(struct.pack(">HHHII", item, 0, 1, 500_000, 1 << 20) for item in range(items))
    found = box(b"iinf", struct.pack(">IH", 0, items) + entries) + box(
        b"iloc", b"\0\0\0\0\x44\0" + struct.pack(">H", items) + places
    )
    for data, media_type in (
        (box(b"ftyp", b"heic") + box(b"meta", bytes(4) + found) + bytes(1 << 20), "image/heic"),
        (box(b"free", b"") * 200_000, "video/mp4"),
        (b"\xff\xd8" + b"\xff\xe1\0\x02" * 200_000, "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sI", 0, b"tEXt", zlib.crc32(b"tEXt")) * 200_000, "image/png"),
    ):
        path = tmp_path / "bomb"
        path.write_bytes(data)
        with pytest.raises(Unstrippable, match=r"overlap|more than"):
            strip(path, media_type)


@pytest.mark.chat_server(media={"strip_originals": True})
async def test_what_is_kept_has_no_metadata(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up()
    file = await upload(ada, PICTURES["image/jpeg"], "home.jpg")
    kept = await ada.api.get(f"/api/files/{file}")
    assert SECRET not in kept.content
    assert len(kept.content) == len(PICTURES["image/jpeg"])
    path = f"/api/workspaces/{ada.workspace}/files"
    broken = await ada.api.post(path, params={"name": "x"}, content=b"\xff\xd8\xff\xe1\xff\xff" + SECRET)
    problem(broken, 422, "metadata_not_removable")
    assert ok(await ada.api.get("/api/files"))[0]["file"]["id"] == file
    text = await upload(ada, SECRET, "a.txt")
    assert (await ada.api.get(f"/api/files/{text}")).content == SECRET


@pytest.mark.parametrize("kind", [b"zzZz", b"eXIf"])
def test_a_large_chunk_is_not_read_into_memory(tmp_path: Path, kind: bytes) -> None:
    size, file = 64 * 2**20, tmp_path / "large.png"
    with file.open("wb") as written:
        written.write(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", size) + kind)
        written.seek(size + 4, io.SEEK_CUR)
        written.write(bytes(4) + b"IEND\xaeB`\x82")
    tracemalloc.start()
    try:
        assert strip(file, "image/png")
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()
    with file.open("rb") as stripped:
        assert stripped.read(16)[12:] == b"voId"
