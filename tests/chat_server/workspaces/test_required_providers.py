"""Owners require a provider over REST: who may, and what a member who signs in otherwise is told."""

import pytest

from tests.chat_server.people import ChatServer, ok, problem, until_signed_out
from tests.support.postgres import Database

ACME = {"issuer": "https://login.acme.example", "client_id": "fechatter", "client_secret": "s"}


@pytest.mark.chat_server(auth={"providers": {"acme": ACME}})
async def test_owners_require_a_provider_and_members_are_told_which(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    path = f"/api/workspaces/{ada.workspace}/required-provider"
    problem(await ada.api.get(path), 404, "not_found")
    problem(await bob.api.put(path, json={"provider": "acme"}), 403, "forbidden")
    unknown = problem(await ada.api.put(path, json={"provider": "globex"}), 422, "validation_failed")
    assert unknown["errors"][0]["path"] == "provider"
    # Anybody may have a workspace, and add colleagues to it: that alone lets nobody sign them out.
    problem(await ada.api.put(path, json={"provider": "acme"}), 403, "workspace_may_not_demand")
    ok(await bob.api.get("/api/auth/me"))
    async with database.connect() as sql:
        await sql.execute("SELECT ops.let_demand($1)", ada.workspace)
    problem(
        await ada.api.put(path, json={"provider": "acme", "break_glass_owner_id": bob.id}),
        409,
        "break_glass_owner_is_owner",
    )
    required = ok(await ada.api.put(path, json={"provider": "acme"}))
    assert (required["provider"], required["break_glass_owner_id"]) == ("acme", ada.id)
    assert ok(await ada.api.get(path)) == required
    await until_signed_out(bob.api)
    # Nobody is added without being asked.
    carol = await chat_server.sign_up("Carol")
    await carol.invite(ada)
    member = {"user_id": carol.id}
    problem(await ada.api.post(f"/api/workspaces/{ada.workspace}/members", json=member), 403, "invitation_needed")
    assert problem(await chat_server.sign_in(bob), 403, "provider_required")["provider"] == "acme"
    ok(await chat_server.sign_in(ada))
    problem(await ada.api.delete(f"/api/workspaces/{ada.workspace}/members/{ada.id}"), 409, "break_glass_owner_stays")
    async with database.connect() as sql:
        await sql.execute("UPDATE sessions SET auth_time = now() - interval '1 hour'")
    problem(await ada.api.put(path, json={"provider": "acme"}), 403, "reauthentication_required")
    problem(await ada.api.delete(path), 403, "reauthentication_required")
    async with database.connect() as sql:
        await sql.execute("UPDATE sessions SET auth_time = now()")
    ok(await ada.api.delete(path), 204)
    ok(await chat_server.sign_in(bob))
