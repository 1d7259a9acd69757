"""The chart of deploy/helm: what Helm makes of it, against the servers that it is for. Helm and Kubernetes' schemas
take 363 MB, so they are beside the rest (`make chart`); without them only the values are looked at."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

import delivery_server.app
import notify_server.app
from chat_core.settings import Settings, variable
from chat_core.settings.errors import leaf_keys
from chat_server.routes import health
from fechatter import cli
from fechatter.processes import servers
from tests.support.postgres import ROOT

CHART = ROOT / "deploy" / "helm" / "fechatter"
PYTHON = ROOT / ".tools" / "cluster" / "bin" / "python"
EXAMPLES = sorted(path.stem for path in (CHART / "examples").glob("*.yaml"))
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
SCHEMA = jsonschema_rs.Draft7Validator(json.loads((CHART / "values.schema.json").read_text()))
# What a server does after draining, at most: the last edits of documents, the last report, the pool.
LAST_WORK_SECONDS = notify_server.app.LAST_WRITES_SECONDS + 10

Json = dict[str, Any]


def merged(values: Json, over: Json) -> Json:
    """As Helm merges them."""
    both = {key: merged(values[key], over[key]) for key in values.keys() & over.keys() if isinstance(over[key], dict)}
    return values | over | both


@pytest.mark.parametrize("example", EXAMPLES)
def test_values_are_as_their_schema_says(example: str) -> None:
    given = yaml.safe_load((CHART / "examples" / f"{example}.yaml").read_text())
    SCHEMA.validate(VALUES)
    SCHEMA.validate(merged(VALUES, given))
    for wrong in (
        {"replica": 3},
        {"chat": {"replicas": "2"}},
        {"publicUrl": "chat.example.com"},
        {"config": {"auth": {"private_key": "key.pem"}}},
        {"config": {"database": {"url": "postgresql://…"}}},
    ):
        assert not SCHEMA.is_valid(merged(merged(VALUES, given), wrong)), wrong


def test_the_chart_is_of_this_version() -> None:
    from fechatter_client import __version__

    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert (chart["version"], chart["appVersion"]) == (__version__, __version__)


@pytest.mark.parametrize("original", ["prometheus/rules.yaml", "grafana/fechatter.json"])
def test_the_chart_has_the_alerts_and_the_dashboard(original: str) -> None:
    """They are links, which a copy of the tree may lose."""
    path = ROOT / "deploy" / original
    assert (CHART / "files" / path.name).read_bytes() == path.read_bytes()


needs_helm = pytest.mark.skipif(not PYTHON.exists(), reason="Helm is not installed (make chart)")


@pytest.fixture(scope="module")
def rendered() -> dict[str, list[Json]]:
    """By example, what Helm has made of it. Linted, and validated strictly."""
    done = subprocess.run([PYTHON, ROOT / "release" / "chart.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[Json]] = json.loads(done.stdout)
    assert sorted(found) == EXAMPLES
    return found


def kinds(objects: list[Json], kind: str) -> dict[str, Json]:
    """By what the object is of, such as chat."""
    return {made["metadata"]["name"].rpartition("-")[2]: made for made in objects if made["kind"] == kind}


@needs_helm
@pytest.mark.parametrize("example", EXAMPLES)
def test_pods_are_what_the_servers_need(rendered: dict[str, list[Json]], example: str) -> None:
    objects = rendered[example]
    [text] = [
        made["data"]["app.yaml"] for made in objects if made["kind"] == "ConfigMap" and "app.yaml" in made["data"]
    ]
    settings = Settings.model_validate(yaml.safe_load(text))
    known = {variable(key) for key in leaf_keys(Settings)} | {"CHAT_CONFIG"}
    deployments = kinds(objects, "Deployment")
    assert deployments.keys() >= {"chat", "notify"}
    for server, deployment in deployments.items():
        pod = deployment["spec"]["template"]["spec"]
        [container] = pod["containers"]
        command = container["command"]
        assert command[0] == "fechatter"
        cli.parse(command[1:])
        section = getattr(settings, servers.SECTIONS[command[1]])
        assert [port["containerPort"] for port in container["ports"]] == [section.port]
        assert section.host == "0.0.0.0"  # noqa: S104
        names = {variable["name"] for variable in container["env"]}
        assert names <= known
        assert names >= {variable(key) for key in servers.NEEDS[command[1]]}
        assert (variable("auth.private_key") in names) == (server == "chat")
        waits = int(container["lifecycle"]["preStop"]["exec"]["command"][1]) if "lifecycle" in container else 0
        stops = waits + getattr(section, "unready_seconds", 0) + section.drain_seconds
        assert pod["terminationGracePeriodSeconds"] >= stops + LAST_WORK_SECONDS
        mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        assert mounts.keys() == {volume["name"] for volume in pod["volumes"]}
        if server == "chat":
            assert mounts["data"] == str(settings.data_dir)
        files = {
            "notify": [settings.nats.password_file],
            "chat": [settings.nats.password_file, settings.mail.password_file],
        }
        for file in files.get(server, []):
            assert file is None or str(file.parent) in mounts.values()


ROUTES = {
    "chat": {path for handler in health.HANDLERS for path in handler.paths},
    "notify": {"/health", "/health/live", "/health/ready", "/metrics"},
    "delivery": {"/health", "/health/live", "/health/ready", "/metrics"},
}


@needs_helm
def test_probes_ask_what_the_servers_answer(rendered: dict[str, list[Json]], keys: Path) -> None:
    settings = Settings.model_validate({"auth": {"public_key": str(keys / "public.pem")}})
    delivering = delivery_server.app.build(delivery_server.app.Delivery(settings))
    assert {getattr(route, "path", "") for route in delivering.routes} == ROUTES["delivery"]
    for server, deployment in kinds(rendered["large"], "Deployment").items():
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        paths = {probe: container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")}
        assert paths == {"startup": "/health/live", "liveness": "/health/live", "readiness": "/health/ready"}
        assert set(paths.values()) <= ROUTES[server]


@needs_helm
@pytest.mark.parametrize("example", EXAMPLES)
def test_no_pod_may_more_than_kubernetes_level_restricted(rendered: dict[str, list[Json]], example: str) -> None:
    made = [thing for thing in rendered[example] if thing["kind"] in ("Deployment", "Job")]
    user = re.search(r"^USER (\d+):(\d+)$", (ROOT / "docker" / "Dockerfile").read_text(), re.MULTILINE)
    assert user is not None
    assert len(made) >= 3
    for thing in made:
        pod = thing["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert (pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsGroup"]) == tuple(
            map(int, user.groups())
        )
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "memory" in container["resources"]["limits"]
            for variable_ in container["env"]:
                assert "PASSWORD" not in variable_["name"] or "secretKeyRef" in variable_["valueFrom"]


@needs_helm
def test_streams_go_to_notify_server_and_figures_to_nobody(rendered: dict[str, list[Json]], keys: Path) -> None:
    nginx = (ROOT / "deploy" / "nginx" / "fechatter.conf").read_text()
    [of_nginx] = re.findall(r"location ~ (\^\S+ws\)\)\$) \{", nginx)
    ingresses = kinds(rendered["large"], "Ingress")
    streams = ingresses["streams"]["spec"]["rules"][0]["http"]["paths"]
    for path in streams:
        asked = path["path"] + ("/17" if path["pathType"] == "Prefix" else "")
        assert re.match(of_nginx, asked), asked
        assert path["backend"]["service"]["name"] == "fechatter-notify"
    assert len(streams) == 7
    rest = {
        path["path"]: path["backend"]["service"]["name"]
        for path in ingresses["rest"]["spec"]["rules"][0]["http"]["paths"]
    }
    assert rest == {"/": "fechatter-chat", "/metrics": "fechatter-nobody", "/health": "fechatter-nobody"}
    pods = kinds(rendered["large"], "Deployment")
    assert kinds(rendered["large"], "Service")["nobody"]["spec"]["selector"]["app.kubernetes.io/component"] not in pods
    annotations = ingresses["streams"]["metadata"]["annotations"]
    seconds = int(annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"])
    assert seconds > 2 * Settings().notify.heartbeat_seconds
    assert annotations["nginx.ingress.kubernetes.io/proxy-buffering"] == "off"


@needs_helm
def test_every_server_has_a_budget_a_policy_and_a_scaler_where_it_is_asked_for(rendered: dict[str, list[Json]]) -> None:
    large = rendered["large"]
    deployments = kinds(large, "Deployment")
    assert kinds(large, "PodDisruptionBudget").keys() == deployments.keys() == {"chat", "notify", "delivery"}
    policies = kinds(large, "NetworkPolicy")
    assert policies.keys() == {*deployments, "migrate"}
    assert policies["migrate"]["spec"]["ingress"] == []
    assert all(policy["spec"]["policyTypes"] == ["Ingress", "Egress"] for policy in policies.values())
    scalers = kinds(large, "HorizontalPodAutoscaler")
    assert scalers.keys() == {"chat", "notify"}
    asked = [metric["type"] for metric in scalers["notify"]["spec"]["metrics"]]
    assert asked == ["Pods", "Pods", "Resource"]
    assert [metric["type"] for metric in scalers["chat"]["spec"]["metrics"]] == ["Resource"]
    for server, deployment in deployments.items():
        assert ("replicas" in deployment["spec"]) == (server not in scalers)
    [job] = kinds(large, "Job").values()
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    [rules] = [made["spec"] for made in large if made["kind"] == "PrometheusRule"]
    assert rules == yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yaml").read_text())


@needs_helm
def test_several_chat_servers_need_a_folder_that_they_share(tmp_path: Path) -> None:
    values = yaml.safe_load((CHART / "examples" / "small.yaml").read_text()) | {"chat": {"replicas": 2}}
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(values))
    command = [PYTHON, ROOT / "release" / "chart.py", tmp_path / "values.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ReadWriteMany" in done.stderr
