"""What squawk says of migrations that are new: `make check` refuses it. What it said of those that had been applied
when it was introduced is in squawk.json, and stays: an applied migration is never changed.

    python -m tests.sql.squawk          lists what is new, and fails if there is any
    python -m tests.sql.squawk --keep   writes squawk.json anew
"""

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.support.postgres import ROOT

MIGRATIONS = ROOT / "migrations"
CONFIG = ROOT / ".squawk.toml"
KEPT = Path(__file__).with_suffix(".json")
# The way back is not looked at: it drops what the way there has made.
_DOWN = re.compile(r"^-- migrate:down$.*", re.MULTILINE | re.DOTALL)

# By the name of a file, and by rule: how often.
Findings = dict[str, dict[str, int]]


def squawked(migrations: Path) -> list[dict[str, Any]]:
    """Everything that it says, with the names of the files and with their own lines."""
    with tempfile.TemporaryDirectory(prefix="fechatter-squawk-") as folder:
        files = []
        for path in sorted(migrations.glob("*.sql")):
            files.append(Path(folder, path.name))
            files[-1].write_text(_DOWN.sub("", path.read_text()))
        program = Path(sys.executable).parent / "squawk"
        command: list[str | Path] = [program, "--config", CONFIG, "--reporter", "json", *files]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(f"squawk: {done.stderr}")
    found: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    return [{**finding, "file": Path(finding["file"]).name} for finding in found]


def kept() -> Findings:
    findings: Findings = json.loads(KEPT.read_text())
    return findings


def new(findings: list[dict[str, Any]], known: Findings) -> list[dict[str, Any]]:
    """Those of which there are more than are known."""
    amounts = Counter((finding["file"], finding["rule_name"]) for finding in findings)
    more = {place for place, amount in amounts.items() if amount > known.get(place[0], {}).get(place[1], 0)}
    return [finding for finding in findings if (finding["file"], finding["rule_name"]) in more]


def keep(findings: list[dict[str, Any]]) -> None:
    by_file: Findings = {}
    for finding in findings:
        rules = by_file.setdefault(finding["file"], {})
        rules[finding["rule_name"]] = rules.get(finding["rule_name"], 0) + 1
    KEPT.write_text(json.dumps(by_file, indent=1, sort_keys=True) + "\n")


def main() -> int:
    findings = squawked(MIGRATIONS)
    if "--keep" in sys.argv:
        keep(findings)
        return 0
    found = new(findings, kept())
    for finding in found:
        where = f"migrations/{finding['file']}:{finding['line'] + 1}"
        print(f"{where}: {finding['rule_name']}: {finding['message']} {finding.get('help') or ''}".rstrip())
    if found:
        print("Another way is in docs/adr/0098-migrations-beside-traffic.md; or -- squawk-ignore RULE above, with why.")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main())
