"""What members see of a directory under rules of visibility: departments, people and fields, searched or counted."""

from typing import Any

from tests.chat_server.organization.test_organizations import ON, founded
from tests.chat_server.people import ChatServer, Json, Person, ok, problem
from tests.support.postgres import Database


async def team(chat_server: ChatServer) -> tuple[list[Person], str, Json]:
    """Works with Mill below it, and Sales: bob is in Works, carol in Mill, dave in Sales, eve nowhere."""
    people = await chat_server.team("Ada", "Bob", "Carol", "Dave", "Eve")
    ada, bob, carol, dave, _ = people
    path = await founded(ada)
    made: Json = {}
    for name, parent in (("Works", None), ("Mill", "Works"), ("Sales", None)):
        body = {"name": name, "parent_id": made.get(parent or "")}
        made[name] = ok(await ada.api.post(f"{path}/departments", json=body), 201)["id"]
    made["Miller"] = ok(await ada.api.post(f"{path}/positions", json={"name": "Miller"}), 201)["id"]
    made["group"] = ok(await ada.api.post(f"{path}/groups", json={"name": "on-call"}), 201)["id"]
    for person, name in ((bob, "Works"), (carol, "Mill"), (dave, "Sales")):
        body = {"user_id": person.id, "department_id": made[name], "position_id": made["Miller"]}
        ok(await ada.api.post(f"{path}/appointments", json=body), 201)
        ok(await ada.api.patch(f"{path}/members/{person.id}", json={"manager_id": ada.id}))
        ok(await ada.api.put(f"{path}/groups/{made['group']}/members/{person.id}"), 204)
        ok(await person.api.put("/api/users/me/status", json={"text": "Lunch", "emoji": None, "until": None}))
    return people, path, made


async def found(who: Person, path: str, asked: str = "") -> set[str]:
    return {one["username"] for one in ok(await who.api.get(f"{path}/people{asked}"))}


@ON
async def test_a_confined_member_sees_their_own_departments_alone(chat_server: ChatServer) -> None:
    (ada, bob, carol, dave, eve), path, made = await team(chat_server)
    everybody = {"ada", "bob", "carol", "dave", "eve"}
    assert await found(dave, path) == everybody
    body = {"department_id": made["Works"], "confined": True}
    rule = ok(await ada.api.post(f"{path}/visibility-rules", json=body), 201)
    seen = {one.email: await found(one, path) for one in (ada, bob, carol, dave, eve)}
    assert list(seen.values()) == [everybody, {"bob", "carol"}, {"carol"}, everybody, everybody]
    assert [await found(carol, path, f"?q={word}") for word in ("bob", "works", "sales", "mill")] == [
        *(set(), set(), set()),
        {"carol"},
    ]
    assert await found(carol, path, f"?position_id={made['Miller']}") == {"carol"}
    assert await found(carol, path, f"?department_id={made['Works']}") == {"carol"}
    departments = ok(await carol.api.get(f"{path}/departments"))
    assert [(one["name"], one["parent_id"]) for one in departments] == [("Mill", None)]
    assert {one["name"] for one in ok(await bob.api.get(f"{path}/departments"))} == {"Works", "Mill"}
    below = ok(await carol.api.get(f"{path}/departments/{made['Works']}/appointments?below=true"))
    assert [one["user_id"] for one in below] == [carol.id]
    members = f"{path}/groups/{made['group']}/members"
    assert [[one["user_id"] for one in ok(await who.api.get(members))] for who in (bob, carol, dave)] == [
        [bob.id, carol.id],
        [carol.id],
        [bob.id, carol.id, dave.id],
    ]
    counts = [ok(await who.api.get(f"{path}/groups"))[0]["member_count"] for who in (ada, bob, carol)]
    assert counts == [3, 2, 1]
    ok(await ada.api.delete(f"{path}/visibility-rules/{rule['id']}"), 204)
    assert await found(carol, path) == everybody


@ON
async def test_hidden_fields_are_neither_shown_nor_searched(chat_server: ChatServer, database: Database) -> None:
    (ada, bob, carol, _, eve), path, made = await team(chat_server)

    def fields(person: Json) -> tuple[Any, ...]:
        appointments = [one["position_id"] for one in person["appointments"]]
        return person["manager_id"], person["custom_status"] is not None, *appointments

    async def shown(who: Person) -> dict[int, tuple[Any, ...]]:
        return {one["id"]: fields(one) for one in ok(await who.api.get(f"{path}/people"))}

    before = await shown(eve)
    assert before[bob.id] == (ada.id, True, made["Miller"])
    rules = f"{path}/visibility-rules"
    rule = ok(await ada.api.post(rules, json={"hidden_fields": ["position", "manager", "custom_status"]}), 201)
    assert (await shown(eve))[bob.id] == (None, False, None)
    assert (await shown(bob))[bob.id] == before[bob.id]  # oneself
    assert (await shown(ada)) == before
    assert await found(eve, path, "?q=miller") == await found(eve, path, f"?position_id={made['Miller']}") == set()
    assert await found(bob, path, "?q=miller") == {"bob"}
    appointments = ok(await carol.api.get(f"{path}/departments/{made['Works']}/appointments?below=true"))
    assert {one["user_id"]: one["position_id"] for one in appointments} == {bob.id: None, carol.id: made["Miller"]}
    async with database.connect() as sql:  # off and on again: the rules are what they were
        await sql.execute("UPDATE features SET enabled = false; UPDATE features SET enabled = true")
    assert (await shown(eve))[bob.id] == (None, False, None)

    problem(await ada.api.post(rules, json={"confined": True}), 409, "visibility_rules_key")
    problem(await ada.api.post(rules, json={"department_id": made["Mill"]}), 422, "visibility_rules_narrow")
    problem(await ada.api.post(rules, json={"hidden_fields": ["email"]}), 422, "validation_failed")
    problem(await ada.api.post(rules, json={"department_id": 999, "confined": True}), 404, "not_found")
    assert ok(await ada.api.get(rules)) == [rule]
    for answer in (
        await bob.api.get(rules),
        await bob.api.post(rules, json={"confined": True}),
        await bob.api.delete(f"{rules}/{rule['id']}"),
    ):
        problem(answer, 403, "forbidden")
    problem(await chat_server.anybody.get(rules), 401, "unauthorized")
    problem(await ada.api.delete(f"{rules}/999"), 404, "not_found")
