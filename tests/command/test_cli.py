"""The command line: help that teaches, and errors that are one sentence with the right exit status."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command.command import environment, fechatter, folder

COMMANDS = ("up", "migrate", "psql", "tail", "doctor", "chat-server", "notify-server")


@pytest.fixture
def place() -> Iterator[Path]:
    with folder() as made:
        yield made


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_help_lists_every_command(place: Path) -> None:
    done = fechatter(place, "--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert re.search(rf"^ +{command}\b", done.stdout, re.MULTILINE), command


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_says_what_it_does(command: str, place: Path) -> None:
    done = fechatter(place, command, "--help")
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) > 8


def test_the_version(place: Path) -> None:
    """By the command as it is installed, which nothing was imported for."""
    installed = [str(Path(sys.executable).with_name("fechatter")), "--version"]
    said = subprocess.run(installed, cwd=place, env=environment(), capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"fechatter \d+\.\d+\.\d+\n", said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["start"], "invalid choice: 'start'"),
        (["up", "--prot", "1"], "unknown arguments: --prot 1"),
        (["up", "--port", "many"], "expected a whole number from 0 to 65535, got 'many'"),
        (["up", "--port", "70000"], "expected a whole number from 0 to 65535, got '70000'"),
        (["migrate", "down", "--steps", "0"], "expected a whole number from 1"),
        (["import", "slack", "x.zip", "--team", "blue"], "--team is an option of import mattermost"),
        (["up", "--database-url", "mysql://me:hunter2@db"], "--database-url: expected postgresql://user:password@"),
    ],
)
def test_a_wrong_command_line_has_exit_status_2(arguments: list[str], said: str, place: Path) -> None:
    done = fechatter(place, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize("command", ["up", "migrate verify", "psql", "chat-server", "notify-server"])
def test_a_wrong_setting_is_one_line_with_exit_status_2(command: str, place: Path) -> None:
    (place / "app.yaml").write_text("server: {port: abc}")
    done = fechatter(place, *command.split())
    assert done.returncode == 2
    assert done.stderr == ("fechatter: app.yaml: server.port: expected a whole number from 1 to 65535, got 'abc'\n")
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("command", "key"),
    [
        ("up", "database.url"),
        ("migrate up", "database.url"),
        ("psql", "database.url"),
        ("chat-server", "database.url"),
        ("notify-server", "database.url"),
    ],
)
def test_a_missing_secret_in_production_is_one_line_with_exit_status_2(command: str, key: str, place: Path) -> None:
    (place / "app.yaml").write_text("mode: production")
    done = fechatter(place, *command.split())
    assert done.returncode == 2
    assert done.stderr.startswith(f"fechatter: app.yaml: {key}: missing, and ")
    assert len(done.stderr.splitlines()) == 1
    assert not (place / ".fechatter").exists()


@pytest.mark.parametrize(
    ("command", "key"), [("chat-server", "auth.private_key"), ("notify-server", "auth.public_key")]
)
def test_each_server_needs_its_own_key_and_no_other(command: str, key: str, place: Path) -> None:
    done = fechatter(place, command, FECHATTER_DATABASE__URL="postgresql://nobody@127.0.0.1:1/none")
    assert done.returncode == 2
    variable = f"FECHATTER_{key.replace('.', '__').upper()}"
    assert done.stderr == (
        f"fechatter: app.yaml: {key}: missing, and {command} needs it; expected a path (or set {variable})\n"
    )


def test_up_in_production_needs_both_keys_too(place: Path) -> None:
    settings = {"FECHATTER_MODE": "production", "FECHATTER_DATABASE__URL": "postgresql://nobody@127.0.0.1:1/none"}
    done = fechatter(place, "up", **settings)
    assert done.returncode == 2
    assert "auth.private_key: missing, and production mode needs it" in done.stderr


def test_a_taken_port_is_one_sentence_before_anything_is_started(place: Path, taken_port: int) -> None:
    done = fechatter(place, "up", "--port", str(taken_port), "--notify-port", "0")
    assert done.returncode == 1
    assert done.stderr == (
        f"fechatter: port {taken_port} on 127.0.0.1 is in use by another program: "
        "stop it, or choose another with --port (or server.port in app.yaml)\n"
    )
    assert done.stdout == ""
    assert not (place / ".fechatter" / "postgres").exists()


def test_a_taken_notify_port_names_its_own_option(place: Path, taken_port: int) -> None:
    done = fechatter(place, "up", "--port", "0", "--notify-port", str(taken_port))
    assert done.returncode == 1
    assert "choose another with --notify-port (or notify.port in app.yaml)" in done.stderr


def test_one_port_for_both_servers_is_told(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    done = fechatter(place, "up", "--port", port, "--notify-port", port)
    assert done.returncode == 1
    assert f"port {port} on 127.0.0.1 is in use" in done.stderr


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_a_host_that_is_not_ours_is_told(host: str, place: Path) -> None:
    done = fechatter(place, "up", "--host", host, "--port", "0", "--notify-port", "0")
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith("choose another with --host")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["migrate up", "psql", "up --port 0 --notify-port 0"])
def test_a_database_that_does_not_answer_is_one_sentence_without_the_password(command: str, place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    done = fechatter(place, *command.split(), FECHATTER_DATABASE__URL=f"postgresql://me:hunter2@127.0.0.1:{port}/chat")
    assert done.returncode == 1
    said = done.stderr.splitlines()[-1]
    assert said.startswith(f"fechatter: the database 127.0.0.1:{port}/chat cannot be reached (")
    assert said.endswith(": check database.url and PostgreSQL")
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_key_without_its_other_half_is_told(place: Path) -> None:
    done = fechatter(place, "up", "--port", "0", "--notify-port", "0", FECHATTER_AUTH__PUBLIC_KEY="public.pem")
    assert done.returncode == 2
    assert "auth.private_key: missing, and auth.public_key needs it" in done.stderr.splitlines()[-1]


def test_tail_without_a_server_is_one_sentence(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    done = fechatter(place, "tail", "--chat", url, "--email", "a@b.example", "--password-stdin", stdin="hunter2\n")
    assert done.returncode == 1
    assert done.stderr == (
        f"fechatter: {url} does not respond (ConnectError): is it running? Or choose another with --chat\n"
    )
