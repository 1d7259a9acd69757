"""The chart of deploy/helm, linted and rendered with each of its examples, each object validated strictly against
Kubernetes' schemas; and the dashboard read by Grafana's own types. Prints what was rendered, as JSON.

Its packages are large, so they are beside the rest: `make chart` runs it by the Python of .tools/cluster.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import helm_python
import kubernetes_validate
import yaml
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

Json = dict[str, Any]
ROOT: Final = Path(__file__).parents[1]
CHART: Final = ROOT / "deploy" / "helm" / "fechatter"
DASHBOARD: Final = ROOT / "deploy" / "grafana" / "fechatter.json"
# The oldest that Chart.yaml allows, and the newest known.
VERSIONS: Final = ("1.27", "1.37")
# Of the Prometheus operator, whose schemas are not Kubernetes'.
FOREIGN: Final = "monitoring.coreos.com/"
WARNING: Final = 2


def rendered(values: Json) -> list[Json]:
    """Raises HelmError for values that the chart refuses."""
    with helm_python.Chart.load(CHART) as chart:
        chart.validate_schema(values)
        manifests = chart.render(values, name="fechatter", namespace="chat", is_install=True)
    texts = [text for name, text in sorted(manifests.items()) if name.endswith(".yaml")]
    return [document for text in texts for document in yaml.safe_load_all(text) if document]


def lint(values: Json) -> list[str]:
    report = helm_python.lint(CHART, values, strict=True, namespace="chat")
    return [*report["errors"], *(str(said) for said in report["messages"] if said["severity"] >= WARNING)]


def lost(what: Any, read: Any, at: str = "") -> list[str]:
    """The places of `what` that are not in what somebody has read of it."""
    if isinstance(what, dict):
        return [place for key in what for place in lost(what[key], (read or {}).get(key), f"{at}/{key}")]
    if isinstance(what, list):
        pairs = zip(what, read or [None] * len(what), strict=True)
        return [place for number, (a, b) in enumerate(pairs) for place in lost(a, b, f"{at}/{number}")]
    return [] if what == read else [at]


def dashboard_faults() -> list[str]:
    plugins.register_default_plugins()
    ours = json.loads(DASHBOARD.read_text())
    read = json.loads(json.dumps(Dashboard.from_json(ours), cls=JSONEncoder))
    return [f"Grafana does not know {place} of the dashboard" for place in lost(ours, read)]


def main() -> int:
    """With a path: renders those values alone, and prints why not if they are refused."""
    if sys.argv[1:]:
        try:
            rendered(yaml.safe_load(Path(sys.argv[1]).read_text()))
        except helm_python.HelmError as error:
            print(error, file=sys.stderr)
            return 1
        return 0
    faults, found = dashboard_faults(), {}
    for example in sorted((CHART / "examples").glob("*.yaml")):
        values = yaml.safe_load(example.read_text())
        faults += [f"{example.name}: {said}" for said in lint(values)]
        found[example.stem] = rendered(values)
        for document in found[example.stem]:
            for version in () if document["apiVersion"].startswith(FOREIGN) else VERSIONS:
                try:
                    kubernetes_validate.validate(document, version, strict=True)
                except kubernetes_validate.ValidationError as error:
                    name = f"{document['kind']} {document['metadata']['name']}"
                    faults.append(f"{example.name}: {name}: {error.message} (Kubernetes {version})")
    print("\n".join(faults), file=sys.stderr)
    json.dump(found, sys.stdout)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
