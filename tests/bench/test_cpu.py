"""Who was busy, and the words for it."""

import os
import signal
import subprocess
import sys

import pytest

from bench.figures.cpu import Meter, cpu_seconds, limited_by
from chat_core.process import children

BURN = "import time\nwhile time.process_time() < 0.3: pass\n"
# A child that has ended, one that goes on, and the process itself: 0.3 s each.
FAMILY = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {BURN!r}])
alive = subprocess.Popen([sys.executable, "-c", {BURN!r} + "print(flush=True)\\ninput()"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
alive.stdout.readline()
{BURN}
print(flush=True)
input()
alive.communicate(b"\\n")
"""


def test_children_count_those_that_have_ended_too() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FAMILY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=children.die_with_parent(signal.SIGKILL),
    ) as family:
        assert family.stdin is not None
        assert family.stdout is not None
        family.stdout.readline()
        seconds = cpu_seconds(family.pid)
        family.stdin.write(b"\n")
        family.stdin.close()
        family.wait()
    assert seconds >= 0.9 - 3 * 0.01  # the kernel counts in ticks of 10 ms


def test_a_process_that_is_gone_took_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    assert cpu_seconds(gone.pid) == 0


def test_the_meter_has_a_share_for_each_name_and_the_machine() -> None:
    meter = Meter(us=os.getpid())
    sum(range(1_000_000))
    assert meter.stop().keys() == {"us", "machine"}


@pytest.mark.parametrize(
    ("shares", "limit"),
    [
        ({"chat-server": 0.99, "postgres": 0.5, "generator": 0.93, "machine": 2.0}, "the load generator"),
        ({"chat-server": 0.97, "postgres": 0.5, "generator": 0.2, "machine": 1.7}, "limited by chat-server"),
        ({"chat-server": 0.3, "postgres": 0.1, "generator": 0.1, "machine": 0.5}, "limited by waiting"),
        ({"chat-server": 0.3, "postgres": 0.1, "generator": 0.1, "machine": 4096.0}, "limited by the machine"),
        ({"postgres": 0.1, "generator": 0.1, "machine": 0.2}, "limited by waiting"),
    ],
)
def test_what_limited_it(shares: dict[str, float], limit: str) -> None:
    assert limited_by(shares).startswith(limit)


def test_what_others_did_is_told() -> None:
    assert "everything else 0.75," in limited_by({"chat-server": 0.25, "generator": 0.5, "machine": 1.5})
