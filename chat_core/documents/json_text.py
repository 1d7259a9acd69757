"""JSON values as JSON.parse accepts them, where Python and UTF-8 text differ from it."""

import re
from typing import Final

# Maximum nesting of a value: a browser's stack has room for ten times that.
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
    """JSON may contain escaped unpaired surrogates, but UTF-8 text may not. They become U+FFFD, as in a browser's
    TextEncoder. Everything else stays as written."""
    return _ESCAPES.sub(lambda escape: b"\\ufffd" if escape[1] else escape[0], json)
