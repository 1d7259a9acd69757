from typing import Literal

from chat_core.settings.types import Section


class Log(Section):
    """The log that the servers write to stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """debug, info, warning or error: the lowest level that is written."""

    format: Literal["auto", "console", "json"] = "auto"
    """console, json, or auto: console on a terminal, elsewhere one JSON object per line."""
