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
    """Processes that share the port, each with a pool of its own (database.pool_max). See docs/operations/psql.md."""

    cors_origins: Origins = Field(default=[])
    """Origins whose pages may open streams and WebSockets, in addition to chat_server's own pages: those of
    server.public_url, and of chat_server's port on the host name of the request. Empty: none."""

    public_url: ServerUrl | None = None
    """Where the pages of chat_server reach this server (https://live.example.com). null: the page's own host, with
    the port above."""

    heartbeat_seconds: Seconds = 15
    """How long a stream may be idle before it gets a comment, which keeps proxies from closing it."""

    buffer_bytes: Annotated[int, Field(ge=4096, le=1_073_741_824), NO_BOOLEAN] = 1_048_576
    """Bytes that may wait for one slow reader. Beyond that it is disconnected, and resumes from its cursor."""

    ring_bytes: Annotated[int, Field(ge=0, le=17_179_869_184), NO_BOOLEAN] = 33_554_432
    """Memory for the newest events: a client that resumes within them costs the database nothing."""

    poll_seconds: Seconds = 4
    """The log is read at least this often, in case a notification was lost."""

    replay_max_events: Count = 1_000_000
    """A cursor further behind than this gets a `reset` instead of a replay."""

    unready_seconds: Annotated[float, Field(ge=0, le=600), NO_BOOLEAN] = 0
    """After SIGTERM, only /health/ready says for this long that the server stops, so that load balancers send nobody
    any more. See docs/operations/draining.md."""

    drain_streams_per_second: Annotated[int, Field(ge=1, le=100_000), NO_BOOLEAN] = 500
    """Then streams are closed at this rate for each other worker that takes them."""

    drain_seconds: Seconds = 60
    """The longest time in which all streams are closed, at a higher rate if need be."""

    retry_milliseconds: Annotated[int, Field(ge=1, le=600_000), NO_BOOLEAN] = 1000
    """How long clients are asked to wait before they reconnect; jitter is added."""

    presence_grace_seconds: Annotated[float, Field(ge=0, le=600), NO_BOOLEAN] = 10
    """A user is offline when their last stream ended this long ago."""

    node_timeout_seconds: Annotated[float, Field(ge=3, le=600), NO_BOOLEAN] = 15
    """How long a server may be silent before it counts as dead, and its users as offline."""

    typing_seconds: Annotated[float, Field(gt=0, le=60), NO_BOOLEAN] = 6
    """A user's typing ends when it has not been reported for this long."""

    streams_per_user: Annotated[int, Field(ge=1, le=10_000), NO_BOOLEAN] = 32
    """Streams that one user may hold open on one worker."""

    chat_url: ServerUrl | None = None
    """Address of chat_server (http://127.0.0.1:6688), to which frames sent over a WebSocket are forwarded. null:
    they are refused. `fechatter up` sets it."""

    auth_seconds: Seconds = 5
    """How long a WebSocket opened without token or ticket may take to send its `auth` frame."""

    pong_seconds: Seconds = 20
    """A WebSocket that was silent for heartbeat_seconds gets a ping, and is closed if it does not answer within this
    time."""

    frame_bytes: Annotated[int, Field(ge=1024, le=16_777_216), NO_BOOLEAN] = 131_072
    """Largest message that a WebSocket may send, all its fragments together."""

    frames_per_second: Annotated[int, Field(ge=1, le=10_000), NO_BOOLEAN] = 20
    """Sustained rate at which a WebSocket may send frames. Beyond that it is closed."""

    frames_burst: Annotated[int, Field(ge=1, le=100_000), NO_BOOLEAN] = 100
    """Frames that a WebSocket may send in a burst."""
