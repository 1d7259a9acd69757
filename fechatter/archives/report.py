"""What an import has done, and what had no place."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

# Places of a kind of loss that are named.
NAMED: Final = 5


@dataclass
class Report:
    """`done`: how many of what. `lost`: how many of what had no place, with the first places of each."""

    done: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    places: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def lose(self, what: str, where: str | None = None, amount: int = 1) -> None:
        """`amount`: as many as are missing, which may be none."""
        if amount <= 0:
            return
        self.lost[what] += amount
        if where and len(self.places[what]) < NAMED:
            self.places[what].append(where)

    def lines(self) -> Iterator[str]:
        for what, amount in self.done.items():
            if amount:
                yield f"{what}: {amount:,}"
        for what, amount in self.lost.most_common():
            named = ", ".join(self.places[what])
            more = " …" if named and amount > len(self.places[what]) else ""
            yield f"no place for {what}: {amount:,}{f' ({named}{more})' if named else ''}"
