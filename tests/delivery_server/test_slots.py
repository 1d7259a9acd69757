"""Slow receivers of one workspace hold up nobody else, and waiting for a slot is no attempt."""

import asyncio

import pytest

from delivery_server import app
from delivery_server.slots import Slots
from tests.chat_server.people import ok
from tests.delivery_server.conftest import Hooks
from tests.sql.world import until

SLOW = 6


async def test_slow_receivers_of_a_workspace_do_not_take_the_connections_of_others(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "AT_A_TIME", 3)
    monkeypatch.setattr(app, "Slots", lambda: Slots(of_a_workspace=2, at_a_time=3))
    hooks.settings |= {"answer_seconds": 1, "retry_seconds": [3600]}
    hooks.receiver.answer = lambda received: None if received.content == "slow" else (204, [])
    carol, dan = await hooks.chat_server.team("Carol", "Dan")
    bot = {"username": "quick", "fullname": "Quick"}
    made = ok(await carol.api.post(f"/api/workspaces/{carol.workspace}/bots", json=bot), 201)["id"]
    chat = await carol.chat(dan)
    ok(await carol.api.post(f"/api/chats/{chat}/members", json={"user_id": made}), 201)
    wish = {"name": "quick", "url": hooks.receiver.url, "kinds": ["NewMessage"]}
    ok(await carol.api.post(f"/api/bots/{made}/subscriptions", json=wish), 201)
    for number in range(SLOW):
        await hooks.subscribe(kinds=["NewMessage"], name=f"slow {number}", ordered=number % 2 == 0)

    def slow() -> int:
        return sum(received.content == "slow" for received in hooks.receiver.requests)

    async with hooks.database.connect() as sql, hooks.delivering():
        await hooks.ada.say(hooks.chat, "slow")
        await hooks.receiver.until(lambda: slow() == 2)
        await carol.say(chat, "quick")
        await hooks.receiver.until(lambda: hooks.receiver.contents() == ["quick"])
        assert slow() == 2
        await until(
            lambda: sql.fetchval(f"SELECT count(*) = {SLOW} FROM delivery_attempts WHERE status IS NULL"),
            "each slow one has had its attempt",
        )
        errors = await sql.fetch("SELECT DISTINCT error FROM delivery_attempts WHERE status IS NULL")
    assert [row["error"] for row in errors] == ["no answer within 1 s"]


async def test_a_message_that_is_deleted_while_a_slot_is_waited_for_is_not_sent(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = Slots(of_a_workspace=1)
    monkeypatch.setattr(app, "Slots", lambda: slots)
    await hooks.subscribe(kinds=["NewMessage"])
    async with hooks.delivering():
        async with slots.take(hooks.ada.workspace, 1):
            said = await hooks.ada.say(hooks.chat, "better unsaid")
            await until(lambda: _is_waited_for(slots, hooks.ada.workspace), "a slot is waited for")
            ok(await hooks.ada.api.delete(f"/api/chats/{hooks.chat}/messages/{said['id']}"), 204)
        await hooks.ada.say(hooks.chat, "the end")
        await hooks.receiver.until(lambda: hooks.receiver.contents()[-1:] == ["the end"])
    assert not any(b"better unsaid" in received.body for received in hooks.receiver.requests)


async def _is_waited_for(slots: Slots, workspace: int) -> int:
    return len(slots._workspaces[workspace]._waiting)


async def test_slots_are_taken_in_turn_and_given_back_whatever_happens() -> None:
    slots = Slots(of_a_workspace=4, at_a_time=6)
    order: list[str] = []

    async def take(name: str, workspace: int, requests: int, done: asyncio.Event) -> None:
        async with slots.take(workspace, requests):
            order.append(name)
            await done.wait()

    done, never = asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(take("first", 1, 3, never))
    await asyncio.sleep(0)
    large = asyncio.create_task(take("large", 1, 4, done))
    small = asyncio.create_task(take("small", 1, 1, done))
    other = asyncio.create_task(take("other", 2, 3, done))
    await asyncio.sleep(0)
    assert order == ["first", "other"], "one place is free, but not for who comes later"
    large.cancel()
    await asyncio.gather(large, return_exceptions=True)
    assert order == ["first", "other"], "its own workspace has a place, and all together have none"
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    done.set()
    await asyncio.gather(small, other)
    assert order == ["first", "other", "small"]
    async with slots.take(1, 4) as waited:
        assert not waited
    assert slots._workspaces == {}
    assert slots._all.idle
