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


def with_client(state: State, number: int, client: Client) -> State:
    clients = state.clients
    return state._replace(clients=(*clients[:number], client, *clients[number + 1 :]))


def with_node(state: State, number: int, node: Node) -> State:
    return state._replace(nodes=(*state.nodes[:number], node, *state.nodes[number + 1 :]))


def without(client: Client, gone: set[str]) -> Client:
    return client._replace(
        pending=tuple(op for op in client.pending if op not in gone),
        unsent=tuple(op for op in client.unsent if op not in gone),
    )


def dropped(state: State, which: int) -> State:
    """Nobody is to be answered any more for what this connection has sent."""
    client = state.clients[which]
    number = client.node
    node = state.nodes[number]
    write = node.write
    if write is not None:
        write = write._replace(items=of_nobody(write.items, which))
    state = with_node(state, number, node._replace(queue=of_nobody(node.queue, which), write=write))
    away = Client(applied=client.applied, pending=client.pending)
    return with_client(state, which, away)


def of_nobody(items: tuple[Item, ...], which: int) -> tuple[Item, ...]:
    return tuple((op, None if client == which else client) for op, client in items)


def left_behind(state: State, write: Write) -> State:
    if write.outcome is not None:
        return state
    left = write._replace(items=tuple((op, None) for op, _ in write.items))
    return state._replace(left_behind=tuple(sorted((*state.left_behind, left))))
