"""What `fechatter doctor` says of the stores of files."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from chat_core.settings import Settings
from chat_core.storage import StoreUnavailable
from chat_core.storage.s3 import S3
from fechatter.commands.doctor import storage
from tests.support.services.s3 import moto, nanio

pytestmark = pytest.mark.anyio


async def said(data_dir: Path, **given: Any) -> list[str]:
    settings = Settings.model_validate({"data_dir": data_dir, "storage": given})
    return [finding.problem or f"ok {finding.detail}" async for finding in storage.stores_hold(settings)]


async def test_a_directory_is_probed_by_its_own_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = tmp_path / "files" / "blobs"
    assert await said(tmp_path) == [f"ok directory: {blobs} is made with the first file"]
    assert list(tmp_path.iterdir()) == []
    blobs.mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: blobs.stat().st_uid + 1)
    assert await said(tmp_path) == [
        f"ok directory: not tried, since {blobs} is another user's: run doctor as that user"
    ]
    assert list(blobs.iterdir()) == []
    monkeypatch.undo()
    assert await said(tmp_path) == ["ok directory: a probe was written, read and deleted"]
    assert [path for path in blobs.rglob("*") if path.is_file()] == []
    shutil.rmtree(blobs)
    blobs.touch()
    [refused] = await said(tmp_path)
    assert refused.startswith("directory: cannot write: ")


async def test_a_bucket_is_probed_with_its_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with nanio(tmp_path / "nanio") as bucket:
        given = {
            "s3_bucket": bucket.name,
            "s3_endpoint": bucket.endpoint,
            "s3_access_key": bucket.access_key,
            "s3_secret_key": bucket.secret_key,
        }
        assert (await said(tmp_path, **given))[1] == "ok s3: a probe was written, read and deleted"
        refused = (await said(tmp_path, **given | {"s3_secret_key": "a wrong secret"}))[1]
        assert refused.startswith("s3: cannot write: ")
        assert "wrong secret" not in refused

    async def undeletable(self: S3, key: object) -> None:
        raise StoreUnavailable("AccessDenied")

    with moto() as bucket:
        given["s3_endpoint"] = bucket.endpoint
        assert (await said(tmp_path, **given | {"s3_bucket": "none"}))[1].startswith("s3: cannot write: ")
        monkeypatch.setattr(S3, "delete", undeletable)
        refused = (await said(tmp_path, **given))[1]
        assert refused.startswith(f"s3: cannot delete: AccessDenied; s3://{bucket.name}/")
