"""Pages are found by what they say, as it is now, by those who may read them."""

import random
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from chat_server.page_content.rendering import components
from chat_server.search import page_texts, pages
from chat_server.search.analysis import atoms, normalised
from chat_server.search.page_texts import Text, texts
from chat_server.search.terms import Term
from tests.chat_server.pages.test_page_content import NEW, adding, component, content, patched, saying
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.chat_server.search.finding import index
from tests.support.postgres import Database

TABLE = {"rows": [{"town": "Łódź", "year": 1843}, {"town": "上海"}], "title": "Where we were", "align": "center"}


async def found(person: Person, q: str, **parameters: Any) -> list[int]:
    rows = ok(await person.api.get("/api/search/pages", params={"q": q, **parameters}))
    return [row["page"]["id"] for row in rows]


async def keep_snapshots(database: Database) -> None:
    """What a server does once a page was edited for a while."""
    async with database.connect() as sql:
        await sql.execute("UPDATE page_snapshots SET made_at = now() - interval '1 hour'")


async def kept(person: Person, page: int, database: Database, *operations: Any) -> None:
    """Patched so that there is a snapshot with it, and the event that says so."""
    await keep_snapshots(database)
    ok(await patched(person, page, *operations, match="*"))
    async with database.connect() as sql:
        same = "SELECT last_seq = version FROM documents JOIN page_snapshots ON page_id = id WHERE id = $1"
        assert await sql.fetchval(same, page)


@pytest.mark.parametrize("indexed", [False, True])
async def test_pages_are_found_by_what_their_components_say(
    chat_server: ChatServer, database: Database, indexed: bool
) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    page, other = await ada.page(bob, name="Reise 2026"), await ada.page(name="Leer")
    table = component(3, kind="Table") | {"props": TABLE}
    chart = {"id": 4, "name": "ChartOfRain", "desc": "millimetres", "parentId": 1, "props": {"type": "bars"}}
    added = [{"op": "add", "path": f"/components/{one['id']}", "value": one} for one in (table, chart)]
    await kept(ada, page, database, adding(2, "A red boat in the harbour.\nThe red one."), *added)
    free = await ada.page(bob, name="data", schema="free", content={"a/b": ["x", {"~": "fjord"}], "n": 7})
    if indexed:
        await index(database)
        async with database.connect() as sql:
            assert await sql.fetchval("SELECT count(*) FROM search_pages WHERE due_at IS NULL AND tsv IS NOT NULL") == 3
    for q, expected in {
        "boat": [page],
        "BOAT lodz": [page],  # of several components
        '"red boat"': [page],
        '"boat red"': [],
        "red -boat": [],
        "reise harbour": [page],  # the name counts as well
        "eis": [page],  # a part of the name, as of any document
        "-boat": [other, free],
        "上海": [page],
        "rain": [page],  # another client's kind of component
        "bars": [page],
        "millimetres": [page],
        "fjord": [free],
        # What says how a component looks, names of known kinds, and what each page begins with.
        "center": [],
        "table": [],
        "根节点": [],
    }.items():
        assert await found(ada, q) == expected, q
        assert await found(bob, q) == [one for one in expected if one != other], q
    assert (await found(ada, "harb"), await found(ada, "harb", prefix=True)) == ([], [page])
    assert (await found(ada, "-boat", limit=1), await found(ada, "-boat", limit=1, after_id=other)) == ([other], [free])
    link = (await ada.api.get("/api/search/pages", params={"q": "-boat", "limit": 1})).headers["link"]
    assert f"after_id={other}" in link


async def test_what_is_found_is_shown_with_its_place(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    page = await ada.page(name="Straßen und Boote")
    ok(await patched(ada, page, adding(2, "Die alte STRASSE am Hafen."), adding(3, "nichts"), match="*"))
    [row] = ok(await ada.api.get("/api/search/pages", params={"q": "strasse"}))
    assert (row["page"]["id"], row["page"]["name"], row["highlights"]) == (page, "Straßen und Boote", [])
    [passage] = row["passages"]
    assert (passage["component_id"], passage["pointer"]) == ("2", "/components/2/props/text")
    assert passage["highlights"] == [[9, 16]]
    assert [(piece["text"], piece["match"]) for piece in passage["snippet"]] == [
        ("Die alte ", False),
        ("STRASSE", True),
        (" am Hafen.", False),
    ]
    [row] = ok(await ada.api.get("/api/search/pages", params={"q": "boote"}))
    assert (row["highlights"], row["passages"]) == ([[12, 17]], [])
    free = await ada.page(name="data", schema="free", content={"a/b": [{"~": "a fjord"}]})
    [row] = ok(await ada.api.get("/api/search/pages", params={"q": "fjord"}))
    assert row["page"]["id"] == free
    assert [row["passages"][0][name] for name in ("component_id", "pointer")] == [None, "/a~1b/0/~0"]


async def test_only_what_one_may_see_now_is_found(chat_server: ChatServer, database: Database) -> None:
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    page = await ada.page(bob)
    await kept(ada, page, database, adding(2, "secret harbour"))
    await index(database)
    assert [await found(who, "harbour") for who in (ada, bob, eve)] == [[page], [page], []]
    assert await found(eve, "-harbour") == []
    # Edited away: gone at once, though the index still has it.
    ok(await patched(ada, page, saying(2, "a plain coast"), match="*"))
    assert [await found(who, "harbour") for who in (ada, bob)] == [[], []]
    assert await found(bob, "coast") == [page]
    async with database.connect() as sql:
        await sql.execute(
            "INSERT INTO page_ops (page_id, patch) VALUES ($1, $2)",
            page,
            '[{"op": "replace", "path": "/components/2/props/text", "value": "from psql"}]',
        )
        assert (await found(bob, "coast"), await found(bob, "psql")) == ([], [page])
        # A transaction that has not committed is not found.
        async with asyncpg.create_pool(database.url, min_size=1, max_size=1) as pool, pool.acquire() as other:
            change = other.transaction()
            await change.start()
            await other.execute("UPDATE documents SET name = 'whales' WHERE id = $1", page)
            assert await found(bob, "whales") == []
            await change.commit()
            assert await found(bob, "whales") == [page]
    ok(await ada.api.delete(f"/api/pages/{page}/members/{bob.id}"), 204)
    assert [await found(who, "psql") for who in (ada, bob)] == [[page], []]
    ok(await ada.api.delete(f"/api/pages/{page}"), 204)
    assert await found(ada, "psql") == []
    ok(await ada.api.post(f"/api/pages/{page}/restore"))
    assert await found(ada, "psql") == [page]


async def test_queries_that_are_wrong_are_explained(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for q, position in {"boat from:me": 5, '"boat': 5, "…": 0}.items():
        refused = problem(await ada.api.get("/api/search/pages", params={"q": q}), 400, "validation_failed")
        assert refused["position"] == position, q
    problem(await ada.api.get("/api/search/pages", params={"q": "boat", "limit": 101}), 400, "validation_failed")
    problem(await chat_server.anybody.get("/api/search/pages", params={"q": "boat"}), 401, "unauthorized")


async def test_patching_pays_nothing(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    page = await ada.page()
    await index(database)
    rows = "SELECT xmin::text, version, tsv FROM search_pages"
    async with database.connect() as sql:
        before = await sql.fetch(rows)
        await kept(ada, page, database, adding(2, "more"))
        assert await sql.fetch(rows) == before
        await index(database)
        assert [tuple(row)[1:] for row in await sql.fetch(rows)] == [(2, "'more' 'plans'")]


WORDS = ["boat", "Straße", "世界", "fooBar", "🚀", "lodz"]


@pytest.mark.parametrize("seed", range(2))
async def test_a_search_is_a_scan_of_what_one_may_see(
    chat_server: ChatServer, database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However far the follower is, and with pages of too many words for the index among them."""
    chance = random.Random(seed)
    monkeypatch.setattr(page_texts, "MOST_TOKEN_BYTES", 60)
    monkeypatch.setattr(pages, "CANDIDATES", 2)
    ada, bob = await chat_server.team("Ada", "Bob")
    mine = [await ada.page(*([bob] if number % 2 else []), name=chance.choice(WORDS)) for number in range(4)]
    for page in mine:
        ok(await patched(ada, page, adding(2, ""), match="*"))
    for number in range(40):
        page, text = chance.choice(mine), " ".join(chance.choices(WORDS, k=chance.randint(0, 6)))
        if chance.random() < 0.7:
            if chance.random() < 0.4:
                await keep_snapshots(database)
            ok(await patched(ada, page, saying(2, text), match="*"))
        else:
            ok(await ada.api.patch(f"/api/pages/{page}", json={"name": text or "none"}))
        if chance.random() < 0.3:
            await index(database)
        if number % 4 == 3:
            for who, theirs in ((ada, mine), (bob, mine[1::2])):
                word = chance.choice(WORDS)
                said = {one: await content(ada, one) for one in theirs}
                names = {one: ok(await ada.api.get(f"/api/pages/{one}"))["name"] for one in theirs}
                expected = [
                    one
                    for one in theirs
                    if word in names[one].split() or word in said[one]["components"]["2"]["props"]["text"].split()
                ]
                assert await found(who, word) == expected, (word, names, said)


def test_the_names_of_the_editors_kinds_say_nothing() -> None:
    assert components.KINDS.keys() == page_texts.KINDS


def test_what_does_not_have_a_words_letters_does_not_have_the_word() -> None:
    """`pages` looks at letters first, which is to leave out nothing."""
    chance = random.Random(7)
    parts = [*"_- 世界ガ각가ﬁİςΣéёłก²٣🚀က", *["Straße", "STRASSE", "foo", "Bar", "foobar", "x1", "ｶﾞ", "🇩🇪", "กำ", "္"]]
    parts += ["\u11a8", "e\u0301", "\u00ad", "\u200d", "\u0e33", "\u0308"]

    def some(most: int) -> str:
        return "".join(chance.choices(parts, k=chance.randint(1, most)))

    cases = [("foo_bar", "foobar"), ("fooBar", "foobar"), ("foo-bar", "foo_bar")]
    cases += [(some(9), some(3)) for _ in range(3000)]
    for text, word in cases:
        term = Term.of(word, prefix=chance.random() < 0.3)
        if term.units:
            said = [Text(None, "", text)]
            spans = list(term.find(list(atoms(normalised(text)))))
            folded = [pages._letters(text)]
            assert pages._places(term, said, folded) == ({0: spans} if spans else {}), (text, word)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (NEW, []),
        ([], []),
        ({"rootId": 1, "components": {"1": None, "2": {"name": 5, "props": [], "desc": 7}}}, []),
        ({"rootId": 1, "components": {"2": {"name": "Map", "props": {"a": [["x"]]}}}}, ["Map", "x"]),
    ],
)
def test_any_content_has_texts(document: Any, said: Sequence[str]) -> None:
    assert [text.text for text in texts(document, "page")] == said
