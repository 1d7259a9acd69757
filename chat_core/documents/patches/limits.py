"""How much a patch may do."""

from typing import Final, NamedTuple, Self

from chat_core.settings import Pages


class Limits(NamedTuple):
    """What a server admits. The caller bounds the message in which a patch arrives."""

    operations: int = 1000  # in a patch
    depth: int = 64  # levels of objects and arrays in the result
    copied: int = 1 << 20  # bytes that the operations `copy` and `move` of a patch may carry together
    result: int = 1 << 20  # bytes of the result, as encoded by msgspec

    @classmethod
    def of(cls, pages: Pages) -> Self:
        """Those of app.yaml, for REST and sockets alike."""
        return cls(pages.patch_operations, pages.depth, pages.copied_bytes, pages.page_bytes)


# No server may be configured to admit more. A stored patch was admitted by some server's limits, or comes from psql,
# and must have the same outcome on every server: so these decide about it, and no settings.
MOST: Final = Limits(operations=100_000, depth=200, copied=1 << 26, result=1 << 26)
