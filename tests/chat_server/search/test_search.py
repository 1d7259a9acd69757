"""GET /api/search: what is found, by whom, and that it is exact as of COMMIT."""

import pytest

from chat_server.search.analysis import LONGEST_TOKEN, atoms, normalised, tokens
from chat_server.search.terms import Term
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.chat_server.search.finding import found, index
from tests.support.postgres import Database


@pytest.mark.parametrize("indexed", [False, True])
async def test_messages_are_found_by_words_of_any_script(
    chat_server: ChatServer, database: Database, indexed: bool
) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    await index(database)
    said = ["你好世界", "Die Straße nach Łódź", "call fooBar_baz() in src/foo_bar.py", "ship it 🚀", "Grüße 🇩🇪"]
    for text in said:
        await ada.say(chat, text)
    if indexed:
        await index(database)
    for q, expected in {
        "世界": [0],
        "界": [0],
        "好世界": [0],
        "世好": [],
        "strasse": [1],
        "lodz STRASSE": [1],
        "foobarbaz": [2],
        "foo_bar.py": [2],
        "fooBar": [2],
        "py.foo": [],
        "🚀": [3],
        "🇩🇪": [4],
        "grusse": [4],
        "grus": [],
    }.items():
        assert await found(bob, q) == [said[number] for number in expected], q


@pytest.mark.parametrize("indexed", [False, True])
async def test_only_what_one_may_see_now_is_found(chat_server: ChatServer, database: Database, indexed: bool) -> None:
    ada, bob, cleo = await chat_server.team("Ada", "Bob", "Cleo")
    outsider = await chat_server.sign_up("Eve")
    chat, channel = await ada.chat(bob, cleo), await ada.chat(bob, cleo, type="PublicChannel")
    await index(database)
    said = [await ada.say(chat, "secret plan"), await ada.say(channel, "secret channel")]
    if indexed:
        await index(database)
    assert await found(bob, "secret") == await found(cleo, "SECRET") == ["secret channel", "secret plan"]
    assert await found(outsider, "secret") == []
    ok(await ada.api.delete(f"/api/chats/{chat}/members/{bob.id}"), 204)
    assert (await ada.api.put(f"/api/chats/{channel}/bans/{cleo.id}", json={})).is_success
    assert await found(bob, "secret") == ["secret channel"]
    assert await found(cleo, "secret") == ["secret plan"]
    ok(await ada.api.patch(f"/api/chats/{chat}/messages/{said[0]['id']}", json={"content": "dull plan"}))
    assert await found(cleo, "secret") == []
    assert await found(cleo, "dull") == ["dull plan"]
    ok(await ada.api.delete(f"/api/chats/{channel}/messages/{said[1]['id']}"), 204)
    assert await found(bob, "secret") == await found(bob, f"from:{ada.id}") == []
    assert (await chat_server.anybody.get("/api/search", params={"q": "secret"})).status_code == 401


async def test_pages_are_whole_and_highlights_are_of_the_text(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    for number in range(7):
        await ada.say(chat, f"Straße {number}, straße")
        if number == 3:
            await index(database)
    numbers: list[str] = []
    response = await ada.api.get("/api/search", params={"q": "strasse", "limit": 3})
    while True:
        items = ok(response)["items"]
        numbers += [item["message"]["content"][7] for item in items]
        assert all(item["highlights"] == [[0, 6], [10, 16]] for item in items)
        if "next" not in response.links:
            break
        response = await ada.api.get(response.links["next"]["url"])
    assert numbers == list("6543210")


async def test_what_asks_for_nothing_is_refused(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for q in ("", "...", "a\x00b", "x" * 501):
        problem(await ada.api.get("/api/search", params={"q": q}), 400, "validation_failed")


async def test_what_was_there_before_the_index_is_announced_until_it_is_indexed(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    await ada.say(chat, "hello")
    async with database.connect() as sql:
        await sql.execute("SELECT search_begin(1, false)")
    assert ok(await ada.api.get("/api/search", params={"q": "hello"})) == {
        "items": [],
        "complete": False,
        "did_you_mean": None,
    }
    await index(database)
    assert await found(ada, "hello") == ["hello"]


async def test_a_typo_is_forgiven_and_tells_nothing_of_others(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    chat, own = await ada.chat(bob), await eve.chat()
    for text in ("the Straße is closed", "a strasbourg tram", "nothing"):
        await ada.say(chat, text)
    await eve.say(own, "something of her own")
    await index(database)
    assert await found(bob, "strase") == ["the Straße is closed"]
    page = ok(await bob.api.get("/api/search", params={"q": 'the "closed" strsase'}))
    assert page["did_you_mean"] == 'the "closed" strasse'
    assert len(page["items"]) == 1
    assert ok(await bob.api.get("/api/search", params={"q": "stra"}))["items"] == []
    page = ok(await eve.api.get("/api/search", params={"q": "strase"}))
    assert (page["items"], page["did_you_mean"]) == ([], None)
    ok(await ada.api.delete(f"/api/chats/{chat}/members/{bob.id}"), 204)
    assert ok(await bob.api.get("/api/search", params={"q": "strase"}))["did_you_mean"] is None


async def test_the_last_word_is_found_by_its_beginning_while_it_is_typed(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    await ada.say(chat, "the harbour")
    assert await found(ada, "the harb", prefix=True) == ["the harbour"]
    await index(database)
    assert await found(ada, "the harb", prefix=True) == ["the harbour"]
    assert await found(ada, "harb the", prefix=True) == await found(ada, "harb ", prefix=True) == []


async def test_relevance_prefers_what_says_it_more(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    said = ["boat, boat, boat", "a boat", "a boat of which much more is said in a text that has many words " * 3]
    for text in said:
        await ada.say(chat, text)
    assert await found(ada, "boat") == said[::-1]
    assert await found(ada, "boat", sort="relevance", limit=2) == said[:2]


async def test_snippets_show_the_place_in_plain_text(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    said = await ada.say(chat, "<b>x</b> " * 30 + "ﬁnde die ＳＴＲＡßＥ! " + "und mehr " * 40)
    [item] = ok(await ada.api.get("/api/search", params={"q": "strasse FINDE"}))["items"]
    assert [said["content"][begin:end] for begin, end in item["highlights"]] == ["ﬁnde", "ＳＴＲＡßＥ"]
    assert [piece["text"] for piece in item["snippet"] if piece["match"]] == ["ﬁnde", "ＳＴＲＡßＥ"]
    shown = "".join(piece["text"] for piece in item["snippet"])
    assert shown in said["content"]
    assert len(shown) < 300
    assert ok(await ada.api.get(item["around"]["before"]))[0] == said
    assert ok(await ada.api.get(item["around"]["after"])) == []


async def test_chats_documents_and_people_are_found_by_name(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada Lovelace", "Bob")
    eve = await chat_server.sign_up("Eve")
    await ada.chat(bob, name="Größe und Gewicht")
    board = await ada.board(name="Map of 上海")

    async def names(person: Person, kind: str, q: str, field: str = "name") -> list[str]:
        return [row[field] for row in ok(await person.api.get(f"/api/search/{kind}", params={"q": q}))]

    assert await names(bob, "chats", "GEWICHT gr") == ["Größe und Gewicht"]
    assert await names(eve, "chats", "gewicht") == []
    assert await names(ada, "boards", "上海") == ["Map of 上海"]
    assert await names(bob, "boards", "上海") == []
    ok(await ada.api.delete(f"/api/boards/{board}"), 204)
    assert await names(ada, "boards", "上海") == []
    async with database.connect() as sql:
        for kind in ("board", "page"):
            await sql.execute("SELECT create_document($1, $2, $3, '北京 guide')", ada.id, ada.workspace, kind)
    rows = ok(await ada.api.get("/api/search/pages", params={"q": "guid"}))
    assert [(row["page"]["schema"], row["highlights"], row["passages"]) for row in rows] == [("page", [], [])]
    assert await names(ada, "pages", "上海") == await names(bob, "pages", "guide") == []
    assert await names(bob, "people", "love ada", "fullname") == ["Ada Lovelace"]
    assert await names(bob, "people", "ad", "fullname") == ["Ada Lovelace"]  # too short for the trigram index
    assert await names(eve, "people", "ada", "fullname") == []
    assert await names(eve, "people", "ad", "fullname") == []


def test_a_phrase_of_compounds_is_looked_for_in_one_pass() -> None:
    """Each of the words could end in two ways, which are the same: all combinations would take for ever."""
    text = list(atoms(normalised("z " + "aB " * 50)))
    assert list(Term.of('"' + "aB " * 50 + 'z"').find(text)) == []
    assert len(list(Term.of("aB " * 50).find(text))) == 1


def test_no_token_is_longer_than_postgres_takes() -> None:
    for text in ("世" + "\u20d0" * 700, "世界" + "\u20d0" * 700, "x" * 5000, "aB" * 3000):
        assert all(len(token) <= LONGEST_TOKEN for token in tokens(text))


async def test_a_suggestion_does_not_depend_on_words_of_others(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    eve = await chat_server.sign_up("Eve")
    mine, others = await ada.chat(), await eve.chat()
    await ada.say(mine, "harbour")
    for letter in "bcdefgh":  # as near, more often, and earlier in the alphabet
        for _ in range(2):
            await eve.say(others, f"{letter}arbour")
    await index(database)
    answer = ok(await ada.api.get("/api/search", params={"q": "aarbour"}))
    assert answer["did_you_mean"] == "harbour"
