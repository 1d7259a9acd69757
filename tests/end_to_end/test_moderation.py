"""Moderation over REST and SSE: reports reach the admins, and nobody else."""

import asyncio

from fechatter_client.models.workspaces import Role

from tests.end_to_end.system import Person, System, from_ring_and_database
from tests.support.listener import Listener

REPORTS = {"ReportFiled", "ReportUpdated", "ReportHandled"}


async def set_role(owner: Person, other: Person, role: Role) -> None:
    await owner.workspaces.set_role(owner.workspace, other.id, role)


async def heard(person: Person, stream: Listener, mark: str) -> list[str]:
    """Of reports, up to a change of one's own that comes last."""
    await person.users.update_me(fullname=mark)
    await stream.until(lambda s: any(e.data.get("fullname") == mark for e in s.events("UserUpdated")))
    return [kind for kind in stream.kinds() if kind in REPORTS]


@from_ring_and_database
async def test_reports_reach_those_who_are_admins_when_they_are_delivered(system: System) -> None:
    ada, bob, grace, mary = await system.team("Ada", "Bob", "Grace", "Mary")
    eve = await system.sign_up("Eve")
    everybody = (ada, bob, grace, mary, eve)
    chat = await system.group(grace, mary, workspace=ada.workspace)
    message = await grace.messages.post(chat, "a secret")
    cursors = [(await person.sync()).cursor for person in everybody]
    async with ada.listen() as a, bob.listen() as b, grace.listen() as g, mary.listen() as m, eve.listen() as e:
        streams = (a, b, g, m, e)
        mine = await mary.moderation.report(chat, message.id, "spam")
        await set_role(ada, bob, "admin")
        await bob.moderation.handle_report(ada.workspace, mine.id, status="resolved")
        await set_role(ada, bob, "member")
        await ada.moderation.handle_report(ada.workspace, mine.id, note="done")
        told = await asyncio.gather(*(heard(*pair, "mark") for pair in zip(everybody, streams, strict=True)))
        assert told == [
            ["ReportFiled", "ReportUpdated", "ReportUpdated"],
            ["ReportUpdated"],
            [],
            ["ReportHandled"],
            [],
        ]
        assert a.events("ReportFiled")[0].data["reporter_id"] == mary.id
        assert not any("a secret" in str(event.data) for event in a.events())
    # Who comes back gets what an admin gets, if they are one now.
    await set_role(ada, grace, "admin")
    again = []
    for person, cursor in zip(everybody, cursors, strict=True):
        async with person.listen(cursor) as stream:
            again.append(await heard(person, stream, "back"))
    assert again[0] == again[2] == told[0]
    assert (again[1], again[3], again[4]) == ([], ["ReportHandled"], [])
