"""Moderation over REST and SSE: reports reach the admins, and nobody else."""

import asyncio

from tests.end_to_end.system import Person, System, from_ring_and_database
from tests.support.sse import Stream

REPORTS = {"ReportFiled", "ReportUpdated", "ReportHandled"}


async def set_role(owner: Person, other: Person, role: str) -> None:
    await owner.call("PATCH", f"/workspaces/{owner.workspace}/members/{other.id}", {"role": role})


async def heard(person: Person, stream: Stream, mark: str) -> list[str]:
    """Of reports, up to a change of one's own that comes last."""
    await person.call("PATCH", "/users/me", {"fullname": mark})
    await stream.until(lambda s: any(e.data.get("fullname") == mark for e in s.events("UserUpdated")))
    return [kind for kind in stream.kinds() if kind in REPORTS]


@from_ring_and_database
async def test_reports_reach_those_who_are_admins_when_they_are_delivered(system: System) -> None:
    ada, bob, grace, mary = await system.team("Ada", "Bob", "Grace", "Mary")
    eve = await system.sign_up("Eve")
    everybody = (ada, bob, grace, mary, eve)
    chat = await system.group(grace, mary, workspace=ada.workspace)
    message = await grace.send(chat, "a secret")
    path = f"/chats/{chat}/messages/{message['id']}/report"
    cursors = [(await person.call("GET", "/sync"))["cursor"] for person in everybody]
    async with ada.stream() as a, bob.stream() as b, grace.stream() as g, mary.stream() as m, eve.stream() as e:
        streams = (a, b, g, m, e)
        mine = await mary.call("POST", path, {"reason": "spam"})
        await set_role(ada, bob, "admin")
        handle = f"/workspaces/{ada.workspace}/reports/{mine['id']}"
        await bob.call("PATCH", handle, {"status": "resolved"})
        await set_role(ada, bob, "member")
        await ada.call("PATCH", handle, {"note": "done"})
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
        async with person.stream(cursor) as stream:
            again.append(await heard(person, stream, "back"))
    assert again[0] == again[2] == told[0]
    assert (again[1], again[3], again[4]) == ([], ["ReportHandled"], [])
