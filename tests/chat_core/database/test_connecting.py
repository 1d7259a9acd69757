"""A URL with several hosts: each in turn, and none that does not answer keeps us from the next one."""

import asyncio
import tempfile
import urllib.parse
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from chat_core.database.connecting import connect
from chat_core.settings import DatabaseUrl, database_url
from tests.support.postgres import Database


def test_a_url_for_each_host() -> None:
    assert database_url.each_host("postgresql://me:x@a:1,b,[::1]:3/chat?sslmode=require") == [
        "postgresql://me:x@a:1/chat?sslmode=require",
        "postgresql://me:x@b/chat?sslmode=require",
        "postgresql://me:x@[::1]:3/chat?sslmode=require",
    ]
    assert database_url.each_host("postgresql://me@/chat?host=%2Fa,%2Fb&port=1,2") == [
        "postgresql://me@/chat?host=%2Fa&port=1",
        "postgresql://me@/chat?host=%2Fb&port=2",
    ]
    one = "postgresql://me@a:1/chat?sslmode=require"
    assert database_url.each_host(one) == [one]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgresql://a/chat", "postgresql://a/chat"),
        ("postgresql://a,b:2/chat", "postgresql://a,b:2/chat?target_session_attrs=read-write"),
        ("postgresql://a,b/c?x=y", "postgresql://a,b/c?x=y&target_session_attrs=read-write"),
        ("postgresql://a,b/c?target_session_attrs=any", "postgresql://a,b/c?target_session_attrs=any"),
    ],
)
def test_of_several_hosts_the_one_that_accepts_writes_is_meant(given: str, meant: str) -> None:
    assert TypeAdapter(DatabaseUrl).validate_python(given).get_secret_value() == meant


def test_each_port_is_a_number() -> None:
    with pytest.raises(ValueError, match=r"[Pp]ort"):
        database_url.check("postgresql://a:1,b:x/chat")


async def test_a_host_that_is_frozen_keeps_nobody_from_the_next_one(database: Database) -> None:
    """It accepts connections, as its kernel does, and never answers."""
    real = urllib.parse.parse_qs(urllib.parse.urlsplit(database.url).query)["host"][0]
    with tempfile.TemporaryDirectory() as folder:
        asked: list[asyncio.StreamWriter] = []
        frozen = await asyncio.start_unix_server(lambda _, answer: asked.append(answer), Path(folder, ".s.PGSQL.5432"))
        hosts = urllib.parse.quote(f"{folder},{real}", safe="")
        async with frozen:
            sql = await connect(f"postgresql://postgres@/{database.name}?host={hosts}", timeout=2)
            assert len(asked) == 1
            assert await sql.fetchval("SELECT NOT pg_is_in_recovery()")
            sql.terminate()
            asked[0].close()
