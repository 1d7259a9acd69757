"""The process that decodes files, for one server: `python -m chat_server.media.worker ORIGINALS COPIES`. It reads files
in the first folder and writes into the second one."""

import sys
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from chat_core.process.calls import serve
from chat_core.process.children import lower_priority
from chat_server.media import pdf, pictures, recordings, svg, text
from chat_server.media.confinement import allow_cpu, confine
from chat_server.media.refused import Refused
from chat_server.search.analysis import tokens

# Decoded, the largest picture takes a quarter of it.
MEMORY_BYTES: Final = 1536 << 20
FILE_BYTES: Final = 64 << 20
CPU_SECONDS: Final = 60
# With more, and as long as tokens may be, a tsvector would have more than its megabyte.
MOST_WORDS: Final = 30_000

PICTURES: Final = frozenset(
    {"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/tiff", "image/bmp", "image/heic"}
)


def words_of(text: str) -> list[str]:
    """The tokens of a text for search, or of its first half, and so on, if there are too many."""
    while len(found := tokens(text)) > MOST_WORDS:
        text = text[: len(text) // 2]
    return sorted(token for token in found if "\0" not in token)


def look(path: str, media_type: str, folder: str) -> dict[str, Any]:
    """What there is to know of a file of this type; copies to show are written into the folder. The type is that of
    the bytes. A value of `refused` says why there is no preview."""
    allow_cpu(CPU_SECONDS)
    try:
        found = _look(Path(path), media_type, Path(folder))
        return found | {"words": words_of(found.pop("text", ""))}
    except Refused as refused:
        return {"refused": str(refused)}
    except MemoryError:
        return {"refused": "It takes too much memory to decode."}


def _look(path: Path, media_type: str, folder: Path) -> dict[str, Any]:
    if media_type in PICTURES:
        return asdict(pictures.pictured(path, folder))
    if media_type == "image/svg+xml":
        png, width, height = svg.rasterised(path)
        return asdict(pictures.pictured(png, folder)) | {"width": width, "height": height}
    if media_type == "application/pdf":
        page, pages, words = pdf.first_page(path)
        drawn = BytesIO()
        page.save(drawn, "PNG", compress_level=1)
        return asdict(pictures.pictured(drawn.getvalue(), folder)) | {"pages": pages, "text": words}
    if media_type == "application/zip":
        return {"text": text.office(path)}
    if media_type.startswith("text/"):
        return {"text": text.plain(path)}
    if media_type in recordings.DEMUXERS:
        return _recording(path, media_type, folder)
    return {}


def _recording(path: Path, media_type: str, folder: Path) -> dict[str, Any]:
    facts = recordings.facts(path, media_type)
    if not facts.size or media_type.startswith("audio/"):  # a picture of an album is no video
        return {"duration": facts.duration, "waveform": recordings.waveform(path, media_type)}
    found = asdict(pictures.pictured(recordings.poster(path, media_type), folder))
    width, height = facts.size
    if (found["width"] > found["height"]) != (width > height):  # filmed upright, and turned when it is shown
        width, height = height, width
    return found | {"width": width, "height": height, "duration": facts.duration}


if __name__ == "__main__":
    originals, written = map(Path, sys.argv[1:])
    confine(MEMORY_BYTES, FILE_BYTES, [originals, *recordings.programs()], [written])
    lower_priority()
    serve({"look": look}, sys.stdin.buffer, sys.stdout.buffer)
