"""People edit a page over two nodes in an order that hypothesis chooses, lose connections and change nodes; nodes stop,
wake up and are killed. `make machine-pages EXAMPLES=200` tries as many ways as one likes."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.end_to_end.pages.recovery.editors import PageEditor
from tests.end_to_end.pages.recovery.nodes import Nodes, put, rename
from tests.end_to_end.system import Json, Person
from tests.support.servers import ServerProcess

EXAMPLES = int(os.environ.get("EXAMPLES", "4"))
EDITORS = 3

T = TypeVar("T")
Edits = list[tuple[int, list[Json]]]
editors = st.integers(0, EDITORS - 1)
components = st.integers(2, 4)


def _add(component: int, parent: int) -> list[Json]:
    value = {"id": component, "name": "box", "desc": "", "props": {}, "parentId": parent}
    return [{"op": "add", "path": f"/components/{component}", "value": value}]


def _move(component: int, parent: int) -> list[Json]:
    """Where somebody else moves the parent below the component at the same time, one of the two makes a cycle."""
    return [{"op": "replace", "path": f"/components/{component}/parentId", "value": parent}]


patches = st.one_of(
    st.builds(put, st.sampled_from("abc"), st.integers(0, 9)),
    st.builds(rename, st.sampled_from(["Ada", "Grace"])),
    st.builds(_add, components, st.integers(1, 4)),
    st.builds(_move, components, st.integers(1, 4)),
    components.map(lambda component: [{"op": "remove", "path": f"/components/{component}"}]),
    st.builds(
        lambda name, value: [{"op": "test", "path": f"/components/1/{name}", "value": value}, *put("tested", value)],
        st.sampled_from("abc"),
        st.integers(0, 9),
    ),
)
# Before each step. Hypothesis leaves whole rules out, and edits must never be.
traffic = st.lists(st.tuples(editors, patches), min_size=2, max_size=5)


def machine(
    nodes: Nodes, people: list[Person], loop: asyncio.AbstractEventLoop, acknowledged: set[str]
) -> type[RuleBasedStateMachine]:
    """Hypothesis runs in a thread of its own, and whatever it decides is done in the test's loop."""

    def do(what: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(what, loop).result(120)

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.stopped: set[str] = set()
            self.out: set[int] = set()
            self.over_rest_made: dict[str, int | None] = {}

        @initialize()
        def begin(self) -> None:
            self.page = do(nodes.page(*people))
            places = ("here", "there", "there")
            self.editors = [
                do(nodes.joined(person, self.page, self.node(place)))
                for person, place in zip(people, places, strict=True)
            ]
            self.at = dict(enumerate(places))

        def node(self, name: str) -> ServerProcess:
            return nodes.here if name == "here" else nodes.there

        def edit(self, edits: Edits) -> None:
            """In or not; answered or not when the next one comes."""
            for who, patch in edits:
                do(self.editors[who].edit(patch))

        @rule(edits=traffic, who=editors)
        def wait_for_answers(self, edits: Edits, who: int) -> None:
            self.edit(edits)
            if who not in self.out and not self.stopped:
                assert do(self.editors[who].settled()), self.told(self.editors[who])

        @rule(edits=traffic, who=editors)
        def lose_the_connection(self, edits: Edits, who: int) -> None:
            self.edit(edits)
            do(self.editors[who].leave())
            self.out.add(who)

        @rule(edits=traffic, who=editors, place=st.sampled_from(["here", "there"]))
        def join(self, edits: Edits, who: int, place: str) -> None:
            self.edit(edits)
            if who in self.out and place not in self.stopped:
                do(self.editors[who].join(self.node(place)))
                self.at[who] = place
                self.out.remove(who)

        @rule(edits=traffic, place=st.sampled_from(["here", "there"]))
        def stop(self, edits: Edits, place: str) -> None:
            self.edit(edits)
            self.node(place).signal(signal.SIGSTOP)
            self.stopped.add(place)

        @rule(edits=traffic)
        def wake(self, edits: Edits) -> None:
            self.edit(edits)
            for place in self.stopped:
                self.node(place).signal(signal.SIGCONT)
            self.stopped.clear()

        @rule(edits=traffic, place=st.sampled_from(["here", "there"]))
        def kill(self, edits: Edits, place: str) -> None:
            self.edit(edits)
            node = self.node(place)
            do(node.kill())
            do(node.start())
            self.stopped.discard(place)
            for who, at in self.at.items():
                if at == place:
                    self.lose_the_connection([], who)

        @rule(edits=traffic, who=editors, patch=patches)
        def over_rest(self, edits: Edits, who: int, patch: list[Json]) -> None:
            """Based on what the editor has, which may be old."""
            self.edit(edits)
            op = f"rest.{self.page}.{len(self.over_rest_made)}"
            base = self.editors[who].version
            self.over_rest_made[op] = do(nodes.patch(people[who], self.page, base, patch, op))

        @rule(edits=traffic, patch=patches)
        def psql(self, edits: Edits, patch: list[Json]) -> None:
            self.edit(edits)
            do(nodes.insert(self.page, patch))

        def teardown(self) -> None:
            self.wake([])
            if not hasattr(self, "editors"):
                return
            for who in sorted(self.out):
                do(self.editors[who].join(nodes.here))
            do(nodes.come_to_rest(self.page, *self.editors))
            ids = do(nodes.stored_ids(self.page))
            assert {op: ids.get(op) for op in self.over_rest_made} == self.over_rest_made
            acknowledged.update(op for editor in self.editors for op in editor.told.acknowledged)
            acknowledged.update(op for op, version in self.over_rest_made.items() if version is not None)
            do(nodes.forget_editors())

        @staticmethod
        def told(editor: PageEditor) -> str:
            return f"{editor.name} waits for {editor.pending}: {editor.errors[-3:]}"

    return Machine


async def test_whatever_happens_everybody_has_the_same_page_in_the_end(nodes: Nodes) -> None:
    people = await nodes.system.team("Ada", "Grace", "Mary")
    how = settings(
        max_examples=EXAMPLES,
        stateful_step_count=20,
        derandomize="EXAMPLES" not in os.environ,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if "EXAMPLES" in os.environ else [Phase.generate],
    )
    acknowledged: set[str] = set()
    made = machine(nodes, people, asyncio.get_running_loop(), acknowledged)
    await asyncio.to_thread(run_state_machine_as_test, made, settings=how)
    print(f"{len(acknowledged)} patches acknowledged")
    assert len(acknowledged) > 5 * EXAMPLES
