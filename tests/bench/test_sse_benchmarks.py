"""The benchmarks of streams work from end to end, peers included where they are installed."""

import json
import subprocess
import sys
from pathlib import Path

from bench.peers import ejabberd, nats, nchan, node_servers
from tests.support.servers import ROOT

NAMES = ("fan-out", "room", "receipt", "typing", "memory", "storm", "catch-up")


def test_every_benchmark_of_streams(tmp_path: Path) -> None:
    told = tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench", *NAMES, "--size", "tiny", "--json", told],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(told.read_text())["results"]
    assert set(results) == set(NAMES)
    peers = {result["peer"] for result in results["fan-out"] if result["peer_value"] is not None}
    assert peers == {"stock sse-starlette", "a bare send()", *([nchan.NAME] if nchan.installed() else [])}
    if not nchan.installed():
        assert "apt-get install" in results["fan-out"][0]["note"]
    ws = next(result for result in results["memory"] if result["name"] == "memory of an idle stream")
    assert ws["peer_value"] > 0 if node_servers.present() else "npm" in ws["note"]
    for name, of_peer in (("room", nats), ("room", ejabberd), ("catch-up", ejabberd)):
        beside = next(result for result in results[name] if result["peer"] == of_peer.NAME)
        assert beside["peer_value"] > 0 if of_peer.installed() else "install" in beside["note"]
    queries = next(result for result in results["storm"] if result["name"] == "queries for it")
    assert "streams_report" in queries["note"]
    positive = [result["value"] for name in ("fan-out", "receipt", "catch-up") for result in results[name][:1]]
    assert all(value > 0 for value in positive)
