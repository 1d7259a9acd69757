"""Pushes: what a device is shown, decided once from the log, and read when it is sent."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from fechatter_client import Client

from delivery_server.pushes import pushes, sender
from delivery_server.pushes.pushes import PUSHES_CLAIM
from tests.chat_server.people import PASSWORD, ok, problem
from tests.delivery_server.pushes.conftest import PATH, Pushed
from tests.sql.world import until
from tests.support.clients.plain_http import plain_http

SETTINGS = "/api/users/me/notifications"
OUTBOX = "SELECT count(*) FROM push_outbox"
EMPTY = "SELECT count(*) = 0 FROM push_outbox"
LATER = "SELECT min(due_at) > now() + interval '{}' FROM push_outbox"
FORGOTTEN = "SELECT count(*) = 0 FROM push_subscriptions"
REVOKE = "UPDATE sessions SET revoked_at = now(), revoked_reason = 'x' WHERE user_id = $1"
CAUGHT_UP = "SELECT position = (SELECT max(position) FROM events) FROM push_cursor"


async def test_a_device_subscribes_and_says_so_again(pushed: Pushed) -> None:
    ada, path = pushed.ada, f"{PATH}/subscription"
    first = ok(await ada.api.get(PATH))
    assert first["subscription"] is None
    device = await pushed.subscribe(ada, "laptop", language="zh")
    shown = ok(await ada.api.get(PATH))
    assert shown["public_key"] == first["public_key"] == ok(await pushed.grace.api.get(PATH))["public_key"]
    assert (shown["subscription"]["endpoint"], shown["subscription"]["language"]) == (device.endpoint, "zh")
    assert ok(await ada.api.put(path, json=device.subscription))["id"] == shown["subscription"]["id"]
    # The same browser, of another account: it is that one's now.
    ok(await pushed.grace.api.put(path, json=device.subscription))
    assert ok(await ada.api.get(PATH))["subscription"] is None
    ok(await pushed.grace.api.delete(path), 204)
    problem(await pushed.grace.api.delete(path), 404, "not_found")
    keys = device.subscription["keys"]
    for wrong in (
        {"endpoint": "https://10.0.0.1:99/x"},
        {"endpoint": "http://push.example/x"},
        {"endpoint": "ftp://push.example/x"},
        {"endpoint": "https://ada:secret@push.example/x"},
        {"keys": {**keys, "p256dh": "A" * 87}},
        {"keys": {**keys, "auth": "A"}},
        {"language": "tlh"},
    ):
        problem(await ada.api.put(path, json={**device.subscription, **wrong}), 422, "validation_failed")
    async with Client(pushed.chat_server.url, "http://unused", http=plain_http()) as client:
        await client.sign_in(ada.email, PASSWORD)
        assert (await client.notifications.push()).public_key == first["public_key"]
        made = await client.notifications.subscribe(device.endpoint, **keys)
        assert (await client.notifications.push()).subscription == made
        await client.notifications.unsubscribe()
        assert (await client.notifications.push()).subscription is None
    anybody = pushed.chat_server.anybody
    for method, body in (("GET", None), ("PUT", device.subscription), ("DELETE", None)):
        problem(await anybody.request(method, PATH if method == "GET" else path, json=body), 401, "unauthorized")


async def test_a_push_says_what_the_message_says(pushed: Pushed) -> None:
    phone = await pushed.subscribe(pushed.grace, "phone")
    own = await pushed.subscribe(pushed.ada, "own")
    chat = await pushed.direct(pushed.ada, pushed.grace)
    async with pushed.delivering():
        said = await pushed.ada.say(chat, "Dinner at *eight*?")
        [first] = await pushed.service.shows(phone, 1)
        path = f"/chat/{chat}/{said['id']}"
        assert first == {
            "title": "Ada",
            "body": "Dinner at *eight*?",
            "lang": "en",
            "dir": "auto",
            "navigate": f"https://chat.example.com{path}",
            "tag": f"/chat/{chat}",
            "app_badge": "1",
            "data": {"path": path, "seq": said["seq"]},
        }
        ok(await pushed.grace.api.patch(SETTINGS, json={"push_content": "sender"}))
        await pushed.ada.say(pushed.chat, "@all, look")
        assert (await pushed.service.shows(phone, 2))[1]["body"] == "New message"
        ok(await pushed.grace.api.patch(SETTINGS, json={"push_content": "none"}))
        await pushed.ada.say(chat, "more")
        third = (await pushed.service.shows(phone, 3))[2]
        assert (third["title"], third["body"], third["app_badge"]) == ("Fechatter", "New message", "3")
        ok(await pushed.grace.api.patch(SETTINGS, json={"push_content": "message"}))
        async with pushed.database.connect() as sql:  # of a type that is not known yet
            await sql.execute("ALTER TABLE messages DROP CONSTRAINT messages_type_known")
            sealed = "INSERT INTO messages (chat_id, sender_id, type, content) VALUES ($1, $2, 'sealed', 'c2VjcmV0')"
            await sql.execute(sealed, chat, pushed.ada.id)
            fourth = (await pushed.service.shows(phone, 4))[3]
        assert (fourth["title"], fourth["body"]) == ("Ada", "New message")
    assert phone.topics[0] == phone.topics[2] != phone.topics[1]
    assert own.shown == []


async def test_one_push_for_what_came_together_and_none_for_what_was_read(pushed: Pushed) -> None:
    phone = await pushed.subscribe(pushed.grace, "phone")
    chat = await pushed.direct(pushed.ada, pushed.grace)
    async with pushed.database.connect() as sql:
        async with pushed.delivering(grace_seconds=60):
            for text in ("one", "two", "three"):
                last = await pushed.ada.say(chat, text)
            await pushed.ada.say(pushed.chat, "@grace, read me")  # on her laptop, in time
            doomed = await pushed.ada.say(chat, "a slip")
            await until(lambda: sql.fetchval(CAUGHT_UP), "it has decided")
        assert await sql.fetchval(OUTBOX) == 2
        ok(await pushed.ada.api.delete(f"/api/chats/{chat}/messages/{doomed['id']}"), 204)
        edit = {"content": "three, no: four"}
        ok(await pushed.ada.api.patch(f"/api/chats/{chat}/messages/{last['id']}", json=edit))
        ok(await pushed.grace.api.post(f"/api/chats/{pushed.chat}/read", json={"seq": 1}))
        await sql.execute("UPDATE push_outbox SET due_at = now()")
        async with pushed.delivering():
            [only] = await pushed.service.shows(phone, 1)
            await until(lambda: sql.fetchval(EMPTY), "nothing waits")
        assert (only["body"], only["data"]["seq"]) == ("three, no: four", last["seq"])
        assert len(phone.shown) == 1


async def test_quiet_hours_and_do_not_disturb_wait_and_what_is_unwanted_is_not_queued(pushed: Pushed) -> None:
    phone = await pushed.subscribe(pushed.grace, "phone")
    chat = await pushed.direct(pushed.ada, pushed.grace)
    async with pushed.database.connect() as sql, pushed.delivering():
        # A minute of the day that is now, wherever Grace is.
        ok(await pushed.grace.api.patch(SETTINGS, json={"quiet_from": "00:00", "quiet_until": "23:59"}))
        await sql.execute(
            "UPDATE users SET time_zone = 'Etc/GMT+' || extract(hour FROM now() AT TIME ZONE 'UTC') % 12 WHERE id = $1",
            pushed.grace.id,
        )
        await pushed.ada.say(chat, "psst")
        await until(lambda: sql.fetchval(LATER.format("1 minute")), "it waits")
        ok(await pushed.grace.api.patch(SETTINGS, json={"quiet_from": None, "quiet_until": None}))
        ok(await pushed.grace.api.put("/api/users/me/presence", json={"presence_mode": "dnd"}))
        await sql.execute("UPDATE push_outbox SET due_at = now()")
        await until(lambda: sql.fetchval(LATER.format("9 seconds")), "it waits on")
        ok(await pushed.grace.api.put("/api/users/me/presence", json={"presence_mode": "auto"}))
        await sql.execute("UPDATE push_outbox SET due_at = now()")
        [shown] = await pushed.service.shows(phone, 1)
        assert shown["body"] == "psst"
        ok(await pushed.grace.api.patch(SETTINGS, json={"push": "personal"}))
        await pushed.ada.say(pushed.chat, "@all, to everybody")
        await pushed.ada.say(chat, "to you")
        assert [one["body"] for one in await pushed.service.shows(phone, 2)] == ["psst", "to you"]


async def test_a_service_that_fails_is_asked_again_and_one_that_knows_no_device_is_not(pushed: Pushed) -> None:
    phone = await pushed.subscribe(pushed.grace, "phone")
    chat = await pushed.direct(pushed.ada, pushed.grace)
    service = pushed.service
    service.answers = [(429, ["Retry-After: 7"]), (503, [])]
    async with pushed.database.connect() as sql, pushed.delivering():
        await pushed.ada.say(chat, "busy")
        await until(
            lambda: sql.fetchval("SELECT due_at > now() + interval '5 s' AND claim IS NULL FROM push_outbox"),
            "it waits as told",
        )
        failing = ok(await pushed.grace.api.get(PATH))["subscription"]
        assert failing["error"] == "It answers 429."
        assert failing["failing_since"] is not None
        await sql.execute("UPDATE push_outbox SET due_at = now()")
        await service.receiver.until(lambda: service.statuses == [429, 503])
        await until(lambda: sql.fetchval("SELECT claim IS NULL FROM push_outbox"), "it is recorded")
        await sql.execute("UPDATE push_outbox SET due_at = now()")
        assert (await service.shows(phone, 1))[0]["body"] == "busy"
        await until(lambda: sql.fetchval("SELECT pushed_at IS NOT NULL FROM push_subscriptions"), "it is recorded")
        assert ok(await pushed.grace.api.get(PATH))["subscription"]["failing_since"] is None
        service.answers = [(403, [])]  # not tried again, but the device stays
        await pushed.ada.say(chat, "refused")
        await until(lambda: sql.fetchval("SELECT error = 'It answers 403.' FROM push_subscriptions"), "it is refused")
        assert await sql.fetchval(OUTBOX) == 0
        service.answers = [(410, [])]
        await pushed.ada.say(chat, "gone")
        await until(lambda: sql.fetchval(FORGOTTEN), "the device is forgotten")
    assert ok(await pushed.grace.api.get(PATH))["subscription"] is None


async def test_each_is_decided_once_by_several_servers_and_after_one_died(pushed: Pushed) -> None:
    phone = await pushed.subscribe(pushed.grace, "phone")
    chats = [await pushed.direct(pushed.ada, pushed.grace), pushed.chat]
    async with pushed.database.connect() as sql:
        async with pushed.delivering(), pushed.delivering():
            for chat in chats:
                await pushed.ada.say(chat, "@grace 1")
            await pushed.service.shows(phone, 2)
            await until(lambda: sql.fetchval(EMPTY), "nothing waits")
            for chat in chats:
                await pushed.ada.say(chat, "@grace 2")
            await pushed.service.shows(phone, 4)
            await until(lambda: sql.fetchval(EMPTY), "nothing waits")
        assert sorted(one["body"] for one in phone.shown) == ["@grace 1"] * 2 + ["@grace 2"] * 2
        # A server has decided, and claimed, and dies; what was written meanwhile comes with it.
        await pushed.ada.say(chats[0], "claimed")
        assert await sql.fetchval("SELECT follow_pushes(500, 1000, 500, '0', '1 day')") > 0
        [claimed] = await sql.fetch("SELECT * FROM claim_pushes(10, 60, '1 day', '{}', '{}', 4, 25)")
        assert await sql.fetch("SELECT * FROM claim_pushes(10, 60, '1 day', '{}', '{}', 4, 25)") == []
        # A page that says its subscription again takes nothing from whoever sends; other keys do.
        path, subscription = f"{PATH}/subscription", phone.subscription
        keys = {**subscription["keys"], "auth": "A" * 22}
        claims = []
        for said in (subscription, {**subscription, "keys": keys}, subscription):
            ok(await pushed.grace.api.put(path, json=said))
            claims.append(await sql.fetchval("SELECT claim FROM push_outbox"))
        assert claims == [claimed["claim"], None, None]
        await pushed.ada.say(chats[0], "meanwhile")
        assert await sql.fetchval("SELECT follow_pushes(500, 1000, 500, '0', '1 day')") > 0
        await sql.execute("UPDATE push_outbox SET due_at = now()")
        async with pushed.delivering():
            assert (await pushed.service.shows(phone, 5))[4]["body"] == "meanwhile"
            await until(lambda: sql.fetchval(EMPTY), "nothing waits")
        # What the dead one would say now ends nothing, and forgets no device.
        end = "SELECT end_push($1, $2, $3, $4, 410, NULL, 'x', '0')"
        await sql.execute(end, *(claimed[name] for name in ("subscription_id", "chat_id", "claim", "message_id")))
        assert await sql.fetchval("SELECT count(*) FROM push_subscriptions") == 1


@dataclass
class SlowClaim:
    """Claims pushes, and waits before it says so."""

    claimed: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def rows(self, pool: Any, **arguments: Any) -> Any:
        if rows := await PUSHES_CLAIM.rows(pool, **arguments):
            self.claimed.set()
            await self.go_on.wait()
        return rows


@pytest.fixture
def claim(monkeypatch: pytest.MonkeyPatch) -> SlowClaim:
    slow = SlowClaim()
    monkeypatch.setattr(pushes, "PUSHES_CLAIM", slow)
    return slow


async def test_what_is_claimed_while_it_stops_is_sent(pushed: Pushed, claim: SlowClaim) -> None:
    phone = await pushed.subscribe(pushed.grace, "phone")
    chat = await pushed.direct(pushed.ada, pushed.grace)
    async with pushed.database.connect() as sql, pushed.delivering() as delivery:
        await pushed.ada.say(chat, "psst")
        await claim.claimed.wait()
        stopping = asyncio.create_task(delivery.pushes.stop(60))
        await asyncio.sleep(0)
        claim.go_on.set()
        await stopping
        assert await sql.fetchval(EMPTY)
        assert [shown["body"] for shown in phone.shown] == ["psst"]


async def test_what_is_claimed_too_late_is_left_to_others(pushed: Pushed, claim: SlowClaim) -> None:
    await pushed.subscribe(pushed.grace, "phone")
    chat = await pushed.direct(pushed.ada, pushed.grace)
    async with pushed.database.connect() as sql, pushed.delivering() as delivery:
        [deciding] = [task for task in asyncio.all_tasks() if task.get_name() == "pushes"]
        await pushed.ada.say(chat, "psst")
        await claim.claimed.wait()
        await delivery.pushes.stop(0)
        claim.go_on.set()
        await deciding
        sending = [task for task in asyncio.all_tasks() if task.get_name() == "push"]
        await asyncio.gather(*sending)
        assert await sql.fetchval(OUTBOX) == 1


async def test_a_session_that_ends_is_not_pushed_to(pushed: Pushed) -> None:
    phone = await pushed.subscribe(pushed.grace, "phone")
    chat = await pushed.direct(pushed.ada, pushed.grace)
    async with pushed.database.connect() as sql:
        async with pushed.delivering(grace_seconds=60):
            await pushed.ada.say(chat, "to whom?")
            await until(lambda: sql.fetchval(OUTBOX), "it is decided")
        await sql.execute(REVOKE, pushed.grace.id)
        await sql.execute("UPDATE push_outbox SET due_at = now()")
        async with pushed.delivering():
            await until(lambda: sql.fetchval(FORGOTTEN), "the device is forgotten")
    assert phone.shown == []
    assert pushed.service.statuses == []


async def test_nobody_takes_the_place_of_others(pushed: Pushed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Grace's pushes hang: of these a few are on their way, and Ada is told."""
    ada, grace = pushed.ada, pushed.grace
    await pushed.subscribe(grace, "phone")
    own = await pushed.subscribe(ada, "own")
    direct = await pushed.direct(ada, grace)
    chats = [await ada.chat(grace) for _ in range(6)]
    claim = "SELECT user_id FROM claim_pushes(50, 60, '1 day', $1, $2, 4, $3)"
    async with pushed.database.connect() as sql:
        for chat in chats:
            await ada.say(chat, "@grace")
        await grace.say(direct, "hello")
        await sql.execute("UPDATE push_cursor SET position = 0")
        await sql.execute("SELECT follow_pushes(500, 1000, 5, '0', '1 day')")
        of_grace = (
            "SELECT chat_id FROM push_outbox o JOIN push_subscriptions s ON s.id = o.subscription_id WHERE user_id = $1"
        )
        kept = {row["chat_id"] for row in await sql.fetch(of_grace, grace.id)}
        assert kept == set(chats[1:])  # the oldest is gone

        async def claimed(people: list[int], hosts: list[str], of_host: int = 25) -> list[int]:
            async with sql.transaction():
                rows = await sql.fetch(claim, people, hosts, of_host)
                await sql.execute("UPDATE push_outbox SET due_at = now() - interval '1 s', claim = NULL")
                return sorted(row["user_id"] for row in rows)

        host = pushed.service.authority
        assert await claimed([], []) == sorted([grace.id] * 4 + [ada.id])
        assert await claimed([grace.id] * 3, []) == sorted([grace.id, ada.id])
        assert await claimed([grace.id] * 4, []) == [ada.id]
        assert len(await claimed([], [host], of_host=3)) == 2
        assert await claimed([], [host.upper(), host], of_host=1) == []

        hanging: set[int] = set()
        push = sender.Sender.push

        async def push_or_hang(self: sender.Sender, each: Any) -> sender.Pushed:
            if each["user_id"] == grace.id:
                hanging.add(each["chat_id"])
                await asyncio.Event().wait()
            return await push(self, each)

        monkeypatch.setattr(sender.Sender, "push", push_or_hang)
        monkeypatch.setattr(pushes, "AT_A_TIME", 5)
        delivery = pushed.delivering()
        async with asyncio.timeout(60), delivery as running:
            await pushed.service.shows(own, 1)
            await grace.say(direct, "and again")
            await pushed.service.shows(own, 2)
            assert len(hanging) == 4
            for task in running.pushes._sending:
                task.cancel()


def test_waits_grow() -> None:
    assert [round(sender._wait(attempts) / wait) for attempts, wait in enumerate(sender.WAITS, 1)] == [1] * 5
    assert sender._wait(99) >= 0.9 * sender.WAITS[-1]
