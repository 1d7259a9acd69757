"""How a document gets a former content back: by an edit, since to go back is what no CRDT can.

The edit is an undo of all that was done since. So what stayed is not touched, and whatever people are doing to it
meanwhile merges; what was added goes, and what was deleted comes as a copy. Only for the process that has documents.
"""

from typing import Any, Final

import pycrdt

from chat_core.documents.content import content, document
from chat_core.documents.updates import EMPTY, Extent

# All that was done since is one step, however long it took.
_ONE_STEP: Final = 2**31


def restore(former: bytes, present: bytes) -> bytes:
    """The update that gives the present the content of a former state; EMPTY where it has that already. ValueError
    where that does not come about: it is looked at before the update is anybody's."""
    now, wanted = document(present), content(document(former), formats=True)
    if content(now, formats=True) == wanted:
        return EMPTY
    doc = document(former)
    # Of what type a root is does not matter to this; an undo is by its place.
    roots: list[Any] = [doc.get(name, type=pycrdt.Map) for name in sorted({*now.keys(), *doc.keys()})]
    undoing = pycrdt.UndoManager(scopes=roots, capture_timeout_millis=_ONE_STEP)
    doc.apply_update(present)  # what it deletes is collected there, and kept here to be undone
    made: list[bytes] = []
    watching = doc.observe(lambda event: made.append(event.update))
    while undoing.can_undo():
        undoing.undo()
    doc.unobserve(watching)
    update = pycrdt.merge_updates(EMPTY, *made)
    Extent.of(update)  # or it could not be read by others
    if content(document(present, update), formats=True) != wanted:
        raise ValueError("an undo does not lead back")
    return update
