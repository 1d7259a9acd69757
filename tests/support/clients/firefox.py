"""A real Firefox, driven by WebDriver BiDi, which it speaks itself (https://w3c.github.io/webdriver-bidi)."""

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

PROGRAM = "firefox-esr"
_LISTENING = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")
# Clicks it once it is there, within the dialog of this title if one is given, or fails.
_CLICK = """
async ({role, name, dialog}) => {
    const selector = {button: "button, a.button", menuitem: "[role=menuitem]", radio: "input[type=radio]"}[role];
    const nameOf = (one) => one.ariaLabel ?? (one.labels?.[0] ?? one).textContent.trim();
    for (let tries = 0; tries < 400; tries += 1) {
        const place = dialog ? document.querySelector("dialog[open]") : document;
        const isThere = !dialog || place?.querySelector("h2")?.textContent === dialog;
        const all = isThere ? [...place.querySelectorAll(selector)] : [];
        const found = all.find((one) => nameOf(one).includes(name) && one.checkVisibility());
        if (found) return void found.click();
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no ${role} ${name} in ${document.body.innerText.slice(0, 500)}`);
}
"""


class Firefox:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._ids = itertools.count(1)

    async def tab(self) -> "Tab":
        return Tab(self, (await self.command("browsingContext.create", type="tab"))["context"])

    async def command(self, method: str, **params: object) -> dict[str, Any]:
        number = next(self._ids)
        await self._connection.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            said: dict[str, Any] = json.loads(await self._connection.recv())
            if said.get("id") == number:
                assert said["type"] == "success", said
                result: dict[str, Any] = said["result"]
                return result


class Tab:
    def __init__(self, firefox: Firefox, context: str) -> None:
        self._firefox, self._context = firefox, context

    async def go(self, url: str) -> None:
        await self._firefox.command("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def run(self, function: str, argument: object = None) -> Any:
        """What a function returns, which may be asynchronous, for an argument of JSON."""
        said = await self._firefox.command(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({function})({json.dumps(argument)})) ?? 'null')()",
            target={"context": self._context},
            awaitPromise=True,
            userActivation=True,
        )
        assert said["type"] == "success", said["exceptionDetails"]["text"]
        return json.loads(said["result"]["value"])

    async def click(self, role: str, name: str, dialog: str | None = None) -> None:
        await self.run(_CLICK, {"role": role, "name": name, "dialog": dialog})

    async def close(self) -> None:
        await self._firefox.command("browsingContext.close", context=self._context)


@asynccontextmanager
async def firefox(profile: Path, preferences: Mapping[str, str | int | bool]) -> AsyncIterator[Firefox]:
    profile.mkdir(parents=True)
    lines = (f'user_pref("{name}", {json.dumps(value)});\n' for name, value in preferences.items())
    (profile / "user.js").write_text("".join(lines))
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        *("--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port=0", "about:blank"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"HOME": str(profile), "PATH": "/usr/bin:/bin", "MOZ_DISABLE_CONTENT_SANDBOX": "1"},
    )
    assert process.stderr is not None
    draining: asyncio.Task[bytes] | None = None
    try:
        async with asyncio.timeout(90):
            while (found := _LISTENING.search(await process.stderr.readline())) is None:
                assert process.returncode is None, "Firefox has ended"
        draining = asyncio.create_task(process.stderr.read())
        async with connect(f"{found[1].decode()}/session", max_size=None) as connection:
            driven = Firefox(connection)
            await driven.command("session.new", capabilities={})
            yield driven
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        if draining is not None:
            await draining
