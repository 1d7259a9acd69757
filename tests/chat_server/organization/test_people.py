"""The directory of an organisation's people."""

from chat_server.search import pinyin
from tests.chat_server.organization.test_organizations import ON, founded
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database


@ON
async def test_people_are_found_by_all_that_they_are(chat_server: ChatServer) -> None:
    ada, bob, eve = await chat_server.team("Ada Lovelace", "张三", "Eve")
    ok(await ada.api.patch("/api/users/me", json={"fullname": "Ada Lovelace"}))
    path = await founded(ada)
    works = ok(await ada.api.post(f"{path}/departments", json={"name": "研发部"}), 201)["id"]
    mill = {"name": "Mill", "parent_id": works, "hidden": True}
    mill = ok(await ada.api.post(f"{path}/departments", json=mill), 201)["id"]
    engineer = ok(await ada.api.post(f"{path}/positions", json={"name": "Engineer"}), 201)["id"]
    for who, department, position in ((bob, works, engineer), (eve, mill, None)):
        body = {"user_id": who.id, "department_id": department, "position_id": position}
        ok(await ada.api.post(f"{path}/appointments", json=body), 201)

    async def found(who: Person, asked: str) -> list[int]:
        return [one["id"] for one in ok(await who.api.get(f"{path}/people?{asked}"))]

    everybody = [ada.id, bob.id, eve.id]
    for asked, expected in {
        "": everybody,
        "q=love": [ada.id],
        "q=al": [ada.id],
        "q=zs": [bob.id],
        "q=zhangsan": [bob.id],
        "q=ZHANGS": [bob.id],
        "q=三": [bob.id],
        "q=研发": [bob.id],
        "q=engineer zhang": [bob.id],
        "q=engineer ada": [],
        "q=mill": [eve.id],
        f"department_id={works}": [bob.id, eve.id],
        f"department_id={mill}": [eve.id],
        f"position_id={engineer}": [bob.id],
        "q=%": [],
        "q=(": [],
    }.items():
        assert await found(ada, asked) == expected, asked
        if "position_id" not in asked:  # the list for admins is searched by the same words
            listed = ok(await ada.api.get(f"{path}/members?{asked}"))
            assert [one["user_id"] for one in listed] == expected, asked
    ok(await ada.api.patch(f"{path}/members/{bob.id}", json={"manager_id": ada.id}))
    [listed] = ok(await ada.api.get(f"{path}/members?q=zs&kind=member"))
    assert (listed["manager_fullname"], listed["is_suspended_here"]) == ("Ada Lovelace", False)
    assert [one["department_id"] for one in listed["appointments"]] == [works]
    assert ok(await ada.api.get(f"{path}/members?kind=guest")) == []
    problem(await ada.api.get(f"{path}/members?kind=ghost"), 400, "validation_failed")
    first = await ada.api.get(f"{path}/members?limit=1&q=e")
    assert [one["user_id"] for one in ok(await ada.api.get(first.links["next"]["url"]))] == [bob.id]

    # Whoever is in a hidden department alone is found by those who are in it.
    assert await found(bob, "") == [ada.id, bob.id]
    assert await found(bob, "q=mill") == await found(bob, f"department_id={mill}") == []
    assert await found(eve, "") == everybody
    also = {"user_id": eve.id, "department_id": works}
    ok(await ada.api.post(f"{path}/appointments", json=also), 201)
    [shown] = ok(await bob.api.get(f"{path}/people?q=eve"))
    assert [one["department_id"] for one in shown["appointments"]] == [works]
    assert "email" not in shown

    # A guest is found by admins, and finds nobody.
    ok(await ada.api.patch(f"{path}/members/{eve.id}", json={"kind": "guest"}))
    assert (await found(ada, "q=eve"), await found(bob, "q=eve")) == ([eve.id], [])
    problem(await eve.api.get(f"{path}/people"), 403, "forbidden")
    problem(await ada.api.get(f"{path}/people?q={'x' * 81}"), 400, "validation_failed")
    first = await ada.api.get(f"{path}/people?limit=1")
    assert [one["id"] for one in ok(await ada.api.get(first.links["next"]["url"]))] == [bob.id]


MEANT = {
    ("xian", "西安"): True,
    ("xian", "先生"): True,
    ("lb", "吕布"): True,
    ("wangw", "王五"): True,
    ("sz", "张三"): False,
    ("lisi", "张三"): False,
    ("gh", "grace hopper"): True,
    ("hg", "grace hopper"): False,
    ("gracehopper", "grace hopper"): False,
}


async def test_what_letters_mean(database: Database) -> None:
    async with database.connect() as sql:
        for (word, name), meant in MEANT.items():
            assert await sql.fetchval("SELECT $1::text ~ $2::text", name, pinyin.pattern(word) or "^$") == meant, word


def test_a_word_that_could_be_divided_endlessly_takes_no_time() -> None:
    for word in ("a" * 24, "xianxianxianxianxianxian", "q" * 24):
        found = pinyin.pattern(word)
        assert found is None or len(found) < 40_000
    assert pinyin.pattern("Zoë") is pinyin.pattern("a.*") is None
    assert len(pinyin.syllables()) > 390
