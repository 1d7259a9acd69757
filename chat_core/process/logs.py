"""Structured logs on stderr: coloured lines on a terminal, one JSON object a line elsewhere.

Whatever looks like a secret is replaced before anything is written, also in the lines of libraries that use
`logging` and in tracebacks. Get a logger with `structlog.get_logger()`.
"""

import functools
import logging
import re
import sys
from collections.abc import Mapping

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from chat_core.settings import Log

REDACTED = "[redacted]"

_SECRET_NAME = re.compile(r"token|passw|authorization|ticket|secret|cookie|private_?key|api_?key", re.IGNORECASE)
_SECRET_TEXTS = (
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), REDACTED),  # a JWT
    (re.compile(r"\b(Bearer|Basic)\s+[^\s\"',]+", re.IGNORECASE), rf"\1 {REDACTED}"),
    # Up to the last @: a password may hold one, or a slash, where it should be percent-encoded.
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
# Ours have 43 (chat_core/tokens.py); no other part of a path is as long as that.
TOKEN_CHARACTERS = 32
_TOKEN_IN_PATH = re.compile(rf"[\w%-]{{{TOKEN_CHARACTERS},}}")
# What none of them can do without: most texts have nothing of it, and are looked at once in place of five times.
_SUSPICIOUS = re.compile(r"eyj|bearer|basic|://|token|passw|ticket|secret|-----begin", re.IGNORECASE)


def configure(log: Log, part: str) -> None:
    """Set up structlog and `logging` for this process. `part` ("chat-server") stands in each line."""
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
        else structlog.processors.JSONRenderer(default=str)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level)
    logging.captureWarnings(True)
    for chatty in ("httpx", "httpcore"):  # a line for each request we make
        logging.getLogger(chatty).setLevel(logging.WARNING)


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace the values of secret-sounding names, and secrets inside texts, at any depth."""
    return {name: _clean(name, value) for name, value in event.items()}


def path_without_secrets(path: str) -> str:
    """A URL's path as a log may have it. What is as long as a token and made of the same characters is taken for one,
    whether there is such a route or not; percent signs are left where it was encoded more than once."""
    return _TOKEN_IN_PATH.sub(REDACTED, path) if len(path) > TOKEN_CHARACTERS else path


@functools.lru_cache(1024)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _clean(name: str, value: object, depth: int = 0) -> object:
    if isinstance(value, str | bytes) and _is_secret(name):
        return REDACTED
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        if _SUSPICIOUS.search(value):
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
