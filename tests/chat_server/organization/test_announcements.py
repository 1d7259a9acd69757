"""Announcements over REST: who publishes, who reads, and who has acknowledged."""

import pytest

from tests.chat_server.organization.test_organizations import ON, founded
from tests.chat_server.people import ChatServer, ok, problem
from tests.support.postgres import Database


@ON
async def test_what_an_organisation_tells_its_people(chat_server: ChatServer) -> None:
    ada, bob, eve, guest = await chat_server.team("Ada", "Bob", "Eve", "Guest")
    outsider = await chat_server.sign_up("Outsider")
    path = await founded(ada)
    ok(await ada.api.patch(f"{path}/members/{guest.id}", json={"kind": "guest"}))
    published = f"{path}/announcements"
    body = {"title": "Move", "content": "On Monday.", "acknowledgement_required": True}
    problem(await bob.api.post(published, json=body), 403, "forbidden")
    problem(await guest.api.post(published, json=body), 403, "forbidden")
    problem(await outsider.api.post(published, json=body), 404, "not_found")
    problem(await chat_server.anybody.post(published, json=body), 401, "unauthorized")
    problem(await ada.api.post(published, json={**body, "title": " "}), 422, "validation_failed")
    problem(await ada.api.post(published, json={**body, "group_ids": [999]}), 422, "announcement_is_for_own_people")
    key = {"Idempotency-Key": "move"}
    made = ok(await ada.api.post(published, json=body, headers=key), 201)
    assert ok(await ada.api.post(published, json=body, headers=key)) == made
    assert (made["author_id"], made["recipient_count"], made["acknowledged_count"]) == (ada.id, 3, 0)
    group = ok(await ada.api.post(f"{path}/groups", json={"name": "on-call"}), 201)["id"]
    ok(await ada.api.put(f"{path}/groups/{group}/members/{eve.id}"), 204)
    rota = ok(await ada.api.post(published, json={**body, "title": "Rota", "group_ids": [group]}), 201)
    assert rota["recipient_count"] == 1
    assert [one["id"] for one in ok(await ada.api.get(published))] == [rota["id"], made["id"]]
    assert ok(await ada.api.get(f"{published}?limit=1&before_id={rota['id']}")) == [made]
    for who in (bob, guest):
        problem(await who.api.get(published), 403, "forbidden")
        problem(await who.api.get(f"{published}/{made['id']}/recipients"), 403, "forbidden")

    own, theirs = f"/api/announcements/{made['id']}", f"{published}/{made['id']}"
    assert [one["title"] for one in ok(await eve.api.get("/api/announcements"))] == ["Rota", "Move"]
    seen = ok(await bob.api.get("/api/announcements"))
    assert seen == [ok(await bob.api.get(own))]
    assert (seen[0]["content"], seen[0]["acknowledged_at"]) == ("On Monday.", None)
    assert "department_ids" not in seen[0]  # it may be for a hidden department
    for who in (guest, outsider):
        problem(await who.api.get(own), 404, "not_found")
        problem(await who.api.put(f"{own}/acknowledgement"), 404, "not_found")
        assert ok(await who.api.get("/api/announcements")) == ok(await who.api.get("/api/sync"))["announcements"] == []
    problem(await bob.api.get(f"/api/announcements/{rota['id']}"), 404, "not_found")

    open_for = [[one["id"] for one in ok(await who.api.get("/api/sync"))["announcements"]] for who in (bob, eve)]
    assert open_for == [[made["id"]], [made["id"], rota["id"]]]
    for _ in range(2):
        ok(await bob.api.put(f"{own}/acknowledgement"), 204)
    assert ok(await bob.api.get("/api/sync"))["announcements"] == []
    asked = {said: f"/api/announcements?acknowledged={said}" for said in ("true", "false")}
    assert [len(ok(await bob.api.get(asked[said]))) for said in asked] == [1, 0]
    recipients = {said: ok(await ada.api.get(f"{theirs}/recipients?acknowledged={said}")) for said in asked}
    assert {said: [one["user_id"] for one in ones] for said, ones in recipients.items()} == {
        "true": [bob.id],
        "false": [ada.id, eve.id],
    }
    assert [one["username"] for one in ok(await ada.api.get(f"{theirs}/recipients?limit=1"))] == ["ada"]
    assert ok(await ada.api.get(theirs))["acknowledged_count"] == 1

    changed = ok(await ada.api.patch(theirs, json={"content": "On Tuesday.", "ask_again": True}))
    assert (changed["title"], changed["content"], changed["acknowledged_count"]) == ("Move", "On Tuesday.", 0)
    assert [one["id"] for one in ok(await bob.api.get("/api/sync"))["announcements"]] == [made["id"]]
    problem(await bob.api.patch(theirs, json={"title": "x"}), 403, "forbidden")
    problem(await bob.api.delete(theirs), 403, "forbidden")
    problem(await ada.api.patch(f"{published}/999", json={"title": "x"}), 404, "not_found")
    for _ in range(2):
        ok(await ada.api.delete(theirs), 204)
    problem(await ada.api.delete(f"{published}/999"), 404, "not_found")
    problem(await ada.api.patch(theirs, json={"title": "x"}), 404, "not_found")
    assert ok(await ada.api.get(theirs))["withdrawn_at"] is not None
    problem(await bob.api.get(own), 404, "not_found")
    problem(await bob.api.put(f"{own}/acknowledgement"), 404, "not_found")


@pytest.mark.chat_server(features={"enable_bot_messages": True})
async def test_without_organisations_there_are_none(chat_server: ChatServer, database: Database) -> None:
    """Nor of an organisation that does without them while others have them."""
    ada = await chat_server.sign_up("Ada")
    problem(await ada.api.get("/api/announcements"), 404, "feature_off")
    problem(await ada.api.get("/api/organizations/1/announcements"), 404, "feature_off")
