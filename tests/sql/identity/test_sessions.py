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
