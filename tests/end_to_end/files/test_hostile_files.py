"""Hostile files in a real browser: opened, framed, embedded and loaded as scripts in our own origin."""

from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Error, Route

from chat_server.http.steps.authentication import COOKIE
from tests.chat_server.files.test_hostile import image
from tests.chat_server.people import ChatServer, Person, chat_server_on, ok, settings
from tests.support.postgres import Database

# What runs tells of itself by a request.
TELLS = "fetch('/ran?by=file');top.postMessage('ran','*')"
SCRIPT = f"<script>{TELLS}</script>".encode()
SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{TELLS}\" width='9' height='9'><script>{TELLS}</script></svg>"
XHTML = f"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body onload=\"{TELLS}\"/></html>"
PDF = b"""%PDF-1.7
1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj
4 0 obj<</S/JavaScript/JS(app.alert\\('ran'\\);this.submitForm\\('/ran?by=pdf'\\))>>endobj
trailer<</Root 1 0 R>>"""
FILES = {
    "drawing.svg": SVG.encode(),
    "page.html": b"<!doctype html>" + SCRIPT,
    "page.xhtml": XHTML.encode(),
    "script.js": TELLS.encode(),
    "picture.gif": b"GIF89a=1;/*" + image("GIF")[8:] + b"*/" + TELLS.encode(),
    "picture.jpg": image("JPEG") + SCRIPT,
    "paper.pdf": PDF,
    "page.pdf": b"%PDF-1.4\n" + SCRIPT,
}
EMBEDDED = """
<iframe src="{0}"></iframe><object data="{0}"></object><embed src="{0}"><img src="{0}"><script src="{0}"></script>
<script type="module" src="{0}"></script><link rel="stylesheet" href="{0}">"""
WORKERS = "<script>new Worker('{0}'); navigator.serviceWorker.register('{0}').catch(() => 0)</script>"


async def paths_of(ada: Person, context: BrowserContext, server: ChatServer) -> list[str]:
    """Of each file, as a browser with the cookie fetches it, and of the first one also by a link."""
    url = f"{server.url}/api/files"
    await context.add_cookies([{"name": COOKIE, "value": ada.token, "url": url, "sameSite": "Strict"}])
    paths = []
    for name, content in FILES.items():
        upload = f"/api/workspaces/{ada.workspace}/files"
        file = ok(await ada.api.post(upload, params={"name": name}, content=content), 201)["id"]
        paths.append(f"/api/files/{file}")
    return [ok(await ada.api.post(f"{paths[0]}/link"), 201)["url"], *paths]


async def test_what_is_uploaded_runs_nowhere(database: Database, keys: Path, browser: Browser) -> None:
    async with chat_server_on(settings(database.chat_url, keys)) as server, await browser.new_context() as context:
        ran, fetched, dialogs = list[str](), set[str](), list[str]()
        context.on("dialog", lambda dialog: dialogs.append(dialog.message))
        context.on("request", lambda request: ran.append(request.url) if "/ran?" in request.url else None)
        context.on("response", lambda answer: fetched.add(answer.url) if answer.ok else None)
        attack = ""

        async def attacker(route: Route) -> None:
            await route.fulfill(body=attack, content_type="text/html")

        await context.route("**/attack", attacker)
        paths = await paths_of(await server.sign_up(), context, server)
        page = await context.new_page()
        attack = f"<title>control</title>{SCRIPT.decode()}"
        async with page.expect_request("**/ran?by=file"):  # what runs is seen
            await page.goto(f"{server.url}/attack")
        assert len(ran) == 1
        ran.clear()
        for path in (paths[0], *paths[1::2]):
            try:
                await page.goto(server.url + path)
            except Error as error:
                assert "Download is starting" in str(error) or "ERR_ABORTED" in str(error), error  # noqa: PT017
            assert (path, ran, dialogs) == (path, [], [])
        escaped = [path.replace("&", "&amp;") for path in paths]
        attack = "".join(map(EMBEDDED.format, escaped)) + WORKERS.format(paths[4])
        await page.goto(f"{server.url}/attack")
        assert (ran, dialogs) == ([], [])
        assert {server.url + path for path in paths} <= fetched
