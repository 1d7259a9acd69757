"""Blobs as objects of an S3 bucket, or of anything that speaks its protocol.

obstore signs, retries, and reads and writes in threads of its own, so neither TLS nor hashing takes the event loop's
time. It is the extra fechatter[s3].
"""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

from anyio import to_thread

from chat_core.storage.blob_store import CHUNK_BYTES, BlobMissing, Stored, StoreUnavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

# Larger files are sent in parts of this size, a few at the same time; S3 takes at most 10,000 parts.
PART_BYTES: Final = 16 * 2**20
MOST_PARTS: Final = 10_000
PARTS_AT_ONCE: Final = 3

# A server that is away is given up within these, and a request is answered with 503.
CONNECT_SECONDS: Final = 3
SILENCE_SECONDS: Final = 30
RETRY_SECONDS: Final = 8
RETRIES: Final = 2
# Of a whole transfer, which a slow client may stretch: transfers have a minimum rate of their own.
LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bucket:
    """`endpoint` is None for AWS. Without keys obstore asks the machine's role."""

    name: str
    endpoint: str | None = None
    region: str = "us-east-1"
    prefix: str = ""
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)


class S3:
    """Raises ImportError without the extra."""

    def __init__(self, bucket: Bucket) -> None:
        import obstore
        from obstore import store

        client: ClientConfig = {
            "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
            "read_timeout": timedelta(seconds=SILENCE_SECONDS),
            "timeout": LONGEST,
            "allow_http": (bucket.endpoint or "").startswith("http:"),
        }
        retry: RetryConfig = {"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS)}
        given = {
            "endpoint": bucket.endpoint,
            "access_key_id": bucket.access_key,
            "secret_access_key": bucket.secret_key,
        }
        self._bucket, self._obstore = bucket, obstore
        self._store = store.S3Store(
            bucket.name,
            prefix=bucket.prefix.strip("/") or None,
            region=bucket.region,
            # What is not AWS seldom has a host name for each bucket.
            virtual_hosted_style_request=bucket.endpoint is None,
            client_options=client,
            retry_config=retry,
            **{name: value for name, value in given.items() if value is not None},  # type: ignore[arg-type]
        )

    def place(self, key: UUID) -> str:
        return "/".join(filter(None, ["s3:/", self._bucket.name, self._bucket.prefix.strip("/"), key.hex]))

    async def put(self, key: UUID, source: Path) -> None:
        with _failures():
            size = await to_thread.run_sync(lambda: source.stat().st_size)
            await self._obstore.put_async(
                self._store,
                key.hex,
                source,
                use_multipart=size > PART_BYTES,
                chunk_size=max(PART_BYTES, -(-size // MOST_PARTS)),
                max_concurrency=PARTS_AT_ONCE,
            )

    async def read(self, key: UUID, start: int, length: int) -> AsyncIterator[bytes]:
        with self._found(key):
            found = await self._obstore.get_async(self._store, key.hex, options={"range": (start, start + length)})
        return _pieces(found.stream(min_chunk_size=CHUNK_BYTES).__aiter__())

    async def size(self, key: UUID) -> int:
        try:
            with self._found(key):
                return int((await self._obstore.head_async(self._store, key.hex))["size"])
        except BlobMissing:
            await self.read(key, 0, 1)  # a HEAD does not say whether it is the bucket that is missing
            raise

    @contextmanager
    def _found(self, key: UUID) -> Iterator[None]:
        with _failures():
            try:
                yield
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise
                raise BlobMissing(f"there is no object {self.place(key)}") from error

    async def delete(self, key: UUID) -> None:
        with _failures():
            await self._obstore.delete_async(self._store, key.hex)

    async def stored(self) -> AsyncIterator[Stored]:
        listing = self._obstore.list(self._store, chunk_size=1000).__aiter__()
        for _ in itertools.count():
            with _failures():
                page = await anext(listing, None)
            if page is None:
                return
            for entry in page:
                try:
                    key = UUID(hex=entry["path"])
                except ValueError:
                    continue  # not ours
                yield Stored(key, entry["size"], entry["last_modified"].timestamp())


async def _pieces(stream: AsyncIterator[object]) -> AsyncIterator[bytes]:
    while True:
        with _failures():
            piece = await anext(stream, None)
        if piece is None:
            return
        yield bytes(piece)  # type: ignore[call-overload]


@contextmanager
def _failures() -> Iterator[None]:
    """An error of the store or the operating system is StoreUnavailable. Of obstore's texts the first line is for
    people; none has a secret."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (OSError, BaseError) as error:
        raise StoreUnavailable(str(error).partition("\n")[0]) from error
