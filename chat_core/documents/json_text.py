"""Values as JSON.parse takes them, where Python and text in UTF-8 differ from it."""

import re
from typing import Final

# A value may be nested so deep: a browser's stack has room for ten times that.
DEEPEST: Final = 500

# Strings, so that brackets in them are passed over, and brackets.
_BRACKETS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}]')
# Escapes, one by one: of \uXXXX a surrogate pair, or half of one.
_ESCAPES: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def too_deep(text: str) -> bool:
    """Whether JSON is nested deeper than DEEPEST."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = 0
    for bracket in _BRACKETS.findall(text):
        if bracket in "[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif bracket in "]}":
            depth -= 1
    return False


def without_halves(json: bytes) -> bytes:
    """JSON may have halves of surrogate pairs, escaped, and text may not: they are U+FFFD then, as in a browser's
    TextEncoder. All else stays as it is written."""
    return _ESCAPES.sub(lambda escape: b"\\ufffd" if escape[1] else escape[0], json)
