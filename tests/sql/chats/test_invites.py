"""Invites to chats and boards: what is told of them, whoever writes."""

import asyncpg
import pytest

from tests.sql.world import World

INVITE = """
INSERT INTO invites (chat_id, document_id, role, token_hash, created_by, expires_at)
VALUES ($1, $2, 'owner', sha256('token'), $3, now() + interval '1 day')
"""
of_both = pytest.mark.parametrize("kind", ["Chat", "Board"])


async def invite(world: World, kind: str) -> dict[str, int]:
    """Bob's, to the group or to a board that he edits; of what is told later, the id of either."""
    place = world.group if kind == "Chat" else await world.add_board("alice", "bob")
    await world.events()
    await world.sql.execute(INVITE, *((place, None) if kind == "Chat" else (None, place)), world.bob)
    return {f"{kind.lower()}_id": place}


@of_both
async def test_invites_are_told_to_the_admins_or_owners_and_who_made_them(world: World, kind: str) -> None:
    place = await invite(world, kind)
    await world.sql.execute("UPDATE invites SET uses = uses + 1")
    await world.sql.execute("UPDATE invites SET uses = uses")
    await world.sql.execute("DELETE FROM invites")
    events = await world.events()
    assert [event.kind for event in events] == [f"{kind}Invite{what}" for what in ("Updated", "Updated", "Deleted")]
    for event in events:
        about = {"chat_id": event.chat_id, "board_id": event.document_id}
        assert (event.audience, event.user_id) == ("admins", world.bob)
        assert about == {"chat_id": None, "board_id": None, **place}
        assert place.items() <= event.payload.items()
        assert not any("token" in key for key in event.payload)
    assert [event.payload.get("uses") for event in events] == [0, 1, None]


async def test_a_new_owner_of_a_board_is_told_of_its_invites(world: World) -> None:
    place = await invite(world, "Board")
    await world.events()
    promote = "UPDATE document_members SET role = $2 WHERE user_id = $1"
    await world.sql.execute(promote, world.bob, "owner")
    updated, added = await world.events()
    assert updated.kind == "BoardMemberUpdated"
    assert (added.kind, added.audience, added.document_id, added.user_id) == (
        *("BoardOwnerAdded", "admins", place["board_id"], None),
    )
    assert (added.payload["user_id"], [one["role"] for one in added.payload["invites"]]) == (world.bob, ["owner"])
    await world.sql.execute("UPDATE document_members SET invited_by = $1 WHERE user_id = $1", world.bob)
    for role in ("viewer", "editor"):
        await world.sql.execute(promote, world.bob, role)
    assert [event.kind for event in await world.events()] == ["BoardMemberUpdated"] * 3


PLACES = {"Chat": "chats", "Board": "documents"}


@of_both
async def test_what_goes_takes_its_invites_with_it_without_a_word(world: World, kind: str) -> None:
    await invite(world, kind)
    await world.events()
    await world.sql.execute(f"DELETE FROM {PLACES[kind]}")
    assert {event.kind for event in await world.events()} == {f"{kind}Deleted"}
    assert await world.rows("SELECT FROM invites") == []


async def test_of_a_deleted_boards_invites_nothing_is_told_until_it_is_restored(world: World) -> None:
    await invite(world, "Board")
    await world.sql.execute("UPDATE documents SET deleted_at = now()")
    await world.events()
    await world.sql.execute("UPDATE invites SET uses = 7")
    assert await world.events() == []
    await world.sql.execute("UPDATE documents SET deleted_at = NULL")
    restored = {event.user_id: event.payload["invites"] for event in await world.events()}
    assert restored.keys() == {world.alice, world.bob}
    assert ([one["uses"] for one in restored[world.alice]], restored[world.bob]) == ([7], None)


async def test_what_an_invite_is_about_is_final(world: World) -> None:
    await invite(world, "Chat")
    board = await world.add_board("alice")
    for change in (f"chat_id = NULL, document_id = {board}", "created_by = 1", "token_hash = sha256('another')"):
        with pytest.raises(asyncpg.PostgresError) as error:
            await world.sql.execute(f"UPDATE invites SET {change}")
        assert error.value.constraint_name == "key_is_final"


@pytest.mark.parametrize(("kind", "roles"), [("Chat", ("editor", "viewer")), ("Board", ("admin", "member"))])
async def test_the_role_is_one_of_those_where_it_leads(world: World, kind: str, roles: tuple[str, ...]) -> None:
    await invite(world, kind)
    for role in (*roles, "guest"):
        with pytest.raises(asyncpg.CheckViolationError, match="invites_role_known"):
            await world.sql.execute("UPDATE invites SET role = $1", role)
