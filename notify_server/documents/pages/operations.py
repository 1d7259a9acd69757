"""Patches of a page: one that is stored, and one that a client wants stored."""

import time
from dataclasses import InitVar, dataclass, field
from typing import Any, Protocol

import msgspec

from chat_core.documents.patches.admission import Op
from chat_core.documents.patches.effects import Effect


@dataclass(eq=False, slots=True)
class Committed:
    """A patch that is stored. `patch` is JSON, and `[]` if it came from psql and could not be applied. `digest` is None
    if it came from psql. `told` is what everybody is told of it."""

    version: int
    op_id: str
    digest: bytes | None
    user_id: int | None
    client_id: str | None
    patch: InitVar[bytes]
    effects: list[Effect]
    told: bytes = field(init=False)

    def __post_init__(self, patch: bytes) -> None:
        about = {"id": self.op_id, "version": self.version, "user_id": self.user_id, "client_id": self.client_id}
        self.told = msgspec.json.encode({**about, "patches": msgspec.Raw(patch)})


class Author(Protocol):
    """The place that a patch came from. `refused`: its patches that were refused, and why."""

    role: str
    client_id: str
    refused: dict[str, str]

    @property
    def user_id(self) -> int: ...

    def acknowledge(self, op_id: str, version: int) -> None: ...

    def will_refuse(self, op_id: str, code: str) -> None:
        """What follows this patch is refused as well."""

    def leave_open(self) -> None:
        """It cannot be told what became of a patch."""

    def refuse(self, asked: "Asked", code: str, message: str, **about: object) -> None: ...


@dataclass(eq=False, slots=True)
class Asked:
    """A patch that a client wants stored, made for the version `base`. `named`: its id is the client's.

    `op` is there while it is applied and being stored; `checksum` is then the content's with it, if that is told.
    `unsure`: it may have been stored, since the connection was lost before the answer. `looked_up`: the database was
    asked for what the room did not know of it. `alone`: it is stored by itself, since a batch with it failed.
    """

    author: Author
    op_id: str
    named: bool
    patch: Any
    base: int
    after: str | None
    size: int
    begun: float = field(default_factory=time.monotonic)
    tries: int = 0
    unsure: bool = False
    looked_up: bool = False
    alone: bool = False
    op: Op | None = None
    checksum: int | None = None
