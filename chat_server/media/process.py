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
        """`path` is a file in `originals`, of this type by its bytes; copies to show are written into the folder, which
        is in `copies`. Raises LookFailed."""
        seen: Seen = await self.call("look", str(path), media_type, str(folder), kind=Seen)
        return seen


class Media(CalledProcesses[MediaProcess]):
    """Of this machine's files the process reads those in `originals`, and it writes into `copies`; nothing else, where
    the kernel has Landlock. Both are in `folder`, and must exist before the first turn."""

    def __init__(self, folder: Path, longest_seconds: float = LONGEST_SECONDS) -> None:
        self.folder, self.originals, self.copies = folder, folder / "originals", folder / "copies"
        super().__init__(
            "previews",
            lambda: MediaProcess(str(self.originals), str(self.copies)),
            longest_seconds=longest_seconds,
            processes=1,
            waiting_each=WAITING,
            waiting_all=WAITING,
        )

    def make_folders(self) -> None:
        for folder in (self.originals, self.copies):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def ffmpeg_installed() -> bool:
    return bool(shutil.which("ffmpeg") or find_spec("imageio_ffmpeg"))


def installed() -> bool:
    """Whether the extra `fechatter[media]` is."""
    return all(find_spec(name) for name in ("PIL", "pillow_heif", "pypdfium2", "resvg_py"))
