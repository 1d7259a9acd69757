from typing import Annotated

from pydantic import Field

from chat_core.settings.types import NO_BOOLEAN, Days, Section


class Pages(Section):
    """Pages: limits of each connection, page and worker."""

    page_bytes: Annotated[int, Field(ge=1024, le=67_108_864), NO_BOOLEAN] = 1_048_576
    """Largest content that a patch may make, as JSON."""

    patch_bytes: Annotated[int, Field(ge=1024, le=67_108_864), NO_BOOLEAN] = 1_048_576
    """Largest message that a client may send over a socket, and so the largest patch. REST takes up to 1 MiB."""

    patch_operations: Annotated[int, Field(ge=1, le=100_000), NO_BOOLEAN] = 1000
    """Operations in a patch."""

    copied_bytes: Annotated[int, Field(ge=1024, le=67_108_864), NO_BOOLEAN] = 1_048_576
    """Bytes that the copy operations of a patch may copy."""

    depth: Annotated[int, Field(ge=8, le=200), NO_BOOLEAN] = 64
    """Levels of objects and arrays in the content."""

    presence_bytes: Annotated[int, Field(ge=256, le=1_048_576), NO_BOOLEAN] = 8192
    """Largest presence of a client: its name, cursor, selection and what it is editing."""

    buffer_bytes: Annotated[int, Field(ge=4096, le=1_073_741_824), NO_BOOLEAN] = 4_194_304
    """Bytes that may wait for one slow reader, in addition to the page itself when it is opened."""

    unstored_bytes: Annotated[int, Field(ge=1024, le=17_179_869_184), NO_BOOLEAN] = 67_108_864
    """Bytes of patches that may wait to be stored. Beyond that a client that sends one is disconnected."""

    frames_per_second: Annotated[int, Field(ge=1, le=10_000), NO_BOOLEAN] = 200
    """Sustained rate at which a client may send messages. Beyond that it is closed."""

    frames_burst: Annotated[int, Field(ge=1, le=100_000), NO_BOOLEAN] = 1000
    """Messages that a client may send in a burst."""

    connections_per_user: Annotated[int, Field(ge=1, le=100_000), NO_BOOLEAN] = 64
    """Connections that one user may hold open on one worker."""

    connections_per_page: Annotated[int, Field(ge=1, le=100_000), NO_BOOLEAN] = 1000
    """Connections to one page on one worker."""

    idle_seconds: Annotated[float, Field(ge=0, le=86_400), NO_BOOLEAN] = 60
    """How long a page stays in memory after its last client has left."""

    snapshot_patches: Annotated[int, Field(ge=1, le=1000), NO_BOOLEAN] = 50
    """Number of patches after which a page gets a new snapshot."""

    snapshot_seconds: Annotated[float, Field(ge=0, le=3600), NO_BOOLEAN] = 30
    """How long a patch may be without a snapshot that includes it."""

    public_publishing: bool = True
    """Whether pages may be published for everyone who has the address. If not, nobody can, and what has been is shown
    to the members of its workspace alone."""

    history_days: Days = 90
    """How long patches that are in a snapshot are kept, and with them who edited and when."""
