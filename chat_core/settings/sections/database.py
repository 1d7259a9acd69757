from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chat_core.settings.types import NO_BOOLEAN, Count, DatabaseUrl, Seconds, Section, StandbyUrl


class Database(Section):
    """Where the data lives, and how both servers use it."""

    url: DatabaseUrl | None = None
    """postgresql://user:password@host:port/name; null starts the embedded PostgreSQL in data_dir. It is a secret:
    set it as FECHATTER_DATABASE__URL instead. Each server has its own role (`fechatter migrate roles`)."""

    read_url: StandbyUrl | None = None
    """Standbys of that database, for what is only read: lists of messages and threads, search, the snapshot of a
    client that starts, and events that a stream has missed. Of several hosts those that are standbys share the reads.
    Never less is seen than on the primary; where a standby cannot say so in time, the primary is read. null: it always
    is. A secret, too: FECHATTER_DATABASE__READ_URL. See docs/operations/standby.md."""

    read_wait_seconds: Annotated[float, Field(gt=0, le=10), NO_BOOLEAN] = 0.1
    """How long a read waits for the standby to have what the primary has, before it goes to the primary."""

    pool_min: Count = 1
    """Connections that each worker of a server keeps open when idle."""

    pool_max: Annotated[int, Field(ge=1, le=1000), NO_BOOLEAN] = 10
    """Maximum number of connections of each worker of a server. Each worker has one more, which listens for the log
    or for sessions that end. `fechatter doctor` warns if all of them together may exceed PostgreSQL's
    max_connections."""

    connect_timeout_seconds: Seconds = 10
    """How long a connection may take to open."""

    statement_timeout_seconds: Seconds = 15
    """How long one statement may run before PostgreSQL cancels it."""

    strict_delivery: bool = False
    """Whether events reach anybody only once the synchronous standbys have flushed them, so that no failover takes back
    what somebody has seen. It needs synchronous_standby_names, and `GRANT pg_monitor TO` the owner of the database.
    While no such standby is there, nothing is delivered."""

    @model_validator(mode="after")
    def _pool_bounds(self) -> Self:
        if self.pool_min > self.pool_max:
            raise PydanticCustomError(
                "combination",
                "pool_min: expected at most pool_max, which is {pool_max}, got {pool_min}",
                {"pool_max": self.pool_max, "pool_min": self.pool_min},
            )
        return self
