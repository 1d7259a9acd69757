"""Passkeys: enrolling them, and signing in with one alone or as the second step, and all that is no good one."""

import asyncio
import dataclasses
from collections.abc import Callable
from typing import Any
from unittest import mock

import httpx
import pytest

from chat_server.identity.factors.relying_party import relying_party
from tests.chat_server.people import PASSWORD, ChatServer, Person, ok, problem
from tests.support.identity.authenticator import BACKED_UP, BACKUP_ELIGIBLE, PRESENT, Authenticator, b64, unb64
from tests.support.postgres import Database

ORIGIN = "http://localhost:6688"  # server.public_url, where it is not set
STALE = "UPDATE sessions SET auth_time = now() - interval '1 hour'"
OPTIONS = "/api/auth/passkeys/sign-in/options"


async def enrol(person: Person, **traits: Any) -> tuple[Authenticator, dict[str, Any]]:
    """A new authenticator with a passkey of theirs, and what the server said."""
    authenticator = Authenticator(ORIGIN, **traits)
    options = ok(await person.api.post("/api/auth/factors/passkeys/options"))["options"]
    wish = {"name": "My laptop", "passkey": authenticator.create(options)}
    return authenticator, ok(await person.api.post("/api/auth/factors/passkeys", json=wish), 201)


async def browser(chat_server: ChatServer) -> httpx.AsyncClient:
    """One of its own, with its own cookies."""
    return await chat_server.client(None)


async def asked(browser: httpx.AsyncClient) -> dict[str, Any]:
    options: dict[str, Any] = ok(await browser.post(OPTIONS))["options"]
    return options


async def sign_in(browser: httpx.AsyncClient, answer: dict[str, Any]) -> httpx.Response:
    return await browser.post("/api/auth/passkeys/sign-in", json={"passkey": answer})


async def test_a_passkey_alone_signs_in_and_counts_as_both_factors(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    elsewhere = await chat_server.client(ok(await chat_server.sign_in(ada))["token"])
    authenticator, made = await enrol(ada)
    assert len(made["recovery_codes"]) == 10
    problem(await elsewhere.get("/api/auth/me"), 401, "unauthorized")  # it has shown no factor
    page = await browser(chat_server)
    options = await asked(page)
    assert (options["rpId"], options["userVerification"], options["allowCredentials"]) == ("localhost", "required", [])
    signed_in = ok(await sign_in(page, authenticator.get(options)))
    assert signed_in["user"]["id"] == ada.id
    api = await chat_server.client(signed_in["token"])
    [session] = [each for each in ok(await api.get("/api/auth/sessions")) if each["current"]]
    assert (session["provider"], session["second_factor"]) == ("passkey", "passkey")
    assert session["amr"] == ["hwk", "user", "mfa"]
    [shown] = ok(await api.get("/api/auth/factors"))["passkeys"]
    assert (shown["name"], shown["synced"], shown["last_used_at"] is not None) == ("My laptop", False, True)
    # One that its maker keeps on other devices too is no key in hardware, and does not count.
    synced, made = await enrol(ada, flags=PRESENT | 0x04 | BACKUP_ELIGIBLE | BACKED_UP, count=None)
    assert (made["recovery_codes"], made["passkey"]["synced"]) == (None, True)
    for _ in range(2):
        again = ok(await sign_in(page, synced.get(await asked(page))))
    api = await chat_server.client(again["token"])
    [session] = [each for each in ok(await api.get("/api/auth/sessions")) if each["current"]]
    assert session["amr"] == ["swk", "user", "mfa"]
    async with database.connect() as sql:
        told = "SELECT payload->>'change', payload->>'factor' FROM events WHERE kind = 'SecondFactorsChanged'"
        assert [tuple(row) for row in await sql.fetch(told)] == [("added", "passkey")] * 2
        acts = "SELECT action, after->>'factor' FROM audit_log WHERE action = 'second_factor_added' AND actor_id = $1"
        assert [tuple(row) for row in await sql.fetch(acts, ada.id)] == [("second_factor_added", "passkey")] * 2
    metrics = (await chat_server.anybody.get("/metrics")).text
    assert 'chat_sign_ins_total{outcome="signed_in",provider="passkey"} 3.0' in metrics


@dataclasses.dataclass(frozen=True)
class Wrong:
    """An authenticator that is not what was enrolled, or another use of its answer."""

    change: dict[str, Any] = dataclasses.field(default_factory=dict)
    tamper: Callable[[dict[str, Any]], None] = lambda answer: None


def _without_handle(answer: dict[str, Any]) -> None:
    answer["response"]["userHandle"] = None


def _with_other_signature(answer: dict[str, Any]) -> None:
    signature = bytearray(unb64(answer["response"]["signature"]))
    signature[-1] ^= 1
    answer["response"]["signature"] = b64(bytes(signature))


def _unknown(answer: dict[str, Any]) -> None:
    answer["id"] = answer["rawId"] = b64(b"unknown")


WRONG = {
    "origin": Wrong({"origin": "http://localhost:6689"}),
    "origin of a page that calls itself so": Wrong({"origin": "https://localhost.evil.example"}),
    "relying party": Wrong({"rp_id": "evil.example"}),
    "user not verified": Wrong({"flags": PRESENT}),
    "user not there": Wrong({"flags": 0x04}),
    "key": Wrong({"key": Authenticator(ORIGIN).key}),
    "user handle": Wrong({"handle": b64(bytes(16))}),
    "no user handle": Wrong(tamper=_without_handle),
    "signature": Wrong(tamper=_with_other_signature),
    "credential": Wrong(tamper=_unknown),
}


@pytest.mark.chat_server
async def test_what_is_no_good_passkey_signs_nobody_in(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    authenticator, _ = await enrol(ada)
    page = await browser(chat_server)
    for what, wrong in WRONG.items():
        answer = dataclasses.replace(authenticator, **wrong.change).get(await asked(page))
        wrong.tamper(answer)
        assert (await sign_in(page, answer)).status_code == 403, what
    ok(await sign_in(page, authenticator.get(await asked(page))))
    metrics = (await chat_server.anybody.get("/metrics")).text
    assert f'chat_sign_ins_total{{outcome="wrong_passkey",provider="passkey"}} {len(WRONG)}.0' in metrics


async def test_a_challenge_is_good_once_for_a_while_and_for_who_has_asked(chat_server: ChatServer) -> None:
    ada, eve = await chat_server.sign_up("Ada"), await chat_server.sign_up("Eve")
    authenticator, _ = await enrol(ada)
    page, other = await browser(chat_server), await browser(chat_server)
    await asked(other)
    answer = authenticator.get(await asked(page))
    problem(await sign_in(other, answer), 403, "wrong_passkey")  # another browser's
    problem(await sign_in(await browser(chat_server), answer), 403, "wrong_passkey")  # a browser that has not asked
    both = await asyncio.gather(sign_in(page, answer), sign_in(page, answer))
    assert sorted(response.status_code for response in both) == [200, 403]
    problem(await sign_in(page, answer), 403, "wrong_passkey")
    made_up = {"challenge": b64(bytes(67)), "rpId": "localhost"}
    problem(await sign_in(page, authenticator.get(made_up)), 403, "wrong_passkey")
    # What was asked for one purpose is none for another one.
    again = ok(await ada.api.post("/api/auth/reauthenticate/passkey"))["options"]
    problem(await sign_in(page, authenticator.get(again)), 403, "wrong_passkey")
    answer = authenticator.get(await asked(page))
    problem(await ada.api.post("/api/auth/reauthenticate", json={"passkey": answer}), 403, "wrong_passkey")
    options = ok(await ada.api.post("/api/auth/factors/passkeys/options"))["options"]
    again = ok(await ada.api.post("/api/auth/reauthenticate/passkey"))["options"]
    wish = {"name": "x", "passkey": Authenticator(ORIGIN).create({**options, "challenge": again["challenge"]})}
    problem(await ada.api.post("/api/auth/factors/passkeys", json=wish), 403, "wrong_passkey")
    # Nor is it for another session.
    options = ok(await eve.api.post("/api/auth/factors/passkeys/options"))["options"]
    wish = {"name": "Eve's", "passkey": Authenticator(ORIGIN).create(options)}
    problem(await ada.api.post("/api/auth/factors/passkeys", json=wish), 403, "wrong_passkey")
    answer = authenticator.get(await asked(page))
    with mock.patch("chat_server.identity.factors.challenges.CHALLENGE_SECONDS", -1):
        problem(await sign_in(page, answer), 403, "wrong_passkey")


async def test_a_copy_of_a_passkey_is_noticed_by_its_count(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    authenticator, _ = await enrol(ada)
    copy = dataclasses.replace(authenticator)
    page = await browser(chat_server)
    ok(await sign_in(page, authenticator.get(await asked(page))))
    problem(await sign_in(page, copy.get(await asked(page))), 403, "passkey_copied")
    copy.count = None
    problem(await sign_in(page, copy.get(await asked(page))), 403, "passkey_copied")


async def test_a_passkey_is_a_second_step_for_its_owner_alone(chat_server: ChatServer) -> None:
    ada, eve = await chat_server.sign_up("Ada"), await chat_server.sign_up("Eve")
    authenticator, made = await enrol(ada)
    of_eve, _ = await enrol(eve)
    waiting = problem(await chat_server.sign_in(ada), 403, "second_factor_required")
    assert waiting["factors"] == ["passkey", "recovery_code"]
    token = {"factor_token": waiting["factor_token"]}

    async def options(given: dict[str, Any] = token) -> dict[str, Any]:
        answer: dict[str, Any] = ok(await chat_server.anybody.post("/api/auth/second-factor/passkey", json=given))
        return answer["options"]  # type: ignore[no-any-return]

    async def complete(answer: dict[str, Any], **more: str) -> httpx.Response:
        body = {**token, "passkey": answer, **more}
        return await chat_server.anybody.post("/api/auth/second-factor", json=body)

    known = [each["id"] for each in (await options())["allowCredentials"]]
    assert known == [made["passkey"] and b64(authenticator.credential_id)]
    problem(await complete(of_eve.get(await options())), 403, "wrong_passkey")
    other = problem(await chat_server.sign_in(ada), 403, "second_factor_required")
    of_other = await options({"factor_token": other["factor_token"]})
    problem(await complete(authenticator.get(of_other)), 403, "wrong_passkey")  # of another sign-in
    both = await complete(authenticator.get(await options()), recovery_code=made["recovery_codes"][0])
    problem(both, 422, "validation_failed")
    signed_in = ok(await complete(authenticator.get(await options())))
    api = await chat_server.client(signed_in["token"])
    [session] = [each for each in ok(await api.get("/api/auth/sessions")) if each["current"]]
    assert (session["provider"], session["second_factor"]) == ("password", "passkey")
    assert session["amr"] == ["pwd", "hwk", "user", "mfa"]
    unknown = await chat_server.anybody.post("/api/auth/second-factor/passkey", json=token)
    problem(unknown, 401, "invalid_factor_token")


async def test_removing_takes_a_fresh_sign_in_which_a_passkey_gives(
    chat_server: ChatServer, database: Database
) -> None:
    ada, eve = await chat_server.sign_up("Ada"), await chat_server.sign_up("Eve")
    problem(await ada.api.post("/api/auth/reauthenticate/passkey"), 409, "no_passkey")
    authenticator, made = await enrol(ada)
    path = f"/api/auth/factors/passkeys/{made['passkey']['id']}"
    problem(await eve.api.delete(path), 404, "not_found")
    async with database.connect() as sql:
        await sql.execute(STALE)
    problem(await ada.api.delete(path), 403, "reauthentication_required")
    for way in ("/options", ""):
        body = {"name": "x", "passkey": authenticator.create({"user": {"id": ""}, "rp": {"id": ""}, "challenge": ""})}
        refused = await ada.api.post(f"/api/auth/factors/passkeys{way}", json=None if way else body)
        problem(refused, 403, "reauthentication_required")
    again = {"password": PASSWORD}
    problem(await ada.api.post("/api/auth/reauthenticate", json=again), 403, "second_factor_required")
    problem(await ada.api.post("/api/auth/reauthenticate", json={}), 422, "validation_failed")
    options = ok(await ada.api.post("/api/auth/reauthenticate/passkey"))["options"]
    ok(await ada.api.post("/api/auth/reauthenticate", json={"passkey": authenticator.get(options)}), 204)
    ok(await ada.api.delete(path), 204)
    assert ok(await ada.api.get("/api/auth/factors")) == {"totp": None, "passkeys": [], "recovery_codes_left": 0}
    ok(await chat_server.sign_in(ada))
    page = await browser(chat_server)
    problem(await sign_in(page, authenticator.get(await asked(page))), 403, "wrong_passkey")


async def test_a_credential_is_one_persons_and_a_person_has_few(chat_server: ChatServer, database: Database) -> None:
    ada, eve = await chat_server.sign_up("Ada"), await chat_server.sign_up("Eve")
    authenticator, _ = await enrol(ada)
    options = ok(await eve.api.post("/api/auth/factors/passkeys/options"))["options"]
    assert options["excludeCredentials"] == []
    wish = {"name": "Stolen", "passkey": dataclasses.replace(authenticator).create(options)}
    problem(await eve.api.post("/api/auth/factors/passkeys", json=wish), 409, "passkeys_credential_key")
    for wrong in ({"flags": PRESENT}, {"origin": "https://evil.example"}, {"rp_id": "evil.example"}):
        options = ok(await eve.api.post("/api/auth/factors/passkeys/options"))["options"]
        passkey = Authenticator(**{"origin": ORIGIN, **wrong}).create(options)  # type: ignore[arg-type]
        refused = await eve.api.post("/api/auth/factors/passkeys", json={"name": "x", "passkey": passkey})
        problem(refused, 403, "wrong_passkey")
    async with database.connect() as sql:
        await sql.execute(
            "INSERT INTO passkeys (user_id, credential_id, public_key, sign_count, synced, name) "
            "SELECT $1, number::text::bytea, 'k', 0, false, 'x' FROM generate_series(1, 19) AS number",
            ada.id,
        )
    options = ok(await ada.api.post("/api/auth/factors/passkeys/options"))["options"]
    assert len(options["excludeCredentials"]) == 20
    wish = {"name": "One more", "passkey": Authenticator(ORIGIN).create(options)}
    problem(await ada.api.post("/api/auth/factors/passkeys", json=wish), 409, "passkeys_amount")


async def test_a_suspended_user_and_one_whose_passkeys_an_operator_has_removed(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    authenticator, _ = await enrol(ada)
    page = await browser(chat_server)
    async with database.connect() as sql:
        await sql.execute("UPDATE users SET status = 'suspended' WHERE id = $1", ada.id)
        problem(await sign_in(page, authenticator.get(await asked(page))), 403, "account_suspended")
        await sql.execute("UPDATE users SET status = 'active' WHERE id = $1", ada.id)
        [shown] = await sql.fetch("SELECT factor, recovery_codes_left FROM ops.second_factors($1)", ada.email)
        assert tuple(shown) == ("passkey", 10)
        [removed] = await sql.fetch("SELECT factors_removed FROM ops.remove_second_factors($1)", ada.email)
        assert removed["factors_removed"] == 1
        # Verified before, and removed meanwhile: it begins no session.
        opening = "SELECT session_id FROM open_session($1, NULL, 'r', 1, NULL, 'd', second_factor => 'passkey')"
        assert await sql.fetchval(opening, ada.id) is None
    problem(await sign_in(page, authenticator.get(await asked(page))), 403, "wrong_passkey")
    ok(await chat_server.sign_in(ada))


async def test_a_demand_is_met_by_either_factor_and_the_last_one_stays(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    async with database.connect() as sql:
        await sql.execute("SELECT ops.let_demand($1)", ada.workspace)
    authenticator, first = await enrol(ada)
    _, second = await enrol(ada)
    ok(await ada.api.put(f"/api/workspaces/{ada.workspace}/required-second-factor"))
    page = await browser(chat_server)
    ada.api.headers["Authorization"] = (
        f"Bearer {ok(await sign_in(page, authenticator.get(await asked(page))))['token']}"
    )
    ok(await ada.api.delete(f"/api/auth/factors/passkeys/{second['passkey']['id']}"), 204)
    last = f"/api/auth/factors/passkeys/{first['passkey']['id']}"
    problem(await ada.api.delete(last), 409, "second_factor_is_demanded")


@pytest.mark.chat_server(server={"public_url": "http://192.0.2.7:6688"})
async def test_at_an_address_there_are_none_and_the_routes_say_why(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for told in (await chat_server.anybody.post(OPTIONS), await ada.api.post("/api/auth/factors/passkeys/options")):
        assert "need a host name" in problem(told, 409, "passkeys_unavailable")["detail"]


def test_the_relying_party_is_the_host_of_the_public_url() -> None:
    party = relying_party("https://Chat.example.com:8443", "Fechatter")
    assert party is not None
    assert (party.id, party.origin) == ("chat.example.com", "https://chat.example.com:8443")
    assert relying_party("http://localhost:6688", "Fechatter") is not None
    for url in ("https://192.0.2.7", "https://[2001:db8::1]:8443", "http://127.0.0.1:6688", "http://chat.example.com"):
        assert relying_party(url, "Fechatter") is None


async def test_a_demanded_factor_may_be_a_passkey_that_is_made_while_signing_in(
    chat_server: ChatServer, database: Database
) -> None:
    ada, eve = await chat_server.sign_up("Ada"), await chat_server.sign_up("Eve")
    async with database.connect() as sql:
        await sql.execute("INSERT INTO required_second_factors (workspace_id) VALUES ($1)", ada.workspace)
    step = "/api/auth/second-factor"
    owed = problem(await chat_server.sign_in(ada), 403, "second_factor_enrolment_required")
    token = {"factor_token": owed["factor_token"]}
    problem(await chat_server.anybody.post(f"{step}/passkey", json=token), 409, "no_passkey")
    options = ok(await chat_server.anybody.post(f"{step}/new-passkey", json=token))["options"]
    authenticator = Authenticator(ORIGIN)
    wish = {"name": "Phone", "passkey": authenticator.create(options)}
    # Not with what somebody else was asked, and not beside another proof.
    theirs = ok(await eve.api.post("/api/auth/factors/passkeys/options"))["options"]
    stolen = {"name": "Phone", "passkey": Authenticator(ORIGIN).create(theirs)}
    problem(await chat_server.anybody.post(step, json={**token, "new_passkey": stolen}), 403, "wrong_passkey")
    both = {**token, "new_passkey": wish, "code": "123456"}
    problem(await chat_server.anybody.post(step, json=both), 422, "validation_failed")
    signed_in = ok(await chat_server.anybody.post(step, json={**token, "new_passkey": wish}))
    api = await chat_server.client(signed_in["token"])
    [session] = ok(await api.get("/api/auth/sessions"))
    assert (session["provider"], session["second_factor"]) == ("password", "passkey")
    problem(await chat_server.anybody.post(f"{step}/new-passkey", json=token), 401, "invalid_factor_token")
    # From here on it is asked for: whoever knows the password makes none of their own.
    owed = problem(await chat_server.sign_in(ada), 403, "second_factor_required")
    token = {"factor_token": owed["factor_token"]}
    problem(await chat_server.anybody.post(f"{step}/new-passkey", json=token), 403, "second_factor_required")
    again = {"name": "x", "passkey": Authenticator(ORIGIN).create(options)}
    problem(await chat_server.anybody.post(step, json={**token, "new_passkey": again}), 403, "second_factor_required")
    shown = ok(await chat_server.anybody.post(f"{step}/passkey", json=token))["options"]
    ok(await chat_server.anybody.post(step, json={**token, "passkey": authenticator.get(shown)}))


async def test_a_passkey_is_a_way_in_and_the_last_one_stays(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    _, made = await enrol(ada)
    path = f"/api/auth/factors/passkeys/{made['passkey']['id']}"
    async with database.connect() as sql:
        add = "SELECT add_identity($1, 'acme', 'https://x', '1', NULL, false)"
        identity = await sql.fetchval(add, ada.id)
        await sql.execute("UPDATE users SET password_hash = ''")
        ok(await ada.api.delete(f"/api/auth/identities/{identity}"), 204)
        problem(await ada.api.delete(path), 409, "last_way_in")
        assert await sql.fetchval("SELECT count(*) FROM passkeys") == 1
        await sql.fetchval(add, ada.id)
    ok(await ada.api.delete(path), 204)
