"""deploy/systemd: the units start real commands with real settings, and systemd itself finds little to object to."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from chat_core.settings import Settings, variable
from chat_core.settings.errors import leaf_keys
from fechatter import cli
from tests.support.postgres import ROOT

FOLDER = ROOT / "deploy" / "systemd"
UNITS = sorted(path.name for path in FOLDER.glob("*.service"))
MOST_EXPOSURE = 3.0


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_runs_a_command_that_there_is_with_settings_that_there_are(unit: str) -> None:
    text = (FOLDER / unit).read_text()
    commands = [shlex.split(line) for line in re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)]
    assert commands
    for program, *arguments in commands:
        assert program == "/opt/fechatter/bin/fechatter"
        cli.parse(arguments)
    named = set(re.findall(r"\bFECHATTER_\w+", text))
    assert named <= {variable(key) for key in leaf_keys(Settings)}
    assert (variable("auth.private_key") in named) == (unit == "fechatter-chat.service")


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed (Debian: systemd)"
)
def test_a_unit_exposes_little(tmp_path: Path) -> None:
    folder = tmp_path / "etc" / "systemd" / "system"
    shutil.copytree(FOLDER, folder)
    for unit in UNITS:
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", f"--root={tmp_path}", "--no-pager", unit],
            capture_output=True,
            text=True,
            check=False,
        )
        found = re.search(r"Overall exposure level for \S+: (\d+\.\d+)", done.stdout)
        assert found, done.stdout + done.stderr
        assert float(found[1]) <= MOST_EXPOSURE, done.stdout
