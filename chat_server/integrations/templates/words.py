"""What templates are made of: words of strangers, so that they say nothing in our own notation."""

from typing import Any

LONGEST_LINE = 300
MOST_LINES = 20


def get(payload: Any, *path: str | int) -> Any:
    """What stands at a path; None if anything on the way is missing."""
    for step in path:
        if isinstance(payload, dict):
            payload = payload.get(step)
        elif isinstance(payload, list) and isinstance(step, int) and step < len(payload):
            payload = payload[step]
        else:
            return None
    return payload


def text(payload: Any, *path: str | int) -> str:
    """The text or number at a path as one line, which mentions nobody and links nowhere."""
    value = get(payload, *path)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    line = " ".join(str(value).replace("\x00", "").split())
    line = line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
    return line.replace("@", "@\u2060").replace("`", "'").replace("[", "(").replace("]", ")")


def items(payload: Any, *path: str | int) -> list[Any]:
    value = get(payload, *path)
    return value[:MOST_LINES] if isinstance(value, list) else []


def amount(payload: Any, *path: str | int) -> int:
    value = get(payload, *path)
    return len(value) if isinstance(value, list) else 0


def link(label: str, url: Any) -> str:
    """A link, or its words alone where this is no address."""
    fits = isinstance(url, str) and url.startswith(("http://", "https://")) and not set(url) & set(' ()<>[]\n"`')
    return f"[{label}]({url})" if fits and label else label


def code(words: str) -> str:
    return f"`{words}`" if words else ""


def lines(*given: str) -> str:
    return "\n".join(line for line in given if line)


def subject(payload: Any, *path: str | int) -> str:
    """The first line of what stands at a path."""
    value = get(payload, *path)
    return text([value.strip().split("\n")[0]], 0) if isinstance(value, str) else ""
