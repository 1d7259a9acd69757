"""A workspace demands a second factor: of members, of whoever joins, and until it is enrolled."""

import pyotp

from tests.chat_server.people import ChatServer, ok, problem, until_signed_out
from tests.support.postgres import Database

REASONS = "SELECT payload->>'reason' FROM events WHERE kind = 'SessionRevoked' AND user_id = $1"


async def test_members_have_no_session_until_they_have_enrolled_one(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    secret = ok(await ada.api.post("/api/auth/factors/totp"))["secret"]
    ok(await ada.api.post("/api/auth/factors/totp/confirm", json={"code": pyotp.TOTP(secret).now()}))
    path = f"/api/workspaces/{ada.workspace}/required-second-factor"
    problem(await ada.api.get(path), 404, "not_found")
    problem(await bob.api.put(path), 403, "forbidden")
    problem(await ada.api.put(path), 403, "workspace_may_not_demand")
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT ops.let_demand($1)", ada.workspace)
    demanded = ok(await ada.api.put(path))
    assert ok(await ada.api.put(path)) == ok(await ada.api.get(path)) == demanded
    await until_signed_out(bob.api)  # ada has shown one, and stays

    owed = problem(await chat_server.sign_in(bob), 403, "second_factor_enrolment_required")
    assert owed["factors"] == []
    token = {"factor_token": owed["factor_token"]}
    problem(
        await chat_server.anybody.post("/api/auth/second-factor", json={**token, "code": "123456"}),
        403,
        "wrong_second_factor",
    )
    enrolment = ok(await chat_server.anybody.post("/api/auth/second-factor/totp", json=token))
    code = pyotp.TOTP(enrolment["secret"]).now()
    signed_in = ok(await chat_server.anybody.post("/api/auth/second-factor", json={**token, "code": code}))
    api = await chat_server.client(signed_in["token"])
    problem(await api.delete("/api/auth/factors/totp"), 409, "second_factor_is_demanded")
    assert len(ok(await api.post("/api/auth/factors/recovery-codes"))["recovery_codes"]) == 10
    # From here on the enrolled one is asked for, and none is enrolled in its place.
    owed = problem(await chat_server.sign_in(bob), 403, "second_factor_required")
    again = {"factor_token": owed["factor_token"]}
    problem(await chat_server.anybody.post("/api/auth/second-factor/totp", json=again), 403, "second_factor_required")

    # Whoever joins signs in again; somebody else's sessions stay.
    carol, dave = await chat_server.sign_up("Carol"), await chat_server.sign_up("Dave")
    async with database.connect() as sql:
        await sql.execute("INSERT INTO workspace_members VALUES ($1, $2)", ada.workspace, carol.id)
        assert [row[0] for row in await sql.fetch(REASONS, carol.id)] == ["second_factor"]
        problem(await chat_server.sign_in(carol), 403, "second_factor_enrolment_required")
        ok(await dave.api.get("/api/auth/me"))
        # What psql takes away ends the sessions, too.
        await sql.execute("DELETE FROM totp_factors WHERE user_id = $1", bob.id)
        await until_signed_out(api)
    ok(await ada.api.delete(path), 204)
    # A factor that was shown and then removed counts no more.
    ok(await ada.api.delete("/api/auth/factors/totp"), 204)
    ok(await ada.api.put(path))
    await until_signed_out(ada.api)
    async with database.connect() as sql:
        await sql.execute("DELETE FROM required_second_factors")
    ok(await chat_server.sign_in(bob))
