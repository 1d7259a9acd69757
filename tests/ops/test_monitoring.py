"""deploy/prometheus and deploy/grafana name figures that the servers have, and every alert has a test and a section of
the runbook, whose commands psql runs."""

import asyncio
import json
import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

import delivery_server.app  # noqa: F401
import notify_server.app
import notify_server.relay.metrics  # noqa: F401
from chat_core.database.embedded_account import wheel_programs
from chat_server.parts.metrics import Metrics
from notify_server.streams.framing import CLOSE_CODES
from release import dashboard, promtool
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import ROOT, Database
from tests.support.servers import ServerProcess
from tests.support.services.nats import nats_server

PROMETHEUS = ROOT / "deploy" / "prometheus"
RUNBOOK = ROOT / "docs" / "operations" / "alerts.md"
GROUPS: list[dict[str, Any]] = yaml.safe_load((PROMETHEUS / "rules.yaml").read_text())["groups"]
RULES: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"]]
SAMPLES = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}
NAME = re.compile(r"\b(?:fechatter|chat)_[a-z0-9_]+")
SELECTOR = re.compile(r"\b((?:fechatter|chat)_[a-z0-9_]+)\{([^}]*)\}")


def expressions() -> Iterator[tuple[str, str]]:
    """Everything that asks for figures, with who asks."""
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    yield from dashboard.expressions()
    for of_adapter in yaml.safe_load((PROMETHEUS / "adapter.yaml").read_text()):
        yield "adapter.yaml", of_adapter["metricsQuery"].replace("<<.Series>>", of_adapter["name"]["as"])
    for block in re.findall(r"```promql\n(.*?)```", RUNBOOK.read_text(), re.DOTALL):
        yield "alerts.md", block


async def exposed(database: Database, keys: Path) -> dict[str, set[str]]:
    """The samples that each server has, by job: all three as they run, with the relay."""
    async with AsyncExitStack() as stack:
        nats = await stack.enter_async_context(nats_server())
        relayed = {"FECHATTER_NATS__SERVERS": nats.url}
        servers = {
            "chat": ServerProcess("chat-server", database.chat_url, keys, {}),
            "notify": ServerProcess("notify-server", database.notify_url, keys, relayed),
            "delivery": ServerProcess("delivery-server", database.delivery_url, keys, {}),
        }
        for server in servers.values():
            stack.push_async_callback(server.stop)
        await asyncio.gather(*(server.start() for server in servers.values()))
        async with plain_http() as http:
            texts = {job: (await http.get(f"{server.url}/metrics")).text for job, server in servers.items()}
    found: dict[str, set[str]] = defaultdict(set)
    for job, text in texts.items():
        for family in text_string_to_metric_families(text):
            found[job] |= {family.name + suffix for suffix in SAMPLES.get(family.type, [""])}
    return found


async def test_every_figure_that_is_asked_for_is_one_of_a_server(database: Database, keys: Path) -> None:
    found = await exposed(database, keys)
    for job, name in {"chat": "chat_requests_total", "delivery": "fechatter_pushes_total"}.items():
        assert name in found[job]
    asked = 0
    sides = ((who, side) for who, expression in expressions() for side in re.split(r"\bor\b", expression))
    for who, expression in sides:
        names = set(NAME.findall(expression)) - {"fechatter_chat"}
        holders = [job for job, samples in found.items() if names <= samples]
        assert holders or not names, f"{who}: no server has all of {names}"
        asked += len(names)
    assert asked > 30


def labels() -> dict[str, set[str]]:
    """The labels of each figure, by its sample's name."""
    registries: list[CollectorRegistry] = [REGISTRY, Metrics().registry]
    found = {}
    for registry in registries:
        for name, figure in registry._names_to_collectors.items():
            if isinstance(figure, MetricWrapperBase):
                found[name] = set(figure._labelnames)
    return found


def test_every_label_that_is_asked_for_is_one_of_its_figure() -> None:
    known = labels()
    asked = [(who, *found) for who, expression in expressions() for found in SELECTOR.findall(expression)]
    assert len(asked) > 5
    for who, name, conditions in asked:
        wanted = set(re.findall(r"(\w+)\s*[=!]~?", conditions))
        assert wanted <= known[name], f"{who}: {name} has the labels {known[name]}"


def test_streams_are_closed_for_the_reasons_that_a_rule_names() -> None:
    [reasons] = {match for _, expression in expressions() for match in re.findall(r'reason=~"([^"]+)"', expression)}
    assert set(reasons.split("|")) <= CLOSE_CODES.keys()


def test_the_autoscaler_decides_by_figures_that_the_adapter_has() -> None:
    values = yaml.safe_load((ROOT / "deploy" / "helm" / "fechatter" / "values.yaml").read_text())
    figures = set(values["notify"]["autoscaling"]["figures"])
    adapted = yaml.safe_load((PROMETHEUS / "adapter.yaml").read_text())
    assert figures == {of_adapter["name"]["as"] for of_adapter in adapted}
    assert all(of_adapter["seriesQuery"].startswith(of_adapter["name"]["as"] + "{") for of_adapter in adapted)


def test_every_alert_has_a_section_and_every_section_an_alert() -> None:
    sections = re.findall(r"^## (Fechatter\w+)$", RUNBOOK.read_text(), re.MULTILINE)
    assert sections == [rule["alert"] for rule in RULES]
    for rule in RULES:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]


def test_every_alert_is_tested_with_what_it_is_for_and_with_what_it_is_not() -> None:
    tests = yaml.safe_load((PROMETHEUS / "rules.test.yaml").read_text())["tests"]
    cases = [(case["alertname"], bool(case["exp_alerts"])) for test in tests for case in test["alert_rule_test"]]
    assert sorted(cases) == sorted((rule["alert"], fires) for rule in RULES for fires in (True, False))


@pytest.mark.skipif(promtool.found() is None, reason="promtool is not installed (make alerts)")
def test_promtool_agrees() -> None:
    for arguments in promtool.CHECKS:
        done = subprocess.run([str(promtool.found()), *arguments], cwd=PROMETHEUS, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_is_as_its_panels_are() -> None:
    """`make check` says so, too."""
    assert json.loads(dashboard.FILE.read_text()) == dashboard.dashboard(), "run `make dashboard`"


async def test_every_command_of_the_runbook_runs(database: Database) -> None:
    blocks = re.findall(r"```sql\n(.*?)```", RUNBOOK.read_text(), re.DOTALL)
    assert len(blocks) > 15
    done = subprocess.run(
        [wheel_programs() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-", database.url],
        input="\n".join(blocks),
        capture_output=True,
        text=True,
        env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stderr
