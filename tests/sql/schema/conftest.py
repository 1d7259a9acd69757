"""Databases to migrate, and files to change."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from chat_core.database import resources
from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import Connection
from tests.support.postgres import clone


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the repository's SQL, which a test may change."""
    for folder in ("migrations", "sql"):
        shutil.copytree(resources.SCHEMA / folder, tmp_path / folder)
    code = tuple(tmp_path / folder.relative_to(resources.SCHEMA) for folder in resources.CODE)
    monkeypatch.setattr(resources, "SCHEMA", tmp_path)
    monkeypatch.setattr(resources, "MIGRATIONS", tmp_path / "migrations")
    monkeypatch.setattr(resources, "CODE", code)
    monkeypatch.setattr(resources, "GRANTS", tmp_path / "sql" / "grants.sql")
    return tmp_path


@pytest.fixture
async def empty(postgres_any: EmbeddedPostgres) -> AsyncIterator[str]:
    """The URL of a database without anything in it."""
    async with clone(postgres_any, "template0") as database:
        yield database.url


@pytest.fixture
async def sql(empty: str) -> AsyncIterator[Connection]:
    connection: Connection = await asyncpg.connect(empty)
    yield connection
    await connection.close()


@pytest.fixture
async def migrated(postgres_any: EmbeddedPostgres) -> AsyncIterator[Connection]:
    async with clone(postgres_any) as database, database.connect() as connection:
        yield connection
