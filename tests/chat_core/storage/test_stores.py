"""What every store of blobs does, and what an S3 of its own refuses."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from chat_core.storage import BlobMissing, BlobStore, Directory, StoreUnavailable
from chat_core.storage.s3 import PART_BYTES, S3, Bucket
from tests.support.services import s3

DATA = random.Random(7).randbytes(700_000)


@pytest.fixture(scope="module")
def moto() -> Iterator[Bucket]:
    with s3.moto() as bucket:
        yield bucket


@pytest.fixture(scope="module")
def nanio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    with s3.nanio(tmp_path_factory.mktemp("nanio")) as bucket:
        yield bucket


@pytest.fixture(params=["directory", "moto", "nanio"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "directory":
        return Directory(tmp_path / "blobs")
    bucket: Bucket = request.getfixturevalue(request.param)
    return S3(replace(bucket, prefix=uuid4().hex))


async def put(store: BlobStore, data: bytes, folder: Path) -> UUID:
    key, source = uuid4(), folder / "source"
    source.write_bytes(data)
    await store.put(key, source)
    source.unlink()
    return key


async def read(store: BlobStore, key: UUID, start: int, length: int) -> bytes:
    return b"".join([piece async for piece in await store.read(key, start, length)])


async def test_bytes_are_read_as_they_were_put(store: BlobStore, tmp_path: Path) -> None:
    key, empty = await put(store, DATA, tmp_path), await put(store, b"", tmp_path)
    for start, length in ((0, len(DATA)), (0, 1), (300_000, 5), (len(DATA) - 3, 3)):
        assert await read(store, key, start, length) == DATA[start : start + length]
    assert (await store.size(key), await store.size(empty)) == (len(DATA), 0)
    pieces = [len(piece) async for piece in await store.read(key, 0, len(DATA))]
    assert len(pieces) > 1  # not all of it at once
    assert {(stored.key, stored.size) async for stored in store.stored()} == {(key, len(DATA)), (empty, 0)}
    assert key.hex in store.place(key)


async def test_what_is_deleted_is_missing(store: BlobStore, tmp_path: Path) -> None:
    key = await put(store, b"hello", tmp_path)
    await store.delete(key)
    await store.delete(key)
    with pytest.raises(BlobMissing):
        await store.read(key, 0, 5)
    with pytest.raises(BlobMissing):
        await store.size(key)
    assert [stored async for stored in store.stored()] == []


async def test_large_files_go_in_parts(moto: Bucket, nanio: Bucket, tmp_path: Path) -> None:
    data = DATA * (PART_BYTES // len(DATA) + 1)
    for bucket in (moto, nanio):
        store = S3(bucket)
        key = await put(store, data, tmp_path)
        assert await read(store, key, PART_BYTES - 10, 20) == data[PART_BYTES - 10 : PART_BYTES + 10]
        assert [stored.size async for stored in store.stored()] == [len(data)]


async def everything(store: BlobStore, folder: Path) -> list[str]:
    """What each operation says that fails."""
    said = []
    for operation in (
        put(store, b"x", folder),
        store.read(UUID(int=1), 0, 1),
        store.size(UUID(int=1)),
        store.delete(UUID(int=1)),
        anext(aiter(store.stored())),
    ):
        with pytest.raises(StoreUnavailable) as failed:
            await operation
        said.append(str(failed.value))
    return said


async def test_a_wrong_secret_is_refused_and_never_said(nanio: Bucket, tmp_path: Path) -> None:
    said = await everything(S3(replace(nanio, secret_key="not this one")), tmp_path)
    assert len(said) == 5
    assert "not this one" not in f"{said} {S3(nanio)._store!r}"


async def test_a_bucket_that_is_not_there_is_no_missing_blob(moto: Bucket, tmp_path: Path) -> None:
    await everything(S3(replace(moto, name="another")), tmp_path)


async def test_a_server_that_is_away_is_given_up_soon(tmp_path: Path) -> None:
    bucket = Bucket("files", "http://127.0.0.1:1", access_key="a", secret_key="of nobody")
    assert "of nobody" not in str(await everything(S3(bucket), tmp_path))
