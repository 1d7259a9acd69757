"""Slack's blocks of rich text, and its tables, as its mrkdwn: https://docs.slack.dev/reference/block-kit/blocks/.

They are what its clients write, where programs write mrkdwn themselves.
"""

from collections.abc import Iterator
from typing import Any, Final

KINDS: Final = ("rich_text", "table")
_BULLETS: Final = "•◦▪"
_STYLES: Final = (("code", "`"), ("strike", "~"), ("italic", "_"), ("bold", "*"))
Json = dict[str, Any]


def as_sections(given: object) -> object:
    """The same JSON with a section of mrkdwn for each of these blocks: its mentions are then as in any text."""
    if isinstance(given, dict):
        if given.get("type") in KINDS:
            return {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn(given)}}
        return {key: as_sections(value) for key, value in given.items()}
    return [as_sections(each) for each in given] if isinstance(given, list) else given


def mrkdwn(block: Json) -> str:
    """Of a block of one of these kinds."""
    if block.get("type") == "table":
        return "\n".join(_row(row) for row in _list(block.get("rows")))
    return "\n".join(_piece(piece) for piece in _objects(block.get("elements")))


def _row(cells: Any) -> str:
    return " | ".join(_cell(cell) for cell in _objects(cells))


def _cell(cell: Json) -> str:
    text = mrkdwn(cell) if cell.get("type") == "rich_text" else _escaped(cell.get("text"))
    return " ".join(text.split())


def _piece(piece: Json) -> str:
    elements = _objects(piece.get("elements"))
    match piece.get("type"):
        case "rich_text_list":
            return "\n".join(_items(piece, elements))
        case "rich_text_quote":
            return "\n".join(f"&gt; {line}" for line in _inline(elements).strip("\n").split("\n"))
        case "rich_text_preformatted":
            return f"```\n{''.join(_escaped(element.get('text') or element.get('url')) for element in elements)}\n```"
    return _inline(elements).removesuffix("\n")


def _items(piece: Json, elements: list[Json]) -> Iterator[str]:
    depth, offset = _number(piece.get("indent"), 8), _number(piece.get("offset"), 10_000)
    for number, item in enumerate(elements, offset + 1):
        mark = f"{number}." if piece.get("style") == "ordered" else _BULLETS[depth % len(_BULLETS)]
        yield f"{'    ' * depth}{mark} {_inline(_objects(item.get('elements')))}"


def _inline(elements: list[Json]) -> str:
    return "".join(_styled(_element(element), element.get("style")) for element in elements)


def _element(element: Json) -> str:
    match element.get("type"):
        case "text":
            return _escaped(element.get("text"))
        case "link":
            address, label = _escaped(element.get("url")), _escaped(element.get("text"))
            return f"<{address}|{label}>" if label else f"<{address}>"
        case "user":
            return f"<@{_escaped(element.get('user_id'))}>"
        case "channel":
            return f"<#{_escaped(element.get('channel_id'))}>"
        case "broadcast":
            return f"<!{_escaped(element.get('range'))}>"
        case "usergroup":
            return f"<!subteam^{_escaped(element.get('usergroup_id'))}>"
        case "emoji":
            return f":{_escaped(element.get('name'))}:"
    return _escaped(element.get("fallback") or element.get("value"))


def _styled(text: str, style: Any) -> str:
    """Its marks are next to its words: Slack's have spaces within."""
    if not isinstance(style, dict) or not text.strip() or "\n" in text:
        return text
    inside = text.strip()
    start = text.index(inside)
    for name, mark in _STYLES:
        if style.get(name) is True:
            inside = f"{mark}{inside}{mark}"
    return text[:start] + inside + text[start + len(text.strip()) :]


def _escaped(given: Any) -> str:
    if not isinstance(given, str):
        return ""
    return given.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _objects(given: Any) -> list[Json]:
    return [each for each in _list(given) if isinstance(each, dict)]


def _number(given: Any, most: int) -> int:
    return min(given, most) if isinstance(given, int) and given > 0 else 0
