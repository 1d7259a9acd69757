"""Rules about what may be said, over REST: who sets them, and what is held, reviewed and released."""

import pytest

from tests.chat_server.people import ChatServer, ok, problem

pytestmark = pytest.mark.chat_server(features={"enable_advanced_admin": True})


async def test_owners_set_rules_and_nobody_else(chat_server: ChatServer) -> None:
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    stranger = await chat_server.sign_up("Mallory")
    ok(await ada.api.patch(f"/api/workspaces/{ada.workspace}/members/{bob.id}", json={"role": "admin"}))
    rules = f"/api/workspaces/{ada.workspace}/dlp-rules"
    body = {"name": "projects", "kind": "words", "words": ["falcon"], "action": "block"}
    problem(await chat_server.anybody.post(rules, json=body), 401, "unauthorized")
    problem(await bob.api.post(rules, json=body), 403, "forbidden")
    problem(await stranger.api.post(rules, json=body), 404, "not_found")
    problem(await eve.api.get(rules), 403, "forbidden")
    for wrong, code in (
        ({**body, "words": None}, "validation_failed"),
        ({**body, "words": ["x" * 101]}, "validation_failed"),
        ({**body, "pattern": "a"}, "validation_failed"),
        ({**body, "words": ["\u200b"]}, "dlp_pattern_is_bounded"),
        ({"name": "x", "kind": "pattern", "pattern": "(a+)+$", "action": "flag"}, "dlp_pattern_is_bounded"),
        ({**body, "action": "shout"}, "validation_failed"),
    ):
        answer = await ada.api.post(rules, json=wrong)
        assert answer.status_code in (400, 422), answer.text
        assert answer.json()["code"] == code
    key = {"Idempotency-Key": "once"}
    added = ok(await ada.api.post(rules, json=body, headers=key), 201)
    assert ok(await ada.api.post(rules, json=body, headers=key)) == added
    changed = ok(await ada.api.patch(f"{rules}/{added['id']}", json={"words": ["eagle"], "action": "flag"}))
    assert (changed["words"], changed["action"], changed["enabled"]) == (["eagle"], "flag", True)
    problem(await ada.api.patch(f"{rules}/{added['id']}", json={"pattern": "x"}), 422, "validation_failed")
    problem(await ada.api.patch(f"{rules}/99999", json={"enabled": False}), 404, "not_found")
    problem(await bob.api.patch(f"{rules}/{added['id']}", json={"enabled": False}), 403, "forbidden")
    problem(await bob.api.delete(f"{rules}/{added['id']}"), 403, "forbidden")
    assert ok(await ada.api.get(rules)) == [changed]
    ok(await ada.api.delete(f"{rules}/{added['id']}"), 204)
    ok(await ada.api.delete(f"{rules}/{added['id']}"), 204)
    acts = ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/audit", params={"limit": 3}))[::-1]
    assert [act["action"] for act in acts] == ["dlp_rule_added", "dlp_rule_changed", "dlp_rule_removed"]
    assert "eagle" not in str(acts)


async def test_what_is_blocked_is_held_and_released_by_a_reviewer(chat_server: ChatServer) -> None:
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    group = await ada.chat(bob, eve)
    rules, held = (f"/api/workspaces/{ada.workspace}/{noun}" for noun in ("dlp-rules", "held-messages"))
    messages = f"/api/chats/{group}/messages"
    words = {"name": "projects", "kind": "words", "words": ["falcon"], "action": "block"}
    ok(await ada.api.post(rules, json=words), 201)
    ok(await ada.api.post(rules, json={"name": "cards", "kind": "card_number", "action": "redact"}), 201)
    ok(await ada.api.post(rules, json={"name": "ids", "kind": "resident_id", "action": "flag"}), 201)
    refused = problem(await bob.api.post(messages, json={"content": "Falcon flies"}), 422, "said_is_blocked")
    assert "falcon" not in str(refused).lower()
    said = await bob.say(group, "pay 4111 1111 1111 1111")
    assert said["content"] == "pay █████"
    problem(await bob.api.patch(f"{messages}/{said['id']}", json={"content": "falcon"}), 422, "said_is_blocked")
    (edit,) = ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/audit", params={"limit": 1}))
    assert (edit["action"], edit["actor_id"], edit["target_id"]) == ("edit_blocked", bob.id, said["id"])
    assert "falcon" not in str(edit)
    flagged = await bob.say(group, "11010519491231002X")
    problem(await bob.api.post(messages, json={"content": "and ｆａｌｃｏｎ"}), 422, "said_is_blocked")
    problem(await eve.api.get(held), 403, "forbidden")
    problem(await chat_server.anybody.get(held), 401, "unauthorized")
    second, flag, first = ok(await ada.api.get(held, params={"status": "open"}))
    assert (flag["message_id"], flag["action"], flag["rule_name"]) == (flagged["id"], "flag", "ids")
    assert (first["content"], first["message_id"], first["sender_id"]) == ("Falcon flies", None, bob.id)
    problem(await bob.api.post(f"{held}/{first['id']}/release"), 403, "forbidden")
    problem(await ada.api.post(f"{held}/99999/release"), 404, "not_found")
    released = ok(await ada.api.post(f"{held}/{first['id']}/release"))
    assert (released["status"], released["content"], released["handled_by"]) == ("released", None, ada.id)
    posted = ok(await eve.api.get(f"{messages}/{released['message_id']}"))
    assert (posted["content"], posted["sender_id"]) == ("Falcon flies", bob.id)
    assert ok(await ada.api.post(f"{held}/{second['id']}/dismiss"))["status"] == "dismissed"
    problem(await ada.api.post(f"{held}/{second['id']}/release"), 409, "review_has_ended")
    assert ok(await ada.api.post(f"{held}/{flag['id']}/dismiss"))["message_id"] == flagged["id"]
    problem(await bob.api.put(f"/api/chats/{group}", json={"name": "falcon"}), 403, "forbidden")
    problem(await ada.api.put(f"/api/chats/{group}", json={"name": "falcon"}), 422, "said_is_blocked")
    problem(await bob.api.patch("/api/users/me", json={"fullname": "Falcon"}), 422, "said_is_blocked")
    acts = ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/audit", params={"limit": 3}))[::-1]
    assert [act["action"] for act in acts] == [
        "held_message_released",
        "held_message_dismissed",
        "held_message_dismissed",
    ]
