from typing import Literal

from chat_core.settings.types import Section


class Log(Section):
    """What the servers write to stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """debug, info, warning or error: the least that is written."""

    format: Literal["auto", "console", "json"] = "auto"
    """console, json, or auto: console on a terminal and one JSON object a line elsewhere."""
