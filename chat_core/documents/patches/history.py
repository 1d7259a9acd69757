"""Stored patches: what becomes of one, and a document at another version."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from .limits import MOST
from .patch import Applied, Operation, apply, revert
from .refusals import Invalid, PatchFailed, TooLarge
from .schema import PAGE, problem


class StoredPatch(NamedTuple):
    """A row of `page_ops`. `inverse` is None if the row came from psql and no server has applied it yet."""

    version: int
    patch: str
    inverse: str | None = None


class Settled(NamedTuple):
    """What has become of a stored patch: `patch` is empty if it was refused, for the reason `refusal`."""

    patch: list[Operation]
    applied: Applied
    refusal: str | None


class Unreachable(Exception):
    """The patches do not lead to the version: `version` is the first one that cannot be made."""

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version} cannot be made from what is stored")
        self.version = version


def settle(document: Any, patch: str | bytes, schema: str = PAGE, size: int | None = None) -> Settled:
    """Applies a stored patch to the document of the version before it, in place.

    One that cannot be applied, or would make the page invalid, counts as an empty patch: it has its version, and
    changes nothing. That depends on the document and the patch alone and on no setting, so every server decides alike.
    `size` is the document's length as msgspec encodes it: whoever knows it saves its being encoded.
    """
    if size is None:
        size = len(msgspec.json.encode(document))
    try:
        decoded = msgspec.json.decode(patch)
        applied = apply(document, decoded, MOST, size)
        if why := problem(applied.document, schema, applied.effects):
            revert(applied.document, applied)
            raise Invalid(why)
    except (PatchFailed, TooLarge, Invalid, msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return Settled([], Applied(document, [], [], 0, []), str(error))
    return Settled(decoded, applied, None)


def fold(document: Any, version: int, patches: Iterable[StoredPatch], to: int, schema: str = PAGE) -> Any:
    """Takes a document from one version to another, in place, and returns it.

    Forward by the patches of the versions after `version`, backward by the inverses of those after `to`; other rows are
    passed over, and may come in any order. Raises Unreachable if a row is missing, or has no inverse on the way back;
    the document is then at some version between.
    """
    rows = {row.version: row for row in patches}
    size = len(msgspec.json.encode(document))
    for wanted in range(version + 1, to + 1):
        if wanted not in rows:
            raise Unreachable(wanted)
        applied = settle(document, rows[wanted].patch, schema, size).applied
        document, size = applied.document, size + applied.growth
    for passed in range(version, to, -1):
        row = rows.get(passed)
        if row is None or row.inverse is None:
            raise Unreachable(passed - 1)
        document = apply(document, msgspec.json.decode(row.inverse), MOST).document
    return document
