"""Reports: who makes them, who sees them, what becomes of them."""

import asyncio

import pytest

from tests.chat_server.people import ChatServer, Json, Person, ok, problem
from tests.support.postgres import Database


async def report(person: Person, message: Json, status: int = 201, **body: str) -> Json:
    path = f"/api/chats/{message['chat_id']}/messages/{message['id']}/report"
    answer: Json = ok(await person.api.post(path, json={"reason": "spam", **body}), status)
    return answer


@pytest.fixture
async def people(chat_server: ChatServer) -> list[Person]:
    """An owner and an admin of a workspace, and two who talk in it; somebody of another workspace."""
    ada, bob, grace, mary = await chat_server.team("Ada", "Bob", "Grace", "Mary")
    ok(await ada.api.patch(f"/api/workspaces/{ada.workspace}/members/{bob.id}", json={"role": "admin"}))
    return [ada, bob, grace, mary, await chat_server.sign_up("Eve")]


async def say(person: Person, other: Person, workspace: int, content: str = "buy this") -> Json:
    body = {"type": "Group", "name": "quiet", "members": [other.id], "workspace_id": workspace}
    return await person.say(ok(await person.api.post("/api/chats", json=body), 201)["id"], content)


async def test_admins_see_what_was_reported_in_a_chat_that_they_are_not_in(people: list[Person]) -> None:
    ada, bob, grace, mary, eve = people
    message = await say(grace, mary, ada.workspace)
    mine = await report(mary, message, reason="harassment", comment="Please look.")
    assert (mine["reason"], mine["comment"], mine["status"]) == ("harassment", "Please look.", "open")
    assert not mine.keys() & {"reporter_id", "note", "handled_by", "message"}
    ok(await grace.api.delete(f"/api/chats/{message['chat_id']}/messages/{message['id']}"), 204)
    path = f"/api/workspaces/{ada.workspace}/reports"
    for admin in (ada, bob):
        [seen] = ok(await admin.api.get(path))
        assert (seen["reporter_id"], seen["message"]) == (mary.id, message)
        assert ok(await admin.api.get(f"{path}/{seen['id']}")) == seen
        problem(await admin.api.get(f"/api/chats/{message['chat_id']}/messages"), 404, "not_found")
    for person, status, code in ((grace, 403, "forbidden"), (mary, 403, "forbidden"), (eve, 404, "not_found")):
        problem(await person.api.get(path), status, code)
        problem(await person.api.get(f"{path}/{seen['id']}"), status, code)
        problem(await person.api.patch(f"{path}/{seen['id']}", json={"status": "dismissed"}), status, code)
    problem(await eve.api.get(f"/api/workspaces/{eve.workspace}/reports/{seen['id']}"), 404, "not_found")


async def test_a_message_is_reported_once_by_each(people: list[Person], database: Database) -> None:
    ada, _, grace, mary, _ = people
    message = await say(grace, mary, ada.workspace)
    first = await report(mary, message)
    assert await report(mary, message, 200, reason="other", comment="again") == first
    again = await asyncio.gather(
        *(
            grace.api.post(f"/api/chats/{message['chat_id']}/messages/{message['id']}/report", json={"reason": "spam"})
            for _ in range(5)
        )
    )
    assert sorted(answer.status_code for answer in again) == [200, 200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in again}) == 1
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT count(*) FROM reports") == 2


async def test_what_cannot_be_reported(people: list[Person]) -> None:
    ada, _, grace, mary, eve = people
    message = await say(grace, mary, ada.workspace)
    other = await say(grace, ada, ada.workspace)
    path = f"/api/chats/{message['chat_id']}/messages/{message['id']}/report"
    for stranger in (ada, eve):
        problem(await stranger.api.post(path, json={"reason": "spam"}), 404, "not_found")
    elsewhere = f"/api/chats/{message['chat_id']}/messages/{other['id']}/report"
    problem(await grace.api.post(elsewhere, json={"reason": "spam"}), 404, "not_found")
    for body in (
        {},
        {"reason": "boring"},
        {"reason": "spam", "comment": "x" * 1001},
        {"reason": "spam", "comment": "\0"},
    ):
        problem(await mary.api.post(path, json=body), 422, "validation_failed")
    ok(await grace.api.delete(path.removesuffix("/report")), 204)
    problem(await mary.api.post(path, json={"reason": "spam"}), 409, "message_deleted")


async def test_reports_are_handled_listed_and_audited(people: list[Person]) -> None:
    ada, bob, grace, mary, _ = people
    path = f"/api/workspaces/{ada.workspace}/reports"
    reported = [await report(mary, await say(grace, mary, ada.workspace, str(n))) for n in range(3)]
    first = f"{path}/{reported[0]['id']}"
    handled = ok(await bob.api.patch(first, json={"status": "resolved", "note": "warned"}))
    assert (handled["status"], handled["note"], handled["handled_by"]) == ("resolved", "warned", bob.id)
    assert handled["handled_at"] is not None
    ids = [item["id"] for item in ok(await ada.api.get(path, params={"status": "open"}))]
    assert ids == [reported[2]["id"], reported[1]["id"]]
    page = await ada.api.get(path, params={"limit": 2})
    following = await ada.api.get(page.links["next"]["url"])
    assert [item["id"] for item in ok(page) + ok(following)] == [item["id"] for item in reversed(reported)]
    reopened = ok(await ada.api.patch(first, json={"status": "open"}))
    assert (reopened["handled_by"], reopened["handled_at"], reopened["note"]) == (None, None, "warned")
    problem(await ada.api.patch(f"{path}/{10**9}", json={"status": "open"}), 404, "not_found")
    problem(await ada.api.patch(first, json={"status": "forgotten"}), 422, "validation_failed")
    problem(await ada.api.get(path, params={"status": "forgotten"}), 400, "validation_failed")
    audit = ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/audit", params={"action": "report_handled"}))
    assert [(entry["actor_id"], entry["after"]) for entry in audit] == [
        (ada.id, {"status": "open"}),
        (bob.id, {"status": "resolved", "note": "warned"}),
    ]
