"""Structured logs on stderr: coloured lines on a terminal, elsewhere one JSON object per line.

Whatever looks like a secret is replaced before anything is written, also in the lines of libraries that use
`logging` and in tracebacks. Get a logger with `structlog.get_logger()`. Its lines do not pass through `logging`, which
would take more time than all the rest, and the common ones are written together, once a turn of the event loop.
"""

import functools
import json
import logging
import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from chat_core.process.lines import LineWriter
from chat_core.settings import Log

REDACTED = "[redacted]"
_log = structlog.get_logger()
_encode = json.JSONEncoder(default=str).encode  # json.dumps would make one each time

_SECRET_NAME = re.compile(r"token|passw|authorization|ticket|secret|cookie|private_?key|api_?key", re.IGNORECASE)
_SECRET_TEXTS = (
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), REDACTED),  # a JWT
    (re.compile(r"\b(Bearer|Basic)\s+[^\s\"',]+", re.IGNORECASE), rf"\1 {REDACTED}"),
    # Up to the last @: a password may contain one, or a slash, that should be percent-encoded.
    (re.compile(r"([a-z][a-z0-9+]*://[^\s:/@]*:)\S+@", re.IGNORECASE), rf"\1{REDACTED}@"),
    (
        re.compile(r"(\w*(?:token|passw(?:or)?d|ticket|secret)\w*[\"']?\s*[=:]\s*)[\"']?[^\s\"'&,;}]+", re.IGNORECASE),
        rf"\1{REDACTED}",
    ),
    (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
        REDACTED,
    ),
)
_PLAIN = frozenset({int, float, bool, type(None)})
_OURS = frozenset({"level", "timestamp"})  # set after whatever a caller gives
# Ours have 43 (chat_core/tokens.py); no other part of a path is as long as that.
TOKEN_CHARACTERS = 32
# Of a path; others are looked at each time, so that strangers fill no memory with theirs.
REMEMBERED_CHARACTERS = 100
_TOKEN_IN_PATH = re.compile(rf"[\w%-]{{{TOKEN_CHARACTERS},}}")
# What none of them can do without, case folded: most texts have nothing of it, and that is soon seen. Without an i,
# since re.IGNORECASE takes two letters for one that do not fold to it.
_SUSPICIOUS = ("eyj", "bearer", "bas", "://", "token", "passw", "cket", "secret", "-----beg")


def configure(log: Log, part: str) -> None:
    """Sets up structlog and `logging` for this process. `part` ("chat-server") appears in each line."""
    level = logging.getLevelNamesMapping()[log.level.upper()]
    console = log.format == "console" or (log.format == "auto" and sys.stderr.isatty())

    def add_part(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event.setdefault("part", part)
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_part,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if console
        else structlog.processors.JSONRenderer(serializer=_encoded)
    )
    lines = LineWriter(sys.stderr.fileno(), _tell_dropped)
    _RequestLines.write = lines.write_soon if level <= logging.INFO and not console else None
    _RequestLines.end = _encode({**structlog.contextvars.get_contextvars(), "part": part})[1:]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Logger(lines),
        cache_logger_on_first_use=True,
    )
    handler = _Handler(lines)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level)
    logging.captureWarnings(True)
    for chatty in ("httpx", "httpcore"):  # a line for each outgoing request
        logging.getLogger(chatty).setLevel(logging.WARNING)


class _RequestLines:
    """Where log_request() writes to, None if every line has to pass structlog; and what each line ends with."""

    write: Callable[[str], None] | None = None
    end = ""


def log_request(request_id: str, method: str, path: str, status: int, milliseconds: float) -> None:
    """The line `request`, of which there is one for each request, with the fields that structlog would give it. As
    JSON it is one text, unless the path may have something to redact: the way through structlog takes ten times as
    long. Call it with the request's id bound to the context."""
    write = _RequestLines.write
    shown = (_remembered if len(path) <= REMEMBERED_CHARACTERS else _shown)(path)
    if write is None or shown is None:
        _log.info("request", method=method, path=path, status=status, ms=milliseconds)
        return
    write(
        f'{{"method": "{method}", "path": {shown}, "status": {status}, "ms": {milliseconds}, "event": "request", '
        f'"request_id": "{request_id}", "level": "info", "timestamp": "{_now()}", {_RequestLines.end}'
    )


def _now() -> str:
    """As structlog's TimeStamper(fmt="iso", utc=True)."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


class _Logger:
    """What structlog gives its lines to."""

    def __init__(self, lines: LineWriter) -> None:
        self.debug = self.info = lines.write_soon
        # A process may end after one of these, in whatever way.
        self.warning = self.error = self.critical = lines.write


class _Handler(logging.Handler):
    """What `logging` gives its lines to."""

    def __init__(self, lines: LineWriter) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.write(self.format(record))
        except Exception:
            self.handleError(record)


def _encoded(event: EventDict, **_: object) -> str:
    return _encode(event)


def _tell_dropped(lines: int) -> None:
    structlog.get_logger().error("lines dropped: nobody read them", lines=lines)


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace the values of secret-sounding names, and secrets inside texts, at any depth."""
    return {
        name: value if type(value) in _PLAIN or name in _OURS else _clean(name, value) for name, value in event.items()
    }


def path_without_secrets(path: str) -> str:
    """A URL's path, safe to log. A part that is as long as a token and has the same characters is taken for one,
    whether the route exists or not; percent signs of repeated encoding stay."""
    return _TOKEN_IN_PATH.sub(REDACTED, path) if len(path) > TOKEN_CHARACTERS else path


@functools.lru_cache(1024)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _shown(path: str) -> str | None:
    """A path as JSON; None if something in it may be redacted."""
    return None if _is_suspicious(path) else _encode(path)


# Most requests go to few paths.
_remembered = functools.lru_cache(4096)(_shown)


def _is_suspicious(text: str) -> bool:
    folded = text.casefold()
    for mark in _SUSPICIOUS:  # noqa: SIM110 - a generator takes three times as long
        if mark in folded:
            return True
    return False


def _clean(name: str, value: object, depth: int = 0) -> object:
    if isinstance(value, str | bytes) and _is_secret(name):
        return REDACTED
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        if _is_suspicious(value):
            for pattern, replacement in _SECRET_TEXTS:
                value = pattern.sub(replacement, value)
        return value
    if value is None or isinstance(value, bool | int | float) or name.startswith("_"):
        return value
    if depth == 4:
        return "…"
    if isinstance(value, Mapping):
        return {str(key): _clean(str(key), item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(name, item, depth + 1) for item in value]
    return _clean(name, str(value), depth + 1)
