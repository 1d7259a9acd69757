"""What a bot sees comes to its webhook: signed, in order, each once as long as nothing dies."""

from standardwebhooks import Webhook

from tests.chat_server.people import ok, problem
from tests.delivery_server.conftest import Hooks
from tests.sql.world import until
from tests.support.services.receiver import Received


async def test_a_message_comes_signed_to_the_receiver(hooks: Hooks) -> None:
    made = await hooks.subscribe(kinds=["NewMessage", "MessageUpdated"])
    async with hooks.delivering():
        said = await hooks.ada.say(hooks.chat, "上海 is up")
        await hooks.receiver.until(lambda: len(hooks.receiver.accepted) == 1)
    (event,) = hooks.receiver.verified(made["key"])
    assert (event["type"], event["data"]) == ("NewMessage", said)
    (request,) = hooks.receiver.accepted
    assert request.key == event["cursor"].replace(".", "-")
    assert request.headers["user-agent"] == "Fechatter (webhooks)"
    shown = await hooks.show(made)
    assert (shown["cursor"], shown["waiting"], shown["dead"]) == (event["cursor"], 0, 0)
    (attempt,) = ok(await hooks.ada.api.get(f"{hooks.path}/{made['id']}/attempts"))
    assert (attempt["status"], attempt["error"], attempt["kind"]) == (204, None, "NewMessage")


async def test_nothing_is_sent_that_the_bot_may_not_see_by_then(hooks: Hooks) -> None:
    """Content is read when it is sent: deleted and edited texts stay here, and so does a chat that the bot has left."""
    other = await hooks.ada.chat(hooks.grace)
    secret = await hooks.ada.say(other, "not for bots")
    made = await hooks.subscribe()
    edited = await hooks.ada.say(hooks.chat, "a first thought")
    deleted = await hooks.ada.say(hooks.chat, "better unsaid")
    messages = f"/api/chats/{hooks.chat}/messages"
    ok(await hooks.ada.api.patch(f"{messages}/{edited['id']}", json={"content": "a second thought"}))
    ok(await hooks.ada.api.delete(f"{messages}/{deleted['id']}"), 204)
    async with hooks.delivering():
        last = await hooks.ada.say(hooks.chat, "the end")
        await hooks.receiver.until(lambda: hooks.receiver.contents()[-1:] == ["the end"])
        events = hooks.receiver.verified(made["key"])
        cursors = [event["cursor"] for event in events]
        assert cursors == sorted(cursors, key=lambda cursor: int(cursor.split(".")[1]))
        everything = b"".join(received.body for received in hooks.receiver.requests)
        for text in ("a first thought", "better unsaid", secret["content"]):
            assert text.encode() not in everything
        assert "a second thought" in hooks.receiver.contents()

        # What it missed while it was in the chat is not sent once it is out.
        await hooks.change(made, enabled=False)
        await hooks.ada.say(hooks.chat, "while it is paused")
        ok(await hooks.ada.api.delete(f"/api/chats/{hooks.chat}/members/{hooks.bot}"), 204)
        before = len(hooks.receiver.accepted)
        await hooks.change(made, enabled=True)
        await hooks.receiver.until(lambda: len(hooks.receiver.accepted) > before)
        left = hooks.receiver.accepted[before].json
        assert left["data"]["user_id"] == hooks.bot, f"of the chat, only that it has left: {left}"
        assert "while it is paused" not in hooks.receiver.contents()
    assert last["id"] in [event["data"].get("id") for event in events]


async def test_the_head_waits_and_what_fails_for_good_is_a_dead_letter(hooks: Hooks) -> None:
    """In order until an event has used up its attempts; it is sent again when somebody asks."""
    failing = True

    def answer(received: Received) -> tuple[int, list[str]]:
        return (500, []) if failing and received.content == "bad" else (204, [])

    hooks.receiver.answer = answer
    made = await hooks.subscribe(kinds=["NewMessage"])
    for text in ("first", "bad", "last"):
        await hooks.ada.say(hooks.chat, text)
    async with hooks.delivering():
        await hooks.receiver.until(lambda: hooks.receiver.contents() == ["first", "last"])
        assert [received.content for received in hooks.receiver.requests] == ["first", *["bad"] * 4, "last"]
        keys = {received.key for received in hooks.receiver.requests if received.content == "bad"}
        assert len(keys) == 1, "each attempt has the same id"
        (dead,) = ok(await hooks.ada.api.get(f"{hooks.path}/{made['id']}/deliveries"))
        assert (dead["attempts"], dead["due_at"], dead["error"]) == (4, None, "It answers 500.")
        assert (await hooks.show(made))["dead"] == 1
        attempts = ok(await hooks.ada.api.get(f"{hooks.path}/{made['id']}/attempts"))
        assert [attempt["status"] for attempt in attempts] == [204, 500, 500, 500, 500, 204]
        failing = False
        path = f"{hooks.path}/{made['id']}/deliveries"
        ok(await hooks.ada.api.post(f"{path}/{dead['position']}"), 202)
        await hooks.receiver.until(lambda: hooks.receiver.contents() == ["first", "last", "bad"])
        problem(await hooks.ada.api.post(f"{path}/1"), 404, "not_found")


async def test_without_an_order_nobody_waits_for_one_that_fails(hooks: Hooks) -> None:
    def answer(received: Received) -> tuple[int, list[str]]:
        again = [other for other in hooks.receiver.requests if other.key == received.key]
        return (503, ["Retry-After: 0"]) if received.content == "bad" and len(again) < 3 else (200, [])

    hooks.receiver.answer = answer
    hooks.settings["retry_seconds"] = [0.05, 0.05, 0.05]
    await hooks.subscribe(kinds=["NewMessage"], ordered=False)
    for text in ("bad", "first", "last"):
        await hooks.ada.say(hooks.chat, text)
    async with hooks.delivering():
        await hooks.receiver.until(lambda: len(hooks.receiver.accepted) == 3)
    assert hooks.receiver.contents()[-1] == "bad"


async def test_a_cursor_of_before_replays_and_another_key_signs_beside_the_former(hooks: Hooks) -> None:
    before = (await hooks.subscribe(kinds=["NewMessage"]))["cursor"]
    texts = [str(number) for number in range(5)]
    for text in texts:
        await hooks.ada.say(hooks.chat, text)
    made = await hooks.subscribe(kinds=["NewMessage"], cursor=before, name="replays", scheme="v1a")
    assert made["key"].startswith("whpk_")
    hooks.receiver.answer = lambda received: (204, []) if "v1a" in received.headers["webhook-signature"] else (500, [])
    async with hooks.delivering():
        await hooks.receiver.until(lambda: hooks.receiver.contents() == texts)
        key = ok(await hooks.ada.api.post(f"{hooks.path}/{made['id']}/key", json={"scheme": "v1"}), 201)["key"]
        await hooks.change(made, cursor=before)
        await hooks.receiver.until(lambda: hooks.receiver.contents() == 2 * texts)
        for received in hooks.receiver.accepted[5:]:
            Webhook(key).verify(received.body, received.headers)
            assert "v1a," in received.headers["webhook-signature"]
    problem(
        await hooks.ada.api.patch(f"{hooks.path}/{made['id']}", json={"cursor": "0a.1"}),
        422,
        "subscriptions_cursor_in_log",
    )


async def test_a_receiver_that_is_gone_or_fails_for_days_is_left_alone(hooks: Hooks) -> None:
    hooks.receiver.answer = lambda _: (410, [])
    made = await hooks.subscribe(kinds=["NewMessage"])
    await hooks.ada.say(hooks.chat, "hello")
    async with hooks.database.connect() as sql:
        await sql.execute("UPDATE users SET email_verified_at = now() WHERE id = $1", hooks.ada.id)

    async def disabled() -> bool:
        return (await hooks.show(made))["disabled_because"] is not None

    async with hooks.delivering():
        await until(disabled, "a receiver that answers 410 is asked no more")
        assert (await hooks.show(made))["disabled_because"] == "gone"
        assert len(hooks.receiver.requests) == 1
        hooks.receiver.answer = lambda _: (500, [])
        async with hooks.database.connect() as sql:
            await hooks.change(made, enabled=True)
            await sql.execute("UPDATE subscriptions SET failing_since = now() - interval '6 days'")
        await until(disabled, "one that fails for days is disabled")
        assert (await hooks.show(made))["disabled_because"] == "failing"
        async with hooks.database.connect() as sql:
            mails = await sql.fetch("SELECT user_id, details ->> 'cause' AS cause FROM mails ORDER BY id")
        told = [(hooks.ada.id, "It answers 410."), (hooks.ada.id, "It answers 500.")]
        assert [tuple(mail) for mail in mails] == told, "the owner is told each time"
        hooks.receiver.answer = lambda _: (204, [])
        await hooks.change(made, enabled=True)
        await hooks.receiver.until(lambda: hooks.receiver.contents() == ["hello"])


async def test_a_lost_cursor_is_said_and_the_rest_goes_on(hooks: Hooks) -> None:
    made = await hooks.subscribe(kinds=["NewMessage"])
    async with hooks.database.connect() as sql:
        await sql.execute("SELECT log_move_epoch()")
    async with hooks.delivering():
        await hooks.receiver.until(lambda: len(hooks.receiver.accepted) == 1)
        await hooks.ada.say(hooks.chat, "after")
        await hooks.receiver.until(lambda: len(hooks.receiver.accepted) == 2)
    reset, after = hooks.receiver.verified(made["key"])
    assert (reset["type"], reset["data"]["reason"], after["data"]["content"]) == ("reset", "epoch_changed", "after")


async def test_two_servers_share_the_work_and_one_that_was_thought_dead_records_nothing(hooks: Hooks) -> None:
    made = await hooks.subscribe(kinds=["NewMessage"])
    held = "SELECT count(DISTINCT node) FROM delivery_shards"
    async with hooks.database.connect() as sql, hooks.delivering() as first, hooks.delivering():
        await until(lambda: sql.fetchval(f"SELECT ({held}) = 2"), "each holds its share")
        before = await hooks.show(made)
        stale = await sql.fetchval(
            "SELECT record_deliveries($1, 0, 'x', 0, 'x', 99, '{}', '{}', '{}', '{}', '{}', '{}', false, '5 days')",
            made["id"],
        )
        assert stale is False
        assert (await hooks.show(made))["cursor"] == before["cursor"]
        await hooks.ada.say(hooks.chat, "one")
        await hooks.receiver.until(lambda: hooks.receiver.contents() == ["one"])
        await first.drain()
        await until(lambda: sql.fetchval(f"SELECT ({held}) = 1"), "the other one takes over")
        await hooks.ada.say(hooks.chat, "two")
        await hooks.receiver.until(lambda: hooks.receiver.contents() == ["one", "two"])


async def test_who_may_subscribe_and_to_what(hooks: Hooks) -> None:
    made = await hooks.subscribe()
    outsider = await hooks.chat_server.sign_up("Mallory")
    body = {"name": "ci", "url": hooks.receiver.url}
    for person, status, code in ((hooks.grace, 403, "forbidden"), (outsider, 404, "not_found")):
        problem(await person.api.post(hooks.path, json=body), status, code)
        problem(await person.api.get(hooks.path), status, code)
        problem(await person.api.get(f"{hooks.path}/{made['id']}/attempts"), status, code)
        problem(await person.api.patch(f"{hooks.path}/{made['id']}", json={"name": "x"}), status, code)
        problem(await person.api.delete(f"{hooks.path}/{made['id']}"), status, code)
    problem(await hooks.chat_server.anybody.get(hooks.path), 401, "unauthorized")
    for url in ("http://ci.example.com/", "https://ci.example.com:8443/", "https://a:b@ci.example.com/", "ftp://x/"):
        problem(await hooks.ada.api.post(hooks.path, json={"name": "ci", "url": url}), 422, "url_refused")
    problem(await hooks.ada.api.post(hooks.path, json=body | {"kinds": ["X" * 61]}), 422, "validation_failed")
    problem(await hooks.ada.api.get(f"{hooks.path}/99"), 404, "not_found")
    ok(await hooks.ada.api.delete(f"{hooks.path}/{made['id']}"), 204)
    problem(await hooks.ada.api.delete(f"{hooks.path}/{made['id']}"), 404, "not_found")
