"""Signing in with Clerk, and what its webhooks change: late, twice, in any order, or never."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.chat_server.identity.clerk.actions import PAGE, bot_of, exchanged, has_ended, hear, is_member, sign_in
from tests.chat_server.people import ChatServer, Json, ok, problem
from tests.support.clients.plain_http import plain_http
from tests.support.identity.clerk_peer import ClerkPeer, signed
from tests.support.postgres import Database

NOW = int(time.time() * 1000)


def membership(user: str, at: int, organization: str = "org_1", updated_at: int | None = None) -> tuple[Json, Json]:
    """The data and the rest of an event about a membership, which happened then (milliseconds)."""
    data = {
        "id": f"orgmem_{user}_{at}",
        "organization": {"id": organization},
        "public_user_data": {"user_id": user},
        "updated_at": at if updated_at is None else updated_at,
    }
    return data, {"timestamp": at}


# -- tokens


async def test_a_token_is_exchanged_for_a_session(server: ChatServer, peer: ClerkPeer, database: Database) -> None:
    user = peer.add_user()
    first = ok(await exchanged(server, peer.token(user, sid="sess_1", fva=[2, 1])))
    assert (first["user"]["fullname"], first["user"]["email"]) == ("Ada Lovelace", "ada@corp.example")
    api = await server.client(first["token"])
    [session] = ok(await api.get("/api/auth/sessions"))
    assert (session["provider"], session["amr"]) == ("clerk", ["fed", "mfa"])
    again = ok(await exchanged(server, peer.token(user)))
    assert again["user"]["id"] == first["user"]["id"]
    async with database.connect() as sql:
        row = await sql.fetchrow(
            "SELECT provider_sid, now() - auth_time AS age FROM sessions WHERE id = $1", session["id"]
        )
        assert row is not None
        assert row["provider_sid"] == "sess_1"
        assert 115 < row["age"].total_seconds() < 180


async def test_the_cookie_is_as_good_as_the_header(server: ChatServer, peer: ClerkPeer) -> None:
    token = peer.token(peer.add_user())
    async with plain_http(base_url=server.url, cookies={"__session": token}) as http:
        ok(await http.post("/api/auth/clerk/session", json={}))
    problem(await server.anybody.post("/api/auth/clerk/session", json={}), 401, "invalid_provider_token")
    problem(await exchanged(server, "nonsense"), 401, "invalid_provider_token")


async def test_whoever_does_not_say_when_they_signed_in_has_not_done_so_just_now(
    server: ChatServer, peer: ClerkPeer
) -> None:
    api = await sign_in(server, peer, peer.add_user(), fva=None)
    [identity] = ok(await api.get("/api/auth/identities"))
    problem(await api.delete(f"/api/auth/identities/{identity['id']}"), 403, "reauthentication_required")


async def test_whom_clerk_no_longer_has_or_has_banned(server: ChatServer, peer: ClerkPeer) -> None:
    problem(await exchanged(server, peer.token("user_nobody")), 401, "invalid_provider_token")
    problem(await exchanged(server, peer.token(peer.add_user(banned=True))), 401, "invalid_provider_token")
    peer.down = True
    problem(await exchanged(server, peer.token(peer.add_user())), 503, "provider_unavailable")


async def test_an_account_is_linked_and_not_taken_over(server: ChatServer, peer: ClerkPeer) -> None:
    grace = await server.sign_up("Grace")  # grace@example.com, a domain that is not Clerk's
    user = peer.add_user("Grace Hopper")
    peer.users[user]["email_addresses"][0]["email_address"] = grace.email
    problem(await exchanged(server, peer.token(user)), 403, "address_taken")
    problem(await exchanged(server, peer.token(peer.add_user("Mary", verified=False))), 403, "address_unverified")
    ok(await grace.api.post("/api/auth/clerk/link", json={"token": peer.token(user)}), 204)
    assert ok(await exchanged(server, peer.token(user)))["user"]["id"] == grace.id
    other = await server.sign_up("Other")
    problem(await other.api.post("/api/auth/clerk/link", json={"token": peer.token(user)}), 409, "identity_taken")


async def test_a_suspended_account_stays_suspended(server: ChatServer, peer: ClerkPeer, database: Database) -> None:
    user = peer.add_user()
    api = await sign_in(server, peer, user)
    async with database.connect() as sql:
        await sql.execute("UPDATE users SET status = 'suspended' WHERE email = 'ada@corp.example'")
    assert await has_ended(api)
    await hear(server, peer, "user.updated", {**peer.users[user], "updated_at": NOW})
    problem(await exchanged(server, peer.token(user)), 403, "account_suspended")


async def test_the_page_sends_the_browser_to_clerk_which_brings_the_cookie_back(
    server: ChatServer, peer: ClerkPeer
) -> None:
    [button] = ok(await server.anybody.get("/api/auth/providers"))
    assert button["name"] == "clerk"
    token = peer.token(peer.add_user(), o={"id": "org_1"})
    async with plain_http(base_url=server.url) as http:
        sent = await http.get("/api/auth/clerk")
        assert sent.headers["location"].startswith(f"{PAGE}?redirect_url=")
        back = urlsplit(parse_qs(urlsplit(sent.headers["location"]).query)["redirect_url"][0])
        problem(await http.get(f"{back.path}?{back.query}"), 401, "invalid_provider_token")  # without signing in
        sent = await http.get("/api/auth/clerk")
        back = urlsplit(parse_qs(urlsplit(sent.headers["location"]).query)["redirect_url"][0])
        http.cookies.set("__session", token)
        answer = await http.get(f"{back.path}?{back.query}")
        assert answer.headers["location"] == "/signin#/signed-in"
        signed_in = ok(await http.post("/api/auth/provider-session", json={}))
        problem(await http.get(f"{back.path}?{back.query}"), 400, "invalid_sign_in")  # once
    api = await server.client(signed_in["token"])
    assert len(ok(await api.get("/api/workspaces"))) == 2


# -- webhooks


async def test_a_webhook_must_be_signed(server: ChatServer, peer: ClerkPeer) -> None:
    user = peer.add_user()
    api = await sign_in(server, peer, user, sid="sess_1")
    body = '{"type":"session.revoked","data":{"id":"sess_1"}}'
    for headers in ({}, signed(body, ago=400), signed(f"{body} ")):
        answer = await server.anybody.post("/api/webhooks/clerk", content=body, headers=headers)
        problem(answer, 400, "invalid_webhook")
    for junk in ("[]", '{"type":"session.revoked","data":{}}', '{"type":"session.revoked","data":{"id":"\\u0000"}}'):
        answer = await server.anybody.post("/api/webhooks/clerk", content=junk, headers=signed(junk))
        problem(answer, 400, "invalid_webhook")
    assert not await has_ended(api)
    await hear(server, peer, "email.created", {"id": "ema_1"})
    await hear(server, peer, "session.created", {"id": "sess_1"})
    assert not await has_ended(api)


@pytest.mark.parametrize("verb", ["revoked", "ended", "removed"])
async def test_a_session_that_ends_at_clerk_ends_here(
    server: ChatServer, peer: ClerkPeer, database: Database, verb: str
) -> None:
    user = peer.add_user()
    api, other = await sign_in(server, peer, user, sid="sess_1"), await sign_in(server, peer, user, sid="sess_2")
    bot = await bot_of(server, api)
    for _ in range(2):  # repeated
        await hear(server, peer, f"session.{verb}", {"id": "sess_1", "user_id": user, "status": verb})
    assert await has_ended(api)
    assert not await has_ended(other)
    assert not await has_ended(bot), "that is no sign-out of programs"
    # Its token is valid for a minute more.
    problem(await exchanged(server, peer.token(user, sid="sess_1")), 401, "clerk_session_is_open")
    async with database.connect() as sql:
        reasons = await sql.fetch("SELECT payload->>'reason' AS reason FROM events WHERE kind = 'SessionRevoked'")
        assert [row["reason"] for row in reasons] == ["provider"]


async def test_a_user_who_is_deleted_is_gone_for_good(
    server: ChatServer, peer: ClerkPeer, database: Database, workspace: int
) -> None:
    user = peer.add_user()
    api = await sign_in(server, peer, user, o={"id": "org_1"})
    assert await is_member(database, workspace)
    bot = await bot_of(server, api)
    await hear(server, peer, "user.deleted", {"id": user, "object": "user", "deleted": True})
    assert await has_ended(api)
    assert await has_ended(bot)
    assert not await is_member(database, workspace)
    # What was said before comes after.
    await hear(server, peer, "user.updated", {**peer.users[user], "updated_at": NOW + 60_000})
    problem(await exchanged(server, peer.token(user)), 401, "clerk_session_is_open")


async def test_deleted_before_created(server: ChatServer, peer: ClerkPeer) -> None:
    user = peer.add_user()
    await hear(server, peer, "user.deleted", {"id": user, "deleted": True})
    await hear(server, peer, "user.created", {**peer.users[user], "updated_at": NOW})
    problem(await exchanged(server, peer.token(user)), 401, "clerk_session_is_open")


async def test_an_older_statement_about_a_user_changes_nothing(
    server: ChatServer, peer: ClerkPeer, database: Database
) -> None:
    user = peer.add_user()
    api = await sign_in(server, peer, user)

    def said(at: int, **fields: Any) -> Json:
        return {**peer.users[user], "updated_at": NOW + at, **fields}

    async def address() -> str:
        [identity] = ok(await api.get("/api/auth/identities"))
        found: str = identity["email"]
        return found

    renamed = [{"id": "idn_1", "email_address": "lovelace@corp.example", "verification": {"status": "verified"}}]
    await hear(server, peer, "user.updated", said(2000, email_addresses=renamed))
    assert await address() == "lovelace@corp.example"
    await hear(server, peer, "user.updated", said(1000, banned=True))
    assert await address() == "lovelace@corp.example"
    assert not await has_ended(api)
    await hear(server, peer, "user.updated", said(3000, banned=True))
    assert await has_ended(api)
    problem(await exchanged(server, peer.token(user)), 401, "clerk_session_is_open")
    await hear(server, peer, "user.updated", said(4000))
    await sign_in(server, peer, user)


# -- organizations


async def test_members_of_an_organization_are_members_of_its_workspace(
    server: ChatServer, peer: ClerkPeer, database: Database, workspace: int
) -> None:
    user = peer.add_user()
    data, rest = membership(user, NOW)
    await hear(server, peer, "organizationMembership.created", data, **rest)  # before the first sign-in
    await sign_in(server, peer, user)
    assert await is_member(database, workspace)
    # A deleted membership says when it was changed last, which is long ago.
    data, rest = membership(user, NOW + 1000, updated_at=NOW)
    await hear(server, peer, "organizationMembership.deleted", data, **rest)
    assert not await is_member(database, workspace)
    await hear(server, peer, "organizationMembership.created", *[membership(user, NOW)[0]], timestamp=NOW)
    assert not await is_member(database, workspace)
    data, rest = membership(user, NOW + 2000)
    await hear(server, peer, "organizationMembership.created", data, **rest)
    assert await is_member(database, workspace)
    other, rest = membership(user, NOW + 3000, organization="org_other")
    await hear(server, peer, "organizationMembership.deleted", other, **rest)
    assert await is_member(database, workspace)


async def test_the_end_of_a_membership_may_come_before_its_beginning(
    server: ChatServer, peer: ClerkPeer, database: Database, workspace: int
) -> None:
    user = peer.add_user()
    await sign_in(server, peer, user)
    data, rest = membership(user, NOW + 1000, updated_at=NOW)
    await hear(server, peer, "organizationMembership.deleted", data, **rest)
    data, rest = membership(user, NOW)
    await hear(server, peer, "organizationMembership.created", data, **rest)
    assert not await is_member(database, workspace)
    # A token from before says that they are a member; one from after does too, and is newer.
    await sign_in(server, peer, user, o={"id": "org_1"}, iat=NOW // 1000 - 5)
    assert not await is_member(database, workspace)


async def test_an_organization_that_is_deleted_grants_nothing(
    server: ChatServer, peer: ClerkPeer, database: Database, workspace: int
) -> None:
    user = peer.add_user()
    await sign_in(server, peer, user, o={"id": "org_1"})
    assert await is_member(database, workspace)
    await hear(server, peer, "organization.deleted", {"id": "org_1", "object": "organization", "deleted": True})
    # All that Clerk has granted would go: an operator looks first.
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT stopped_at IS NOT NULL FROM ops.synchronisations WHERE source = 'clerk'")
    assert await is_member(database, workspace)
    # For one person that is no mistake.
    await sign_in(server, peer, user, o={"id": "org_1"})
    assert not await is_member(database, workspace)


async def test_a_server_without_clerk(chat_server: ChatServer) -> None:
    problem(await chat_server.anybody.post("/api/webhooks/clerk", content="{}"), 404, "not_found")
    problem(await exchanged(chat_server, "a.b.c"), 404, "not_found")
