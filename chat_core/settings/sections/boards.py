from typing import Annotated

from pydantic import Field

from chat_core.settings.types import NO_BOOLEAN, Days, Section


class Boards(Section):
    """Boards, on notify_server: limits of each connection, board and worker."""

    document_bytes: Annotated[int, Field(ge=1024, le=268_435_456), NO_BOOLEAN] = 33_554_432
    """Largest board, and so the largest update that a client may send. Beyond that updates are refused."""

    presence_bytes: Annotated[int, Field(ge=64, le=1_048_576), NO_BOOLEAN] = 8192
    """Largest state of a client: its name, cursor and viewport."""

    buffer_bytes: Annotated[int, Field(ge=4096, le=1_073_741_824), NO_BOOLEAN] = 4_194_304
    """Bytes that may wait for one slow reader, in addition to the board itself when it is opened."""

    unstored_bytes: Annotated[int, Field(ge=1024, le=17_179_869_184), NO_BOOLEAN] = 67_108_864
    """Bytes of updates that may wait to be stored. Beyond that a client that sends one is disconnected."""

    frames_per_second: Annotated[int, Field(ge=1, le=10_000), NO_BOOLEAN] = 200
    """Sustained rate at which a client may send messages. Beyond that it is closed."""

    frames_burst: Annotated[int, Field(ge=1, le=100_000), NO_BOOLEAN] = 1000
    """Messages that a client may send in a burst."""

    connections_per_user: Annotated[int, Field(ge=1, le=100_000), NO_BOOLEAN] = 64
    """Connections that one user may hold open on one worker."""

    connections_per_board: Annotated[int, Field(ge=1, le=100_000), NO_BOOLEAN] = 1000
    """Connections to one board on one worker."""

    idle_seconds: Annotated[float, Field(ge=0, le=86_400), NO_BOOLEAN] = 60
    """How long a board stays in memory after its last client has left."""

    compact_updates: Annotated[int, Field(ge=2, le=1_000_000), NO_BOOLEAN] = 500
    """Number of updates after which a board gets a new snapshot."""

    history_days: Days = 30
    """How long updates that are in a snapshot are kept, and with them who edited and when."""
