"""What a page's content says: the texts in it, each with its place. Index, search and highlights go by these alone."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from chat_core.documents.patches.schema import FREE
from chat_server.search.analysis import tokens

# The editor's kinds of components (chat_server/page_content/rendering/components.py), whose names say nothing.
KINDS = frozenset(
    {
        "page",
        "heading",
        "text",
        "image",
        "button",
        "columns",
        "column",
        "container",
        "card",
        "table",
        "form",
        "input",
        "textarea",
        "select",
        "checkbox",
        "divider",
        "board",
    }
)
# Properties that say how a component of one of these looks.
_LOOKS = frozenset({"align", "type"})
# A tsvector holds less than a megabyte. Where a page has more different words, it is examined in each search.
MOST_TOKEN_BYTES = 700_000


class Text(NamedTuple):
    """`pointer` is its place in the content (RFC 6901); `component_id` is null in a page of any JSON."""

    component_id: str | None
    pointer: str
    text: str


def texts(document: Any, schema: str) -> Iterator[Text]:
    """Of a page of components their names (unless these are of a known kind), descriptions and properties; of any other
    JSON all strings. What a new page begins with is left out: its root."""
    components = document.get("components") if schema != FREE and isinstance(document, dict) else None
    if not isinstance(components, dict):
        yield from _strings(document, None, "")
        return
    for id_, component in components.items():
        if not isinstance(component, dict):
            continue
        name, place = component.get("name"), f"/components/{_escaped(id_)}"
        is_known = str(name).lower() in KINDS
        if not is_known and isinstance(name, str):
            yield Text(id_, f"{place}/name", name)
        if isinstance(component.get("desc"), str) and id_ != str(document.get("rootId")):
            yield Text(id_, f"{place}/desc", component["desc"])
        props = component.get("props")
        for prop, value in props.items() if isinstance(props, dict) else ():
            if not (is_known and prop in _LOOKS):
                yield from _strings(value, id_, f"{place}/props/{_escaped(prop)}")


def _strings(value: Any, component_id: str | None, pointer: str) -> Iterator[Text]:
    """In the order in which they stand there. The depth of a content is bounded where it is written."""
    if isinstance(value, str):
        yield Text(component_id, pointer, value)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _strings(each, component_id, f"{pointer}/{_escaped(key)}")
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _strings(each, component_id, f"{pointer}/{place}")


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def indexed(name: str, said: Iterable[Text]) -> str | None:
    """The tokens of a page, with spaces between them; None if they are too many for the index."""
    found, size = tokens(name), 0
    for each in said:
        found |= tokens(each.text)
    for token in found:
        size += len(token.encode()) + 8
        if size > MOST_TOKEN_BYTES:
            return None
    return " ".join(found)
