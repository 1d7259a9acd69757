"""JSON Pointers (RFC 6901): `/components/7/name`."""

import re
from itertools import pairwise

_BAD_ESCAPE = re.compile(r"~(?![01])")
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")


def tokens(pointer: str) -> list[str]:
    """The pointer's reference tokens, none for the whole document. Raises ValueError with a reason."""
    if not pointer:
        return []
    if pointer[0] != "/":
        raise ValueError("a path is empty or begins with /")
    found = pointer[1:].split("/")
    if "~" in pointer:
        if _BAD_ESCAPE.search(pointer):
            raise ValueError("in a path, ~ is followed by 0 or 1")
        found = [token.replace("~1", "/").replace("~0", "~") for token in found]
    if "__proto__" in found or ("prototype" in found and _reaches_prototype(found)):
        raise ValueError("the path names a prototype of JavaScript")
    return found


def token(name: str) -> str:
    """A member's name as it stands in a pointer."""
    return name.replace("~", "~0").replace("/", "~1") if "~" in name or "/" in name else name


def index(text: str) -> int | None:
    """The array index that a token is; None for others, such as `01`, `+1`, `1_0` and digits of other scripts."""
    return int(text) if _INDEX.fullmatch(text) else None


def shortened(pointer: str) -> str:
    """A pointer for an error's text."""
    return pointer if len(pointer) <= 100 else f"{pointer[:100]}…"


def _reaches_prototype(found: list[str]) -> bool:
    # Libraries that guard against prototype pollution refuse such a path, so their users could never apply the patch.
    return ("constructor", "prototype") in pairwise(found)
