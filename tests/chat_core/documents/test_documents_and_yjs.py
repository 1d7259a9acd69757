"""The servers' documents are the clients' documents: whatever people do, in whatever parts it is compacted, npm's Yjs
in node makes the same of the snapshot as of the updates, now and after what comes later.
"""

import base64
import random

from chat_core.documents import worker
from chat_core.documents.updates import EMPTY, Extent, read_vector
from tests.support.clients.node import NodeClients, node_clients

SCRIPTS = range(60)
STEPS = 60


def encoded(update: bytes) -> str:
    return base64.b64encode(update).decode()


def compacted(updates: list[bytes], chance: random.Random, *, shuffled: bool) -> bytes:
    """By some snapshots, one after the other."""
    base = EMPTY
    while updates:
        amount = chance.randint(1, len(updates))
        some, updates = updates[:amount], updates[amount:]
        if shuffled:
            chance.shuffle(some)
        base, vector, deletions, pending, failing = worker.compact(base, some)
        assert (pending, failing) == (False, [])
        assert read_vector(vector) == read_vector(Extent.of(base).vector())
        assert list(Extent.of(deletions).deletions) == list(Extent.of(base).deletions)
    return base


async def scripts(clients: NodeClients) -> list[list[bytes]]:
    made = await clients("scripts", "", seeds=list(SCRIPTS), steps=STEPS)
    return [[base64.b64decode(update) for update in updates] for updates in made]


async def shown(clients: NodeClients, lists: list[list[bytes]]) -> list[str]:
    answers: list[str] = await clients("shown", "", lists=[[encoded(update) for update in one] for one in lists])
    return answers


async def test_a_snapshot_is_what_the_updates_are() -> None:
    async with node_clients() as clients:
        made = await scripts(clients)
        for update in [update for updates in made for update in updates]:
            Extent.of_new(update)  # nothing of it is refused
        expected = await shown(clients, made)
        lists = []
        for number, updates in enumerate(made):
            chance = random.Random(number)
            now = chance.randint(0, len(updates))
            lists.append([compacted(updates[:now], chance, shuffled=number % 2 == 1), *updates[now:]])
        assert await shown(clients, lists) == expected
        assert len(set(expected)) == len(made)
        assert any("\ufffd" in one for one in expected)


async def test_who_comes_back_gets_what_they_lack() -> None:
    async with node_clients() as clients:
        made = await scripts(clients)
        expected = await shown(clients, made)
        lists = []
        for number, updates in enumerate(made):
            had = random.Random(number).randint(0, len(updates))
            vector = worker.compact(EMPTY, updates[:had])[1]
            lists.append([*updates[:had], worker.difference(updates, vector)])
        assert await shown(clients, lists) == expected


async def test_a_version_comes_back_as_it_was() -> None:
    async with node_clients() as clients:
        made = await scripts(clients)
        former, after, again = [], [], []
        for number, updates in enumerate(made):
            then = random.Random(number).randint(0, len(updates))
            version, now = (worker.compact(EMPTY, some)[0] for some in (updates[:then], updates))
            former.append([version])
            after.append([now, worker.restore(version, now)])
            restored = worker.compact(now, after[-1][1:])[0]
            again.append([restored, worker.restore(now, restored)])
        assert await shown(clients, after) == await shown(clients, former)
        assert await shown(clients, again) == await shown(clients, made)
