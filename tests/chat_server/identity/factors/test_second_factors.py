"""Enrolling a second factor, and signing in with it. Codes come from the secret as an app would make them."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest import mock

import httpx
import pyotp
import pytest

from chat_server.identity.factors import totp
from tests.chat_server.people import PASSWORD, ChatServer, Person, ok, problem
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import Database

STALE = "UPDATE sessions SET auth_time = now() - interval '1 hour'"


NOW = 1795946400


@pytest.fixture(autouse=True)
def no_time_passes() -> Iterator[None]:
    """For the codes: between making one and checking it a step may end."""
    with mock.patch.object(totp, "time", SimpleNamespace(time=lambda: NOW)):
        yield


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows, so many steps from now: the ones beside it are good, too."""
    return pyotp.TOTP(secret).at(NOW + 30 * steps)


async def enrol(person: Person) -> tuple[str, list[str]]:
    """The app's secret, and the recovery codes. The code of the step before now confirms it."""
    secret = ok(await person.api.post("/api/auth/factors/totp"))["secret"]
    confirmed = await person.api.post("/api/auth/factors/totp/confirm", json={"code": code_of(secret, -1)})
    return secret, ok(confirmed)["recovery_codes"]


async def first_step(chat_server: ChatServer, person: Person) -> dict[str, Any]:
    return problem(await chat_server.sign_in(person), 403, "second_factor_required")


async def second_step(chat_server: ChatServer, token: str, **proof: str) -> httpx.Response:
    return await chat_server.anybody.post("/api/auth/second-factor", json={"factor_token": token, **proof})


async def test_an_enrolled_factor_is_demanded_at_every_sign_in(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    elsewhere = await chat_server.client(ok(await chat_server.sign_in(ada))["token"])
    problem(await ada.api.post("/api/auth/factors/totp/confirm", json={"code": "123456"}), 409, "nothing_to_confirm")
    secret = ok(await ada.api.post("/api/auth/factors/totp"))["secret"]
    ok(await chat_server.sign_in(ada))  # nothing is demanded before a code has confirmed it
    wrong = "000000" if code_of(secret) != "000000" else "111111"
    problem(await ada.api.post("/api/auth/factors/totp/confirm", json={"code": wrong}), 403, "wrong_second_factor")
    confirmed = await ada.api.post("/api/auth/factors/totp/confirm", json={"code": code_of(secret, -1)})
    codes = ok(confirmed)["recovery_codes"]
    assert len(codes) == 10
    problem(await ada.api.post("/api/auth/factors/totp"), 409, "totp_enrolled")
    # Sessions that have shown none have ended; this one goes on.
    problem(await elsewhere.get("/api/auth/me"), 401, "unauthorized")
    shown = ok(await ada.api.get("/api/auth/factors"))
    assert (shown["totp"] is not None, shown["recovery_codes_left"]) == (True, 10)

    asked = await first_step(chat_server, ada)
    assert asked["factors"] == ["totp", "recovery_code"]
    assert "token" not in asked
    token = asked["factor_token"]
    problem(await second_step(chat_server, token, code=wrong), 403, "wrong_second_factor")
    problem(await second_step(chat_server, token), 422, "validation_failed")
    signed_in = ok(await second_step(chat_server, token, code=code_of(secret)))
    problem(await second_step(chat_server, token, code=code_of(secret, 1)), 401, "invalid_factor_token")
    api = await chat_server.client(signed_in["token"])
    [session] = [each for each in ok(await api.get("/api/auth/sessions")) if each["current"]]
    assert (session["second_factor"], session["amr"]) == ("totp", ["pwd", "otp", "mfa"])
    # A code is good once, and so are earlier ones.
    for used in (code_of(secret), code_of(secret, -1)):
        again = (await first_step(chat_server, ada))["factor_token"]
        problem(await second_step(chat_server, again, code=used), 403, "wrong_second_factor")

    async with database.connect() as sql:
        events = await sql.fetch("SELECT kind, payload->>'change' FROM events WHERE kind = 'SecondFactorsChanged'")
        assert [tuple(event) for event in events] == [("SecondFactorsChanged", "added")]
        reasons = "SELECT payload->>'reason' FROM events WHERE kind = 'SessionRevoked'"
        assert [tuple(row) for row in await sql.fetch(reasons)] == [("second_factor",)] * 2
        acts = "SELECT after->>'factor' FROM audit_log WHERE action = 'second_factor_added' AND actor_id = $1"
        assert await sql.fetchval(acts, ada.id) == "totp"
        secrets = await sql.fetch("SELECT concat(before, after) AS told FROM audit_log")
        assert not [row for row in secrets if secret in row["told"] or codes[0] in row["told"]]
    async with plain_http() as client:
        metrics = (await client.get(f"{chat_server.url}/metrics")).text
    assert 'chat_sign_ins_total{outcome="wrong_second_factor",provider="password"} 3.0' in metrics


async def test_a_recovery_code_is_good_once(chat_server: ChatServer, database: Database) -> None:
    ada, eve = await chat_server.sign_up("Ada"), await chat_server.sign_up("Eve")
    problem(await ada.api.post("/api/auth/factors/recovery-codes"), 409, "no_second_factor")
    _, codes = await enrol(ada)
    _, eves = await enrol(eve)
    token = (await first_step(chat_server, ada))["factor_token"]
    problem(await second_step(chat_server, token, recovery_code=eves[0]), 403, "wrong_second_factor")
    one, other = [(await first_step(chat_server, ada))["factor_token"] for _ in range(2)]
    both = await asyncio.gather(*[second_step(chat_server, each, recovery_code=codes[0]) for each in (one, other)])
    assert sorted(response.status_code for response in both) == [200, 403]
    assert ok(await ada.api.get("/api/auth/factors"))["recovery_codes_left"] == 9
    renewed = ok(await ada.api.post("/api/auth/factors/recovery-codes"))["recovery_codes"]
    token = (await first_step(chat_server, ada))["factor_token"]
    problem(await second_step(chat_server, token, recovery_code=codes[1]), 403, "wrong_second_factor")
    ok(await second_step(chat_server, token, recovery_code=renewed[0].upper()))
    async with database.connect() as sql:
        told = "SELECT payload->>'change' FROM events WHERE kind = 'SecondFactorsChanged' AND user_id = $1 ORDER BY 1"
        events = await sql.fetch(told, ada.id)
        assert [row[0] for row in events] == ["added", "renewed", "used", "used"]


async def test_two_equal_codes_at_once_are_one(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    secret, _ = await enrol(ada)
    token = (await first_step(chat_server, ada))["factor_token"]
    enrolled_by = code_of(secret, -1)
    problem(await second_step(chat_server, token, code=enrolled_by), 403, "wrong_second_factor")
    tokens = [(await first_step(chat_server, ada))["factor_token"] for _ in range(2)]
    code = code_of(secret)
    both = await asyncio.gather(*[second_step(chat_server, token, code=code) for token in tokens])
    assert sorted(response.status_code for response in both) == [200, 403]


async def test_a_password_that_changes_between_the_steps_ends_the_sign_in(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    secret, _ = await enrol(ada)
    token = (await first_step(chat_server, ada))["factor_token"]
    async with database.connect() as sql:
        await sql.execute("UPDATE users SET password_hash = 'another'")
        problem(await second_step(chat_server, token, code=code_of(secret)), 401, "wrong_credentials")
        # Whatever ends all of somebody's sessions ends the sign-ins that wait, too.
        for end in ("SELECT end_sessions('logout_all', 1)", "UPDATE users SET status = 'suspended'"):
            await sql.execute("SELECT await_second_factor('x', 1, NULL, 'password', '{pwd}', NULL, NULL, NULL, NULL)")
            await sql.execute(end)
            assert await sql.fetchval("SELECT count(*) FROM pending_sign_ins") == 0


@pytest.mark.chat_server(auth={"signin_attempts_per_account": 3})
async def test_guesses_are_counted_by_user_and_lock_no_known_device_out(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    secret, codes = await enrol(ada)
    token = (await first_step(chat_server, ada))["factor_token"]
    device = ok(await second_step(chat_server, token, recovery_code=codes[0]))["device_token"]
    for _ in range(3):  # a new token each time, which any right password gets
        token = (await first_step(chat_server, ada))["factor_token"]
        problem(await second_step(chat_server, token, recovery_code="wrong"), 403, "wrong_second_factor")
    token = (await first_step(chat_server, ada))["factor_token"]  # right passwords are not counted as wrong ones
    limited = problem(await second_step(chat_server, token, recovery_code=codes[1]), 429, "rate_limited")
    assert limited["limit"] == "second_factor"
    ok(await second_step(chat_server, token, code=code_of(secret), device_token=device))


async def test_removing_it_takes_more_than_a_password(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    secret, codes = await enrol(ada)
    async with database.connect() as sql:
        await sql.execute(STALE)
    problem(await ada.api.delete("/api/auth/factors/totp"), 403, "reauthentication_required")
    again = {"password": PASSWORD}
    asked = problem(await ada.api.post("/api/auth/reauthenticate", json=again), 403, "second_factor_required")
    assert asked["factors"] == ["totp", "recovery_code"]
    problem(
        await ada.api.post("/api/auth/reauthenticate", json={**again, "recovery_code": "x"}),
        403,
        "wrong_second_factor",
    )
    problem(await ada.api.delete("/api/auth/factors/totp"), 403, "reauthentication_required")
    ok(await ada.api.post("/api/auth/reauthenticate", json={**again, "code": code_of(secret)}), 204)
    ok(await ada.api.delete("/api/auth/factors/totp"), 204)
    problem(await ada.api.delete("/api/auth/factors/totp"), 404, "not_found")
    assert ok(await ada.api.get("/api/auth/factors")) == {"totp": None, "passkeys": [], "recovery_codes_left": 0}
    ok(await chat_server.sign_in(ada))
    assert codes


async def test_an_operator_lets_somebody_in_who_has_lost_everything(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    await enrol(ada)
    async with database.connect() as sql:
        [shown] = await sql.fetch("SELECT factor, recovery_codes_left FROM ops.second_factors($1)", ada.email)
        assert tuple(shown) == ("totp", 10)
        [removed] = await sql.fetch("SELECT * FROM ops.remove_second_factors($1)", ada.email)
        assert tuple(removed) == (ada.email, 1, 1)
        act = "SELECT actor_id, database_role IS NOT NULL FROM audit_log WHERE action = 'second_factor_removed'"
        assert [tuple(row) for row in await sql.fetch(act)] == [(None, True)]
    ok(await chat_server.sign_in(ada))


async def test_psql_cannot_open_a_session_without_the_factor_either(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    await enrol(ada)
    async with database.connect() as sql:
        [opened] = await sql.fetch("SELECT * FROM open_session($1, NULL, 'r', 1, NULL, 'd')", ada.id)
    assert (opened["session_id"], opened["owed"]) == (None, ["totp", "recovery_code"])


async def test_a_session_and_the_password_change_nothing_without_the_factor(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    secret, _ = await enrol(ada)
    async with database.connect() as sql:
        await sql.execute(STALE)
    known = {"current_password": PASSWORD}
    changes = [
        ada.api.post("/api/users/me/password", json={**known, "new_password": "an entirely new one"}),
        ada.api.patch("/api/users/me", json={**known, "email": "mallory@example.com"}),
        ada.api.post("/api/users/me/deactivate", json=known),
    ]
    for change in changes:
        problem(await change, 403, "reauthentication_required")
    ok(await ada.api.post("/api/auth/reauthenticate", json={"password": PASSWORD, "code": code_of(secret)}), 204)
    ok(await ada.api.post("/api/users/me/password", json={**known, "new_password": "an entirely new one"}), 204)


async def test_a_second_step_makes_the_session_fresh_however_old_the_first_one_is(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    secret, _ = await enrol(ada)
    token = (await first_step(chat_server, ada))["factor_token"]
    async with database.connect() as sql:  # as a provider says of its own session
        await sql.execute("UPDATE pending_sign_ins SET auth_time = now() - interval '1 day'")
        ok(await second_step(chat_server, token, code=code_of(secret)))
        assert await sql.fetchval("SELECT max(auth_time) > now() - interval '1 minute' FROM sessions")


async def test_the_second_step_is_one_transaction(chat_server: ChatServer, database: Database) -> None:
    """What keeps the session from beginning gives the factor and the waiting sign-in back."""
    ada = await chat_server.sign_up("Ada")
    secret, codes = await enrol(ada)
    token = (await first_step(chat_server, ada))["factor_token"]
    async with database.connect() as sql:
        await sql.execute("ALTER TABLE refresh_tokens ADD CONSTRAINT none_today CHECK (false) NOT VALID")
        for proof in ({"code": code_of(secret)}, {"recovery_code": codes[0]}):
            assert (await second_step(chat_server, token, **proof)).status_code == 422
        left = "SELECT cardinality(hashes), (SELECT count(*) FROM pending_sign_ins) FROM recovery_codes"
        assert tuple(await sql.fetchrow(left) or ()) == (10, 1)
        await sql.execute("ALTER TABLE refresh_tokens DROP CONSTRAINT none_today")
    ok(await second_step(chat_server, token, code=code_of(secret)))
