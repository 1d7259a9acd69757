"""A bot's stream and an app's, and the end of them."""

import base64
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.end_to_end.system import Person, System
from tests.sql.world import until
from tests.support.clients.listener import AT_ONCE_SECONDS, Listener, bare_stream, listen, refusal
from tests.support.clients.plain_http import plain_http
from tests.support.clients.ws import open_socket

CALLBACK, VERIFIER = "https://app.example/cb", "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


async def app_token(ada: Person, system: System) -> str:
    """The access token of a new app that Ada has connected."""
    app = await ada.apps.create(ada.workspace, "Calendar", [CALLBACK], ["events:read"], confidential=False)
    asked = {"client_id": app.client_id, "redirect_uri": CALLBACK, "response_type": "code"}
    proof = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    answer = urlsplit(await ada.apps.connect(urlencode({**asked, **proof}), ["events:read"]))
    form = {"grant_type": "authorization_code", "client_id": app.client_id, "code_verifier": VERIFIER}
    form["code"] = parse_qs(answer.query)["code"][0]
    async with plain_http(base_url=system.chat.url) as http:
        token: str = (await http.post("/oauth/token", data=form)).json()["access_token"]
    return token


@asynccontextmanager
async def _its_program(system: System, owner: Person, bot: int) -> AsyncIterator[Listener]:
    """The stream of a bot's program, once it is reported."""
    token = await owner.bots.create_token(bot, "ci", ["events:read"], days=1)
    program = Person(system.chat.url, system.notify.url, token=token.token, retries=0, http=plain_http())
    async with program, system.sql() as sql, listen(program.stream()) as heard:
        shown = "SELECT EXISTS (SELECT FROM ops.online WHERE user_id = $1)"
        await until(lambda: sql.fetchval(shown, bot), "the bot's stream is reported")
        yield heard


@pytest.mark.system(features__enable_bot_messages="true", notify__drain_seconds="0.1")
async def test_streams_of_bots_and_apps_end_when_they_are_taken_back_or_switched_off(system: System) -> None:
    ada = await system.sign_up("Ada")
    token = await app_token(ada, system)
    async with listen(bare_stream(ada.notify_url, token)) as stream, open_socket(ada.notify_url, token) as socket:
        [connected] = [app async for app in ada.apps.connected()]
        began = time.monotonic()
        await ada.apps.disconnect(connected.id)
        await stream.until_ended(timeout=AT_ONCE_SECONDS)
        await socket.until_ended(timeout=AT_ONCE_SECONDS)
        assert time.monotonic() - began < AT_ONCE_SECONDS
    assert (await refusal(ada.notify_url, token)).status == 401

    bot = await ada.bots.create(ada.workspace, "builds", "Build Reports")
    async with (
        _its_program(system, ada, bot.id) as heard,
        system.sql() as sql,
        listen(bare_stream(ada.notify_url, await app_token(ada, system))) as app_stream,
        ada.listen() as own,
    ):
        shown = (
            "SELECT EXISTS (SELECT FROM streams t JOIN sessions s ON s.id = t.session_id WHERE s.app_id IS NOT NULL)"
        )
        await until(lambda: sql.fetchval(shown), "the app's stream is reported")
        await sql.execute("UPDATE features SET enabled = false WHERE name = 'enable_bot_messages'")
        await heard.until_ended()
        await app_stream.until_ended()
        await own.until_kind("FeaturesUpdated")
        assert not own.ended.is_set(), "people's streams stay"


@pytest.mark.system(
    features__enable_bot_messages="true", features__enable_organizations="true", notify__drain_seconds="0.1"
)
async def test_an_organisation_switches_off_the_streams_of_its_own_bots(system: System) -> None:
    ada, eve = await system.sign_up("Ada"), await system.sign_up("Eve")
    organization = (await ada.organizations.create("Engines")).id
    await ada.organizations.put_workspace(organization, ada.workspace)
    bot = await ada.bots.create(ada.workspace, "builds", "Builds")
    other = await eve.bots.create(eve.workspace, "reports", "Reports")
    async with _its_program(system, ada, bot.id) as heard, _its_program(system, eve, other.id) as others:
        async with system.sql() as sql:
            off = "INSERT INTO organization_features VALUES ($1, 'enable_bot_messages', false)"
            await sql.execute(off, organization)
        await heard.until_ended()
        await eve.workspaces.update(eve.workspace, name="Turbines")
        await others.until_kind("WorkspaceUpdated")
