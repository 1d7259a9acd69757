"""Why a patch is refused. A refused patch has changed nothing."""

from collections.abc import Sequence

from .effects import Effect


class PatchFailed(Exception):
    """An operation cannot be applied.

    `index` is its place in the patch, None if the patch is not a list. `effects` are those of the operations before it,
    and a write to each path that it names: what it may have depended on.
    """

    def __init__(self, index: int | None, reason: str, effects: Sequence[Effect] = ()) -> None:
        super().__init__(reason if index is None else f"operation {index}: {reason}")
        self.index = index
        self.reason = reason
        self.effects = effects


class TooLarge(Exception):
    """The patch, or the document that it would make, exceeds `limit`: a field of `Limits`, whose value is `most`.

    `index` is the operation at which it did, None for the patch as a whole.
    """

    def __init__(self, index: int | None, limit: str, most: int) -> None:
        super().__init__(f"more than {most} {_NOUNS[limit]}")
        self.index = index
        self.limit = limit
        self.most = most


class Invalid(Exception):
    """The patch can be applied, but its result is not a valid page; the text says why."""


_NOUNS = {
    "operations": "operations in a patch",
    "depth": "levels of objects and arrays",
    "copied": "bytes copied or moved by a patch",
    "result": "bytes of content",
}
