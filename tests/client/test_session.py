"""Tokens: renewed by themselves, by one request at a time, and never lost."""

import asyncio

import httpx
import pytest
from fechatter_client import Client, SignInNeeded

from tests.client.conftest import People
from tests.end_to_end.system import PASSWORD
from tests.support.clients.plain_http import plain_http

REFRESH = "/api/auth/refresh"


class Wire:
    """What a client sends. Its access token is made a bad one until it has been refreshed."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.refreshing = asyncio.Event()
        self._refreshed = False
        self.http = plain_http(event_hooks={"request": [self._note], "response": [self._answered]})

    async def _note(self, request: httpx.Request) -> None:
        self.paths.append(request.url.path)
        if request.url.path == REFRESH:
            self.refreshing.set()
        if "authorization" in request.headers and not self._refreshed:
            request.headers["authorization"] = "Bearer of-nothing"

    async def _answered(self, response: httpx.Response) -> None:
        self._refreshed = self._refreshed or response.request.url.path == REFRESH


async def test_many_calls_with_a_token_that_is_no_longer_good_refresh_once(people: People) -> None:
    wire = Wire()
    ada = await people.sign_up("Ada", http=wire.http)
    users = await asyncio.gather(*(ada.users.me() for _ in range(20)))
    assert {user.id for user in users} == {people.users[ada].id}
    assert wire.paths.count(REFRESH) == 1


async def test_a_call_that_is_given_up_does_not_lose_the_next_refresh_token(people: People) -> None:
    wire, kept = Wire(), list[str]()
    ada = await people.sign_up("Ada", http=wire.http, on_refresh_token=kept.append)
    call = asyncio.ensure_future(ada.users.me())
    await wire.refreshing.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (await ada.users.me()).id == people.users[ada].id
    assert wire.paths.count(REFRESH) == 1
    assert len(kept) == 2
    assert kept[-1] == ada.refresh_token


async def test_closing_waits_for_a_refresh_that_is_under_way(people: People) -> None:
    wire, kept = Wire(), list[str]()
    ada = await people.sign_up("Ada", http=wire.http, on_refresh_token=kept.append)
    call = asyncio.ensure_future(ada.users.me())
    await wire.refreshing.wait()
    call.cancel()
    await ada.close()
    again = await people.client()
    assert (await again.resume(kept[-1])).id == people.users[ada].id


@pytest.mark.system(auth__access_token_seconds=2)
async def test_the_access_token_is_renewed_before_it_expires(people: People) -> None:
    refused: list[int] = []

    async def note(response: httpx.Response) -> None:
        if response.status_code == 401:
            refused.append(response.status_code)

    kept: list[str] = []
    ada = await people.sign_up("Ada", http=plain_http(event_hooks={"response": [note]}), on_refresh_token=kept.append)
    async with asyncio.timeout(30):
        while len(kept) < 4:
            await ada.users.me()
    assert len(set(kept)) == len(kept)
    assert refused == []


async def test_a_stored_refresh_token_goes_on_with_the_session(people: People) -> None:
    kept: list[str] = []
    ada = await people.sign_up("Ada", on_refresh_token=kept.append)
    later = await people.client(on_refresh_token=kept.append)
    assert await later.resume(kept[0]) == people.users[ada]
    assert (await later.users.me()).fullname == "Ada"
    await later.resume(kept[1])
    await later.resume(kept[2])
    third = await people.client()
    with pytest.raises(SignInNeeded, match="used before"):
        await third.resume(kept[0])  # two others were used since: that is no retry, and ends the session
    with pytest.raises(SignInNeeded):
        await later.users.me()


async def test_logging_out_ends_it(people: People) -> None:
    ada = await people.sign_up("Ada")
    token = ada.refresh_token
    assert token is not None
    await ada.log_out()
    assert ada.refresh_token is None
    with pytest.raises(SignInNeeded, match="Not signed in"):
        await ada.users.me()
    with pytest.raises(SignInNeeded):
        await (await people.client()).resume(token)
    assert (await ada.sign_in(people.users[ada].email, PASSWORD)).id == people.users[ada].id


async def test_nobody_is_signed_in_at_first() -> None:
    async with Client("http://127.0.0.1:1", "http://127.0.0.1:1", http=plain_http()) as client:
        with pytest.raises(SignInNeeded):
            await client.sync()
        with pytest.raises(SignInNeeded):
            await anext(client.events())


async def test_a_device_is_known_again_by_its_token(people: People) -> None:
    ada = await people.sign_up("Ada")
    email = people.users[ada].email
    assert ada.device_token
    later = await people.client(device_token=ada.device_token)
    await later.sign_in(email, PASSWORD)
    assert later.device_token == ada.device_token
    await later.resume(later.refresh_token or "")
    assert later.device_token == ada.device_token, "a refresh leaves it as it is"
