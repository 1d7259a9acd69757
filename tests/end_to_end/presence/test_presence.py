"""Who is there: told to those who share a workspace, over every node, and never in the log."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fechatter_client import Presence, PresenceChanged, Problem

from tests.end_to_end.raw import raw_client, stream_request
from tests.end_to_end.system import Person, System, lively
from tests.sql.world import until
from tests.support.clients.listener import Listener
from tests.support.servers import ServerProcess


def told_of(stream: Listener, person: Person) -> list[str]:
    """What a stream was told of somebody, in order."""
    changes = [user for event in stream.events("PresenceChanged") for user in event.data["users"]]
    return [user["presence"] for user in changes if user["user_id"] == person.id]


async def hears(stream: Listener, person: Person, *presences: str) -> None:
    """Until that is what the stream has been told of somebody, one after the other."""
    await stream.until(lambda s: told_of(s, person) == [*presences])


async def presences(viewer: Person, workspace: int) -> dict[int, str]:
    return {user.user_id: user.presence async for user in viewer.users.presence(workspace)}


async def presence(viewer: Person, of: Person) -> Presence:
    [found] = [user async for user in viewer.users.presence(viewer.workspace, [of.id])]
    return found


async def settled(system: System, person: Person, condition: str) -> None:
    """Until that is how a user's presence is stored: what the servers know then."""
    async with system.sql() as sql:
        query = f"SELECT {condition} FROM ops.presence WHERE user_id = $1"
        await until(lambda: sql.fetchval(query, person.id), f"{condition} of user {person.id}")


@lively
async def test_people_who_share_a_workspace_see_each_other_come_and_go(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    eve = await system.sign_up("Eve")
    async with system.sql() as sql, ada.listen() as to_ada, eve.listen() as to_eve:
        events = await sql.fetchval("SELECT count(*) FROM events")
        async with grace.listen() as to_grace:
            await hears(to_ada, grace, "online")
            assert await presences(ada, ada.workspace) == {ada.id: "online", grace.id: "online"}
            await grace.users.choose_presence("dnd")
            await hears(to_ada, grace, "online", "dnd")
            assert to_grace.events("PresenceModeChanged")[0].data == {"user_id": grace.id, "presence_mode": "dnd"}
        await hears(to_ada, grace, "online", "dnd", "offline")
        for event in to_ada.events("PresenceChanged"):
            shape = event.to(PresenceChanged)
            assert [user.last_seen is not None for user in shape.users] == [
                user.presence == "offline" for user in shape.users
            ]
        assert await presence(ada, grace) == to_ada.events("PresenceChanged")[-1].to(PresenceChanged).users[0]
        # The mode is an event; of coming and going there is none.
        assert await sql.fetchval("SELECT count(*) FROM events") == events + 1
        with pytest.raises(Problem, match="404"):
            await presences(eve, ada.workspace)
        # News of her own, later than theirs, shows that nothing is still on its way.
        await eve.users.choose_presence("dnd")
        await to_eve.until(lambda s: told_of(s, eve)[-1:] == ["dnd"])
        told = [[user["user_id"] for user in event.data["users"]] for event in to_eve.events("PresenceChanged")]
        assert set(map(tuple, told)) == {(eve.id,)}, "nothing of others, and no empty frames when they come and go"


@lively
async def test_somebody_with_several_tabs_leaves_with_the_last_one(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    async with ada.listen() as to_ada:
        async with grace.listen():
            async with grace.listen():
                await settled(system, grace, "streams = 2")
            await settled(system, grace, "streams = 1 AND told = 'online' AND leaves_at IS NULL")
            await hears(to_ada, grace, "online")
        await hears(to_ada, grace, "online", "offline")


async def test_who_comes_back_within_the_grace_period_was_never_away(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    async with ada.listen() as to_ada:
        for _ in range(2):
            async with grace.listen():
                await settled(system, grace, "streams = 1 AND leaves_at IS NULL")
            await settled(system, grace, "streams = 0 AND leaves_at > now() AND told = 'online'")
            assert (await presences(ada, ada.workspace))[grace.id] == "online"
        async with grace.listen():
            await grace.users.choose_presence("away")
            await hears(to_ada, grace, "online", "away")


@lively
async def test_whoever_is_invisible_looks_offline_to_others(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    async with ada.listen() as to_ada:
        async with grace.listen() as to_grace:
            await hears(to_ada, grace, "online")
            await grace.users.choose_presence("invisible")
            await hears(to_ada, grace, "online", "offline")
            await to_grace.until(lambda s: told_of(s, grace)[-1:] == ["invisible"])
            assert (await presences(ada, ada.workspace))[grace.id] == "offline"
            assert (await presences(grace, ada.workspace))[grace.id] == "invisible"
            assert (await grace.sync()).presence_mode == "invisible"
        # Going and coming is nobody's business either, nor is when that was.
        left = await presence(ada, grace)
        await settled(system, grace, "streams = 0")
        async with grace.listen():
            await settled(system, grace, "streams = 1")
            assert await presence(ada, grace) == left
            await grace.users.choose_presence("auto")
            await hears(to_ada, grace, "online", "offline", "online")


@lively
async def test_whose_sessions_are_all_idle_is_away(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    async with ada.listen() as to_ada, grace.listen():
        await hears(to_ada, grace, "online")
        await grace.users.report_activity(idle=True)
        await hears(to_ada, grace, "online", "away")
        # A stream that breaks and comes back is no sign of life of its user.
        async with grace.listen():
            await settled(system, grace, "streams = 2 AND told = 'away'")
        await grace.users.report_activity(idle=False)
        await hears(to_ada, grace, "online", "away", "online")


@lively
async def test_a_newcomer_to_a_workspace_is_told_of(system: System) -> None:
    ada, grace = await system.sign_up("Ada"), await system.sign_up("Grace")
    async with ada.listen() as to_ada, grace.listen():
        await settled(system, grace, "told = 'online'")
        await system.invite(ada, grace)
        await hears(to_ada, grace, "online")
        async with system.sql() as sql:  # as an operator does
            await sql.execute("UPDATE users SET presence_mode = 'dnd' WHERE id = $1", grace.id)
        await hears(to_ada, grace, "online", "dnd")
        await ada.workspaces.remove_member(ada.workspace, grace.id)
        await grace.users.choose_presence("auto")
        await settled(system, grace, "told = 'online'")
        await ada.users.choose_presence("away")
        await to_ada.until(lambda s: told_of(s, ada)[-1:] == ["away"])
        assert told_of(to_ada, grace) == ["online", "dnd"]


@lively
async def test_frames_of_presence_have_no_id(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    async with raw_client(system) as raw:
        await raw.send(stream_request(ada.token))
        await raw.until(b"event: ready\n")
        async with grace.listen():
            await raw.until(b'{"user_id":%d,"presence":"online","last_seen":null}' % grace.id)
    frames = bytes(raw.got).split(b"\n\n")
    assert all(
        re.search(rb"^id: ", frame, re.MULTILINE) is None for frame in frames if b"event: PresenceChanged" in frame
    )
    assert {kind for _, kind, _ in raw.frames()} == {"ready"}


@asynccontextmanager
async def another_node(system: System) -> AsyncIterator[ServerProcess]:
    node = system.notify.twin()
    await node.start()
    try:
        yield node
    finally:
        await node.stop()


@lively
async def test_two_nodes_and_the_death_of_one(system: System) -> None:
    ada, grace, mary = await system.team("Ada", "Grace", "Mary")
    async with another_node(system) as node, ada.listen() as to_ada, mary.listen():
        for person in (grace, mary):
            person.notify_url = node.url
        async with grace.listen(), mary.listen():
            await hears(to_ada, grace, "online")
            await settled(system, mary, "streams = 2")
            await node.kill()
            await hears(to_ada, grace, "online", "offline")
            # Mary has a stream on the other one.
            assert (await presences(ada, ada.workspace)) == {ada.id: "online", grace.id: "offline", mary.id: "online"}
            assert told_of(to_ada, mary) == ["online"]
