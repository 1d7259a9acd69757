"""Breadth first through all states that can be reached, with the invariants checked in each."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.model.protocol import Protocol, World
from tests.model.state import VOID, State, Violation


@dataclass(frozen=True)
class Found:
    """`violation` is empty if every state holds; otherwise `trace` is a shortest way to one that does not."""

    states: int
    seconds: float
    depth: int
    whole: bool
    violation: str = ""
    trace: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        if not self.violation:
            return f"holds in {self.states:,} states{'' if self.whole else ' (not all)'}, to a depth of {self.depth}"
        steps = "\n".join(f"  {number:2}. {step}" for number, step in enumerate(self.trace, 1))
        return f"{self.violation}, after {len(self.trace)} steps:\n{steps}"


def explore(
    world: World, *, most: int | None = None, progress: Callable[[int, int, float], None] | None = None
) -> Found:
    """Up to `most` states. `progress` is called with states, depth and seconds each 20,000 states."""
    began = time.process_time()
    protocol = Protocol(world)
    first = world.first()
    seen: dict[State, int] = {first: 0}
    # Of each state, by its number: that it came from, and by which step.
    came: list[tuple[int, str]] = [(0, "")]
    layer, depth = [first], 0

    def found(violation: str = "", at: int = 0, last: str = "", *, whole: bool = True) -> Found:
        trace = [last] if last else []
        while at:
            at, step = came[at]
            trace.append(step)
        return Found(len(seen), time.process_time() - began, depth, whole, violation, trace[::-1])

    while layer:
        depth += 1
        following: list[State] = []
        for state in layer:
            number, rests = seen[state], True
            steps = protocol.steps(state)
            while True:
                try:
                    step = next(steps, None)
                except Violation as violation:
                    return found(str(violation), number, violation.step)
                if step is None:
                    break
                by_itself, text, after = step
                rests = rests and not by_itself
                if after in seen:
                    continue
                seen[after] = len(came)
                came.append((number, text))
                if problem := broken(world, after):
                    return found(problem, seen[after])
                following.append(after)
                if progress is not None and len(seen) % 20_000 == 0:
                    progress(len(seen), depth, time.process_time() - began)
            if rests and (problem := broken_at_rest(state)):
                return found(problem, number)
            if most is not None and len(seen) >= most:
                return found(whole=False)
        layer = following
    return found()


def broken(world: World, state: State) -> str:
    """The invariant that does not hold, if any."""
    ops = [row.op for row in state.table]
    if [row.version for row in state.table] != list(range(1, len(ops) + 1)):
        return "versions have holes or twins"
    if len({op.lstrip(VOID) for op in ops}) != len(ops):
        return "an id is stored twice"
    for number, client in enumerate(state.clients):
        if list(client.applied) != ops[: len(client.applied)]:
            return f"what client {number} has applied is no prefix of the table"
    for op, fate in state.fates:
        if fate and ops[fate - 1 : fate] != [op]:
            return f"{op} was acknowledged as {fate}, and is not there"
        if not fate and op in ops:
            return f"{op} was refused, and is there"
    return _broken_judgement(world, state)


def _broken_judgement(world: World, state: State) -> str:
    made = {one.op: one for one in state.made}
    for place, row in enumerate(state.table):
        if row.op.startswith(VOID):
            continue
        before = [other.op for other in state.table[:place]]
        own, op = set(), row.op
        while op := made[op].after:
            own.add(op)
        if made[row.op].after and made[row.op].after not in before:
            return f"{row.op} is there without what it hangs on"
        for other in before[row.base :]:
            if other not in own and frozenset((row.op, other)) in world.conflicts:
                return f"{row.op} overlaps with {other}, which its client had not seen, and is there"
    return ""


def broken_at_rest(state: State) -> str:
    """Nothing happens any more by itself: everybody is at the newest version and knows what became of each op."""
    for number, client in enumerate(state.clients):
        if len(client.applied) != len(state.table):
            return f"at rest, client {number} is at version {len(client.applied)} of {len(state.table)}"
        if client.pending:
            return f"at rest, client {number} has not been told what became of {', '.join(client.pending)}"
    return ""
