"""The protocol of pages as steps from one state to the next. Each is atomic where the servers' step is: one statement
of Postgres, one turn of an event loop, one message.

What is left out: the text of patches (they commute or they do not), polling (so the doorbell has to suffice), and
snapshots.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.model.state import (
    VOID,
    Budget,
    Client,
    Item,
    Made,
    Message,
    Node,
    Row,
    State,
    Violation,
    Write,
    dropped,
    left_behind,
    with_client,
    with_node,
    without,
)

Step = tuple[str, State]

NOTHING_GOES_WRONG = Budget()


@dataclass(frozen=True)
class World:
    """What is edited, and what may go wrong. `edits[c]` are the ops that client c makes, in this order, whenever it
    likes. `conflicts` are pairs that overlap. `whims` are ops that a node may refuse at one moment and accept at
    another: a later op mends what made the page invalid, a role or a quota changes."""

    edits: tuple[tuple[str, ...], ...]
    conflicts: frozenset[frozenset[str]] = frozenset()
    whims: frozenset[str] = frozenset()
    budget: Budget = NOTHING_GOES_WRONG
    mutant: str = ""

    def first(self) -> State:
        """Each client has joined at a node of its own."""
        nodes = tuple(Node(read=0) for _ in range(2))
        clients = tuple(Client(node=number, phase="in") for number in range(len(self.edits)))
        return State((), nodes, clients, (), (), (), self.budget)


class Protocol:
    def __init__(self, world: World) -> None:
        self.world, self.mutant = world, world.mutant

    def steps(self, state: State) -> Iterator[tuple[bool, str, State]]:
        """Whether it happens by itself sooner or later, what happens, and the state after it."""
        for number in range(len(state.clients)):
            yield from ((False, *step) for step in self._edit(state, number))
            yield from ((False, *step) for step in self._drop(state, number))
            yield from ((True, *step) for step in self._join(state, number))
            yield from ((True, *step) for step in self._hear(state, number))
        for number in range(len(state.nodes)):
            yield from ((True, *step) for step in self._answer_joins(state, number))
            yield from ((True, *step) for step in self._take(state, number))
            yield from ((True, *step) for step in self._write(state, number))
            yield from ((True, *step) for step in self._execute(state, number))
            yield from ((True, *step) for step in self._learn(state, number))
            yield from ((True, *step) for step in self._read(state, number))
            yield from ((False, *step) for step in self._lose_answer(state, number))
            yield from ((False, *step) for step in self._crash(state, number))
        yield from ((False, *step) for step in self._execute_left_behind(state))

    # -- clients

    def _edit(self, state: State, number: int) -> Iterator[Step]:
        """Connected or not. The op hangs on the newest of its own that is not answered."""
        client, made = state.clients[number], {one.op for one in state.made}
        for op in self.world.edits[number]:
            if op not in made:
                after = client.pending[-1] if client.pending else ""
                unsent = (*client.unsent, op) if client.phase == "in" else client.unsent
                client = client._replace(pending=(*client.pending, op), unsent=unsent)
                one = Made(op, len(client.applied), after)
                changed = state._replace(made=tuple(sorted((*state.made, one))))
                yield f"client {number} makes {op} at version {one.base}", with_client(changed, number, client)
                return

    def _join(self, state: State, number: int) -> Iterator[Step]:
        client = state.clients[number]
        if client.phase == "away":
            for node in range(len(state.nodes)):
                asked = client._replace(node=node, phase="asked", loaded=len(state.table))
                if self.mutant == "joins answered from memory" and state.nodes[node].read >= 0:
                    asked = asked._replace(loaded=0)
                text = f"client {number} asks node {node} to join, which loads version {asked.loaded}"
                yield text, with_client(state, number, asked)

    def _hear(self, state: State, number: int) -> Iterator[Step]:
        client = state.clients[number]
        if client.inbox:
            message = client.inbox[0]
            client = client._replace(inbox=client.inbox[1:])
            fates = dict(state.fates)
            text = f"client {number} hears {_text(message)}"
            if client.phase == "told" and message.kind != "sync":
                text += ", which is of no use before its sync"
            else:
                try:
                    client = self._heard(state, client, message, fates)
                except Violation as violation:
                    violation.step = text
                    raise
            changed = state._replace(fates=tuple(sorted(fates.items())))
            yield text, with_client(changed, number, client)

    def _heard(self, state: State, client: Client, message: Message, fates: dict[str, int]) -> Client:
        if message.kind == "sync":
            if len(message.content) < len(client.applied):
                raise Violation("a client's version goes back")
            fates.update(message.known)
            pending = tuple(op for op in client.pending if op not in dict(message.known))
            return client._replace(
                phase="in", applied=message.content, pending=pending, unsent=pending, doubtful=pending
            )
        if message.kind == "refused":
            gone = {message.op}
            for op in client.pending:  # what hangs on it and is not sent yet is never sent
                if self._after(state, op) in gone and op in client.unsent:
                    gone.add(op)
            fates.update(dict.fromkeys(gone, 0))
            return without(client, gone)
        if message.version == len(client.applied) + 1:
            client = client._replace(applied=(*client.applied, message.op))
        elif message.version > len(client.applied):
            raise Violation("a client hears a version before the one below it")
        elif client.applied[message.version - 1] != message.op:
            raise Violation("a client hears two different ops of one version")
        if message.op in client.pending:
            fates[message.op] = message.version
        return without(client, {message.op})

    def _drop(self, state: State, number: int) -> Iterator[Step]:
        """The connection is lost, with what is on its way down. What was on its way up is as if not sent."""
        if state.budget.drops and state.clients[number].phase != "away":
            budget = state.budget._replace(drops=state.budget.drops - 1)
            yield f"client {number} loses its connection", dropped(state, number)._replace(budget=budget)

    # -- nodes

    def _answer_joins(self, state: State, number: int) -> Iterator[Step]:
        """In one turn of the loop: the room is as new as what was loaded, the sync is built, the client is in the room.
        Which of its pending ops are committed is answered from the same versions as the sync."""
        for which, client in enumerate(state.clients):
            if client.phase == "asked" and client.node == number:
                if self.mutant == "broadcast before the join is answered":
                    upto = client.loaded
                else:
                    upto = max(client.loaded, state.nodes[number].read)
                changed = state
                if upto > state.nodes[number].read:
                    changed = self._deliver(state, number, upto)
                client = changed.clients[which]
                ids = () if self.mutant == "no ids" else state.table[:upto]
                known = tuple((row.op, row.version) for row in ids if row.op in client.pending)
                content = tuple(row.op for row in state.table[:upto])
                sync = Message("sync", upto, content=content, known=known)
                client = client._replace(phase="told", inbox=(*client.inbox, sync))
                yield f"node {number} answers the join of client {which}", with_client(changed, which, client)

    def _take(self, state: State, number: int) -> Iterator[Step]:
        for which, client in enumerate(state.clients):
            if client.phase == "in" and client.node == number and client.unsent:
                op = client.unsent[0]
                node = state.nodes[number]
                node = node._replace(queue=(*node.queue, (op, which)))
                client = client._replace(unsent=client.unsent[1:], owed=(*client.owed, op))
                taken = with_client(with_node(state, number, node), which, client)
                yield f"node {number} takes {op} from client {which}", taken

    def _write(self, state: State, number: int) -> Iterator[Step]:
        """Group commit: what can be written now goes into one call, each judged as if those before it were stored. What
        overlaps with one of those waits for what becomes of it; only what is committed refuses."""
        node = state.nodes[number]
        if not node.queue or node.write is not None or node.read < 0:
            return
        yield from self._write_but(state, number, frozenset())
        if self.world.whims & {op for op, _ in node.queue}:
            yield from self._write_but(state, number, self.world.whims)

    def _write_but(self, state: State, number: int, unwelcome: frozenset[str]) -> Iterator[Step]:
        node = state.nodes[number]
        rows = state.table[: node.read]
        batch: list[Item] = []
        waiting: list[Item] = []
        refused = []
        changed = state
        for op, client in node.queue:
            verdict = self._judge(state, rows, batch, waiting, op)
            if verdict == "write" and op in unwelcome:
                doubtful = client is None or op in state.clients[client].doubtful
                verdict = "void" if doubtful and self.mutant != "refusals are not written" else "refused"
            if verdict == "wait":
                waiting.append((op, client))
            elif verdict == "write":
                batch.append((op, client))
            elif verdict == "void":
                batch.append((VOID + op, client))
            elif verdict == "known":
                version = next(row.version for row in rows if row.op == op)
                changed = self._answer(changed, client, Message("ack", version, op))
            else:
                refused.append(op)
                changed = self._answer(changed, client, Message("refused", op=op))
        behind = any(self._base(state, op) > node.read for op, _ in waiting)
        write = Write(tuple(batch), node.read + 1) if batch else None
        node = node._replace(queue=tuple(waiting), write=write, rung=node.rung or behind)
        if node == state.nodes[number]:
            return
        changed = with_node(changed, number, node)
        if self.mutant == "broadcast before COMMIT":
            for place, (op, origin) in enumerate(batch):
                changed = self._broadcast(changed, number, Row(node.read + 1 + place, op, 0), origin)
        done = [f"sends {_items(batch)} to Postgres as {node.read + 1}"] if batch else []
        done += [f"refuses {', '.join(refused)}"] if refused else []
        yield f"node {number} {' and '.join(done) or 'finds nothing to write'}", changed

    def _judge(self, state: State, rows: tuple[Row, ...], batch: list[Item], waiting: list[Item], op: str) -> str:
        """write, wait, known or refused. It hangs on the op and on committed rows alone, so that all nodes refuse the
        same: a row that refuses it takes the version as which another node could still have it stored."""
        stored = {row.op for row in rows}
        before, ahead = {one for one, _ in batch}, {one for one, _ in waiting}
        base, own, after = self._base(state, op), self._own(state, op, rows), self._after(state, op)
        if op in stored and self.mutant != "no ids":
            return "known"
        if VOID + op in stored:
            return "refused"
        if base > len(rows) or {op, VOID + op} & before or op in ahead:
            return "wait"
        if after and after not in stored | before:
            return "wait" if after in ahead else "refused"
        if any(self._conflict(op, row.op) for row in rows[base:] if row.op not in own):
            return "refused"
        if any(self._conflict(op, one) for one in before if one not in own):
            return "refused" if self.mutant == "refused for what is not committed" else "wait"
        return "write"

    def _own(self, state: State, op: str, rows: tuple[Row, ...]) -> set[str]:
        """What the op hangs on, near and far: its own client's earlier ops never conflict with it."""
        if self.mutant == "own is what came over the same connection":
            who = next(number for number, edits in enumerate(self.world.edits) if op in edits)
            client = state.clients[who]
            return set(self.world.edits[who]) - {row.op for row in rows[: client.loaded]}
        own = set()
        while op := self._after(state, op):
            own.add(op)
        return own

    def _execute(self, state: State, number: int) -> Iterator[Step]:
        node = state.nodes[number]
        if node.write is not None and node.write.outcome is None:
            changed, outcome = self._append(state, node.write, number)
            changed = with_node(
                changed, number, changed.nodes[number]._replace(write=node.write._replace(outcome=outcome))
            )
            text = f"Postgres executes what node {number} sent: {_items(node.write.items)} is {outcome}"
            yield text, changed

    def _execute_left_behind(self, state: State) -> Iterator[Step]:
        for write in dict.fromkeys(state.left_behind):
            left = list(state.left_behind)
            left.remove(write)
            changed, outcome = self._append(state._replace(left_behind=tuple(left)), write, None)
            if outcome == "stored":  # otherwise nothing happens, and nobody hears of it
                yield f"Postgres executes what was left behind: {_items(write.items)} is stored", changed

    def _append(self, state: State, write: Write, origin: int | None) -> tuple[State, str]:
        """page_append: all of it, or nothing. COMMIT rings at every other node."""
        head = write.first if self.mutant == "no primary key" else len(state.table) + 1
        stored = {row.op.lstrip(VOID) for row in state.table}
        known = self.mutant != "no ids" and any(op.lstrip(VOID) in stored for op, _ in write.items)
        if known or head != write.first:
            return state, "behind"
        rows = tuple(
            Row(write.first + place, op, self._base(state, op.lstrip(VOID)))
            for place, (op, _) in enumerate(write.items)
        )
        changed = state._replace(table=state.table + rows)
        if self.mutant not in ("doorbell lost", "publish after COMMIT"):
            changed = self._ring(changed, origin)
        return changed, "stored"

    def _ring(self, state: State, origin: int | None) -> State:
        for number, node in enumerate(state.nodes):
            if number != origin and not (self.mutant == "doorbell forgotten while a room opens" and node.read < 0):
                state = with_node(state, number, node._replace(rung=True))
        return state

    def _learn(self, state: State, number: int) -> Iterator[Step]:
        """The answer of Postgres arrives. Stored: the versions are delivered, which acknowledges them. Behind: the node
        reads what it has not got, and judges its items anew, before those that came since; those known are among it."""
        node = state.nodes[number]
        if node.write is None or node.write.outcome is None:
            return
        write = node.write
        changed = with_node(state, number, node._replace(write=None))
        if write.outcome == "stored":
            upto = max(node.read, write.first - 1 + len(write.items))
            changed = self._deliver(changed, number, upto)
            if self.mutant == "publish after COMMIT":
                changed = self._ring(changed, number)
        else:
            if self.mutant == "known acknowledged at once":
                for row in state.table:
                    for op, client in write.items:
                        if op == row.op:
                            changed = self._answer(changed, client, Message("ack", row.version, op))
            changed = self._deliver(changed, number, len(state.table))
            node = changed.nodes[number]
            again = tuple((op.lstrip(VOID), client) for op, client in write.items)
            changed = with_node(changed, number, node._replace(queue=again + node.queue))
        yield f"node {number} learns that {_items(write.items)} is {write.outcome}", changed

    def _read(self, state: State, number: int) -> Iterator[Step]:
        node = state.nodes[number]
        if node.rung and node.read >= 0:
            changed = self._deliver(state, number, len(state.table))
            yield f"node {number} follows the doorbell to version {len(state.table)}", changed

    def _deliver(self, state: State, number: int, upto: int) -> State:
        """The room moves up to this row, and everybody in it hears each version in order: its sender as an
        acknowledgement, the others as a patch."""
        begin = state.nodes[number].read
        rung = state.nodes[number].rung and upto < len(state.table)
        changed = with_node(state, number, state.nodes[number]._replace(read=upto, rung=rung))
        for row in state.table[begin:upto] if begin >= 0 else ():
            changed = self._broadcast(changed, number, row, None)
        return changed

    def _broadcast(self, state: State, number: int, row: Row, besides: int | None) -> State:
        early = self.mutant == "broadcast before the join is answered"
        for which, client in enumerate(state.clients):
            here = client.phase in ("told", "in") or (early and client.phase == "asked")
            if client.node == number and here and which != besides:
                op = row.op.lstrip(VOID)
                if row.op != op and op in client.owed:
                    heard = [Message("patch", row.version, row.op), Message("refused", op=op)]
                elif op in client.owed:
                    heard = [Message("ack", row.version, op)]
                else:
                    heard = [Message("patch", row.version, row.op)]
                owed = tuple(one for one in client.owed if one != op)
                client = client._replace(inbox=(*client.inbox, *heard), owed=owed)
                state = with_client(state, which, client)
        return state

    def _answer(self, state: State, which: int | None, message: Message) -> State:
        """Once for each op that a connection has sent."""
        if which is None or message.op not in state.clients[which].owed:
            return state
        client = state.clients[which]
        owed = tuple(op for op in client.owed if op != message.op)
        return with_client(state, which, client._replace(owed=owed, inbox=(*client.inbox, message)))

    # -- what goes wrong

    def _lose_answer(self, state: State, number: int) -> Iterator[Step]:
        """The connection to Postgres breaks. The call may have been executed, or be executed later, or never; the node
        makes the same call again."""
        node = state.nodes[number]
        if node.write is None or not state.budget.lost_answers:
            return
        budget = state.budget._replace(lost_answers=state.budget.lost_answers - 1)
        changed = left_behind(state, node.write)._replace(budget=budget)
        if self.mutant == "refused though the answer was lost":
            changed = with_node(changed, number, node._replace(write=None))
            for op, client in node.write.items:
                changed = self._answer(changed, client, Message("refused", op=op))
        else:
            changed = with_node(changed, number, node._replace(write=node.write._replace(outcome=None)))
        yield f"node {number} loses the answer about {_items(node.write.items)}", changed

    def _crash(self, state: State, number: int) -> Iterator[Step]:
        """kill -9, and another one starts in its place. What it has sent to Postgres may still be executed."""
        node = state.nodes[number]
        connected = [which for which, client in enumerate(state.clients) if client.node == number]
        if state.budget.crashes and (node.write is not None or connected):
            changed = left_behind(state, node.write) if node.write is not None else state
            for which in connected:
                changed = dropped(changed, which)
            changed = with_node(changed, number, Node())
            budget = state.budget._replace(crashes=state.budget.crashes - 1)
            yield f"node {number} is killed", changed._replace(budget=budget)

    # -- what is known of an op

    def _conflict(self, one: str, other: str) -> bool:
        return frozenset((one, other)) in self.world.conflicts

    def _base(self, state: State, op: str) -> int:
        return next(one.base for one in state.made if one.op == op)

    def _after(self, state: State, op: str) -> str:
        return next(one.after for one in state.made if one.op == op)


def _items(items: Iterable[Item]) -> str:
    return "+".join(f"(nothing for {op.lstrip(VOID)})" if op.startswith(VOID) else op for op, _ in items) or "nothing"


def _text(message: Message) -> str:
    if message.kind == "sync":
        known = ", ".join(f"{op} is {version}" for op, version in message.known)
        return f"sync at version {message.version}" + (f" ({known})" if known else "")
    if message.kind == "refused":
        return f"that {message.op} is refused"
    return f"{message.kind} {message.op} as {message.version}"
