"""The loop that docs/events.md gives to browsers loses nothing when its stream is dropped."""

import json
import re

from playwright.async_api import Browser

from tests.end_to_end.system import System
from tests.sql.world import until
from tests.support.clients import browser as browsers
from tests.support.postgres import ROOT

DOCUMENT = (ROOT / "docs" / "events.md").read_text()


async def test_the_loop_of_the_document_comes_back_and_misses_nothing(system: System, browser: Browser) -> None:
    [loop] = re.findall(r"^```js\n(.*?)```", DOCUMENT, re.MULTILINE | re.DOTALL)
    ada, bob = await system.team("Ada", "Bob")
    chat = await system.group(ada, bob)
    cursor = (await bob.sync()).cursor
    async with await browser.new_page() as page, system.sql() as sql:
        # A document of chat_server's own origin, without the policy of its pages.
        await page.goto(f"{system.chat.url}/health/live")
        given = {"chat": system.chat.url, "notify": system.notify.url, "cursor": cursor, "kinds": ["NewMessage"]}
        await page.evaluate(
            f"""(token) => {{
                {loop}
                window.taken = [];
                const take = (kind, data) => window.taken.push(kind === "NewMessage" ? data.content : kind);
                follow({{ ...{json.dumps(given)}, token: () => token, take }});
            }}""",
            bob.token,
        )

        async def taken(*wanted: str) -> None:
            await browsers.until(page, "(wanted) => String(window.taken) === String(wanted)", list(wanted))

        await taken("ready")
        await ada.messages.post(chat, "one")
        await taken("ready", "one")

        async def reported() -> bool:
            return bool(await sql.fetchval("SELECT dropped FROM ops.drop_streams($1)", bob.email))

        await until(reported, "the stream is known and dropped")
        await ada.messages.post(chat, "two")
        await taken("ready", "one", "ready", "two")
