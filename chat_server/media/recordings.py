"""Sound and video, by ffmpeg: length, size, a picture, a waveform."""

import os
import re
import shutil
import signal
import subprocess
from array import array
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from chat_core.process.children import die_with_parent
from chat_server.media.refused import Refused

# ffmpeg would also read playlists, which name other files and addresses; so the type, known from the bytes, decides
# how a file is read.
DEMUXERS: Final = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "audio/mp4": "mov",
    "video/webm": "matroska",
    "video/x-matroska": "matroska",
    "audio/webm": "matroska",
    "video/x-msvideo": "avi",
    "video/ogg": "ogg",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/aiff": "aiff",
}
BARS: Final = 64
_RATE: Final = 4000
_LONGEST_SECONDS: Final = 8 * 3600
_DURATION: Final = re.compile(rb"Duration: (\d+):(\d\d):(\d\d\.\d+)")
_VIDEO: Final = re.compile(rb"Video: .*?, (\d+)x(\d+)[ ,]")


@dataclass(frozen=True, slots=True)
class Facts:
    """Seconds; width and height in pixels as stored, before any rotation, and None without a picture."""

    duration: float | None
    size: tuple[int, int] | None


@cache
def ffmpeg() -> str:
    """The machine's own, or that of the extra `fechatter[video]`. Raises Refused without either."""
    if found := shutil.which("ffmpeg"):
        return found
    try:
        import imageio_ffmpeg  # 165 MB, and an extra
    except ImportError as error:
        raise Refused("This server has no ffmpeg.") from error
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def programs() -> list[Path]:
    """What is run to decode, wherever it is installed."""
    try:
        return [Path(ffmpeg()).resolve()]
    except Refused:
        return []


def facts(path: Path, media_type: str) -> Facts:
    """Raises Refused."""
    said = _run(path, media_type, "-t", "0", "-f", "null", "-").stderr
    duration, video = _DURATION.search(said), _VIDEO.search(said)
    if not duration and not video and b"Audio:" not in said:
        raise Refused("It has neither sound nor picture that can be decoded.")
    return Facts(
        int(duration[1]) * 3600 + int(duration[2]) * 60 + float(duration[3]) if duration else None,
        (int(video[1]), int(video[2])) if video else None,
    )


def poster(path: Path, media_type: str) -> bytes:
    """A frame near the beginning, as PNG of at most 1,600 pixels. Raises Refused."""
    scale = "thumbnail=24,scale='min(1600,iw)':'min(1600,ih)':force_original_aspect_ratio=decrease"
    done = _run(path, media_type, "-an", "-frames:v", "1", "-vf", scale, "-f", "image2pipe", "-c:v", "png", "-")
    if not done.stdout:
        raise Refused("No picture of it can be decoded.")
    return done.stdout


def waveform(path: Path, media_type: str) -> list[int]:
    """The loudest sample of each part of the recording, 0 to 100. Raises Refused."""
    sound = ("-vn", "-ac", "1", "-ar", str(_RATE), "-t", str(_LONGEST_SECONDS), "-f", "s16le", "-")
    samples = array("h", _run(path, media_type, *sound).stdout)
    if not samples:
        return []
    bars = min(BARS, len(samples))
    edges = [len(samples) * index // bars for index in range(bars + 1)]
    loudest = [max(max(samples[start:end]), -min(samples[start:end])) for start, end in pairwise(edges)]
    return [round(100 * peak / max(1, *loudest)) for peak in loudest]


def _run(path: Path, media_type: str, *output: str) -> subprocess.CompletedProcess[bytes]:
    command = (
        *(ffmpeg(), "-nostdin", "-hide_banner", "-threads", "1", "-protocol_whitelist", "file,pipe"),
        *("-f", DEMUXERS[media_type], "-i", f"file:{path}", *output),
    )
    # It ends with this process, which the server ends if it takes too long.
    return subprocess.run(
        command, capture_output=True, check=False, preexec_fn=die_with_parent(signal.SIGKILL), env={"PATH": os.defpath}
    )
