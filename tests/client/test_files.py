"""Uploads in parts, when the file is not what it was."""

from pathlib import Path

import pytest
from fechatter_client import UploadState

from tests.client.conftest import People


async def test_a_file_that_has_changed_is_not_uploaded_for_ever(people: People, tmp_path: Path) -> None:
    ada = await people.sign_up("Ada")
    [space] = [space async for space in ada.workspaces.list()]
    path = tmp_path / "notes.bin"
    path.write_bytes(bytes(5_000_000))

    def shorten(_: UploadState) -> None:
        path.write_bytes(b"short")

    with pytest.raises(ValueError, match="has become shorter than 5000000 bytes"):
        await ada.files.upload(space.id, path, on_progress=shorten)
    begun = await ada.files.begin(space.id, 10, "notes.bin")
    with pytest.raises(ValueError, match="is of a file with 10"):
        await ada.files.upload(space.id, path, resume=begun.id)
