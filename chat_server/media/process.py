"""Looking at uploaded files, in a separate process: see worker.py."""

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

from chat_core.process.calls import CalledProcess, CalledProcesses

# Of one file, whatever it is; its process is killed then.
LONGEST_SECONDS: Final = 90.0
WAITING: Final = 16


class LookFailed(Exception):
    """The process died or was too slow; the text says why."""


class Copy(msgspec.Struct, frozen=True, array_like=True):
    """A WebP in the folder that was asked for."""

    name: str
    width: int
    height: int


class Seen(msgspec.Struct, frozen=True):
    """What the process found out. Sizes in pixels as shown, upright; `duration` in seconds; `placeholder` is a
    ThumbHash; `waveform` the loudness of equal parts, 0 to 100; `words` its tokens for search; `refused` why there is
    no preview."""

    width: int | None = None
    height: int | None = None
    animated: bool = False
    pages: int | None = None
    duration: float | None = None
    placeholder: bytes | None = None
    waveform: tuple[int, ...] | None = None
    words: tuple[str, ...] = ()
    files: tuple[Copy, ...] = ()
    refused: str | None = None


class MediaProcess(CalledProcess):
    module = "chat_server.media.worker"
    failed = LookFailed
    largest_answer = 4 << 20

    async def look(self, path: Path, media_type: str, folder: Path) -> Seen:
        """`path` is a file on this machine, of this type by its bytes; copies to show are written into the folder.
        Raises LookFailed."""
        seen: Seen = await self.call("look", str(path), media_type, str(folder), kind=Seen)
        return seen


class Media(CalledProcesses[MediaProcess]):
    def __init__(self, longest_seconds: float = LONGEST_SECONDS) -> None:
        super().__init__(
            "previews",
            MediaProcess,
            longest_seconds=longest_seconds,
            processes=1,
            waiting_each=WAITING,
            waiting_all=WAITING,
        )


def ffmpeg_installed() -> bool:
    return bool(shutil.which("ffmpeg") or find_spec("imageio_ffmpeg"))


def installed() -> bool:
    """Whether the extra `fechatter[media]` is."""
    return all(find_spec(name) for name in ("PIL", "pillow_heif", "pypdfium2", "resvg_py"))
