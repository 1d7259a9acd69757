"""What is written to stderr, and above all what is not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

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
    """What a program writes to stderr that has configured its logs."""
    program = tmp_path / "program.py"
    program.write_text(
        "import logging, structlog\n"
        "from chat_core.process import logs\nfrom chat_core.settings import Log\n"
        f"logs.configure(Log(format={log_format!r}), 'part-name')\nlog = structlog.get_logger()\n{body}"
    )
    done = subprocess.run([sys.executable, program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr


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
