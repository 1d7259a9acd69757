"""Whether a patch may become a page's next version: what a socket and a REST request both ask."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from .canonical import digest
from .effects import Effect, conflict, touches_structure
from .limits import Limits
from .patch import Applied, apply, revert
from .refusals import Invalid, PatchFailed
from .schema import PAGE, problem


class Missed(NamedTuple):
    """A patch that the author of another had not seen. `row` is whatever the caller needs to tell them of it."""

    version: int
    effects: Sequence[Effect]
    row: Any = None


class VersionConflict(Exception):
    """The patch overlaps with what its author had not seen: `missed` has all of that, oldest first."""

    def __init__(self, missed: Sequence[Missed]) -> None:
        super().__init__("the page has changed where the patch reads or writes")
        self.missed = missed


class Op(NamedTuple):
    """A patch that may be stored as `version`: `patch`, `inverse`, `effects` are JSON, and `digest` is of the patch.

    The document is at `version` already, and `size` bytes long. `revert(applied.document, applied)` takes it back.
    """

    version: int
    base: int
    digest: bytes
    patch: str
    inverse: str
    effects: str
    applied: Applied
    size: int


def admit(
    document: Any,
    version: int,
    patch: Any,
    base: int,
    missed: Iterable[Missed] = (),
    *,
    size: int,
    schema: str = PAGE,
    limits: Limits | None = None,
) -> Op:
    """Applies a patch to a document at `version`, in place, if it may become the next version.

    `base` is the version that the author of the patch had seen, and `missed` what others stored since (not the same
    connection, whose patches are in order). `size` is the document's length in bytes as msgspec encodes it.

    Raises VersionConflict, PatchFailed, Invalid or TooLarge, having changed nothing, not even the order of members.
    A patch that fails, or makes the page invalid, because of something missed is a VersionConflict.
    """
    missed = list(missed)
    theirs = [effect for each in missed for effect in each.effects]
    text, digest_of_it = _stored(patch)
    try:
        applied = apply(document, patch, limits, size)
    except PatchFailed as failed:
        if theirs and conflict(failed.effects, theirs):
            raise VersionConflict(missed) from None
        raise
    if theirs and conflict(applied.effects, theirs):
        revert(applied.document, applied)
        raise VersionConflict(missed)
    if why := problem(applied.document, schema, applied.effects):
        revert(applied.document, applied)
        if touches_structure(theirs):
            raise VersionConflict(missed)
        raise Invalid(why)
    return Op(
        version + 1,
        base,
        digest_of_it,
        text,
        _text(applied.inverse),
        _text(applied.effects),
        applied,
        size + applied.growth,
    )


def _stored(patch: Any) -> tuple[str, bytes]:
    # Beside what is applied, operations may have members that mean nothing, and so were looked at by nobody.
    try:
        return _text(patch), digest(patch)
    except (UnicodeEncodeError, RecursionError):
        raise PatchFailed(None, "a patch is JSON that can be written as UTF-8, and not nested too deep") from None


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
