"""Who a user is at a provider of sign-ins: how one is found, and that an address alone opens nothing."""

import pytest

from tests.sql.world import World

ACME = "https://id.acme.example"


async def identify(
    world: World,
    subject: str,
    email: str | None,
    *,
    verified: bool = True,
    owns: bool = True,
    creates: bool = True,
    provider: str = "acme",
) -> tuple[str, int | None]:
    row = await world.sql.fetchrow(
        "SELECT outcome, user_id FROM identify($1, $2, $3, $4, $5, $6, $7, 'Somebody')",
        *(provider, ACME, subject, email, verified, owns, creates),
    )
    assert row is not None
    return row["outcome"], row["user_id"]


async def test_a_person_is_found_by_provider_issuer_and_subject_whatever_their_address(world: World) -> None:
    outcome, user = await identify(world, "1", "new@acme.example")
    assert outcome == "created"
    assert await identify(world, "1", "other@acme.example") == ("known", user)
    assert await identify(world, "1", None, verified=False, owns=False, creates=False) == ("known", user)
    assert await world.sql.fetchval("SELECT email FROM users WHERE id = $1", user) == "new@acme.example"
    outcome, another = await identify(world, "1", "third@acme.example", provider="elsewhere")
    assert (outcome, another) != ("known", user)


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("owns", [True, False])
async def test_an_address_that_is_another_users_links_only_where_both_sides_have_verified_it(
    world: World, verified: bool, owns: bool
) -> None:
    await world.sql.execute("UPDATE users SET email_verified_at = now() WHERE id = $1", world.alice)
    session = await world.add_session(world.alice)
    found = await identify(world, "1", "Alice@example.com", verified=verified, owns=owns)
    assert found == (("linked", world.alice) if verified and owns else ("taken", None))
    assert await world.sql.fetchval("SELECT revoked_at IS NULL FROM sessions WHERE id = $1", session)
    assert await world.sql.fetchval("SELECT count(*) FROM identities") == int(verified and owns)


async def test_nobody_keeps_access_by_registering_an_address_before_its_owner_comes(world: World) -> None:
    session = await world.add_session(world.alice)
    await world.sql.execute("UPDATE users SET password_hash = 'the attackers' WHERE id = $1", world.alice)
    await world.sql.execute("INSERT INTO devices (user_id, hash) VALUES ($1, sha256('theirs'))", world.alice)
    await world.sql.execute(
        "INSERT INTO identities (user_id, provider, issuer, subject) VALUES ($1, 'elsewhere', 'i', 'attacker')",
        world.alice,
    )
    await world.events()
    await world.sql.execute(
        "INSERT INTO totp_factors (user_id, secret, confirmed_at) VALUES ($1, sha256('s'), now())", world.alice
    )
    await world.sql.execute("SELECT passkey_handle($1)", world.alice)
    await world.sql.execute(
        "INSERT INTO passkeys (user_id, credential_id, public_key, sign_count, synced, name) "
        "VALUES ($1, 'theirs', 'k', 0, false, 'x')",
        world.alice,
    )
    await world.sql.execute("SELECT ops.reset_password('alice@example.com')")
    await world.sql.execute(
        "INSERT INTO mails (kind, recipient, user_id, language, expires_at) "
        "VALUES ('new_address', 'attacker@elsewhere.example', $1, 'en', now() + interval '1 day')",
        world.alice,
    )
    assert await identify(world, "1", "alice@example.com") == ("claimed", world.alice)
    assert await world.sql.fetchval("SELECT revoked_reason FROM sessions WHERE id = $1", session) == "claimed"
    assert {event.kind for event in await world.events()} == {"SessionRevoked", "SecondFactorsChanged"}
    assert await world.sql.fetchval("SELECT count(*) FROM password_resets") == 0
    assert await world.sql.fetchval("SELECT used_at IS NOT NULL FROM mails")
    assert await world.sql.fetchval("SELECT second_factors($1)", world.alice) is None  # it was somebody else's
    assert await world.sql.fetchval("SELECT password_hash FROM users WHERE id = $1", world.alice) == ""
    assert await world.sql.fetchval("SELECT count(*) FROM devices") == 0
    assert await world.sql.fetchval("SELECT array_agg(provider) FROM identities") == ["acme"]
    assert await world.sql.fetchval("SELECT email_verified_at IS NOT NULL FROM users WHERE id = $1", world.alice)


async def test_whoever_registered_it_keeps_no_way_in_that_goes_by_others(world: World) -> None:
    """A bot, an app, a webhook, an invite, and somebody who acts for the account."""
    bot = await world.sql.fetchval(
        "SELECT user_id FROM create_bot($1, $2, 'builds', 'Builds')", world.alice, world.acme
    )
    await world.sql.execute("SELECT open_bot_token($1, sha256('t'), 'x', '{messages:read}', 30)", bot)
    await world.sql.execute(
        "INSERT INTO chat_members (chat_id, user_id, role) VALUES ($1, $2, 'member')", world.group, bot
    )
    await world.sql.execute(
        "INSERT INTO incoming_webhooks (bot_id, chat_id, name, secret_hash, created_by) VALUES ($1, $2, 'ci', 'x', $3)",
        *(bot, world.group, world.alice),
    )
    await world.sql.execute(
        "INSERT INTO apps (workspace_id, owner_id, name, redirect_uris, scopes) "
        "VALUES ($1, $2, 'Calendar', '{https://calendar.example/}', '{messages:read}')",
        *(world.acme, world.alice),
    )
    await world.sql.execute(
        "INSERT INTO invites (chat_id, role, token_hash, created_by, expires_at) "
        "VALUES ($1, 'member', sha256('i'), $2, now() + interval '1 day')",
        *(world.group, world.alice),
    )
    await world.sql.execute(
        "INSERT INTO delegations (principal_id, delegate_id, permissions, ends_at, accepted_at) "
        "VALUES ($1, $2, '{chat.see,chat.read_messages,workspace.see}', now() + interval '1 day', now())",
        *(world.alice, world.bob),
    )
    assert await identify(world, "1", "alice@example.com") == ("claimed", world.alice)
    assert await world.sql.fetchval(
        "SELECT array_agg(revoked_at IS NOT NULL) FROM sessions WHERE user_id = $1", bot
    ) == [True]
    left = (
        "SELECT (SELECT count(*) FROM incoming_webhooks), (SELECT count(*) FROM invites), "
        "(SELECT count(*) FROM apps WHERE owner_id IS NOT NULL), "
        "(SELECT count(*) FROM delegations_in_force($1, $2))"
    )
    row = await world.sql.fetchrow(left, world.bob, world.alice)
    assert row is not None
    assert tuple(row) == (0, 0, 0, 0)


async def test_nobody_gets_an_account_by_an_address_that_the_provider_has_not_verified(world: World) -> None:
    for email, verified, outcome in (
        ("new@acme.example", False, "unverified"),
        (None, True, "unverified"),
        ("alice@example.com", False, "taken"),
    ):
        assert await identify(world, "1", email, verified=verified) == (outcome, None)
    assert await identify(world, "1", "new@acme.example", creates=False) == ("refused", None)
    assert await world.sql.fetchval("SELECT count(*) FROM identities") == 0


async def test_an_identity_that_goes_takes_its_sessions_along(world: World) -> None:
    _, user = await identify(world, "1", "new@acme.example")
    identity = await world.sql.fetchval("SELECT id FROM identities")
    opened = await world.sql.fetchval(
        "SELECT session_id FROM open_session($1, NULL, 'x', 1, NULL, sha256('d'), 'acme', '{sso}', identity_id => $2)",
        *(user, identity),
    )
    by_password = await world.sql.fetchval(
        "SELECT session_id FROM open_session($1, NULL, 'y', 1, NULL, sha256('d'))", user
    )
    await world.sql.execute("DELETE FROM identities")
    ended = await world.rows("SELECT id, revoked_reason FROM sessions WHERE user_id = $1 ORDER BY id", user)
    assert [tuple(row) for row in ended] == [(opened, "unlinked"), (by_password, None)]


async def test_a_new_address_is_unverified(world: World) -> None:
    await world.sql.execute("UPDATE users SET email_verified_at = now() WHERE id = $1", world.alice)
    await world.sql.execute("UPDATE users SET email = 'ALICE@example.com' WHERE id = $1", world.alice)
    verified = "SELECT email_verified_at IS NOT NULL FROM users WHERE id = $1"
    assert await world.sql.fetchval(verified, world.alice)
    await world.sql.execute("UPDATE users SET email = 'another@example.com' WHERE id = $1", world.alice)
    assert not await world.sql.fetchval(verified, world.alice)


async def test_sessions_end_only_where_it_is_said_whose(world: World) -> None:
    await world.add_session(world.alice)
    with pytest.raises(Exception, match="whose sessions shall end"):
        await world.sql.execute("SELECT end_sessions('provider', way_in => 'acme')")


async def test_operators_link_and_unlink(world: World) -> None:
    who = "alice@example.com"
    identity = await world.sql.fetchval("SELECT ops.link($1, 'acme', $2, '7')", who, ACME)
    assert await identify(world, "7", None, verified=False) == ("known", world.alice)
    with pytest.raises(Exception, match="another user signs in with this"):
        await world.sql.execute("SELECT ops.link('bob@example.com', 'acme', $1, '7')", ACME)
    listed = await world.rows("SELECT identity, provider, subject FROM ops.identities($1)", who)
    assert [tuple(row) for row in listed] == [(identity, "acme", "7")]
    await world.sql.execute(
        "SELECT open_session($1, NULL, 'x', 1, NULL, sha256('d'), 'acme', '{sso}', identity_id => $2)",
        *(world.alice, identity),
    )
    [unlinked] = await world.rows("SELECT * FROM ops.unlink($1)", identity)
    assert tuple(unlinked) == (who, 1)
    [ended] = await world.rows("SELECT state, provider FROM ops.sessions($1)", who)
    assert tuple(ended) == ("unlinked", "acme")
    with pytest.raises(Exception, match="there is no identity"):
        await world.sql.execute("SELECT ops.unlink($1)", identity)
