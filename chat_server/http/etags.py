"""ETags of conditional requests (RFC 9110, 13.1). A proxy that compresses a response makes its tag a weak one, and so
do we (steps/compression.py)."""


def has(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has what this strong tag names: compared weakly."""
    return if_none_match is not None and _names(if_none_match, {etag, f"W/{etag}"})


def allows(if_match: str | None, etag: str) -> bool:
    """Whether the client would change what this strong tag names, or whatever there is: a weak one matches nothing."""
    return if_match is None or _names(if_match, {etag})


def _names(header: str, tags: set[str]) -> bool:
    return header.strip() == "*" or not tags.isdisjoint(tag.strip() for tag in header.split(","))
