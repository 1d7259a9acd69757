"""A reader's place in the log."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Cursor:
    """`epoch.position`: everything up to this position has been seen. It is the `id` of every frame."""

    epoch: str
    position: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.position}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError unless it has the form that __str__ gives; surrounding white space is allowed."""
        epoch, dot, position = text.strip(" \t").partition(".")
        if not (dot and epoch.isascii() and epoch.isalnum() and position.isascii() and position.isdecimal()):
            raise ValueError(text)
        if len(epoch) > 32 or len(position) > 19:
            raise ValueError(text)
        return cls(epoch, int(position))
