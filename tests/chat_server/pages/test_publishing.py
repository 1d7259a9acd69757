"""Publishing pages: an immutable copy, for whom it is, and the page that a browser gets, in which nothing runs."""

import asyncio
import json
import re
import threading
from html import unescape as html_of
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from chat_core.languages import language_of
from chat_server.page_content.rendering import addresses, shown_pages
from chat_server.page_content.rendering.components import MOST_CHARACTERS, rendered
from chat_server.page_content.rendering.shown_pages import _free
from tests.chat_server.files.test_files import PNG, upload
from tests.chat_server.pages.test_page_content import adding, patched, saying
from tests.chat_server.people import ChatServer, Person, chat_server_on, ok, problem, settings
from tests.support.postgres import Database


async def published(who: Person, page: int, audience: str = "public", **more: Any) -> Any:
    return ok(await who.api.post(f"/api/pages/{page}/publish", json={"audience": audience, **more}))


async def test_a_page_that_many_ask_for_at_once_is_made_once(
    chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if the first who asked has left."""
    ada = await chat_server.sign_up("Ada")
    slug = (await published(ada, await ada.page()))["slug"]
    made, go, begun = [], threading.Event(), asyncio.Event()
    make, loop = shown_pages._page, asyncio.get_running_loop()

    def slowly(*page: Any) -> shown_pages.Shown:
        made.append(page)
        loop.call_soon_threadsafe(begun.set)
        assert go.wait(30)
        return make(*page)

    monkeypatch.setattr(shown_pages, "_page", slowly)
    first = asyncio.create_task(chat_server.anybody.get(f"/p/{slug}"))
    await begun.wait()
    first.cancel()
    asking = [asyncio.create_task(chat_server.anybody.get(f"/p/{slug}")) for _ in range(5)]
    ok(await chat_server.anybody.get(f"/api/published/{slug}"))  # they have come in the meantime
    go.set()
    answers = await asyncio.gather(*asking)
    assert {answer.status_code for answer in answers} == {200}
    assert (len(made), len({answer.text for answer in answers}), shown_pages._being_made) == (1, 1, {})


async def test_without_public_publishing_members_alone_see_what_is_published(database: Database, keys: Path) -> None:
    async with chat_server_on(settings(database.chat_url, keys)) as server:
        ada, bob = await server.team("Ada", "Bob")
        page = await ada.page()
        await published(ada, page, slug="our-menu")
    async with chat_server_on(settings(database.chat_url, keys, pages={"public_publishing": False})) as server:
        owner, member = await server.client(ada.token), await server.client(bob.token)
        refused = await owner.post(f"/api/pages/{page}/publish", json={"audience": "public"})
        problem(refused, 403, "public_publishing_is_off")
        problem(await server.anybody.get("/api/published/our-menu"), 404, "not_found")
        assert (await server.anybody.get("/p/our-menu")).status_code == 404
        ok(await member.get("/api/published/our-menu"))
        ok(await owner.post(f"/api/pages/{page}/publish", json={"audience": "members"}))


async def test_a_workspace_takes_back_what_was_public(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    mine, elsewhere = await ada.page(), await bob.page()
    await published(ada, mine, slug="our-menu")
    await published(bob, elsewhere, slug="another")
    inner = await ada.page()
    await published(ada, inner, "members", slug="inner")
    space, anybody = f"/api/workspaces/{ada.workspace}", chat_server.anybody

    async def seen(slug: str) -> list[int]:
        """By visitors, as JSON and as a page, and by a member."""
        answers = [await anybody.get(f"/api/published/{slug}"), await anybody.get(f"/p/{slug}")]
        return [answer.status_code for answer in (*answers, await bob.api.get(f"/api/published/{slug}"))]

    problem(await bob.api.put(space, json={"public_publishing": False}), 403, "forbidden")
    problem(await ada.api.put(space, json={"public_publishing": "no"}), 422, "validation_failed")
    assert await seen("our-menu") == [200, 200, 200]
    tag = (await anybody.get("/api/published/our-menu")).headers["etag"]
    assert ok(await ada.api.put(space, json={"public_publishing": False}))["public_publishing"] is False
    assert await seen("our-menu") == [404, 404, 200]
    again = await anybody.get("/api/published/our-menu", headers={"If-None-Match": tag})
    problem(again, 404, "not_found")
    assert (await seen("another"), await seen("inner")) == ([200, 200, 200], [404, 404, 200])
    # Nobody publishes for everyone there, in psql neither; for members they do.
    refused = await ada.api.post(f"/api/pages/{inner}/publish", json={"audience": "public"})
    problem(refused, 403, "public_publishing_is_off")
    await published(ada, inner, "members", slug="inner")
    async with database.connect() as sql:
        for change in ("audience = 'public' WHERE slug = 'inner'", "name = 'x' WHERE slug = 'our-menu'"):
            with pytest.raises(asyncpg.PostgresError, match="for its members only"):
                await sql.execute(f"UPDATE page_publications SET {change}")
        said = await sql.fetchrow(
            "SELECT before ->> 'public_publishing', after ->> 'public_publishing' FROM audit_log "
            "WHERE action = 'workspace_updated'"
        )
        assert said is not None
        assert tuple(said) == ("true", "false")
        told = "SELECT payload ->> 'public_publishing' FROM events WHERE kind = 'WorkspaceUpdated'"
        assert await sql.fetchval(told) == "false"
        await sql.execute("UPDATE workspaces SET public_publishing = true")
    assert (await seen("our-menu"), await seen("inner")) == ([200, 200, 200], [404, 404, 200])


async def test_a_copy_is_published_stays_and_is_taken_back(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    page = await ada.page(bob, name="Menu")
    ok(await patched(ada, page, adding(2, "Soup"), base=1))
    path = f"/api/pages/{page}/publish"
    problem(await ada.api.get(path), 404, "not_found")
    problem(await ada.api.delete(path), 404, "not_found")
    first = await published(bob, page)
    assert (first["version"], first["name"], first["published_by"], len(first["slug"])) == (2, "Menu", bob.id, 16)
    assert ok(await ada.api.get(path)) == first
    ok(await patched(ada, page, saying(2, "Salad"), base=2))
    ok(await ada.api.patch(f"/api/pages/{page}", json={"name": "Secret"}))
    at, anybody = f"/api/published/{first['slug']}", chat_server.anybody
    shown = await anybody.get(at)
    copy = ok(shown)
    assert copy["content"]["components"]["2"]["props"]["text"] == "Soup"
    assert copy.keys() == {"audience", "slug", "name", "version", "published_at", "schema", "content"}
    assert shown.headers["cache-control"] == "public, no-cache"
    assert (await anybody.get(at, headers={"If-None-Match": shown.headers["etag"]})).status_code == 304
    html = await anybody.get(f"/p/{first['slug']}")
    assert ("<h1>Menu</h1>" in html.text, "<p>Soup</p>" in html.text, "Salad" in html.text) == (True, True, False)
    known = {"If-None-Match": html.headers["etag"]}
    assert (await anybody.get(f"/p/{first['slug']}", headers=known)).status_code == 304
    # Anew, at an address of one's choice; the old one leads to nothing.
    second = await published(ada, page, slug="our-menu")
    assert (second["slug"], second["version"], second["name"]) == ("our-menu", 3, "Secret")
    assert "<p>Salad</p>" in (await anybody.get("/p/our-menu", headers=known)).text
    assert (await anybody.get(f"/p/{first['slug']}")).status_code == 404
    problem(await anybody.get(at), 404, "not_found")
    assert (await published(ada, page, version=2))["slug"] == "our-menu"
    other = await ada.page()
    taken = await ada.api.post(f"/api/pages/{other}/publish", json={"audience": "public", "slug": "our-menu"})
    problem(taken, 409, "page_publications_slug_key")
    for bad in ({"audience": "all"}, {"audience": "public", "slug": "../x"}, {"audience": "public", "slug": "a--b"}):
        problem(await ada.api.post(path, json=bad), 422, "validation_failed")
    problem(await ada.api.post(path, json={"audience": "public", "version": 9}), 404, "not_found")
    # Not while the page is deleted.
    ok(await ada.api.delete(f"/api/pages/{page}"), 204)
    assert (await anybody.get("/p/our-menu")).status_code == 404
    ok(await ada.api.post(f"/api/pages/{page}/restore"))
    assert (await anybody.get("/p/our-menu")).status_code == 200
    ok(await ada.api.delete(path), 204)
    assert (await anybody.get("/p/our-menu")).status_code == 404
    async with database.connect() as sql:
        events = await sql.fetch(
            "SELECT payload::text FROM events WHERE kind = 'PagePublicationUpdated' AND document_id = $1 "
            "ORDER BY position",
            page,
        )
        acts = await sql.fetch("SELECT action FROM audit_log WHERE action LIKE 'page%publish%' ORDER BY id")
    versions = [(json.loads(row[0])["publication"] or {}).get("version") for row in events]
    assert versions == [2, 3, 2, None]
    assert [row["action"] for row in acts] == ["page_published"] * 3 + ["page_unpublished"]


async def test_the_weak_tag_of_a_compressed_copy_names_it(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    page = await ada.page()
    ok(await patched(ada, page, adding(2, "Soup " * 500), base=1))
    path = f"/p/{(await published(ada, page))['slug']}"
    shown = await chat_server.anybody.get(path, headers={"Accept-Encoding": "gzip"})
    assert (shown.headers["content-encoding"], shown.headers["etag"][:3]) == ("gzip", 'W/"')
    tags = {"If-None-Match": f'"x", {shown.headers["etag"]}'}
    assert (await chat_server.anybody.get(path, headers=tags)).status_code == 304


async def test_what_is_for_members_is_for_them_alone(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    page = await ada.page(name="Rota")
    await published(ada, page, "members", slug="rota")
    problem(await bob.api.get(f"/api/pages/{page}"), 404, "not_found")  # no member of the page, but of its workspace
    shown = await bob.api.get("/api/published/rota")
    assert (ok(shown)["name"], shown.headers["cache-control"]) == ("Rota", "private, no-cache")
    assert "<h1>Rota</h1>" in (await bob.api.get("/p/rota")).text
    for outsider in (eve.api, chat_server.anybody):
        hidden = problem(await outsider.get("/api/published/rota"), 404, "not_found")
        assert problem(await outsider.get("/api/published/nothing"), 404, "not_found") == hidden
        page_hidden, nothing = await outsider.get("/p/rota"), await outsider.get("/p/nothing")
        assert (page_hidden.status_code, page_hidden.text) == (404, nothing.text)
    stale = httpx.Headers({"Authorization": "Bearer stale"})
    problem(await chat_server.anybody.get("/api/published/rota", headers=stale), 401, "unauthorized")
    assert (await chat_server.anybody.get("/p/rota", headers=stale)).status_code == 404
    # A browser that follows a link sends the cookie, there and nowhere else.
    given = await bob.api.post("/api/published/cookie")
    cookie = given.headers["set-cookie"]
    assert (given.status_code, "Path=/p/;" in cookie, "HttpOnly" in cookie, "SameSite=strict" in cookie) == (
        204,
        True,
        True,
        True,
    )
    browser = {"Cookie": cookie.partition(";")[0]}
    assert "<h1>Rota</h1>" in (await chat_server.anybody.get("/p/rota", headers=browser)).text
    problem(await chat_server.anybody.get("/api/published/rota", headers=browser), 404, "not_found")
    problem(await chat_server.anybody.get(f"/api/pages/{page}", headers=browser), 401, "unauthorized")
    ok(await ada.api.delete(f"/api/workspaces/{ada.workspace}/members/{bob.id}"), 204)
    assert (await chat_server.anybody.get("/p/rota", headers=browser)).status_code == 404


def showing(*sources: str) -> dict[str, Any]:
    """The content of a page with these pictures."""
    pictures = {
        str(id_): {"id": id_, "name": "Image", "parentId": 1, "props": {"src": source}}
        for id_, source in enumerate(sources, 2)
    }
    return {"rootId": 1, "components": {"1": {"id": 1, "name": "Page"}, **pictures}}


async def test_a_visitor_gets_the_pictures_of_the_published_version_and_no_other_file(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    shown, detached, unused, elsewhere, notes = [await upload(ada, name=name) for name in "abcde"]
    text = await upload(ada, b"no picture", "notes.txt")
    hers = await upload(eve)
    named = [f"/api/files/{id_}" for id_ in (shown, detached, elsewhere, text, hers)]
    page = await ada.page(bob, content=showing(*named, "https://example.com/api/files/1", f"/api/files/{notes}?x"))
    other = await ada.page(content=showing(f"/api/files/{elsewhere}"))
    inner = await ada.page(content=showing(f"/api/files/{unused}"))
    for of, files in ((page, (shown, detached, unused, text, notes)), (other, (elsewhere,)), (inner, (unused,))):
        for file in files:
            ok(await ada.api.put(f"/api/pages/{of}/files/{file}"))
    problem(await ada.api.put(f"/api/pages/{page}/files/{hers}"), 422, "page_files_are_seen")
    await published(ada, page, slug="menu")
    await published(ada, other, slug="other")
    await published(ada, inner, "members", slug="inner")
    visitor = chat_server.anybody

    async def served(slug: str, *files: int, who: httpx.AsyncClient = visitor) -> list[int]:
        return [(await who.get(f"/p/{slug}/files/{file}")).status_code for file in files]

    html = (await visitor.get("/p/menu")).text
    assert f'<img src="/p/menu/files/{shown}"' in html
    assert "/api/files/1" in html, "of another host"
    assert f'"/api/files/{shown}"' not in html
    picture = await visitor.get(f"/p/menu/files/{shown}")
    assert (picture.status_code, picture.content, picture.headers["content-type"]) == (200, PNG, "image/png")
    assert picture.headers["cross-origin-resource-policy"] == "cross-origin"
    assert picture.headers["content-security-policy"] == "default-src 'none'; sandbox"
    known = {"If-None-Match": picture.headers["etag"]}
    assert (await visitor.get(f"/p/menu/files/{shown}", headers=known)).status_code == 304
    # Attached and not shown, shown and of another page, no picture, of another workspace, and none at all.
    nothing = (unused, elsewhere, text, hers, notes, 999_999)
    assert await served("menu", *nothing) == [404] * 6
    assert await served("menu", *nothing, who=ada.api) == [404] * 6, "whoever asks"
    problem(await visitor.get(f"/p/menu/files/{unused}"), 404, "not_found")
    problem(await visitor.get(f"/api/files/{shown}"), 401, "unauthorized")
    assert await served("other", elsewhere, shown) == [200, 404]
    # Those of what is for members are for them.
    assert await served("inner", unused) == [404]
    assert await served("inner", unused, who=eve.api) == [404]
    assert await served("inner", unused, who=bob.api) == [200]
    # A page without an origin sends no cookie, so its pictures name the member whom it was shown to.
    member = await bob.api.get("/p/inner")
    [source] = re.findall(r'<img src="([^"]+)"', member.text)
    address = html_of(source)
    assert (await visitor.get(address)).content == PNG
    assert "private" in member.headers["cache-control"]
    assert "signature" not in (await bob.api.get("/p/menu")).text
    for name, value in (("user", ada.id), ("session", 2**40), ("expires", 1), ("expires", 2**35), ("signature", "x")):
        changed = re.sub(rf"{name}=[^&]+", f"{name}={value}", address)
        assert (await visitor.get(changed)).status_code == 404, changed
    assert (await visitor.get(address.replace(f"files/{unused}", f"files/{shown}"))).status_code == 404
    assert (await visitor.get(address.replace("/p/inner", "/p/menu"))).status_code == 404
    # Of what was detached since, of a version that was replaced, and of what was taken back, nothing is left.
    assert await served("menu", detached) == [200]
    ok(await ada.api.delete(f"/api/pages/{page}/files/{detached}"), 204)
    assert await served("menu", detached) == [404]
    gone = {"op": "remove", "path": "/components/2"}
    ok(await patched(ada, page, gone, base=1))
    assert await served("menu", shown) == [200]
    await published(ada, page, slug="menu")
    assert await served("menu", shown) == [404]
    await published(ada, page, slug="menu", version=1)
    assert await served("menu", shown) == [200]
    ok(await ada.api.put(f"/api/workspaces/{ada.workspace}", json={"public_publishing": False}))
    assert await served("menu", shown) == [404]
    ok(await ada.api.put(f"/api/workspaces/{ada.workspace}", json={"public_publishing": True}))
    ok(await ada.api.delete(f"/api/pages/{page}/publish"), 204)
    assert await served("menu", shown) == [404]
    assert (await visitor.get(address)).status_code == 200
    ok(await bob.api.post("/api/auth/logout"), 204)
    assert (await visitor.get(address)).status_code == 404


async def test_the_copy_counts_as_part_of_the_page(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    page = await ada.page(schema="free", content="x" * 200_000)
    async with database.connect() as sql:
        stored = "SELECT stored_bytes FROM documents"
        before = await sql.fetchval(stored)
        await published(ada, page, slug="large")
        assert await sql.fetchval(stored) - before == 200_002
        usage = await sql.fetch("SELECT * FROM storage_usage")
        assert await sql.fetchval("SELECT recount_storage()") == 0
        assert await sql.fetch("SELECT * FROM storage_usage") == usage
        ok(await ada.api.delete(f"/api/pages/{page}/publish"), 204)
        assert await sql.fetchval(stored) == before
        used = await sql.fetchval("SELECT storage_of_workspace($1)", ada.workspace)
        await sql.execute("SELECT ops.allow_workspace($1, $2)", ada.workspace, f"{used + 100_000} bytes")
        refused = await ada.api.post(f"/api/pages/{page}/publish", json={"audience": "public"})
        problem(refused, 409, "quota_exceeded")


# Whatever an editor may try to get into a visitor's browser.
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:image/svg+xml;base64,PHN2Zy8+",
    "vbscript:x",
    "//evil.example/x",
    "/\\evil.example",
    "\u2028javascript:x",
    "https:evil",
    "</textarea></select></title></style><script>1</script>",
    "{{7*7}}${7*7}$body",
    "\ud800\ufffe",
]


class Reader(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


KINDS = (
    *("Page", "Heading", "Text", "Image", "Button", "Columns", "Card", "Table", "Form", "Input", "Textarea"),
    *("Select", "Checkbox", "Divider", "Board", "Script", "iframe", "<script>"),
)


def test_no_value_of_a_component_becomes_markup_or_a_script() -> None:
    names = (
        *("text", "title", "label", "src", "url", "alt", "caption", "href", "link", "placeholder", "type", "align"),
        *("level", "checked", "boardId", "value", "content", "style", "class", "onclick", "srcdoc"),
    )
    for value in [*HOSTILE, {"a": HOSTILE[0]}, [HOSTILE[1]], None, True, 1.5, -1]:
        props: dict[str, Any] = dict.fromkeys(names, value)
        props |= {"rows": [[value], {"a": value}], "columns": [value, {"key": value, "title": value}]}
        props |= {"options": [value, {"label": value}]}
        components = {
            str(number): {"id": number, "name": kind, "props": props, "parentId": 1}
            for number, kind in enumerate(KINDS, 2)
        }
        reader = Reader()
        reader.feed(rendered({"rootId": 1, "components": {"1": {"id": 1, "name": "Page"}, **components}}))
        reader.close()
        assert not reader.tags & {
            "script",
            "svg",
            "iframe",
            "object",
            "style",
            "link",
            "meta",
            "base",
            "form",
            "template",
        }
        for name, given in reader.attributes:
            assert not name.startswith("on")
            assert name not in ("style", "srcdoc", "action", "formaction")
            if name in ("href", "src"):
                assert given.startswith(("/board/", "https://", "/")), given
                assert not given.startswith("//")


def test_what_little_content_can_make_large_is_left_out() -> None:
    table = {"name": "Table", "parentId": 1, "props": {"rows": [0] * 1000, "columns": [""] * 50}}
    components = {str(number): {"id": number, **table} for number in range(2, 40)}
    shown = rendered({"rootId": 1, "components": {"1": {"id": 1}, **components}})
    assert MOST_CHARACTERS < len(shown) < MOST_CHARACTERS + 500_000
    deep: Any = [0] * 1000
    for _ in range(60):
        deep = [deep]
    assert len(_free(deep)) < 4000
    assert _free({"a": ["<b>"]}) == '<pre tabindex="0">{\n  &quot;a&quot;: [\n    &quot;&lt;b&gt;&quot;\n  ]\n}</pre>'


class Counted(str):
    """How often ids were compared."""

    __slots__ = ()
    times = 0

    def __eq__(self, other: object) -> bool:
        Counted.times += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_many_children_of_one_component_are_shown_in_few_steps() -> None:
    most = 500
    components: dict[str, Any] = {
        Counted(number): {"id": number, "name": "Text", "props": {"text": f"t{number}"}, "parentId": 1}
        for number in range(2, most)
    }
    components["1"] = {"id": 1, "children": [*range(most - 1, 1, -1)]}
    shown = rendered({"rootId": 1, "components": components})
    assert shown == '<div class="block">' + "".join(f"<p>t{at}</p>" for at in range(most - 1, 1, -1)) + "</div>"
    assert Counted.times < 20 * most


def test_addresses_are_left_out_unless_they_are_harmless() -> None:
    for given in HOSTILE:
        assert (addresses.link(given), addresses.picture(given)) == (None, None), given
    for given in (
        "https://example.com/?a=1&b=2#c",
        "http://例子.example/",
        "mailto:a@b.example",
        "tel:+1",
        "/p/x",
        "#top",
    ):
        assert addresses.link(given) == given
    pixel = "data:image/png;base64,iVBORw0KGgo="
    assert [addresses.picture(given) for given in (pixel, "/x.png", "http://a.example/x.png")] == [
        pixel,
        "/x.png",
        None,
    ]
    assert [addresses.link(given) for given in ("x" * 3000, "http://[", "https://", 7)] == [None] * 4


async def test_a_page_in_a_browser_runs_nothing(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    components = [
        {"id": 2, "name": "Heading", "props": {"text": "你好 & <b>", "level": 1}},
        {"id": 3, "name": "Columns", "children": [5, 4]},
        {"id": 4, "name": "Card", "parentId": 3, "props": {"title": "Right"}},
        {"id": 5, "name": "Card", "parentId": 3, "props": {"title": "Left"}},
        {
            "id": 6,
            "name": "Table",
            "props": {"columns": ["a", {"key": "b", "title": "B"}], "rows": '[{"a": 1, "b": "x"}]'},
        },
        {"id": 7, "name": "Mystery", "props": {"text": "kept"}},
        {"id": 8, "name": "Button", "props": {"text": "Go", "href": "https://example.com"}, "order": -1},
    ]
    tree = {"1": {"id": 1, "name": "Page"}, **{str(one["id"]): {"parentId": 1, **one} for one in components}}
    page = await ada.page(name="<i>$name</i>", content={"rootId": 1, "components": tree})
    await published(ada, page, slug="safe")
    shown = await chat_server.anybody.get("/p/safe", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    policy = dict(rule.partition(" ")[::2] for rule in shown.headers["content-security-policy"].split("; "))
    assert (policy["default-src"], policy["form-action"], policy["base-uri"]) == ("'none'", "'none'", "'none'")
    assert "script-src" not in policy
    assert "allow-scripts" not in policy["sandbox"]
    assert "allow-same-origin" not in policy["sandbox"]
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert "Accept-Language" in shown.headers["vary"]
    for part in (
        '<html lang="zh">',
        '<footer lang="zh"><p>发布于',
        "<h1>&lt;i&gt;$name&lt;/i&gt;</h1>",
        "<h2>你好 &amp; &lt;b&gt;</h2>",
        '<thead><tr><th scope="col">a</th><th scope="col">B</th></tr></thead><tbody><tr><td>1</td><td>x</td></tr>',
        '<div class="block"><p>kept</p></div>',
    ):
        assert part in shown.text
    # Siblings by their parent's list, then by their order.
    assert shown.text.index("Go</a>") < shown.text.index("你好") < shown.text.index("Left") < shown.text.index("Right")
    english = await chat_server.anybody.get("/p/safe", headers={"Accept-Language": "de, en;q=0.5"})
    assert '<footer lang="en"><p>Published' in english.text
    free = await ada.page(schema="free", content={"a": "</pre><script>1</script>"})
    await published(ada, free, slug="free")
    assert "&lt;/pre&gt;&lt;script&gt;" in (await chat_server.anybody.get("/p/free")).text
    for path in ("/pages/published/published.css", "/pages/published/members.js"):
        assert (await chat_server.anybody.get(path)).status_code == 200


def test_the_language_of_the_visitor() -> None:
    said = {"": "en", "zh": "zh", "zh-Hant-TW": "zh", "en;q=0.2, zh;q=0.3": "zh", "fr": "en", "zh;q=0": "en"}
    said |= {"en, zh": "en", "zh, en": "zh", "\x00;;": "en", "zh;q=x": "en"}
    assert {header: language_of(header) for header in said} == said
