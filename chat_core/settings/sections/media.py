from chat_core.settings.types import DaemonAddress, Section


class Media(Section):
    """What chat_server does with a file between its upload and the first user who fetches it."""

    previews: bool = True
    """Make previews, and read the words in files for search. It needs the extra fechatter[media], and for sound and
    video ffmpeg or fechatter[video]."""

    strip_originals: bool = False
    """Remove from pictures and videos, before they are stored, what cameras write into them: place, time, serial
    numbers, embedded thumbnails. Pixels, sound, orientation and colours stay as they are. false: only previews have
    none of it. See docs/files/previews.md."""

    clamd: DaemonAddress | None = None
    """The ClamAV daemon that scans files: the path of its socket (/run/clamav/clamd.ctl) or host:port. Nobody can fetch
    a file before it has been scanned, and what the daemon finds something in is refused. null: files are not scanned.
    See docs/files/scanning.md."""
