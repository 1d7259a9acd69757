from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from chat_core.settings.types import Bytes, InternalPath, Seconds, Section, ServerUrl

Name = Annotated[str, Field(min_length=1, max_length=255)]
# Others are signed in different ways by different servers.
Prefix = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?$",
        max_length=255,
        json_schema_extra={"x-expected": "letters, digits and _.-/"},
    ),
]


class Storage(Section):
    """Where the bytes of files are stored, and quotas. Quotas count files, boards with their history, versions and
    thumbnails; 0 or null: no limit. PostgreSQL enforces them, for psql too; chat_server passes them on when it starts.
    SELECT * FROM ops.storage shows the usage."""

    kind: Literal["directory", "s3"] = "directory"
    """Where new files go: directory, or s3 (the bucket below). `fechatter storage move` moves what is there. Files
    in either are served while its settings are here. See docs/files/stores.md."""

    directory: Path | None = None
    """Folder for files and for uploads that have not ended, with s3 too; null: the folder files in data_dir."""

    s3_bucket: Name | None = None
    """Name of the bucket, which must exist. It needs the extra fechatter[s3]."""

    s3_endpoint: ServerUrl | None = None
    """Of a server that speaks the protocol of S3; null: AWS."""

    s3_region: Name = "us-east-1"
    """Region of the bucket."""

    s3_prefix: Prefix | None = None
    """Begins the name of every object, with a slash after it."""

    s3_access_key: Name | None = None
    """Id of the access key; null: the role that AWS gives this machine."""

    s3_secret_key: SecretStr | None = None
    """Its secret: set it as FECHATTER_STORAGE__S3_SECRET_KEY instead, or use the file below."""

    s3_secret_key_file: Path | None = None
    """File with the secret alone."""

    encryption_key: Path | None = None
    """Encrypts files that are stored from now on: path of a file with mode 0600 and 32 random bytes in base64
    (openssl rand -base64 32). It is a secret, and without it these files are lost. Older keys may follow, one a line,
    and open what they have encrypted."""

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

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind == "s3" and self.s3_bucket is None:
            raise PydanticCustomError("combination", "s3_bucket: missing, and storage.kind s3 needs it")
        if self.s3_access_key is not None and self.s3_secret_key is None and self.s3_secret_key_file is None:
            raise PydanticCustomError("combination", "s3_secret_key: missing, and storage.s3_access_key needs it")
        return self
