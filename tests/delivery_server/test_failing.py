"""What fails is tried again when its time has come and no sooner, and nothing that fails costs others their turn."""

import asyncio

import msgspec
import pytest

from delivery_server.webhook import Webhook
from delivery_server.work import Reading
from delivery_server.worker import BACKOFF_SECONDS
from tests.chat_server.people import Json, ok
from tests.delivery_server.conftest import Hooks
from tests.sql.world import until

WAKE = "SELECT pg_notify('fechatter_subscriptions', $1::bigint::text)"
FAILED = "SELECT position, kind, attempts, due_at IS NULL AS dead FROM deliveries WHERE subscription_id = $1"


@pytest.mark.parametrize("ordered", [True, False])
async def test_a_reset_that_fails_is_tried_by_the_schedule_and_holds_the_cursor(hooks: Hooks, ordered: bool) -> None:
    """In whatever order; when it has used up its attempts the rest goes on, and a later one begins anew."""

    def resets() -> int:
        return sum(received.json["type"] == "reset" for received in hooks.receiver.requests)

    hooks.receiver.answer = lambda received: (400, []) if received.json["type"] == "reset" else (204, [])
    hooks.settings["retry_seconds"] = [3600, 3600]
    made = await hooks.subscribe(kinds=["NewMessage"], ordered=ordered)
    async with hooks.database.connect() as sql, hooks.delivering():

        async def failed() -> list[tuple[object, ...]]:
            return [tuple(row) for row in await sql.fetch(FAILED, made["id"])]

        await sql.execute("SELECT log_move_epoch()")
        # Another event of before that is due does not make the notice due.
        await sql.execute("INSERT INTO deliveries VALUES ($1, 1, 'NewMessage', 1, now(), now(), 'x')", made["id"])
        other = await hooks.subscribe(kinds=["NewMessage"], name="other")
        for attempt in (1, 2):
            await sql.execute(WAKE, made["id"])
            await until(
                lambda attempt=attempt: sql.fetchval(  # type: ignore[misc]
                    "SELECT EXISTS (SELECT FROM deliveries WHERE position = 0 AND attempts = $1)", attempt
                ),
                f"attempt {attempt} is recorded",
            )
            for number in range(3):
                await sql.execute(WAKE, made["id"])
                await hooks.ada.say(hooks.chat, f"{attempt}.{number}")
                await hooks.receiver.until(lambda: len(hooks.receiver.accepted) == 3 * attempt - 2 + number)  # noqa: B023
            assert resets() == attempt
            assert (0, "reset", attempt, False) in await failed()
            assert (await hooks.show(made))["cursor"] == made["cursor"]
            await sql.execute("UPDATE deliveries SET due_at = now() WHERE position = 0")
        await sql.execute(WAKE, made["id"])
        await until(lambda: _is_dead(hooks, made), "the reset is a dead letter")
        assert await failed() == [(0, "reset", 3, True)]
        await hooks.ada.say(hooks.chat, "after")
        await hooks.receiver.until(lambda: hooks.receiver.contents().count("after") == 2)
        assert resets() == 3
        await hooks.change(other, enabled=False)
        await sql.execute("SELECT log_move_epoch()")
        await sql.execute(WAKE, made["id"])
        await hooks.receiver.until(lambda: resets() == 4)
        await until(lambda: _waits(hooks, made), "it is tried again")
        assert await failed() == [(0, "reset", 1, False)]


async def _is_dead(hooks: Hooks, subscription: Json) -> bool:
    return bool((await hooks.show(subscription))["dead"])


async def _waits(hooks: Hooks, subscription: Json) -> bool:
    return bool((await hooks.show(subscription))["waiting"])


async def test_a_head_that_is_out_of_sight_when_it_is_due_is_passed_at_once(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks.receiver.answer = lambda _: (500, [])
    hooks.settings["retry_seconds"] = [3600]
    made = await hooks.subscribe(kinds=["NewMessage"])
    await hooks.ada.say(hooks.chat, "hello")
    reads = 0
    read = Reading.next

    async def counted(reading: Reading, amount: int) -> object:
        nonlocal reads
        reads += 1
        return await read(reading, amount)

    async with hooks.database.connect() as sql, hooks.delivering():
        await until(lambda: _waits(hooks, made), "it has failed")
        ok(await hooks.ada.api.delete(f"/api/chats/{hooks.chat}/members/{hooks.bot}"), 204)
        monkeypatch.setattr(Reading, "next", counted)
        await sql.execute("UPDATE deliveries SET due_at = now()")
        await sql.execute(WAKE, made["id"])
        await until(lambda: sql.fetchval("SELECT NOT EXISTS (SELECT FROM deliveries)"), "it is forgotten")
    assert reads <= 5
    assert len(hooks.receiver.requests) == 1


async def test_a_worker_that_meets_what_nobody_expected_goes_on(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits a little and tries again itself: its server hires nobody else."""
    send = Webhook.send
    failures = iter([RuntimeError("nobody expected this"), UnicodeError("label too long")])

    async def failing(webhook: Webhook, *sent: object) -> object:
        for error in failures:
            raise error
        return await send(webhook, *sent)  # type: ignore[arg-type]

    monkeypatch.setattr(Webhook, "send", failing)
    await hooks.subscribe(kinds=["NewMessage"])
    async with hooks.delivering() as delivery:
        await until(lambda: _staffed(delivery.share), "a worker is hired")
        ((worker, task),) = delivery.share._workers.values()
        await hooks.ada.say(hooks.chat, "hello")
        await hooks.receiver.until(lambda: hooks.receiver.contents() == ["hello"])
        assert list(delivery.share._workers.values()) == [(worker, task)]
        assert not task.done()


async def test_a_worker_that_fails_is_not_woken_into_a_loop(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = 0

    async def failing(*_: object) -> object:
        nonlocal sent
        sent += 1
        raise RuntimeError("it fails always")

    monkeypatch.setattr(Webhook, "send", failing)
    made = await hooks.subscribe(kinds=["NewMessage"])
    await hooks.ada.say(hooks.chat, "hello")
    async with hooks.database.connect() as sql, hooks.delivering():

        async def failed() -> bool:
            return sent > 0

        began = asyncio.get_running_loop().time()
        await until(failed, "it has failed")
        for _ in range(25):
            await sql.execute(WAKE, made["id"])
            await hooks.show(made)
        passed = asyncio.get_running_loop().time() - began
        assert sent <= 1 + passed / BACKOFF_SECONDS[0]


async def _staffed(share: object) -> int:
    return len(share)  # type: ignore[arg-type]


async def test_a_message_that_was_edited_and_deleted_is_told_as_deleted(hooks: Hooks) -> None:
    await hooks.subscribe(kinds=["MessageDeleted"])
    said = await hooks.ada.say(hooks.chat, "a first thought")
    message = f"/api/chats/{hooks.chat}/messages/{said['id']}"
    ok(await hooks.ada.api.patch(message, json={"content": "a second thought"}))
    ok(await hooks.ada.api.delete(message), 204)
    async with hooks.database.connect() as sql, hooks.delivering():
        await hooks.receiver.until(lambda: len(hooks.receiver.accepted) == 1)
        payload = await sql.fetchval("SELECT payload::text FROM events WHERE kind = 'MessageDeleted'")
    (event,) = hooks.receiver.accepted
    assert event.json["data"] == msgspec.json.decode(payload)
