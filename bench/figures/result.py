"""What a benchmark answers."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

# tiny shows in seconds that a benchmark works, and its figures mean nothing; full takes its time.
Size: TypeAlias = Literal["tiny", "normal", "full"]


@dataclass(frozen=True, slots=True)
class Result:
    """One figure, and where there is one, the figure of a peer or a floor, measured in the same run.

    target   in words, such as "≥ 0.6 ×"; empty where the figure only informs
    reached  None without a target
    note     what limited the figure, and what a reader has to know about it
    """

    name: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    target: str = ""
    reached: bool | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The figure as a multiple of the peer's."""
        return self.value / self.peer_value if self.peer_value else None


Run: TypeAlias = Callable[[Size], Coroutine[Any, Any, list[Result]]]


class BenchError(Exception):
    """The measurement is invalid, or could not be made; one sentence for people."""
