"""Yjs documents of all types, edited at random by several people, for tests."""

import random
from typing import Any

from pycrdt import Array, Doc, Map, Text, XmlElement, XmlFragment, XmlText

ROOTS: dict[str, Any] = {"map": Map, "array": Array, "text": Text, "xml": XmlFragment}
SHARED = (Map, Array, Text, XmlElement, XmlText, XmlFragment)


def document(*updates: bytes) -> Doc[Any]:
    doc = Doc[Any]()
    for update in updates:
        doc.apply_update(update)
    return doc


class Editors:
    """Some people with a document each. What one has done the others get by `meet`, and now and then by themselves."""

    def __init__(self, chance: random.Random, base: bytes = b"\x00\x00", amount: int = 3) -> None:
        self.chance = chance
        self.docs = [Doc[Any]() for _ in range(amount)]
        for doc in self.docs:
            doc.apply_update(base)

    def edit(self, amount: int) -> bytes:
        """The state in which they all are afterwards."""
        for _ in range(amount):
            edit(self.chance, self.chance.choice(self.docs))
            if self.chance.random() < 0.3:
                self.meet()
        self.meet()
        return self.docs[0].get_update()

    def meet(self) -> None:
        updates = [doc.get_update() for doc in self.docs]
        for doc in self.docs:
            for update in updates:
                doc.apply_update(update)


def edit(chance: random.Random, doc: Doc[Any]) -> None:
    name = chance.choice(sorted(ROOTS))
    shared = _within(chance, doc.get(name, type=ROOTS[name]))
    if isinstance(shared, Map):
        key = chance.choice("ab/~")
        if key in shared and chance.random() < 0.35:
            del shared[key]
        else:
            shared[key] = _value(chance)
    elif isinstance(shared, Array):
        if len(shared) and chance.random() < 0.4:
            at = chance.randrange(len(shared))
            del shared[at : min(len(shared), at + chance.randint(1, 3))]
        else:
            shared.insert(chance.randint(0, len(shared)), _value(chance))
    elif isinstance(shared, Text | XmlText):
        _edit_text(chance, shared)
    elif len(shared.children) and chance.random() < 0.35:
        del shared.children[chance.randrange(len(shared.children))]
    elif isinstance(shared, XmlElement) and chance.random() < 0.3:
        shared.attributes[chance.choice("pq")] = chance.choice(["1", "<"])
    else:
        child = chance.choice([XmlText("<x>"), XmlElement("p", {"b": "2", "a": "1"}), XmlElement("q")])
        shared.children.insert(chance.randint(0, len(shared.children)), child)


def _edit_text(chance: random.Random, text: Any) -> None:
    length = sum(len(part) if isinstance(part, str) else 1 for part, _ in text.diff())
    what, at = chance.random(), chance.randint(0, max(0, length - 1))
    if length and what < 0.35:
        del text[at : min(length, at + chance.randint(1, 4))]
    elif length and what < 0.5:
        text.format(at, min(length, at + chance.randint(1, 4)), {"bold": chance.choice([True, None])})
    elif what < 0.6 and isinstance(text, Text):
        text.insert_embed(at, {"image": chance.randint(0, 9)})
    else:
        text.insert(at, chance.choice(["foo", "b", "bar"]))


def _value(chance: random.Random, depth: int = 0) -> Any:
    values: list[Any] = [chance.randint(0, 9), chance.choice(["<s>", None, True, 1.5, {"p": [1]}])]
    if depth < 3:
        inner = [_value(chance, depth + 1) for _ in range(chance.randint(0, 2))]
        values += [Map({chance.choice("ab"): one for one in inner}), Array(inner), Text("text" * chance.randint(0, 2))]
        values.append(XmlFragment([XmlElement("p", {"b": "2", "a": "1"}, [XmlText("in")])]))
    return chance.choice(values)


def _within(chance: random.Random, shared: Any) -> Any:
    """One of the types within."""
    while True:
        match shared:
            case Map():
                inner = list(shared.values())
            case Array():
                inner = list(shared)
            case XmlFragment() | XmlElement():
                inner = list(shared.children)
            case _:
                return shared
        inner = [one for one in inner if isinstance(one, SHARED)]
        if not inner or chance.random() < 0.4:
            return shared
        shared = chance.choice(inner)
