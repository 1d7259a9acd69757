"""The languages that servers write in by themselves: mails, and what is around published pages."""

import re
from typing import Final, Literal

Language = Literal["en", "zh"]

_PREFERENCE: Final = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]{1,35})?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?")
_LONGEST: Final = 500


def language_of(accepted: str) -> Language:
    """By Accept-Language (RFC 9110, 12.5.4): Chinese, or else English."""
    found: list[tuple[float, Language]] = []
    for part in accepted[:_LONGEST].split(","):
        match = _PREFERENCE.fullmatch(part)
        if match and match[1].lower() in ("zh", "en"):
            found.append((float(match[2] or 1), "zh" if match[1].lower() == "zh" else "en"))
    weight, language = max(found, key=lambda each: each[0], default=(0.0, "en"))
    return language if weight else "en"
