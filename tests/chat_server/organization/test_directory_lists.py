"""An uploaded list: what it would change is said first, and it puts nobody in whom its admin could not."""

import pytest

from tests.chat_server.people import ChatServer, ok, problem
from tests.support.postgres import Database

ON = pytest.mark.chat_server(features={"enable_organizations": True, "enable_advanced_admin": True})


async def test_it_is_off_unless_app_yaml_says_so(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    path = "/api/organizations/1/directory-list"
    assert problem(await ada.api.post(path, json={"csv": "email\n"}), 404, "feature_off")
    problem(await chat_server.anybody.post(path, json={"csv": "email\n"}), 401, "unauthorized")


@ON
async def test_a_list_is_compared_then_applied(chat_server: ChatServer, database: Database) -> None:
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    mallory = await chat_server.sign_up("Mallory")
    made = ok(await ada.api.post("/api/organizations", json={"name": "Engines"}), 201)["id"]
    path = f"/api/organizations/{made}/directory-list"
    csv = (
        "email,department,position,primary,manager\n"
        f"{bob.email},Works / Mill,Engineer,yes,{ada.email}\n"
        f"{mallory.email},Works,,,\nnobody@example.com,Works,,,\n"
    )
    compared = ok(await ada.api.post(path, json={"csv": csv}))
    said = [f"{act['act']}: {act['about']}" for act in compared["acts"]]
    # Whoever shares no workspace with the admin is, to the list, as somebody without an account.
    assert said == [
        *sorted(f"person without an account: {email}" for email in (mallory.email, "nobody@example.com")),
        f"person added: {bob.email}",
        "department added: Works",
        "department added: Works / Mill",
        "position added: Engineer",
        f"appointment made: {bob.email} in Works / Mill as Engineer",
        f"manager changed: {bob.email} has {ada.email}",
    ]
    assert (compared["amount"], compared["applied"], compared["stopped"]) == (8, False, False)
    assert ok(await ada.api.get(f"/api/organizations/{made}/departments")) == []
    applied = ok(await ada.api.post(path, json={"csv": csv, "apply": True}))
    assert (applied["acts"], applied["applied"]) == (compared["acts"], True)
    people = ok(await ada.api.get(f"/api/organizations/{made}/members"))
    assert [(one["user_id"], one["source"], one["manager_id"]) for one in people] == [
        (ada.id, "person", None),
        (bob.id, f"list-{made}", ada.id),
    ]
    [actor] = {act["actor_id"] for act in ok(await ada.api.get(f"/api/organizations/{made}/audit"))}
    assert actor == ada.id
    # A list of its admins gives no account to an organisation that keeps accounts, as an operator's directory does.
    async with database.connect() as sql:
        await sql.execute("UPDATE organizations SET keeps_accounts = true WHERE id = $1", made)
        assert not await sql.fetchval("SELECT keeps_account($1, $2)", made, bob.id)
    stopped = ok(await ada.api.post(path, json={"csv": "email,department\n", "apply": True}))
    assert (stopped["stopped"], stopped["applied"], stopped["acts"][0]["act"]) == (True, False, "stopped")
    emptied = ok(await ada.api.post(path, json={"csv": "email,department\n", "apply": True, "forced": True}))
    assert [act["act"] for act in emptied["acts"]] == [
        "appointment ended",
        "person removed",
        "department removed",
        "department removed",
    ]

    for text, detail in (
        ("name\n", "csv:1: column 'name': expected one of email"),
        ("email\nada\n", "csv:2: column email: expected an e-mail address, got 'ada'"),
        ('email\n"a\n', "no CSV"),
    ):
        assert detail in problem(await ada.api.post(path, json={"csv": text}), 422, "list_is_wrong")["detail"]
    problem(await ada.api.post(path, json={"csv": ""}), 422, "validation_failed")
    problem(await ada.api.post(path, json={"csv": "email\n", "source": "csv"}), 422, "validation_failed")
    problem(await eve.api.post(path, json={"csv": "email\n"}), 404, "not_found")
    ok(await ada.api.post(f"/api/organizations/{made}/members", json={"user_id": eve.id}), 201)
    problem(await eve.api.post(path, json={"csv": "email\n"}), 403, "forbidden")
    async with database.connect() as sql:
        await sql.execute("UPDATE sessions SET auth_time = now() - interval '1 day' WHERE user_id = $1", ada.id)
    problem(await ada.api.post(path, json={"csv": "email\n", "apply": True}), 403, "reauthentication_required")
    ok(await ada.api.post(path, json={"csv": "email\n"}))
