"""Every benchmark is in the list, and those of posting and of growth work from end to end."""

import inspect
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from bench import benchmarks
from bench.__main__ import BENCHMARKS
from bench.benchmarks.growth import EFFORT, OF_MESSAGES, OPERATIONS
from bench.peers import ejabberd, nats
from bench.peers.floor import posting
from tests.support.servers import ROOT


def test_the_list_has_every_benchmark() -> None:
    names = [path.stem for path in Path(benchmarks.__file__).parent.glob("*.py")]
    modules = {name.replace("_", "-"): import_module(f"bench.benchmarks.{name}") for name in names}
    assert {name for name, module in modules.items() if inspect.iscoroutinefunction(getattr(module, "run", None))} == {
        *BENCHMARKS
    }
    assert all(modules[name].__doc__ for name in BENCHMARKS)


def test_one_that_is_not_there_is_refused() -> None:
    done = _bench("sned")
    assert done.returncode == 2
    assert "there is no benchmark 'sned'; there are send," in done.stderr


def test_posting_and_growth(tmp_path: Path) -> None:
    done = _bench(
        "send", "from-empty", "growth", "send-slow-disk", "--size", "tiny", "--json", str(tmp_path / "results.json")
    )
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "results.json").read_text())["results"]
    measured = {result["peer"].partition(", pool")[0] for result in results["send"] if result["peer_value"] is not None}
    present = [peer.NAME for peer in (ejabberd, nats) if peer.installed()]
    assert measured == {posting.NAME, "a commit each", *present}
    absent = {result["peer"] for result in results["send"] if result["peer_value"] is None}
    assert absent == {result["peer"] for result in results["send"] if "not installed" in result["note"]}
    assert [result["name"] for result in results["send-slow-disk"]] == ["one commit, alone", "messages posted"]
    assert results["send-slow-disk"][0]["value"] >= 2  # milliseconds, as commit_delay says
    assert len(results["growth"]) == 3 * len(OPERATIONS) + len(OF_MESSAGES)
    assert all(str(size) in results["growth"][0]["note"].replace(",", "") for size in EFFORT["tiny"].messages)
    figures = [result for of_one in results.values() for result in of_one]
    assert all(result["value"] > 0 for result in figures)
    assert all(result["ratio"] == result["value"] / result["peer_value"] for result in figures if result["peer_value"])
    assert done.stdout.count("messages posted") == 3


def _bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
