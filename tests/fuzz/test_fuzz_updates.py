"""Updates that are almost those of a client: whatever the server takes, it can compact, export and compare, and npm's
Yjs can, too; where Yjs fails on one, nothing else of the board is lost.

Real updates are changed by some bytes, until FUZZ_SECONDS (3) are over; `make fuzz MINUTES=10` tries others.
"""

import itertools
import os
import random
import time

from chat_core.documents import worker
from chat_core.documents.engine import EngineFailed
from chat_core.documents.lib0 import Malformed
from chat_core.documents.updates import EMPTY, Extent, NotTaken
from tests.notify_server.documents.yjs.test_codecs import make_updates

SECONDS = float(os.environ.get("FUZZ_SECONDS") or 3)
FIRST = int(os.environ.get("FUZZ_SEED") or 0)


def changed(update: bytes, chance: random.Random) -> bytes:
    """One to three bytes are others, are gone, come twice, or come from elsewhere in it."""
    data = bytearray(update)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[at] = chance.choice([0, 1, 2, 4, 7, 8, 10, 0x7F, 0x80, 0x84, 0x44, 0x28, 0xFF])
            case 1:
                data[at] = (data[at] + chance.choice([-1, 1])) % 256
            case 2 if len(data) > 2:
                del data[at]
            case 3:
                data.insert(at, data[at])
            case _:
                data[at] = data[chance.randrange(len(data))]
    return bytes(data)


def taken(update: bytes) -> bool:
    try:
        Extent.of_new(update)
    except (Malformed, NotTaken):
        return False
    return True


def check(seed: int) -> tuple[int, int, int]:
    """How many changed updates were taken, how many of these went into quarantine, and whether a version was refused:
    two updates may say different things of the same clocks, and then no edit leads back."""
    chance = random.Random(seed)
    _, updates = make_updates(seed)
    bad = [one for one in (changed(chance.choice(updates), chance) for _ in range(20)) if taken(one)] if updates else []
    board = list(updates)
    for one in bad:
        board.insert(chance.randint(0, len(board)), one)
    state, _, _, _, failing = worker.compact(EMPTY, board)
    good = [update for at, update in enumerate(board) if at not in dict(failing)]
    assert all(board[at] in bad for at, _ in failing), failing
    contents = worker.engine().call("contents", state, worker.compact(EMPTY, good)[0])
    assert contents[0] == contents[1]
    assert Extent.of(state).covers(Extent.of_all(good))
    worker.export(state, [])
    former = worker.compact(EMPTY, good[: len(good) // 2])[0]
    assert worker.compare(former, state, [], 1 << 20)[0] is not None
    worker.difference(good, b"\x00")
    try:
        update = worker.restore(former, state)
    except EngineFailed as refused:
        assert "does not come back" in str(refused)  # noqa: PT017 - it may be refused, and for nothing else
        return len(bad), len(failing), 1
    assert worker.compact(state, [update])[4] == []
    return len(bad), len(failing), 0


def test_what_is_taken_can_be_worked_with() -> None:
    ends, bad, failing, refused = time.monotonic() + SECONDS, 0, 0, 0
    for seed in itertools.count(FIRST):
        try:
            taken_now, failing_now, refused_now = check(seed)
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise
        bad, failing, refused = bad + taken_now, failing + failing_now, refused + refused_now
        if time.monotonic() >= ends:
            break
    boards = seed - FIRST + 1
    print(f"{boards} boards; {bad} changed updates taken, {failing} of them quarantined; {refused} versions refused")
    assert bad
    assert refused <= 1 + boards // 100
