"""What is written to stderr, and above all what is not."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chat_core.process import logs
from chat_core.process.logs import REDACTED, redact

ROOT = Path(__file__).parent.parents[2]
SECRET = "hunter2-s3cr3t"
JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "event",
    [
        {"token": SECRET},
        {"refresh_token": SECRET},
        {"password": SECRET},
        {"password_hash": SECRET.encode()},
        {"headers": {"Authorization": SECRET, "Cookie": SECRET}},
        {"ticket": SECRET},
        {"body": {"list": [{"client_secret": SECRET}]}},
        {"tokens": [SECRET]},
        {"event": f"GET /api/notifications/events?ticket={SECRET}&last_event_id=a.1"},
        {"event": f"authorization: Bearer {SECRET}"},
        {"event": f"cannot reach postgresql://me:{SECRET}@db/chat"},
        {"event": f"signed {JWT}"},
        {"error": ValueError(f"password={SECRET}")},
        {"event": f'{{"refresh_token": "{SECRET}"}}'},
        {"event": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----"},
    ],
)
def test_no_secret_gets_through(event: dict[str, object]) -> None:
    shown = str(redact(None, "info", dict(event)))
    assert SECRET not in shown
    assert JWT not in shown
    assert REDACTED in shown


def test_what_is_no_secret_is_left_alone() -> None:
    event = {"event": "listening", "port": 6688, "chats": [1, 2], "path": "/api/chats", "took": 0.5, "user": None}
    assert redact(None, "info", dict(event)) == event


def written(tmp_path: Path, log_format: str, body: str) -> str:
    """What a program writes to stderr that has configured its logs. A file takes every line, and a pipe those that are
    read in time."""
    program = tmp_path / "program.py"
    program.write_text(
        "import logging, structlog\n"
        "from chat_core.process import logs\nfrom chat_core.settings import Log\n"
        f"logs.configure(Log(format={log_format!r}), 'part-name')\nlog = structlog.get_logger()\n{body}"
    )
    log = tmp_path / "log"
    with log.open("wb") as stderr:
        done = subprocess.run([sys.executable, program], cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, check=True)
    assert done.stdout == b""
    return log.read_text()


def test_away_from_a_terminal_each_line_is_json_in_utc(tmp_path: Path) -> None:
    body = (
        "log.info('hello', n=1)\nlog.debug('hidden')\n"
        f"logging.getLogger('library').warning('ticket=%s', '{SECRET}', extra={{'token': '{SECRET}'}})\n"
        f"try:\n    raise ValueError('password={SECRET}')\nexcept ValueError:\n    log.exception('boom')\n"
    )
    text = written(tmp_path, "auto", body)
    hello, library, boom = [json.loads(line) for line in text.splitlines()]
    assert (hello["event"], hello["n"], hello["part"], hello["level"]) == ("hello", 1, "part-name", "info")
    assert hello["timestamp"].endswith("Z")
    assert (library["event"], library["level"]) == (f"ticket={REDACTED}", "warning")
    assert "ValueError" in boom["exception"]
    # The traceback shows the source line too, and that line held the secret as well.
    assert SECRET not in text


def test_the_console_format_hides_secrets_too(tmp_path: Path) -> None:
    text = written(tmp_path, "console", f"log.info('hello', token='{SECRET}')\n")
    assert "hello" in text
    assert SECRET not in text


# A thousand lines as we write them, and the same ones as structlog writes them over `logging`, each by itself.
LINES_BOTH_WAYS = """
import asyncio, random, sys
from structlog.stdlib import LoggerFactory, ProcessorFormatter
values = [1, -1.5, 1e300, None, True, 'plain', 'ü\\n"', '\\ud800', b'bytes', ['a', {'token': 'x'}],
          {'n': {'m': (1, {2})}},
          'Bearer abc', 'postgresql://me:pass@db/x', '/api/invites/eyJhbGci.eyJzdWI.c2ln', 'tıcket=5', object,
          'x' * 9000]
names = ['path', 'status', 'ms', 'ticket', 'password', 'method', 'level', 'timestamp', 'part', 'error', '_private']
async def lines(log):
    chosen = random.Random(7)
    for number in range(1000):
        fields = {name: chosen.choice(values) for name in chosen.sample(names, chosen.randrange(5))}
        with structlog.contextvars.bound_contextvars(request_id=f'{number:016x}'):
            level = chosen.choice(['debug', 'info', 'info', 'info', 'warning', 'error'])
            getattr(log, level)(chosen.choice(['request', 'listening', 'token=abc', '100 %s']), **fields)
            if number % 100 == 0:
                try:
                    raise ValueError('password=abc')
                except ValueError:
                    log.exception('boom', **fields)
        if number % 7 == 0:
            await asyncio.sleep(0)
structlog.contextvars.bind_contextvars(worker=3)
asyncio.run(lines(log))
print('-----', file=sys.stderr, flush=True)
given = structlog.get_config()['processors']
structlog.configure(processors=[*given[:-1], ProcessorFormatter.wrap_for_formatter], logger_factory=LoggerFactory())
handler = logging.StreamHandler(sys.stderr)
renderer = structlog.processors.JSONRenderer(default=str) if {json} else given[-1]
handler.setFormatter(ProcessorFormatter(processors=[ProcessorFormatter.remove_processors_meta, renderer]))
logging.root.handlers[:] = [handler]
asyncio.run(lines(structlog.get_logger()))
"""


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_lines_are_the_same_as_over_logging_to_the_byte(tmp_path: Path, log_format: str) -> None:
    body = LINES_BOTH_WAYS.replace("{json}", str(log_format == "json"))
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "now", written(tmp_path, log_format, body))
    ours, theirs = text.split("-----\n")
    assert ours.count("request") > 100
    assert ours.splitlines() == theirs.splitlines()
    assert ours == theirs


def test_the_last_line_is_written_whenever_the_process_ends(tmp_path: Path) -> None:
    end = "async def main():\n    log.info('last')\n    raise SystemExit(0)\nimport asyncio\nasyncio.run(main())\n"
    assert json.loads(written(tmp_path, "json", end))["event"] == "last"


def test_the_line_of_a_request_is_what_structlog_writes(tmp_path: Path) -> None:
    """The short way, and the long one for paths that it does not take."""
    body = (
        f"PATHS = ['/', '/api/chats/17/messages', '/a b\"\\\\', '/é👍\\n\\x7f', '/messages/1/reactions/:tada:', "
        f"'/%41', '/x?y', '/{JWT}', '/token={SECRET}', '/a://b:{SECRET}@c']\n"
        "def both():\n"
        "    with structlog.contextvars.bound_contextvars(request_id='0f' * 8):\n"
        "        for path in PATHS:\n"
        "            for ms in (0.0, 12.34, 1e-05, 123456.0):\n"
        "                log.info('request', method='POST', path=path, status=201, ms=ms)\n"
        "                logs.log_request('0f' * 8, 'POST', path, 201, ms)\n"
        "both()\n"
        "log.info('with a worker')\n"
        "structlog.contextvars.bind_contextvars(worker=2)\n"
        "logs.configure(Log(format='json'), 'part-name')\n"
        "both()\n"
    )
    lines = [
        re.sub(r'"timestamp": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z"', "NOW", line)
        for line in written(tmp_path, "json", body).splitlines()
    ]
    middle = next(number for number, line in enumerate(lines) if "with a worker" in line)
    assert middle == len(lines) // 2 == 10 * 4 * 2
    assert all("NOW" in line for line in lines)
    assert lines[:middle:2] == lines[1:middle:2]
    with_worker = [json.loads(line.replace("NOW", '"now": 0')) for line in lines[middle + 1 :]]
    assert with_worker[::2] == with_worker[1::2]
    assert {line["worker"] for line in with_worker} == {2}
    assert not any(SECRET in line or JWT in line for line in lines)


def test_a_quieter_log_has_no_lines_of_requests(tmp_path: Path) -> None:
    body = "logs.configure(Log(format='json', level='warning'), 'p')\nlogs.log_request('0f', 'GET', '/', 200, 1.0)\n"
    assert written(tmp_path, "json", body) == ""


def test_only_short_paths_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Strangers send paths of 30 KB, a new one each time."""
    lines: list[str] = []
    monkeypatch.setattr(logs._RequestLines, "write", lines.append)
    before = logs._remembered.cache_info().currsize
    for path in ("/of/" + "a-short-path", "/of/" + "a/long/path" * 10):
        logs.log_request("0f" * 8, "GET", path, 404, 1.0)
    assert len(lines) == 2
    assert logs._remembered.cache_info().currsize == before + 1
