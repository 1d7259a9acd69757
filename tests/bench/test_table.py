"""The table says what the results say."""

import json

import pytest

from bench.figures import table
from bench.figures.machine import Machine, describe
from bench.figures.result import Result

MACHINE = Machine("A CPU", 2, 24, "6.1", "3.11", "18.1", 0.2, 0.5)
RESULTS = {
    "send": [Result("messages posted", 600, "/s", "a no-op POST", 800, "≥ 0.6 ×", True, "limited by chat-server")],
    "memory": [Result("a stream", 12.345, "KB", target="≤ 11 KB", reached=False), Result("the server", 0.5, "MB")],
}


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.01234, "0.0123"), (1.5, "1.50"), (99.94, "99.9"), (123.4, "123"), (12345.6, "12,346")],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert table.number(value) == text


def test_a_row_a_result_and_its_note_below() -> None:
    lines = table.render(RESULTS, MACHINE).splitlines()
    send = next(number for number, line in enumerate(lines) if line.startswith("send"))
    assert " ".join(lines[send].split()) == "send messages posted 600 /s a no-op POST 800 0.750 × ≥ 0.6 × yes"
    assert lines[send + 1].strip() == "limited by chat-server"
    assert " ".join(lines[send + 2].split()) == "memory a stream 12.3 KB ≤ 11 KB NO"
    assert " ".join(lines[send + 3].split()) == "memory the server 0.500 MB"
    assert "A CPU, 2 cores, 24 GiB" in lines[0]


def test_json_has_the_same() -> None:
    told = json.loads(table.as_json(RESULTS, MACHINE))
    assert told["machine"]["fsync_ms"] == 0.2
    (send,) = told["results"]["send"]
    assert (send["value"], send["peer_value"], send["ratio"], send["reached"]) == (600, 800, 0.75, True)
    assert [result["ratio"] for result in told["results"]["memory"]] == [None, None]


def test_the_machine_describes_itself() -> None:
    machine = describe()
    assert machine.cpu
    assert machine.cores >= 1
    assert machine.fsync_ms > 0
    assert machine.postgres.startswith("18")
