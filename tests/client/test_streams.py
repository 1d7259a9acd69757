"""The layer below the typed calls and the events: one connection as it is, and answers as they are."""

import json
import signal

import pytest
from fechatter_client import Problem, SignInNeeded, Stream, Unreachable

from tests.client.conftest import People
from tests.client.test_session import REFRESH, Wire
from tests.end_to_end.system import System
from tests.support.clients.plain_http import plain_http


async def test_a_stream_gives_each_frame_as_it_came(people: People, system: System) -> None:
    ada = await people.sign_up("Ada")
    chat = await people.chat(ada)
    async with ada.stream() as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        ready = await anext(stream)
        assert (ready.kind, json.loads(ready.data)["cursor"]) == ("ready", ready.cursor)
        assert stream.retry_seconds == 1
        message = await ada.messages.post(chat.id, "hello")
        async for frame in stream:
            if frame.kind == "PresenceChanged":  # has no cursor of its own
                assert frame.cursor == ready.cursor
            elif frame.kind == "NewMessage":
                break
        assert json.loads(frame.data)["id"] == message.id
        before, after = (int(cursor.partition(".")[2]) for cursor in (ready.cursor, frame.cursor))
        assert before < after
    async with ada.stream(ready.cursor) as again:
        assert [(await anext(again)).kind for _ in range(2)] == ["ready", "NewMessage"]
    ticket = (await ada.add_ticket()).ticket
    async with plain_http() as http:
        url = f"{system.notify.url}/api/notifications/events?ticket={ticket}"
        async with Stream(http, url) as by_ticket:
            assert (await anext(by_ticket)).kind == "ready"
        with pytest.raises(Problem, match="401"):  # it was good for one
            await Stream(http, url).__aenter__()


@pytest.mark.system(notify__retry_milliseconds=20)
async def test_a_stream_ends_with_its_connection(people: People, system: System) -> None:
    ada = await people.sign_up("Ada")
    async with ada.stream() as stream:
        system.notify.signal(signal.SIGTERM)
        assert "reset" not in [frame.kind async for frame in stream]  # the server has ended it
        assert stream.retry_seconds is not None
    assert await system.notify.wait() == 0
    with pytest.raises(Unreachable, match="ConnectError"):
        async with ada.stream():
            pass
    await system.notify.start()
    async with ada.stream() as stream:
        await system.notify.kill()
        with pytest.raises(Unreachable, match="the event stream was lost"):
            [frame async for frame in stream]


async def test_an_answer_comes_as_it_is(people: People) -> None:
    ada = await people.sign_up("Ada")
    answer = await ada.request("POST", "/workspaces", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await ada.request("GET", "/auth/me")).json()["id"] == people.users[ada].id


async def test_a_token_that_is_no_longer_good_is_renewed_for_requests_and_streams(people: People) -> None:
    wire = Wire()
    ada = await people.sign_up("Ada", http=wire.http)
    async with ada.stream() as stream:
        assert (await anext(stream)).kind == "ready"
    assert wire.paths.count(REFRESH) == 1
    token = await ada.access_token()
    assert stream.token == token
    assert (await ada.request("POST", "/auth/logout")).status_code == 204
    for call in (ada.request("GET", "/auth/me"), ada.stream().__aenter__()):
        with pytest.raises(SignInNeeded):
            await call
