"""New passwords that anyone would guess first are refused; those that exist still sign in."""

import pytest

from chat_server.identity.common_passwords import weakness
from tests.chat_server.people import PASSWORD, ChatServer, ok, problem
from tests.support.postgres import Database


@pytest.mark.parametrize("password", ["password1", "PassWord1", "\uff50assword1", "1234567890", "Ada@Example.com"])
@pytest.mark.chat_server
async def test_a_guessable_password_makes_no_account(chat_server: ChatServer, password: str) -> None:
    body = {"fullname": "Ada", "email": "ada@example.com", "password": password}
    refused = problem(await chat_server.anybody.post("/api/auth/signup", json=body), 422, "validation_failed")
    assert [error["path"] for error in refused["errors"]] == ["password"]
    ok(await chat_server.anybody.post("/api/auth/signup", json={**body, "password": PASSWORD}), 201)


async def test_a_password_is_not_changed_to_a_guessable_one(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada Lovelace")
    for password in ("iloveyou1", ada.email, "ADA LOVELACE"):
        body = {"current_password": PASSWORD, "new_password": password}
        refused = problem(await ada.api.post("/api/users/me/password", json=body), 422, "validation_failed")
        assert [error["path"] for error in refused["errors"]] == ["new_password"]
    ok(await chat_server.sign_in(ada))


async def test_an_older_guessable_password_still_signs_in(chat_server: ChatServer, database: Database) -> None:
    eve = await chat_server.sign_up("Eve", "eve of old")
    async with database.connect() as sql:
        await sql.execute("UPDATE users SET fullname = 'Eve of Old' WHERE id = $1", eve.id)
    ok(await chat_server.sign_in(eve, "eve of old"))


def test_only_the_whole_password_counts() -> None:
    assert weakness("password1 and more", ["ada@example.com", None]) is None
    assert weakness("ada@example.com!", ["ada@example.com"]) is None
