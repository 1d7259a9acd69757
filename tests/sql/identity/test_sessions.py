"""sessions: its events."""

import pytest

from tests.sql.world import World

REVOKE = "UPDATE sessions SET revoked_at = now(), revoked_reason = 'logout' WHERE id = $1"


async def test_signing_in_and_staying_so_is_no_event(world: World) -> None:
    session = await world.add_session(world.alice)
    await world.sql.execute("UPDATE sessions SET expires_at = now() + interval '2 days' WHERE id = $1", session)
    assert await world.events() == []


@pytest.mark.parametrize(
    "reason", ["logout", "logout_all", "password_changed", "token_reused", "suspended", "operator"]
)
async def test_a_revoked_session_is_told_to_its_user(world: World, reason: str) -> None:
    session = await world.add_session(world.alice)
    await world.sql.execute(
        "UPDATE sessions SET revoked_at = now(), revoked_reason = $2 WHERE id = $1", session, reason
    )
    [event] = await world.events()
    assert event.about() == ("SessionRevoked", "user", None, world.alice, None)
    assert event.payload == {"session_id": session, "reason": reason}


async def test_it_ends_once(world: World) -> None:
    session = await world.add_session(world.alice)
    await world.sql.execute(REVOKE, session)
    await world.events()
    await world.sql.execute(REVOKE, session)
    await world.sql.execute("DELETE FROM sessions WHERE id = $1", session)
    assert await world.events() == []


async def test_a_deleted_session_is_a_revoked_one(world: World) -> None:
    session = await world.add_session(world.alice)
    await world.sql.execute("DELETE FROM sessions WHERE id = $1", session)
    [event] = await world.events()
    assert event.about() == ("SessionRevoked", "user", None, world.alice, None)
    assert event.payload == {"session_id": session, "reason": "operator"}


async def test_an_expired_session_goes_without_a_word(world: World) -> None:
    session = await world.add_session(world.alice)
    await world.sql.execute("UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = $1", session)
    await world.sql.execute("DELETE FROM sessions WHERE id = $1", session)
    assert await world.events() == []


async def test_what_a_provider_has_seen_counts_for_nothing_once_a_factor_is_enrolled_here(world: World) -> None:
    begun = "UPDATE sessions SET provider = $2, second_factor = $3 WHERE id = $1"
    enrolling, at_provider, with_password, bobs = [
        await world.add_session(user) for user in (world.alice, world.alice, world.alice, world.bob)
    ]
    for session, provider, factor in (
        (enrolling, "acme", "provider"),
        (at_provider, "acme", "provider"),
        (with_password, "password", None),
        (bobs, "acme", "provider"),
    ):
        await world.sql.execute(begun, session, provider, factor)
    token = await world.sql.fetchval(
        "SELECT id FROM open_token($1, sha256('t'), 'bot', '{messages:read}', 1)", at_provider
    )
    await world.sql.execute("INSERT INTO required_second_factors (workspace_id) VALUES ($1)", world.acme)
    ended = "SELECT array_agg(id ORDER BY id) FROM sessions WHERE revoked_at IS NOT NULL"
    assert await world.sql.fetchval(ended) == [with_password]  # a workspace's demand is met by the provider
    for user in (world.alice, world.bob):
        await world.sql.execute("SELECT begin_totp($1, repeat('s', 20)::bytea, NULL)", user)
    assert await world.sql.fetchval(
        "SELECT confirm_totp($1, repeat('s', 20)::bytea, 1, $2, '{}')", world.alice, enrolling
    )
    assert await world.sql.fetchval(ended) == [at_provider, with_password, token]
    kept = await world.sql.fetchrow("SELECT revoked_at, second_factor FROM sessions WHERE id = $1", enrolling)
    assert tuple(kept or ()) == (None, "totp")
    # A second one of their own ends nothing more.
    await world.sql.execute(
        "SELECT add_passkey($1, sha256('p'), sha256('key'), 0, false, '{}', 'phone', $2, '{hwk,mfa}', '{}')",
        world.alice,
        enrolling,
    )
    assert await world.sql.fetchval(ended) == [at_provider, with_password, token]
