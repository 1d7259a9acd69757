"""Blobs that are encrypted: ranges, and everything that somebody with write access to the store can do to them."""

import base64
import os
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.storage import Blob, BlobDamaged, Blobs, Directory, StoreUnavailable
from chat_core.storage.sealing import CHUNK, SEALED_CHUNK, MasterKeyError, MasterKeys, sealed_size

SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 5 * CHUNK + 77)
MASTERS = MasterKeys([bytes(32), b"\1" * 32])


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs({"directory": Directory(tmp_path / "blobs")}, "directory", MASTERS, tmp_path / "sealing")


async def put(blobs: Blobs, data: bytes, folder: Path) -> tuple[Blob, Path]:
    source = folder / "source"
    source.write_bytes(data)
    blob = blobs.new(len(data))
    await blobs.put(blob, source)
    source.unlink()  # it may be the same file, by another name
    return blob, Path(blobs.place(blob))


async def read(blobs: Blobs, blob: Blob, start: int = 0, length: int | None = None) -> bytes:
    length = blob.size - start if length is None else length
    return b"".join([piece async for piece in await blobs.read(blob, start, length)])


@pytest.mark.parametrize("size", SIZES)
async def test_any_range_is_what_was_put(blobs: Blobs, tmp_path: Path, size: int) -> None:
    random_ = random.Random(size)
    data = random_.randbytes(size)
    blob, path = await put(blobs, data, tmp_path)
    assert await read(blobs, blob) == data
    for _ in range(20):
        start = random_.randrange(size + 1)
        length = random_.randrange(size - start + 1)
        assert await read(blobs, blob, start, length) == data[start : start + length]
    assert path.stat().st_size == sealed_size(size)
    await blobs.check_size(blob)
    assert data[:50] not in path.read_bytes() or size < 2
    assert list((tmp_path / "sealing").iterdir()) == []


@given(st.integers(0, 10 * CHUNK))
def test_the_sealed_size_is_that_of_its_chunks(size: int) -> None:
    chunks = max(1, -(-size // CHUNK))
    assert sealed_size(size) == size + 16 * chunks


def swapped(data: bytes) -> bytes:
    return data[SEALED_CHUNK : 2 * SEALED_CHUNK] + data[:SEALED_CHUNK] + data[2 * SEALED_CHUNK :]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a bit of the first chunk": lambda data: bytes([data[0] ^ 1]) + data[1:],
    "a bit of the last tag": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "two chunks swapped": swapped,
    "the last chunk cut off": lambda data: data[: 2 * SEALED_CHUNK],
    "the last byte cut off": lambda data: data[:-1],
    "the first chunk cut off": lambda data: data[SEALED_CHUNK:],
    "nothing left": lambda _: b"",
}


@pytest.mark.parametrize("damage", DAMAGE)
async def test_damage_is_refused(blobs: Blobs, tmp_path: Path, damage: str) -> None:
    blob, path = await put(blobs, random.Random(1).randbytes(2 * CHUNK + 500), tmp_path)
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    with pytest.raises(BlobDamaged):
        await read(blobs, blob)


async def test_a_whole_blob_is_not_taken_for_the_beginning_of_a_longer_one(blobs: Blobs, tmp_path: Path) -> None:
    """The end is marked: a row that says another size does not help."""
    data = random.Random(2).randbytes(3 * CHUNK)
    blob, path = await put(blobs, data, tmp_path)
    path.write_bytes(path.read_bytes()[: 2 * SEALED_CHUNK])
    with pytest.raises(BlobDamaged):
        await read(blobs, replace(blob, size=2 * CHUNK))


async def test_a_blob_does_not_open_with_the_key_of_another(blobs: Blobs, tmp_path: Path) -> None:
    first, first_path = await put(blobs, b"first", tmp_path)
    other, other_path = await put(blobs, b"other", tmp_path)
    with pytest.raises(BlobDamaged):
        await read(blobs, replace(first, sealed_key=other.sealed_key))
    first_path.write_bytes(other_path.read_bytes())
    with pytest.raises(BlobDamaged):
        await read(blobs, first)


async def test_bytes_from_before_are_still_read(blobs: Blobs, tmp_path: Path) -> None:
    blobs.masters = None
    plain, path = await put(blobs, b"plain", tmp_path)
    assert path.read_bytes() == b"plain"
    assert blobs.local_path(plain) == path
    blobs.masters = MASTERS
    sealed, _ = await put(blobs, b"sealed", tmp_path)
    assert (await read(blobs, plain), await read(blobs, sealed)) == (b"plain", b"sealed")
    assert blobs.local_path(sealed) is None


async def test_older_master_keys_open_and_without_one_nothing_does(blobs: Blobs, tmp_path: Path) -> None:
    blob, _ = await put(blobs, b"hello", tmp_path)
    blobs.masters = MasterKeys([b"\2" * 32, bytes(32)])
    assert await read(blobs, blob) == b"hello"
    assert (blobs.new(1).sealed_key or b"")[:8] == blobs.masters.id
    for masters in (MasterKeys([b"\2" * 32]), None):
        blobs.masters = masters
        with pytest.raises(StoreUnavailable):
            await read(blobs, blob)


def test_the_file_of_master_keys(tmp_path: Path) -> None:
    file = tmp_path / "master"
    line = base64.b64encode(bytes(32)).decode()
    file.write_text(f"{base64.b64encode(b'x' * 32).decode()}\n{line}\n")
    with pytest.raises(MasterKeyError, match="chmod 600"):
        MasterKeys.read(file)
    file.chmod(0o600)
    assert MasterKeys.read(file).id == MasterKeys([b"x" * 32]).id
    for content in ("", "not base64!", base64.b64encode(bytes(16)).decode()):
        file.write_text(content)
        with pytest.raises(MasterKeyError) as refused:
            MasterKeys.read(file)
        assert content == "" or content not in str(refused.value)
    with pytest.raises(MasterKeyError):
        MasterKeys.read(tmp_path / "none")


async def test_leftovers_of_killed_servers_go(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "sealing").mkdir()
    old, new = tmp_path / "sealing" / "old", tmp_path / "sealing" / "new"
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    await blobs.discard_leftovers(1000)
    assert list((tmp_path / "sealing").iterdir()) == [new]
