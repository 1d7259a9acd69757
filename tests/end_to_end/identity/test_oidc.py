"""One person's whole way through a real provider (npm's oidc-provider) in a real browser: in, on, and out again."""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from chat_core.process.children import die_with_parent
from tests.support.clients.node import FOLDER
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import Database
from tests.support.servers import ServerProcess

# A folder for the picture of docs/identity/oidc.md, where the environment names one: PICTURES=docs/pictures.
PICTURES = os.environ.get("PICTURES")


@asynccontextmanager
async def oidc_provider(chat_url: str) -> AsyncIterator[str]:
    """Its issuer. Skips the test where node or its packages are not installed."""
    if shutil.which("node") is None or not (FOLDER / "node_modules" / "oidc-provider").exists():
        pytest.skip("node is not installed, or `make test` has not fetched tests/node's packages yet")
    callback = f"{chat_url}/api/auth/oidc/acme"
    process = await asyncio.create_subprocess_exec(
        "node",
        "oidc.mjs",
        f"{callback}/callback",
        f"{chat_url}/signin",
        f"{callback}/backchannel-logout",
        cwd=FOLDER,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    try:
        assert process.stdout is not None
        yield json.loads(await process.stdout.readline())["issuer"]
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def servers(database: Database, keys: Path) -> AsyncIterator[tuple[ServerProcess, ServerProcess, str]]:
    """chat_server, notify_server, and the issuer of the provider at which people sign in."""
    chat = ServerProcess("chat-server", database.chat_url, keys, {})
    notify = ServerProcess("notify-server", database.notify_url, keys, {})
    async with AsyncExitStack() as stack:
        issuer = await stack.enter_async_context(oidc_provider(chat.url))
        acme = {"issuer": issuer, "client_id": "fechatter", "client_secret": "a secret of the tests"}
        chat.set_default("auth.providers", json.dumps({"acme": acme}))
        chat.set_default("server.public_url", chat.url)
        chat.set_default("notify.public_url", notify.url)
        notify.set_default("server.public_url", chat.url)
        for server in (chat, notify):
            stack.push_async_callback(server.stop)
            await server.start()
        yield chat, notify, issuer


async def sign_in_there(page: Page) -> None:
    await page.locator("input[name=login]").fill("ada")
    await page.locator("input[name=password]").fill("any will do there")
    await page.locator("button[type=submit]").click()
    await page.locator("button[type=submit]").click()  # consents


async def test_somebody_signs_in_goes_on_and_is_signed_out_by_the_provider(
    database: Database, keys: Path, browser: Browser
) -> None:
    async with (
        servers(database, keys) as (chat, notify, issuer),
        await browser.new_context(viewport={"width": 480, "height": 600}) as context,
    ):
        page = await context.new_page()
        await page.goto(f"{chat.url}/signin#/boards")
        button = page.get_by_role("link", name="Continue with Acme")
        await expect(button).to_be_visible()
        if PICTURES:
            await page.screenshot(path=f"{PICTURES}/providers.png")
        await button.click()
        await sign_in_there(page)
        await page.wait_for_url(f"{chat.url}/boards")
        await expect(page.get_by_text("Ada Lovelace", exact=True)).to_be_visible()
        session = json.loads(await page.evaluate("localStorage.getItem('fechatter.session')"))

        # The provider ends the session: its stream is told, and closed.
        headers = {"Authorization": f"Bearer {session['token']}"}
        async with (
            plain_http() as http,
            http.stream("GET", f"{notify.url}/api/notifications/events", headers=headers) as stream,
        ):
            assert stream.status_code == 200
            lines = stream.aiter_lines()
            assert await anext(lines)
            there = await context.new_page()
            await there.goto(f"{issuer}/session/end")
            await there.locator("button[name=logout]").click()
            async with asyncio.timeout(30):
                heard = "\n".join([line async for line in lines])
            assert '"reason":"provider"' in heard.replace(": ", ":")
            assert (await http.get(f"{chat.url}/api/auth/me", headers=headers)).status_code == 401
