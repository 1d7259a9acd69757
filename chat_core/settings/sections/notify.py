from typing import Annotated

from pydantic import Field

from chat_core.settings.types import NO_BOOLEAN, Count, Host, Origins, Port, Seconds, Section, ServerUrl, Workers


class Notify(Section):
    """notify_server: live events over SSE and WebSocket."""

    host: Host = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for every IPv4 address of the machine."""

    port: Port = 6687
    """TCP port."""

    workers: Workers = 1
    """Processes that share the port, each with a pool of its own (database.pool_max). See docs/ops.md."""

    cors_origins: Origins = Field(default=[])
    """Origins whose pages may open streams, WebSockets among them, beside chat_server's own pages: those of
    server.public_url, and of chat_server's port on the host name by which notify_server was asked. Empty: none."""

    public_url: ServerUrl | None = None
    """Where the pages of chat_server reach this server (https://live.example.com). null: the host that the page comes
    from, with the port above."""

    heartbeat_seconds: Seconds = 15
    """A stream that was idle for so long gets a comment, which keeps proxies from closing it."""

    buffer_bytes: Annotated[int, Field(ge=4096, le=1_073_741_824), NO_BOOLEAN] = 1_048_576
    """Bytes that may wait for one slow reader. Past that it is disconnected, and resumes from its cursor."""

    ring_bytes: Annotated[int, Field(ge=0, le=17_179_869_184), NO_BOOLEAN] = 33_554_432
    """Memory for the newest events: a client that resumes within them costs the database nothing."""

    poll_seconds: Seconds = 4
    """The log is read at least this often, in case a notification was lost."""

    replay_max_events: Count = 1_000_000
    """A cursor further behind than this gets a `reset` in place of a replay."""

    drain_seconds: Seconds = 5
    """Streams close spread over so long after SIGTERM."""

    retry_milliseconds: Annotated[int, Field(ge=1, le=600_000), NO_BOOLEAN] = 1000
    """How long clients are asked to wait before they reconnect; jitter is added."""

    presence_grace_seconds: Annotated[float, Field(ge=0, le=600), NO_BOOLEAN] = 10
    """A user whose last stream has ended is offline after so long without another."""

    node_timeout_seconds: Annotated[float, Field(ge=3, le=600), NO_BOOLEAN] = 15
    """A server that has been silent for so long is taken for dead, and its users for offline."""

    typing_seconds: Annotated[float, Field(gt=0, le=60), NO_BOOLEAN] = 6
    """A user who does not repeat that they are typing has stopped after so long."""

    streams_per_user: Annotated[int, Field(ge=1, le=10_000), NO_BOOLEAN] = 32
    """Streams that one user may hold open on one worker."""

    chat_url: ServerUrl | None = None
    """chat_server (http://127.0.0.1:6688), to which the messages that a WebSocket sends are forwarded. null: they are
    refused. `fechatter up` sets it."""

    auth_seconds: Seconds = 5
    """A WebSocket that has brought neither token nor ticket has so long for its `auth` frame."""

    pong_seconds: Seconds = 20
    """A WebSocket that was silent for heartbeat_seconds gets a ping, and is closed if it has not answered within so
    long."""

    frame_bytes: Annotated[int, Field(ge=1024, le=16_777_216), NO_BOOLEAN] = 131_072
    """Largest message that a WebSocket may send, all its fragments together."""

    frames_per_second: Annotated[int, Field(ge=1, le=10_000), NO_BOOLEAN] = 20
    """Frames that a WebSocket may send in the long run. Past that it is closed."""

    frames_burst: Annotated[int, Field(ge=1, le=100_000), NO_BOOLEAN] = 100
    """Frames that a WebSocket may send at once."""
