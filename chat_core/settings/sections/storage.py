from pathlib import Path

from chat_core.settings.types import Bytes, InternalPath, Seconds, Section, ServerUrl


class Storage(Section):
    """Where the bytes of files are stored, and quotas. Quotas count files, boards with their history, versions and
    thumbnails; 0 or null: no limit. PostgreSQL enforces them, for psql too; chat_server passes them on when it starts.
    SELECT * FROM ops.storage shows the usage."""

    directory: Path | None = None
    """Folder for files and for uploads that have not ended; null: the folder files in data_dir."""

    reserve_bytes: Bytes = 1_073_741_824
    """What files leave free on the disk of that folder, where PostgreSQL may store the messages; at most 5 % of the
    disk. Beyond it, uploads are answered with 503."""

    file_bytes: Bytes = 268_435_456
    """Of one file."""

    workspace_bytes: Bytes = 10_737_418_240
    """Of a workspace."""

    user_bytes: Bytes = 536_870_912
    """Of one user in all workspaces: the files that they have uploaded, the boards that they have created, with their
    content, and their versions."""

    upload_seconds: Seconds = 86_400
    """How long an upload may pause, and a file may exist without being used in a message."""

    public_url: ServerUrl | None = None
    """An origin of its own for files (https://files.example.com), under another host name than server.public_url and
    led to this server too. Links to files are on it, nothing else is served there, and elsewhere browsers save files
    instead of showing them. null: files are on the origin of everything else."""

    x_accel_redirect: InternalPath | None = None
    """Where nginx in front of this server reads the blobs of storage.directory itself (/internal-files/): see
    deploy/nginx. It gets this header if it is one of server.trusted_proxies. The group of the blobs may read them then.
    null: this server sends the bytes."""
