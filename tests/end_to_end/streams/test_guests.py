"""What a guest's stream carries, live and in replay: their chats, and nobody whom they do not meet there."""

import json
import re

import pytest

from tests.end_to_end.system import System, contents
from tests.support.copy_of_sync import Copy, synced


@pytest.mark.system(features__enable_organizations=True)
async def test_a_guests_stream_names_nobody_whom_they_do_not_meet(system: System) -> None:
    async with system.sql() as sql:
        await sql.execute("ALTER SEQUENCE users_id_seq RESTART WITH 70000001")  # ids that no event has by chance
        ada, met, unseen, guest = await system.team("Ada", "Met", "Ravensworth", "Guest")
        there = await system.group(ada, met, name="with a guest")
        elsewhere = await system.group(ada, unseen, name="without")
        await sql.execute("SELECT create_organization($1, 'Engines')", ada.id)
        await sql.execute("UPDATE workspaces SET organization_id = 1 WHERE id = $1", ada.workspace)
        await sql.execute("UPDATE organization_members SET kind = 'guest' WHERE user_id = $1", guest.id)
    snapshot = await synced(guest)
    unknown = re.compile(rf"Ravensworth|\b{unseen.id}\b", re.I)
    async with guest.listen() as heard, guest.listen() as second:
        await ada.chats.add_member(there, guest.id)
        await unseen.users.update_me(fullname="Robert Ravensworth")
        await met.users.update_me(fullname="Met Larkspur")
        await guest.users.update_me(fullname="Guest Thornbury")
        await unseen.messages.post(elsewhere, "between us")
        await unseen.chats.tell_typing(elsewhere)
        await ada.chats.create("PublicChannel", [unseen.id], name="ravensworths", workspace_id=ada.workspace)
        board = await ada.boards.create(ada.workspace, "Ravensworth")
        await ada.boards.add_member(board.id, unseen.id)
        async with unseen.listen():  # and they are online
            await met.messages.post(there, "seen")
            await guest.messages.post(there, "and answered")
            await heard.until(lambda h: contents(h)[-2:] == ["seen", "and answered"])
        await met.messages.post(there, "last")
        await second.until(lambda h: contents(h)[-1:] == ["last"])
        assert "NewChat" in heard.kinds()
        for frame in [*heard.received, *second.received]:
            assert not unknown.search(json.dumps(frame.data)), frame
    copy = Copy(snapshot)
    async with guest.listen(snapshot["cursor"]) as replayed:
        await replayed.until(lambda h: contents(h)[-1:] == ["last"])
        for frame in replayed.received:
            assert not unknown.search(json.dumps(frame.data)), frame
        for event in replayed.events():
            copy.apply(event)
    fresh = await synced(guest)
    assert not unknown.search(json.dumps(fresh))
    del fresh["cursor"]
    assert copy.state() == fresh
    assert {member["fullname"] for member in fresh["chats"][0]["members"]} == {"Ada", "Met Larkspur", "Guest Thornbury"}
