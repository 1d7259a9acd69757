"""A person's way through a provider of SAML in a real browser, which sends no cookies of ours with the provider's form,
and out again by the provider."""

import asyncio
import base64
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import starlette.routing
import uvicorn
from lxml import etree
from playwright.async_api import Browser, Route, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tests.support.clients.browser import picture
from tests.support.clients.plain_http import plain_http
from tests.support.identity.saml_peer import SamlPeer
from tests.support.postgres import Database
from tests.support.servers import ServerProcess

ADA = {"email": ["ada@corp.example"], "displayName": ["Ada Lovelace"]}


@contextlib.asynccontextmanager
async def provider(folder: Path, base: str) -> AsyncIterator[SamlPeer]:
    """Its page, which posts its answer to us from a site of its own: localhost, while ours is 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        peer = SamlPeer(folder, url=f"http://localhost:{bound.getsockname()[1]}")

        async def sign_in(request: Request) -> HTMLResponse:
            answer = peer.response(peer.asked(str(request.url)), f"{base}/acs", f"{base}/metadata", attributes=ADA)
            response = base64.b64encode(etree.tostring(peer.signed(answer))).decode()
            fields = f"<input type=hidden name=SAMLResponse value='{response}'><button>Go</button>"
            return HTMLResponse(f"<link rel=icon href=data:><form method=post action='{base}/acs'>{fields}</form>")

        app = Starlette(routes=[starlette.routing.Route("/sso", sign_in)])
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        running = asyncio.create_task(server.serve([bound]))
        try:
            yield peer
        finally:
            server.should_exit = True
            await running


@pytest.mark.slow
async def test_somebody_signs_in_by_saml_and_is_signed_out_by_the_provider(
    database: Database, keys: Path, tmp_path: Path, browser: Browser
) -> None:
    chat = ServerProcess("chat-server", database.chat_url, keys, {})
    notify = ServerProcess("notify-server", database.notify_url, keys, {})
    base = f"{chat.url}/api/auth/saml/corp"
    posts: list[bool] = []  # of forms to us: whether they came with our cookie

    async def note(route: Route) -> None:
        headers = await route.request.all_headers()
        posts.append("fechatter_browser=" in headers.get("cookie", ""))
        await route.continue_()

    async with contextlib.AsyncExitStack() as stack:
        peer = await stack.enter_async_context(provider(tmp_path, base))
        chat.set_default("auth.saml", json.dumps({"corp": peer.settings(owns_domains=["corp.example"])}))
        chat.set_default("server.public_url", chat.url)
        chat.set_default("notify.public_url", notify.url)
        notify.set_default("server.public_url", chat.url)
        for server in (chat, notify):
            stack.push_async_callback(server.stop)
            await server.start()
        page = await stack.enter_async_context(await browser.new_page())
        await page.route(f"{base}/acs", note)
        await page.goto(f"{chat.url}/signin#/boards")
        corp = page.get_by_role("link", name="Continue with Corp")
        await expect(corp).to_be_visible()
        await picture(page, "saml", height=600)
        await corp.click()
        await page.get_by_role("button", name="Go").click()
        await page.wait_for_url(f"{chat.url}/boards")
        await expect(page.get_by_text("Ada Lovelace", exact=True)).to_be_visible()
        assert posts == [False, True]
        token = json.loads(await page.evaluate("localStorage.getItem('fechatter.session')"))["token"]
        # The provider ends the session: its stream is told, and closed.
        headers = {"Authorization": f"Bearer {token}"}
        http = await stack.enter_async_context(plain_http())
        async with http.stream("GET", f"{notify.url}/api/notifications/events", headers=headers) as stream:
            lines = stream.aiter_lines()
            assert await anext(lines)
            query = peer.query(peer.logout_request(f"{base}/slo", "ada-1"))
            assert (await http.get(f"{base}/slo?{query}")).status_code == 303
            async with asyncio.timeout(30):
                heard = "\n".join([line async for line in lines])
        assert '"reason":"provider"' in heard.replace(": ", ":")
        assert (await http.get(f"{chat.url}/api/auth/me", headers=headers)).status_code == 401
