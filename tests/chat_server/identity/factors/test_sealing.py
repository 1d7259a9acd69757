"""The secrets of authenticator apps in the database, and what rotations of the server's key do to them."""

import base64
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pyotp
import pytest

from chat_core.keys import retired, thumbprint
from chat_core.tokens import Signer
from chat_server.identity.factors import sealing
from fechatter.keys import read_private, rotate
from tests.chat_server.people import ChatServer, Person, chat_server_on, ok, problem, settings
from tests.support.forks import light_hasher
from tests.support.postgres import Database


@pytest.fixture
def private(keys: Path, tmp_path: Path) -> Path:
    """A private key of the test's own, with its public one beside it."""
    for name in ("private.pem", "public.pem"):
        shutil.copy(keys / name, tmp_path / name)
    return tmp_path / "private.pem"


@pytest.fixture
async def server(database: Database, private: Path) -> AsyncIterator[ChatServer]:
    async with chat_server_on(settings(database.chat_url, private.parent), light_hasher()) as running:
        yield running


async def enrol(person: Person) -> str:
    secret: str = ok(await person.api.post("/api/auth/factors/totp"))["secret"]
    ok(await person.api.post("/api/auth/factors/totp/confirm", json={"code": pyotp.TOTP(secret).now()}))
    return secret


async def shows_code(server: ChatServer, person: Person, secret: str) -> httpx.Response:
    token = problem(await server.sign_in(person), 403, "second_factor_required")["factor_token"]
    code = pyotp.TOTP(secret).at(int(time.time()) + 30)
    return await server.anybody.post("/api/auth/second-factor", json={"factor_token": token, "code": code})


async def stored(sql: "asyncpg.Connection[asyncpg.Record]", person: Person) -> tuple[bytes, str | None]:
    row = await sql.fetchrow("SELECT secret, sealed_by FROM totp_factors WHERE user_id = $1", person.id)
    assert row is not None
    return row["secret"], row["sealed_by"]


def bare(secret: str) -> bytes:
    return base64.b32decode(secret)


def kid_of(private: Path, place: int) -> str:
    return thumbprint(read_private(private)[place].public_key())


async def test_a_copy_of_the_database_has_no_working_secret(
    server: ChatServer, database: Database, private: Path
) -> None:
    ada, eve = await server.sign_up("Ada"), await server.sign_up("Eve")
    secrets = {person: await enrol(person) for person in (ada, eve)}
    async with database.connect() as sql:
        for person, secret in secrets.items():
            content, kid = await stored(sql, person)
            assert kid == kid_of(private, 0)
            assert bare(secret) not in content
        # One who writes to the database cannot put their own in another one's place.
        await sql.execute(
            "UPDATE totp_factors f SET secret = (SELECT secret FROM totp_factors WHERE user_id = $1), last_step = 0 "
            "WHERE user_id = $2",
            eve.id,
            ada.id,
        )
    problem(await shows_code(server, ada, secrets[eve]), 503, "second_factor_unreadable")
    ok(await shows_code(server, eve, secrets[eve]))


async def test_secrets_of_before_are_sealed_and_rotations_leave_all_readable(
    server: ChatServer, database: Database, private: Path
) -> None:
    ada = await server.sign_up("Ada")
    secret = await enrol(ada)
    public = private.with_name("public.pem")
    async with database.connect() as sql, asyncpg.create_pool(database.chat_url, min_size=1, max_size=1) as pool:

        async def sealed_again() -> str | None:
            await sealing.seal_all(pool, Signer(private, "fechatter", 60))
            content, kid = await stored(sql, ada)
            assert sealing.opened(Signer(private, "fechatter", 60), ada.id, content, kid) == bare(secret)
            return kid

        # As an older version has stored it.
        await sql.execute("UPDATE totp_factors SET secret = $1, sealed_by = NULL", bare(secret))
        oldest = kid_of(private, -1)
        assert await sealed_again() == oldest
        for _ in range(3):
            rotate(private, public, revoke=False)
            assert await sealed_again() == oldest
        # A key that may be in other hands opens what it has sealed, until that is sealed anew.
        rotate(private, public, revoke=True)
        content, kid = await stored(sql, ada)
        assert kid == oldest
        assert sealing.opened(Signer(private, "fechatter", 60), ada.id, content, kid) == bare(secret)
        assert retired(private).stat().st_mode & 0o777 == 0o600
        assert await sealed_again() == kid_of(private, 0) != oldest
        retired(private).unlink()
        assert await sealed_again() == kid_of(private, 0)
        # Without its key a secret is left alone.
        rotate(private, public, revoke=True)
        retired(private).unlink()
        before = await stored(sql, ada)
        await sealing.seal_all(pool, Signer(private, "fechatter", 60))
        assert await stored(sql, ada) == before
