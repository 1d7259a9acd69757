"""Each way to answer a query finds the same, and the one that is chosen follows from how rare the query is."""

import math

import pytest

from chat_server.search import search
from chat_server.search.indexing import indexer
from chat_server.search.plan import Costs, Plan, cheapest, estimated
from chat_server.search.query_language import parse
from chat_server.search.scope import Scope
from tests.chat_server.people import ChatServer, ok
from tests.chat_server.search.finding import found, index
from tests.support.postgres import Database

SCOPE = Scope(1, None, frozenset({7, 8}), frozenset())


@pytest.mark.parametrize(
    "plan",
    [
        Plan("rare", 2, 2, "rare"),
        Plan("few", 2, 2, "few"),
        Plan("walk", 100, 100, "walk"),
        Plan("walk", 2, 2, "rare"),
        Plan("walk", 2, 9, "rare"),
        Plan("near", 2, 2, "few"),
        Plan("near", 2, 9, "few"),
        Plan("near", 100, 100, "few"),
    ],
)
async def test_every_way_finds_the_same(
    chat_server: ChatServer, database: Database, monkeypatch: pytest.MonkeyPatch, plan: Plan
) -> None:
    async def choose(*_: object) -> Plan:
        return plan

    ada, bob = await chat_server.team("Ada", "Bob")
    chat, other = await ada.chat(bob), await bob.chat()
    said = ["the needle", *(f"a straw, number {number}" for number in range(8)), "another needle", "the last straw"]
    for text in said:
        await ada.say(chat, text)
        await bob.say(other, text)
    await index(database)
    monkeypatch.setattr(search, "choose", choose)
    assert await found(ada, "needle") == ["another needle", "the needle"]
    assert await found(ada, "needle", limit=1) == ["another needle"]
    assert await found(ada, '"the straw"') == []
    assert await found(ada, "numb", prefix=True) == said[8:0:-1]


def test_compounds_and_senders_are_estimated() -> None:
    known = {("read", False): 900, ("buffer", False): 70, ("readbuffer", False): 20}
    known |= {("from:7", False): 400, ("from:8", False): 5}
    condition = search.condition_of(parse("readBuffer"), SCOPE)
    assert condition.tsquery == "(('read' & 'buffer') | ('readbuffer')) & (('from:7') | ('from:8'))"
    # Of 1,000 messages 90 have the word and 405 the senders: 36 have both by chance, and 90 at most.
    assert estimated(condition.clauses, known, 1000) == pytest.approx(math.sqrt(90 * 90 * 405 / 1000))
    assert estimated(search.condition_of(parse("from:7"), SCOPE).clauses, known, 1000) == pytest.approx(405)


def plan(hits: int, chats: int, volume: int, documents: int = 1_000_000, many: int = 0) -> Plan:
    return cheapest(Costs(hits, hits, many, documents, chats, volume), 21)


def test_what_is_rare_is_read_from_the_index_and_what_is_frequent_where_it_is_soon_found() -> None:
    assert plan(20, 600, 500_000).way == "rare"
    assert plan(1_500, 5, 2_000).way == "few"
    assert plan(30_000, 60, 50_000, many=30_000).way == "near"
    assert plan(300_000, 600, 500_000).way == "walk"


def test_reading_in_vain_takes_no_longer_than_the_index_would() -> None:
    for documents in (1_000_000, 5_000_000):
        near = plan(documents // 30, 60, documents // 20, documents, many=documents // 30)
        assert near.way == "near"
        assert near.then == "few"
        assert near.walked <= near.most <= documents


async def test_messages_of_chats_that_are_gone_leave_the_index_by_it(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    kept, gone = await ada.chat(), await ada.chat()
    for chat in (kept, gone):
        await ada.say(chat, "a boat")
    await index(database)
    ok(await ada.api.delete(f"/api/chats/{gone}"), 204)
    await index(database)
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT array_agg(chat_id) FROM search_documents") == [kept]
        assert await sql.fetchval("SELECT documents FROM search_tokens WHERE token = 'boat'") == 1
        await sql.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
        explained = await sql.fetch(
            f"PREPARE gone (bigint, bigint, int) AS {indexer.SEARCH_GONE_OF_CHAT.sql}"
        ) or await sql.fetch("EXPLAIN EXECUTE gone (1, NULL, 10)")
        assert "search_documents_chat_idx" in "\n".join(row[0] for row in explained)


@pytest.mark.parametrize("q", ["-straw", "is:edited"])
async def test_what_no_index_answers_is_looked_for_to_the_end(
    chat_server: ChatServer, database: Database, monkeypatch: pytest.MonkeyPatch, q: str
) -> None:
    monkeypatch.setattr("chat_server.search.plan._WALKED_ALONE", 3)
    ada, bob = await chat_server.team("Ada", "Bob")
    chat, other = await ada.chat(bob), await bob.chat()
    first = await ada.say(chat, "the needle")
    ok(await ada.api.patch(f"/api/chats/{chat}/messages/{first['id']}", json={"content": "the first needle"}))
    for number in range(20):
        await bob.say(other, f"a straw, number {number}")
    await index(database)
    assert await found(ada, q) == ["the first needle"]
