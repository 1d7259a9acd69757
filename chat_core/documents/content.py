"""What is in a document, as JSON, and how two such differ. Only for the process that has documents: see worker.py."""

from collections.abc import Iterator
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

import msgspec
import pycrdt

Document = pycrdt.Doc[Any]
_XML: Final = pycrdt.XmlElement | pycrdt.XmlText
# As deep as Python follows what is nested, in a process that does nothing else.
DEEPEST: Final = 500


def document(*updates: bytes) -> Document:
    doc = Document()
    for update in updates:
        doc.apply_update(update)
    return doc


def content(doc: Document, *, formats: bool = False) -> dict[str, Any]:
    """Every root type that has something in it. XML is its text, bytes are numbers, and rich text loses its formats,
    unless they are asked for: then it is a list of pieces, each with its own."""
    return {name: shown for name in sorted(doc.keys()) if (shown := _root(doc, name, formats)) is not None}


def _root(doc: Document, name: str, formats: bool) -> Any:
    """An update does not say of what type a root is; what is in it does. None where it is empty."""
    if entries := _shown(doc.get(name, type=pycrdt.Map), formats):
        return entries
    if str(text := doc.get(name, type=pycrdt.Text)):
        return _text(text, formats)
    items = doc.get(name, type=pycrdt.Array)
    if not len(items):
        return None
    if isinstance(items[0], _XML):
        return _xml(doc.get(name, type=pycrdt.XmlFragment), formats)
    return _shown(items, formats)


def _shown(shared: "pycrdt.Map[Any] | pycrdt.Array[Any]", formats: bool) -> Any:
    with shared.doc.transaction() as transaction:
        encoded: str = shared.integrated.to_json(transaction._txn)
    # What that makes of XML has its attributes in no order. The other way takes longer: a call for each item.
    return _value(shared, formats) if formats or "<" in encoded else msgspec.json.decode(encoded)


def _value(value: Any, formats: bool) -> Any:
    if isinstance(value, pycrdt.Map):
        return {key: _value(one, formats) for key, one in value.items()}
    if isinstance(value, pycrdt.Array):
        return [_value(one, formats) for one in value]
    if isinstance(value, pycrdt.Text):
        return _text(value, formats)
    if isinstance(value, pycrdt.XmlFragment | _XML):
        return _xml(value, formats)
    if isinstance(value, pycrdt.Doc):
        return {"guid": value.guid}
    if isinstance(value, bytes):
        return list(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _text(text: "pycrdt.Text | pycrdt.XmlText", formats: bool) -> Any:
    pieces: list[tuple[Any, Any]] = []
    for piece, given in text.diff():
        # Neighbours of one format come in one piece or in several.
        if pieces and isinstance(piece, str) and isinstance(pieces[-1][0], str) and pieces[-1][1] == (given or None):
            piece = pieces.pop()[0] + piece
        pieces.append((piece, given or None))
    return pieces if formats else "".join(piece for piece, _ in pieces if isinstance(piece, str))


def _xml(node: Any, formats: bool) -> str:
    if isinstance(node, pycrdt.XmlText):
        return escape(str(_text(node, formats)))
    inner = "".join(_xml(child, formats) for child in node.children)
    if isinstance(node, pycrdt.XmlFragment):
        return inner
    attributes = "".join(f" {name}={quoteattr(str(value))}" for name, value in sorted(dict(node.attributes).items()))
    return f"<{node.tag}{attributes}>{inner}</{node.tag}>"


def changes(before: Any, after: Any) -> list[dict[str, Any]]:
    """A JSON Patch (RFC 6902) that makes the one into the other, in time that grows with their size and no faster: of
    lists, what they begin and end with in common is left alone, and the rest goes item by item."""
    return list(_changes("", before, after))


def _changes(path: str, before: Any, after: Any) -> Iterator[dict[str, Any]]:
    if path.count("/") > DEEPEST:
        raise ValueError("it is nested too deep")
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            place = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
            if key not in after:
                yield {"op": "remove", "path": place}
            elif key not in before:
                yield {"op": "add", "path": place, "value": after[key]}
            else:
                yield from _changes(place, before[key], after[key])
    elif isinstance(before, list) and isinstance(after, list):
        yield from _changes_in_list(path, before, after)
    elif not _same(before, after):
        yield {"op": "replace", "path": path, "value": after}


def _changes_in_list(path: str, before: list[Any], after: list[Any]) -> Iterator[dict[str, Any]]:
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if not _same(before[at], after[at])), shorter)
    alike = range(1, shorter - start + 1)
    end = next((back for back in alike if not _same(before[-back], after[-back])), shorter - start + 1) - 1
    both = shorter - start - end
    for at in range(start, start + both):
        yield from _changes(f"{path}/{at}", before[at], after[at])
    at = start + both
    for _ in range(len(before) - shorter):
        yield {"op": "remove", "path": f"{path}/{at}"}
    for place in range(at, at + len(after) - shorter):
        yield {"op": "add", "path": f"{path}/{place}", "value": after[place]}


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: to Python, true is 1 as well."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)
