"""Somebody comes in by Clerk's page, in a browser. Clerk ends the session: the stream that is open with it hears so,
and closes."""

import asyncio
import json
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.support.clients.browser import picture
from tests.support.clients.plain_http import plain_http
from tests.support.identity.clerk_peer import clerk_peer
from tests.support.postgres import Database
from tests.support.servers import ServerProcess


async def test_somebody_comes_in_by_clerks_page_and_a_session_that_is_revoked_there_closes_its_stream(
    database: Database, keys: Path, tmp_path: Path, browser: Browser
) -> None:
    chat = ServerProcess("chat-server", database.chat_url, keys, {})
    notify = ServerProcess("notify-server", database.notify_url, keys, {})
    async with clerk_peer(tmp_path) as peer, plain_http() as http, await browser.new_page() as page:
        chat.set_default("auth.clerk", json.dumps(peer.settings(sign_in_url=f"{peer.issuer}/sign-in")))
        chat.set_default("server.public_url", chat.url)
        chat.set_default("notify.public_url", notify.url)
        notify.set_default("server.public_url", chat.url)
        try:
            await asyncio.gather(chat.start(), notify.start())
            await page.goto(f"{chat.url}/signin#/boards")
            clerk = page.get_by_role("link", name="Continue with Clerk")
            await expect(clerk).to_be_visible()
            await picture(page, "clerk", height=600)
            await clerk.click()
            await page.get_by_label("User").fill(peer.add_user())
            await page.get_by_role("button", name="Go on").click()
            await page.wait_for_url(f"{chat.url}/boards")
            await expect(page.get_by_text("Ada Lovelace", exact=True)).to_be_visible()
            token = json.loads(await page.evaluate("localStorage.getItem('fechatter.session')"))["token"]
            headers = {"Authorization": f"Bearer {token}"}
            async with http.stream("GET", f"{notify.url}/api/notifications/events", headers=headers) as stream:
                assert stream.status_code == 200
                lines = stream.aiter_lines()
                assert await anext(lines)
                async with plain_http(base_url=chat.url) as at_clerk:
                    told = await peer.send(at_clerk, "session.revoked", {"id": "sess_1", "status": "revoked"})
                assert told.status_code == 204
                async with asyncio.timeout(30):
                    heard = "\n".join([line async for line in lines])
            assert '"reason":"provider"' in heard
            assert (await http.get(f"{chat.url}/api/auth/me", headers=headers)).status_code == 401
        finally:
            await asyncio.gather(chat.stop(), notify.stop())
