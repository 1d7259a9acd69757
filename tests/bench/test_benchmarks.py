"""Every benchmark is in the list, and works from end to end, peers included where they are installed.

`make test-bench` runs them.
"""

import inspect
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bench import benchmarks
from bench.__main__ import BENCHMARKS
from bench.benchmarks.growth import EFFORT, OF_MESSAGES, OPERATIONS
from bench.code import checkout
from bench.natural.queries import NASTY
from bench.peers import ejabberd, nats, nchan, node_servers
from bench.peers.floor import posting
from tests.support.servers import ROOT

# In two runs, each with one Fechatter, which the last of the second changes the settings of.
SHORT = ("send", "fan-out")
LONG = (
    "room",
    "receipt",
    "typing",
    "memory",
    "catch-up",
    "storm",
    "from-empty",
    "growth",
    "boards",
    "pages",
    "search",
    "compliance",
    "imports",
    "permissions",
    "web",
    "scale",
    "ephemeral",
    "standby-reads",
    "delivery",
    "cells",
    "sign-out",
    "send-slow-disk",
    "mixed",
)
# Starts Fechatter time after time, as tests of tests/command do.
NOT_HERE = {"start"}

Figures = list[dict[str, Any]]


def test_the_list_has_every_benchmark() -> None:
    names = [path.stem for path in Path(benchmarks.__file__).parent.glob("*.py")]
    modules = {name.replace("_", "-"): import_module(f"bench.benchmarks.{name}") for name in names}
    assert {name for name, module in modules.items() if inspect.iscoroutinefunction(getattr(module, "run", None))} == {
        *BENCHMARKS
    }
    assert all(modules[name].__doc__ for name in BENCHMARKS)
    assert {*SHORT, *LONG} == {*BENCHMARKS} - NOT_HERE


def test_one_that_is_not_there_is_refused() -> None:
    done = _bench("sned")
    assert done.returncode == 2
    assert "there is no benchmark 'sned'; there are send," in done.stderr


@pytest.mark.long
def test_posting_and_streams(tmp_path: Path) -> None:
    results = _results(tmp_path, SHORT, "--before", str(ROOT))
    _check_before(results, SHORT)
    _check_posting(results["send"])
    _check_fan_out(results["fan-out"])


@pytest.mark.skipif("ALL_BENCHMARKS" not in os.environ, reason="the longer benchmarks: make test-bench")
def test_streams_growth_documents_and_search(tmp_path: Path) -> None:
    results = _results(tmp_path, LONG, "--before", str(ROOT))
    _check_before(results, ("receipt", "memory", "storm", "from-empty", "mixed"))
    _check_streams(results)
    _check_growth(results["growth"], results["from-empty"])
    _check_boards(results["boards"])
    _check_pages(results["pages"])
    _check_search(results["search"])
    _check_compliance(results["compliance"])
    _check_web(results["web"])
    _check_slow_disk(results["send-slow-disk"])
    _check_mixed(results["mixed"])
    _check_standby_reads(results["standby-reads"])


def _results(folder: Path, names: tuple[str, ...], *options: str) -> dict[str, Figures]:
    """Of one run, which starts one Fechatter for all of them: starting it takes longer than most measurements."""
    told = folder / "results.json"
    done = _bench(*names, *options, "--size", "tiny", "--json", str(told))
    assert done.returncode == 0, done.stderr
    results: dict[str, Figures] = json.loads(told.read_text())["results"]
    assert set(results) == set(names)
    figures = [result for of_one in results.values() for result in of_one]
    assert all(result["ratio"] == result["value"] / result["peer_value"] for result in figures if result["peer_value"])
    assert figures[-1]["name"] in done.stdout
    return results


def _check_before(results: dict[str, Figures], names: tuple[str, ...]) -> None:
    """The commit of ROOT, as the code before, is started, too, and is a peer of these benchmarks, and of no others."""
    before = checkout(ROOT).name
    beside = {name: [result for result in of_one if result["peer"] == before] for name, of_one in results.items()}
    assert {name for name, rows in beside.items() if rows} == set(names)
    # Memory of a few streams is noise, which may be below nothing.
    assert all(row["peer_value"] > 0 for name, rows in beside.items() if name != "memory" for row in rows)


def _check_posting(send: Figures) -> None:
    measured = {result["peer"].partition(", pool")[0] for result in send if result["peer_value"] is not None}
    others = {peer.NAME for peer in (ejabberd, nats) if peer.installed()}
    assert measured == {posting.NAME, "a commit each", checkout(ROOT).name} | others
    absent = {result["peer"] for result in send if result["peer_value"] is None}
    assert absent == {result["peer"] for result in send if "not installed" in result["note"]}
    assert all(result["value"] > 0 for result in send)


def _check_slow_disk(slow_disk: Figures) -> None:
    assert [result["name"] for result in slow_disk] == ["one commit, alone", "messages posted"]
    assert slow_disk[0]["value"] >= 2  # milliseconds, as commit_delay says
    assert slow_disk[1]["value"] > 0


def _check_mixed(mixed: Figures) -> None:
    commits = {result["name"]: result["value"] for result in mixed if result["name"].startswith("one commit")}
    assert commits["one commit, slow disk"] >= 2
    assert commits["one commit, synchronous standby"] >= 1  # the way there and back
    assert all(result["value"] > 0 for result in mixed)


def _check_standby_reads(standby_reads: Figures) -> None:
    names = [result["name"] for result in standby_reads]
    assert names[0].startswith("the primary's CPU of a request, 16 at a time")
    assert all(result["value"] > 0 and result["peer_value"] > 0 for result in standby_reads)


def _check_growth(growth: Figures, from_empty: Figures) -> None:
    assert len(growth) == 3 * len(OPERATIONS) + len(OF_MESSAGES)
    assert all(str(size) in growth[0]["note"].replace(",", "") for size in EFFORT["tiny"].messages)
    assert all(result["value"] > 0 for result in growth + from_empty)


def _check_fan_out(fan_out: Figures) -> None:
    peers = {result["peer"] for result in fan_out if result["peer_value"] is not None}
    assert peers == {"stock sse-starlette", "a bare send()", checkout(ROOT).name} | (
        {nchan.NAME} if nchan.installed() else set()
    )
    if not nchan.installed():
        assert "apt-get install" in fan_out[0]["note"]
    assert fan_out[0]["value"] > 0


def _check_streams(results: dict[str, Figures]) -> None:
    ws = next(result for result in results["memory"] if result["name"] == "memory of an idle stream")
    # Of a few streams that is noise, which may be below nothing.
    assert ws["peer_value"] is not None if node_servers.present() else "npm" in ws["note"]
    for name, of_peer in (("room", nats), ("room", ejabberd), ("catch-up", ejabberd)):
        beside = next(result for result in results[name] if result["peer"] == of_peer.NAME)
        assert beside["peer_value"] > 0 if of_peer.installed() else "install" in beside["note"]
    queries = next(result for result in results["storm"] if result["name"] == "queries for it")
    assert "streams_report" in queries["note"]
    assert all(results[name][0]["value"] > 0 for name in ("receipt", "catch-up"))


def _check_boards(boards: Figures) -> None:
    names = [result["name"] for result in boards]
    assert names[:2] == ["an edit at the others, p99"] * 2
    assert "an edit acknowledged as durable, p99" in names
    measured = [result for result in boards if result["unit"]]
    assert all(result["value"] >= 0 for result in measured)
    peers = {result["peer"] for result in measured if result["peer_value"] is not None}
    if node_servers.present():
        assert peers == {node_servers.Y_WEBSOCKET, node_servers.HOCUSPOCUS}
    else:
        assert "npm" in boards[-1]["note"]


def _check_pages(pages: Figures) -> None:
    names = [result["name"] for result in pages]
    assert names[:3] == ["2 KB, an edit durable, p99", "2 KB, an edit at the others, p99", "2 KB, WAL of an edit"]
    assert "an edit at the others, 12 on one page over two servers, p99" in names
    assert all(result["value"] > 0 for result in pages if result["unit"])
    if node_servers.present():
        assert {result["peer"] for result in pages if result["peer_value"]} == {node_servers.SHAREDB_POSTGRES}
        assert node_servers.SHAREDB in pages[0]["note"]
    else:
        assert "npm" in pages[-1]["note"]


def _check_compliance(compliance: Figures) -> None:
    names = ["CPU of a post with 10 rules", "CPU of a post with 50 rules", "CPU of an edit under a hold"]
    assert [result["name"] for result in compliance] == names
    assert all(result["value"] > 0 and result["ratio"] for result in compliance)


def _check_web(web: Figures) -> None:
    figures = {result["name"]: result["value"] for result in web}
    assert 30 < figures["first load, scripts and styles"] <= 90
    assert all(value > 0 for name, value in figures.items() if name.startswith(("cold", "warm", "own")))
    assert {"chat switch, cached, p50", "heap after 400 messages", "DOM nodes after 400 messages"} <= set(figures)


def _check_search(search: Figures) -> None:
    names = [result["name"] for result in search]
    assert {f"{kind}, p50" for kind in NASTY} & set(names)
    assert names[-8:] == [
        "all queries, p50",
        "all queries, p99",
        "nasty queries, p99",
        "CPU of a search",
        "index",
        "messages indexed per second of CPU",
        "CPU of a post while messages are indexed",
        "new messages indexed per second of CPU",
    ]
    assert all(result["value"] > 0 for result in search)
    assert all(result["peer_value"] for result in search if result["name"].endswith("p50"))


def _bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=500, check=False
    )
