"""The edits of a board on which much has been done: ten people who move notes, type in them and draw."""

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pycrdt

PEOPLE = 10
NOTES_EACH = 20
# So many edits of one person, then some of the next.
TURN = 20


class _Person:
    def __init__(self, client: int, choose: random.Random) -> None:
        self._choose = choose
        self._doc = pycrdt.Doc[Any](client_id=client)
        self.updates: list[bytes] = []
        self._subscription = self._doc.observe(lambda event: self.updates.append(event.update))
        notes: pycrdt.Map[Any] = self._doc.get("elements", type=pycrdt.Map)
        self._notes: list[tuple[pycrdt.Map[Any], pycrdt.Text, pycrdt.Array[Any]]] = []
        for number in range(NOTES_EACH):
            text, points = pycrdt.Text(), pycrdt.Array[Any]()
            note = pycrdt.Map[Any]({"kind": "note", "x": 0.0, "y": 0.0, "text": text, "points": points})
            notes[f"{client}-{number}"] = note
            self._notes.append((note, text, points))

    def edit(self, number: int) -> None:
        note, text, points = self._choose.choice(self._notes)
        what = self._choose.random()
        if what < 0.6:
            with self._doc.transaction():
                note["x"], note["y"] = number * 1.25 % 4000, number * 0.75 % 3000
        elif what < 0.9:
            place = len(text) if what < 0.87 else self._choose.randint(0, len(text))
            text.insert(place, self._choose.choice("etaoin shrdlu"))
        else:
            points.extend([number % 100, number % 77])


def updates(amount: int) -> list[bytes]:
    """So many, an edit each, in the order in which they were made."""
    choose = random.Random(1)
    people = [_Person(client, choose) for client in choose.sample(range(2**31), PEOPLE)]
    made = _edits(people)
    return [next(made) for _ in range(amount)]


def _edits(people: Sequence[_Person]) -> Iterator[bytes]:
    number = 0
    while True:
        person = people[number // TURN % PEOPLE]
        if not person.updates:
            person.edit(number)
            number += 1
        yield person.updates.pop(0)


def merged(some: Sequence[bytes]) -> bytes:
    """The board's state, as a document has it."""
    return document(some).get_update()


def content(some: Sequence[bytes]) -> str:
    """A hash of what a board shows that has been made of these updates."""
    elements: pycrdt.Map[Any] = document(some).get("elements", type=pycrdt.Map)
    return hashlib.sha256(json.dumps(elements.to_py(), sort_keys=True).encode()).hexdigest()


def document(some: Sequence[bytes]) -> pycrdt.Doc[Any]:
    doc = pycrdt.Doc[Any]()
    for update in some:
        doc.apply_update(update)
    return doc
