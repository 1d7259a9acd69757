"""What the model knows at one moment: the table, two nodes, two clients, and what is on its way between them."""

from typing import NamedTuple

# The content of a page is modelled by the ids of the ops that made it, in order. An op that was stored to refuse it, an
# empty patch under its id, is VOID + its id.
VOID = "-"
# An op, and the client that is to be told what becomes of it, if it is still connected as it was.
Item = tuple[str, int | None]


class Row(NamedTuple):
    """Of page_ops. `op` has the VOID mark if its patch is empty."""

    version: int
    op: str
    base: int


class Write(NamedTuple):
    """A call of page_append. `first` is the version that its first item is to become; each item has the client that is
    to be answered, or None if that connection is gone. `outcome` is None until Postgres has executed it."""

    items: tuple[Item, ...]
    first: int
    outcome: str | None = None


class Node(NamedTuple):
    """`read` is how many rows its room has, -1 if the room is closed; `rung` that it has heard the doorbell since."""

    read: int = -1
    queue: tuple[Item, ...] = ()
    write: Write | None = None
    rung: bool = False


class Message(NamedTuple):
    """Down to a client: sync, patch, ack or refused. `known` are its pending ops that are committed, with versions."""

    kind: str
    version: int = 0
    op: str = ""
    content: tuple[str, ...] = ()
    known: tuple[tuple[str, int], ...] = ()


class Client(NamedTuple):
    """`phase` is away, asked (a join is on its way), told (its sync is), or in. `loaded` is how many rows the node's
    query for the join found. `unsent` and `owed` are those of its pending ops that the node has not got yet, and those
    that it has to answer; `doubtful` those that another connection has sent before."""

    applied: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    node: int = -1
    phase: str = "away"
    loaded: int = 0
    unsent: tuple[str, ...] = ()
    owed: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    inbox: tuple[Message, ...] = ()


class Made(NamedTuple):
    """An op: the version that its client had, and the op of its own that it hangs on."""

    op: str
    base: int
    after: str


class Budget(NamedTuple):
    """What may still go wrong."""

    crashes: int = 0
    drops: int = 0
    lost_answers: int = 0


class State(NamedTuple):
    """`left_behind` are calls of page_append whose caller no longer waits: Postgres may execute them at any time, or
    never. `fates` says what its client has been told of an op: a version, or 0 if it was refused."""

    table: tuple[Row, ...]
    nodes: tuple[Node, ...]
    clients: tuple[Client, ...]
    left_behind: tuple[Write, ...]
    made: tuple[Made, ...]
    fates: tuple[tuple[str, int], ...]
    budget: Budget


class Violation(Exception):
    """An invariant does not hold after this step."""

    step = ""
