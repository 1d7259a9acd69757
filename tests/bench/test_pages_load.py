"""The load generator of pages says what its peers understand."""

from typing import Any

import pycrdt

from bench.load.client import BINARY
from bench.load.documents.pages_wire import YMapWire
from bench.load.documents.yjs_wire import HocuspocusWire


def test_an_edit_of_a_map_is_a_yjs_update_that_depends_on_nobody_elses() -> None:
    ada, bob = YMapWire(), YMapWire()
    doc = pycrdt.Doc[Any]()
    texts: pycrdt.Map[Any] = doc.get("texts", type=pycrdt.Map)
    edits = [ada.edit("7", 2, 11, 0, 0), bob.edit("7", 3, 12, 0, 0), ada.edit("7", 4, 13, 0, 1)]
    for edit in edits:
        assert edit[0] == BINARY
        message = edit[6:]  # behind the frame's head and its mask
        assert ada.kind(message) == "edit"
        doc.apply_update(HocuspocusWire("/").update(message))
    assert dict(texts) == {"2": "#00000011", "3": "#00000012", "4": "#00000013"}
