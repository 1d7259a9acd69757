"""Pushes in a real browser, from the switch to the notification, over a push service of Firefox's protocol. It takes
Debian's firefox-esr and half a minute: `make push-firefox`."""

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from chat_core.settings import Settings
from delivery_server.app import Delivery
from tests.end_to_end.system import PASSWORD, System
from tests.sql.world import until
from tests.support.clients.browser import _KEEP_SESSION
from tests.support.clients.firefox import Tab, firefox
from tests.support.postgres import Database
from tests.support.servers import free_port
from tests.support.services.autopush import autopush

pytestmark = pytest.mark.skipif(
    "PUSH_FIREFOX" not in os.environ or shutil.which("firefox-esr") is None,
    reason="make push-firefox runs it, with Debian's firefox-esr",
)
PORT = free_port()
SECTION = {"contact": "mailto:ops@example.com", "allow_hosts": [f"127.0.0.1:{PORT}"]}
SUBSCRIBED = "SELECT count(*) = $1 FROM push_subscriptions"
SIGN_IN = """
async (body) => {
    const headers = { "Content-Type": "application/json", "Fechatter-Session": "cookie" };
    return (await fetch("/api/auth/signin", { method: "POST", headers, body: JSON.stringify(body) })).json();
}
"""
SHOWN = """
async () => (await (await navigator.serviceWorker.getRegistration("/")).getNotifications())
    .map(({ title, body, tag, data }) => ({ title, body, tag, data }))
"""


def preferences(url: str) -> dict[str, str | int | bool]:
    return {
        "dom.push.serverURL": url,
        "dom.push.testing.allowInsecureServerURL": True,
        "dom.push.connection.enabled": True,
        "permissions.default.desktop-notification": 1,
        "alerts.useSystemBackend": False,
        # A worker that does nothing is stopped at once.
        "dom.serviceWorkers.idle_timeout": 100,
        "intl.accept_languages": "en",
        "browser.shell.checkDefaultBrowser": False,
        "datareporting.policy.dataSubmissionEnabled": False,
        "app.update.enabled": False,
        "security.sandbox.content.level": 0,
    }


async def shows(tab: Tab, body: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = []

    async def so() -> bool:
        found[:] = await tab.run(SHOWN)
        return [one["body"] for one in found] == [body]

    await until(so, f"the notification {body}, alone")
    return found[0]


@pytest.mark.system(push__contact=SECTION["contact"], push__allow_hosts=f"127.0.0.1:{PORT}")
async def test_from_the_switch_to_the_notification(system: System, database: Database, tmp_path: Path) -> None:
    ada, bob = await system.team("Ada", "Bob")
    chat = await system.group(ada, bob, name="plans")
    configured = {
        "database": {"url": database.delivery_url},
        "server": {"public_url": system.chat.url},
        "push": {**SECTION, "grace_seconds": 0},
    }
    delivery = Delivery(Settings.model_validate(configured))
    async with (
        asyncio.timeout(240),
        system.sql() as sql,
        autopush(PORT) as service,
        delivery.running(),
        firefox(tmp_path / "profile", preferences(service.url)) as browser,
    ):
        tab = await browser.tab()
        await tab.go(f"{system.chat.url}/pages/lib/icon.svg")
        await tab.run(_KEEP_SESSION, await tab.run(SIGN_IN, {"email": ada.email, "password": PASSWORD}))
        await tab.go(f"{system.chat.url}/")
        await tab.click("button", "Ada")
        await tab.click("menuitem", "Settings")
        await tab.click("button", "Notifications")
        await tab.click("radio", "On", "Notifications")
        await until(lambda: sql.fetchval(SUBSCRIBED, 1), "Firefox has subscribed")

        first = await bob.messages.post(chat, "Dinner at eight?")
        await service.acknowledges(1)
        shown = await shows(tab, "Dinner at eight?")
        path = f"/chat/{chat}/{first.id}"
        assert shown == {
            "title": "Bob in plans",
            "body": "Dinner at eight?",
            "tag": f"/chat/{chat}",
            "data": {"path": path, "seq": first.seq},
        }
        # No page is open, and the worker has been stopped: the push wakes it.
        await tab.close()
        await bob.messages.post(chat, "Or nine?")
        await service.acknowledges(2)
        assert service.topics[0] == service.topics[1]
        tab = await browser.tab()
        await tab.go(f"{system.chat.url}/pages/lib/icon.svg")
        assert (await shows(tab, "Or nine?"))["tag"] == shown["tag"]

        await tab.go(f"{system.chat.url}/")
        await tab.click("button", "Ada")
        await tab.click("menuitem", "Settings")
        await tab.click("button", "Notifications")
        await tab.click("radio", "Off", "Notifications")
        await until(lambda: sql.fetchval(SUBSCRIBED, 0), "Firefox has unsubscribed")
        assert len(service.unregistered) == 1
        await delivery.drain()
