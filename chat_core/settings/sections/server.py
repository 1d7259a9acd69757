from typing import Annotated

from pydantic import Field

from chat_core.settings.types import NO_BOOLEAN, Addresses, Host, Origins, Port, Seconds, Section, ServerUrl, Workers


class Server(Section):
    """chat_server: REST, and the pages."""

    host: Host = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for every IPv4 address of the machine."""

    port: Port = 6688
    """TCP port."""

    workers: Workers = 1
    """Processes that share the port, each with a pool of its own (database.pool_max). See docs/operations/psql.md."""

    cors_origins: Origins = Field(default=[])
    """Origins whose pages may call this server: [https://chat.example.com]. Empty: none."""

    public_url: ServerUrl | None = None
    """Where browsers reach this server (https://boards.example.com): the origin of its own pages, which may open
    streams. null: the port above, under any name of this machine."""

    trusted_proxies: Addresses = Field(default=[])
    """Addresses or networks of the proxies whose X-Forwarded-For both servers trust. Empty: none."""

    max_body_bytes: Annotated[int, Field(ge=1024, le=104_857_600), NO_BOOLEAN] = 262_144
    """Largest request body."""

    drain_seconds: Seconds = 5
    """How long running requests may continue after SIGTERM."""

    @property
    def origin(self) -> str:
        """Of links to its pages: public_url, or else the port under this machine's own name."""
        return self.public_url or f"http://localhost:{self.port}"
