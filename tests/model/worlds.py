"""What is explored: small worlds by every run of the tests, whole ones by `make model`; and the mutants, each of which
leaves one thing of the protocol out, in a world that is just large enough to show it."""

from tests.model.protocol import World
from tests.model.state import Budget

_CONFLICT = frozenset([frozenset("ab")])
# Somebody changes a thing twice without waiting, and somebody else changes it meanwhile.
_PIPELINE = frozenset([frozenset("ac"), frozenset("bc")])

ONE_EACH = (("a",), ("b",))
ONE = (("a",), ())
TWO_AND_ONE = (("a", "c"), ("b",))

SMALL = {
    "crash": World(ONE_EACH, _CONFLICT, budget=Budget(crashes=1)),
    "drop": World(ONE_EACH, _CONFLICT, budget=Budget(drops=1)),
    "lost answer": World(ONE_EACH, _CONFLICT, budget=Budget(lost_answers=1)),
    "two ops of one client, crash": World((("a", "c"), ()), _PIPELINE, budget=Budget(crashes=1)),
    "an op that is refused or not, drop": World(ONE, whims=frozenset("a"), budget=Budget(drops=1)),
}

WHOLE = {
    "crash + drop": World(ONE_EACH, _CONFLICT, budget=Budget(crashes=1, drops=1)),
    "crash + lost answer": World(ONE_EACH, _CONFLICT, budget=Budget(crashes=1, lost_answers=1)),
    "lost answer + drop": World(ONE_EACH, _CONFLICT, budget=Budget(drops=1, lost_answers=1)),
    "crash + drop + lost answer": World(ONE_EACH, _CONFLICT, budget=Budget(crashes=1, drops=1, lost_answers=1)),
    "three ops, crash": World(TWO_AND_ONE, _PIPELINE, budget=Budget(crashes=1)),
    "three ops, lost answer": World(TWO_AND_ONE, _PIPELINE, budget=Budget(lost_answers=1)),
    "an op that is refused or not, crash + drop + lost answer": World(
        ONE, whims=frozenset("a"), budget=Budget(crashes=1, drops=1, lost_answers=1)
    ),
}

# By what is wrong in them: the world, and the invariant that does not hold.
MUTANTS = {
    "broadcast before COMMIT": (World(ONE, budget=Budget(drops=1)), "has applied is no prefix of the table"),
    "no primary key": (World(ONE_EACH), "versions have holes or twins"),
    "no ids": (World(ONE, budget=Budget(drops=1)), "an id is stored twice"),
    "doorbell lost": (World(ONE), "at rest, client 1 is at version 0 of 1"),
    "publish after COMMIT": (World(ONE, budget=Budget(crashes=1)), "at rest, client 1 is at version 0 of 1"),
    "refused though the answer was lost": (World(ONE, budget=Budget(lost_answers=1)), "a was refused, and is there"),
    "broadcast before the join is answered": (World(ONE, budget=Budget(drops=1)), "a client's version goes back"),
    "refused for what is not committed": (SMALL["crash"], "a was refused, and is there"),
    "own is what came over the same connection": (SMALL["two ops of one client, crash"], "c was refused, and is there"),
    "doorbell forgotten while a room opens": (
        World(ONE, budget=Budget(crashes=1)),
        "at rest, client 1 is at version 0 of 1",
    ),
    "known acknowledged at once": (
        World(ONE_EACH, budget=Budget(drops=1, lost_answers=1)),
        "a client hears a version before the one below it",
    ),
    "joins answered from memory": (World(ONE, budget=Budget(drops=1)), "a client's version goes back"),
    "refusals are not written": (
        SMALL["an op that is refused or not, drop"],
        "a was refused, and is there",
    ),
}
