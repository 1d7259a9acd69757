"""The pages as files: what the browser is told of them, and that nothing in them comes from elsewhere. What they do is
tested in browsers, in tests/end_to_end/boards/pages/test_board.py."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from chat_server.http.pages import WEB
from tests.chat_server.people import ChatServer, problem

ROOT = Path(__file__).parent.parents[2]
PAGES = ("/", "/chat/1", "/chat/1/2", "/signin", "/reset", "/boards", "/board/1", "/pages", "/page/1", "/invite/abc")
CHATS = ("/", "/chat/1", "/chat/1/2")
BESIDE_A_CHAT = ("/board/1", "/page/1")
# What a checkout has of web/, and nobody is given; and what is no page at all.
NOT_SERVED = ("/pages/package.json", "/pages/bundles/build.mjs", "/pages/lib/../package.json", "/pages/../../app.py")
MODULES = [file for folder in WEB.iterdir() if folder.name != "vendor" for file in folder.rglob("*.js")]


class Parsed(HTMLParser):
    """What a page refers to, and what of it the policy would forbid."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.files: list[str] = []
        self.links: list[str] = []
        self.inline: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.links += [found["href"] or ""] if tag == "a" else []
        self.files += [value or "" for name, value in attributes if name in ("src", "href") and tag != "a"]
        self.inline += [name for name in found if name.startswith("on") or name == "style"]
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in found) else []


async def test_the_pages_are_made_of_our_own_files(chat_server: ChatServer) -> None:
    for path in PAGES:
        answer = await chat_server.anybody.get(path)
        page = Parsed(answer.text)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert page.inline == []
        for file in page.files:
            assert file.startswith(("/pages/", "/manifest.webmanifest"))
            assert (await chat_server.anybody.get(file)).status_code == 200
        for link in page.links:
            assert link.partition("#")[0] in PAGES


async def test_the_policy_lets_a_page_talk_to_the_two_servers_alone(chat_server: ChatServer) -> None:
    host = chat_server.url.removeprefix("http://").partition(":")[0]
    for path in PAGES:
        answer = await chat_server.anybody.get(path)
        policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
        # A board or a page is shown beside a chat in a frame; nothing else is framed, and by nobody else.
        framing = policy.pop("frame-src", None)
        assert framing == ("'self'" if path in CHATS else None)
        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            # Pictures that people put into a page are wherever they are.
            "img-src": "'self' blob: data: https:" if path == "/page/1" else "'self' blob:",
            "connect-src": f"'self' ws://{host}:6687",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'self'" if path in BESIDE_A_CHAT else "'none'",
            "require-trusted-types-for": "'script'",
            "trusted-types": "fechatter",
            "media-src": "'self' blob:",
            "worker-src": "'self'",
            "manifest-src": "'self'",
        }
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert f'<meta name="sockets" content="ws://{host}:6687">' in answer.text

    # The host is the one that the page was asked by, if it is one: a name with a * in it would be many.
    for asked, sockets in (
        ("boards.example:6688", "ws://boards.example:6687"),
        ("[2001:db8::1]:6688", "ws://[2001:db8::1]:6687"),
        ("*:6688", "ws://127.0.0.1:6687"),
        ("a_b.example", "ws://127.0.0.1:6687"),
    ):
        answer = await chat_server.anybody.get("/boards", headers={"Host": asked})
        assert f"connect-src 'self' {sockets};" in answer.headers["content-security-policy"]
        assert f'content="{sockets}"' in answer.text


@pytest.mark.chat_server(notify={"public_url": "https://live.example.com"})
async def test_or_to_where_the_settings_say(chat_server: ChatServer) -> None:
    answer = await chat_server.anybody.get("/board/1")
    assert "connect-src 'self' wss://live.example.com;" in answer.headers["content-security-policy"]


async def test_a_page_is_there_for_what_can_be_there(chat_server: ChatServer) -> None:
    for path in (
        "/chat/lunch",
        "/chat/0",
        "/chat/1/lunch",
        "/board/lunch",
        "/board/0",
        f"/board/{2**63}",
        "/pages/lib/nothing.js",
        *NOT_SERVED,
    ):
        problem(await chat_server.anybody.get(path), 404, "not_found")


async def test_a_browser_is_shown_a_page_where_nothing_is(chat_server: ChatServer) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for path in ("/board/lunch", "/nothing", "/pages/lib/nothing.js"):
        answer = await chat_server.anybody.get(path, headers=browser)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert Parsed(answer.text).links == ["/"]
    # The interface answers with problems, whatever is accepted; and so does everything to whoever asks for no page.
    for path, headers in (("/api/nothing", browser), ("/nothing", {"Accept": "application/json"}), ("/nothing", {})):
        problem(await chat_server.anybody.get(path, headers=headers), 404, "not_found")
    problem(await chat_server.anybody.post("/nothing", headers=browser), 404, "not_found")


async def test_modules_are_small_and_import_our_own(chat_server: ChatServer) -> None:
    for file in MODULES:
        answer = await chat_server.anybody.get(f"/pages/{file.relative_to(WEB)}")
        assert re.match("(text|application)/javascript", answer.headers["content-type"])
        assert answer.headers["cache-control"] == "no-cache"
        assert len(answer.text.splitlines()) < 420
        for imported in re.findall(r'from "([^"]+)"', answer.text):
            assert (file.parent / imported).is_file(), f"{file.name}: {imported}"
        # One address is a name: that of SVG. The other is what an app's may begin with, in the words for it.
        assert set(re.findall(r"https?://\w[^\s\"]*", answer.text)) <= {
            "http://www.w3.org/2000/svg",
            "http://127.0.0.1",
        }


def test_what_is_vendored_is_what_the_lock_file_says() -> None:
    """`make vendor` was run after the versions were changed."""
    locked = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    first_lines = " ".join(file.read_text().partition("\n")[0] for file in (WEB / "vendor").glob("*.js"))
    licences = (WEB / "vendor" / "LICENSES.txt").read_text()
    for name in json.loads((ROOT / "web" / "package.json").read_text())["dependencies"]:
        title = f"{name} {locked[f'node_modules/{name}']['version']}"
        assert title in first_lines
        assert re.search(rf"^{re.escape(title)} \((MIT|CC0-1.0)\)$", licences, re.MULTILINE)
