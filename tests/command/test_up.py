"""`fechatter up` with everything real: it starts, keeps up, and stops the whole of it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from fechatter_client import Client

from tests.command.command import environment, fechatter, folder
from tests.command.up import PATIENCE_SECONDS, Up, command_line, survivors, wait_until_ready
from tests.support.clients.plain_http import plain_http


@pytest.fixture(scope="module")
def used() -> Iterator[Path]:
    """The data directory of a Fechatter that has been stopped: a cluster with the schema."""
    with folder() as made:
        assert fechatter(made, "migrate", "up").returncode == 0
        yield made / ".fechatter"


@pytest.fixture
def place(used: Path) -> Iterator[Path]:
    """With a copy of that one, since making a cluster takes longer than all that is tested there."""
    with folder() as made:
        subprocess.run(["cp", "-a", used, made], check=True)
        yield made


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    """One for all tests that leave it running, in an empty folder."""
    with folder() as made, Up(made) as running:
        yield running


def test_stdout_has_the_ready_line_and_both_servers_are_ready_then(up: Up) -> None:
    assert re.fullmatch(r"ready chat=(\S+) notify=http://127\.0\.0\.1:\d+ boards=\1/boards docs=\1/docs\n", up.ready)
    for page in re.findall(r"(?:boards|docs)=(\S+)", up.ready):
        assert httpx.get(page, trust_env=False).status_code == 200
    for url in (up.chat, up.notify):
        assert httpx.get(f"{url}/health/ready", trust_env=False).status_code == httpx.codes.OK


def test_each_step_is_told_with_the_time_it_was_reached_at(up: Up) -> None:
    steps = [line for line in up.lines if re.match(r"\[ *\d+\.\ds\] ", line)]
    told = "".join(steps)
    for step in ("starting PostgreSQL on", "schema: ", "created a key pair", "starting chat-server and notify-server"):
        assert step in told
    times = [float(line[1:7]) for line in steps]
    assert times == sorted(times)


def test_each_server_has_its_own_role_and_only_chat_server_the_private_key(up: Up) -> None:
    chat, notify = up.server("chat-server").environ(), up.server("notify-server").environ()
    assert "//fechatter_chat@" in chat["FECHATTER_DATABASE__URL"]
    assert "//fechatter_notify@" in notify["FECHATTER_DATABASE__URL"]
    assert "FECHATTER_AUTH__PRIVATE_KEY" in chat
    assert "FECHATTER_AUTH__PRIVATE_KEY" not in notify
    assert notify["FECHATTER_NOTIFY__CHAT_URL"] == up.chat


def test_a_second_up_on_the_same_data_is_one_sentence(up: Up) -> None:
    done = fechatter(up.cwd, "up", "--port", "0", "--notify-port", "0")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"fechatter: {up.cwd}/.fechatter is in use by another fechatter (process {up.process.pid}): "
        "stop it, or choose another data directory with --data-dir\n"
    )


def test_doctor_finds_nothing_wrong_with_what_runs(up: Up) -> None:
    ports = [url.rpartition(":")[2] for url in (up.chat, up.notify)]
    done = fechatter(up.cwd, "doctor", FECHATTER_SERVER__PORT=ports[0], FECHATTER_NOTIFY__PORT=ports[1])
    assert done.returncode == 0, done.stdout
    assert f"chat-server ready at {up.chat}" in done.stdout
    here = {"FECHATTER_SERVER__PORT": ports[0], "FECHATTER_NOTIFY__PORT": ports[1]}
    elsewhere = fechatter(up.cwd, "doctor", FECHATTER_SERVER__PUBLIC_URL="http://chat.example.com", **here)
    assert elsewhere.returncode == 1
    assert f"notify_server at {up.notify} refuses pages of http://chat.example.com" in elsewhere.stdout
    mixed = fechatter(up.cwd, "doctor", FECHATTER_SERVER__PUBLIC_URL="https://chat.example.com", **here)
    assert mixed.returncode == 1
    assert "set notify.public_url to an https:// address" in mixed.stdout


@pytest.mark.parametrize("name", ["chat-server", "notify-server"])
def test_a_server_that_dies_is_started_again_and_the_log_says_so(name: str, up: Up) -> None:
    before, lines = up.server(name), len(up.lines)
    before.kill()
    line = up.wait_for("a server died; restarting it", lines)
    assert name in line
    assert "killed by SIGKILL" in line
    wait_until_ready(up.chat if name == "chat-server" else up.notify)
    assert up.server(name).pid != before.pid


def test_a_postgres_that_dies_is_started_again_and_the_servers_recover(up: Up) -> None:
    before, lines = up.postgres(), len(up.lines)
    before.kill()
    assert "killed by SIGKILL" in up.wait_for("PostgreSQL died; restarting it", lines)
    up.wait_for("PostgreSQL is running again", lines)
    for url in (up.chat, up.notify):
        wait_until_ready(url)
    assert up.postgres().pid != before.pid


async def test_tail_prints_what_happens(up: Up) -> None:
    email, password = "ann@example.com", "correct horse battery"
    async with Client(up.chat, up.notify, http=plain_http()) as ann:
        await ann.sign_up("Ann", email, password)
        chat = await ann.chats.create("PrivateChannel", name="lunch")
    command = [sys.executable, "-m", "fechatter", "tail", "--chat", up.chat, "--notify", up.notify]
    with subprocess.Popen(
        [*command, "--email", email],
        cwd=up.cwd,
        env=environment(CHAT_PASSWORD=password),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background job, which the suite may be, starts with SIGINT ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as tail:
        assert tail.stdout is not None
        assert tail.stderr is not None
        assert tail.stdout.readline()[9:].startswith("ready ")
        sql = f"INSERT INTO messages (chat_id, sender_id, content) VALUES ({chat.id}, 1, 'noon?')"
        assert fechatter(up.cwd, "psql", "-c", sql).returncode == 0
        said = tail.stdout.readline()
        while "NewMessage" not in said:
            assert said, tail.stderr.read()
            said = tail.stdout.readline()
        assert said[9:] == "NewMessage         [lunch] Ann: noon?\n"
        tail.send_signal(signal.SIGINT)
        assert tail.wait(PATIENCE_SECONDS) == 130
        assert tail.stderr.read() == ""


def stopped_by(signum: int, up: Up) -> None:
    """The signal stops everything, PostgreSQL last."""
    everything = up.children(recursive=True)
    assert len(everything) > 3
    os.kill(up.process.pid, signum)
    assert up.process.wait(PATIENCE_SECONDS) == 0
    assert survivors(everything) == []
    up.reader.join()
    assert [line[10:] for line in up.lines[-2:]] == ["stopping PostgreSQL\n", "stopped\n"]
    assert "Traceback" not in "".join(up.lines)


def test_sighup_stops_everything_postgres_last(place: Path) -> None:
    with Up(place) as up:
        stopped_by(signal.SIGHUP, up)
    # Postgres has had its time, too: there is nothing to recover.
    assert fechatter(place, "psql", "-c", "SELECT 1").returncode == 0
    assert "database system was shut down at" in (place / ".fechatter" / "postgres.log").read_text()


def test_all_that_it_keeps_is_in_the_data_directory_that_it_is_given(place: Path) -> None:
    (place / ".fechatter").rename(place / "data")
    with Up(place, "--port", "0", "--notify-port", "0", "--data-dir", "data"):
        assert (place / "data" / "files").is_dir()
        assert not (place / ".fechatter").exists()


def test_after_kill_9_nothing_stays_and_the_next_up_has_the_same_data_and_ports(
    place: Path,
) -> None:
    with Up(place) as up:
        ports = [url.rpartition(":")[2] for url in (up.chat, up.notify)]
        everything = up.children(recursive=True)
        sql = "CREATE TABLE kept AS SELECT 42 AS answer"
        assert fechatter(place, "psql", "-c", sql).returncode == 0
        up.process.kill()
        up.process.wait()
        assert survivors(everything, PATIENCE_SECONDS) == []
        with Up(place, "--port", ports[0], "--notify-port", ports[1]) as successor:
            assert (successor.chat, successor.notify) == (up.chat, up.notify)
            assert fechatter(place, "psql", "-Atc", "SELECT answer FROM kept").stdout == "42\n"
            stopped_by(signal.SIGINT, successor)


def test_with_several_workers_it_is_ready_when_all_listen_and_sigterm_stops_them_all(place: Path) -> None:
    settings = {"FECHATTER_SERVER__WORKERS": "2", "FECHATTER_NOTIFY__WORKERS": "3", "FECHATTER_LOG__FORMAT": "json"}
    with ExitStack() as stack:
        up = Up(place, **settings)
        stack.push(up.__exit__)
        up.wait_for("starting chat-server and notify-server")
        while not (late := [child for child in up.children() if command_line(child)[-2:] == ["--worker", "2"]]):
            assert up.process.poll() is None, "".join(up.lines)
            time.sleep(0.02)
        late[0].suspend()

        def listening() -> list[dict[str, object]]:
            return [json.loads(line) for line in up.lines if '"listening"' in line]

        up.wait_until(lambda: len(listening()) >= 4, "4 workers listen")
        # As long as this takes, the fifth does not listen.
        assert fechatter(place, "psql", "-c", "SELECT 1").returncode == 0
        assert not any("ready; stop with" in line for line in up.lines)
        late[0].resume()
        up.wait_for("ready; stop with")
        # A worker's line may come after the supervisor's.
        up.wait_until(lambda: len(listening()) >= 5, "5 workers listen")
        said = sorted((entry["part"], entry["worker"]) for entry in listening())
        assert said == [*(("chat-server", n) for n in (1, 2)), *(("notify-server", n) for n in (1, 2, 3))]
        stopped_by(signal.SIGTERM, up)


def test_a_second_signal_does_not_wait_for_the_drain(place: Path) -> None:
    with Up(place, FECHATTER_SERVER__DRAIN_SECONDS="3600", FECHATTER_NOTIFY__DRAIN_SECONDS="3600") as up:
        everything = up.children(recursive=True)
        os.kill(up.server("notify-server").pid, signal.SIGSTOP)  # one that cannot drain
        up.process.terminate()
        up.wait_for("stopping;")
        up.process.terminate()
        assert up.process.wait(PATIENCE_SECONDS) == 0
        assert survivors(everything) == []


def test_a_server_that_cannot_start_ends_it_all_with_one_sentence(place: Path) -> None:
    """chat-server refuses a key that is no Ed25519 one; `up` has looked before it starts anything."""
    keys = place / ".fechatter" / "keys"
    keys.mkdir(parents=True)
    (keys / "private.pem").write_text("nonsense")
    (keys / "public.pem").write_text("nonsense")
    if os.geteuid() == 0:
        keys.parent.chmod(0o711)
    done = fechatter(place, "up", "--port", "0", "--notify-port", "0")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("must be Ed25519 keys in PEM files without a password")
    assert "starting PostgreSQL" not in done.stderr
    assert "Traceback" not in done.stderr
