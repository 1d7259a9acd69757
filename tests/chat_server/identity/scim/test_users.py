"""People whom a directory provisions: who they are here, and what suspends them."""

from typing import Any

import asyncpg
import pytest

from tests.chat_server.identity.scim.conftest import PATCH, USERS, Directory, refused, scim
from tests.chat_server.people import PASSWORD, ok, problem
from tests.support.postgres import Database

OFF = {"op": "replace", "path": "active", "value": False}
ON = {"op": "replace", "path": "active", "value": True}


async def states(database: Database) -> dict[str, str]:
    """The accounts' states, by the part of their addresses before the @."""
    async with database.connect() as sql:
        rows = await sql.fetch("SELECT split_part(email, '@', 1) AS name, status FROM users")
    return {row["name"]: row["status"] for row in rows}


async def test_a_new_user_has_an_account(directory: Directory, database: Database) -> None:
    made = await directory.add()
    assert made["meta"]["location"].endswith(f"/api/scim/v2/acme-people/Users/{made['id']}")
    async with database.connect() as sql:
        person = await sql.fetchrow("SELECT * FROM users")
        assert person is not None
        assert (person["email"], person["fullname"], person["status"]) == ("ada@corp.example", "Ada Lovelace", "active")
        assert person["email_verified_at"] is not None
        assert person["password_hash"] == ""
        identity = await sql.fetchrow("SELECT provider, issuer, subject FROM identities")
        assert tuple(identity or ()) == ("acme", "https://login.acme.example", "00u-ada")
        assert await sql.fetchval("SELECT count(*) FROM audit_log WHERE action = 'user_provisioned'") == 1


async def test_whoever_has_signed_in_before_is_found_by_the_subject(directory: Directory, database: Database) -> None:
    async with database.connect() as sql:
        person = await sql.fetchval(
            "SELECT user_id FROM identify('acme', 'https://login.acme.example', '00u-ada', 'ada@corp.example', true, "
            "true, true, 'Ada King')"
        )
        # The directory has another address for her by now.
        await directory.add(userName="ada.king@corp.example", emails=[{"value": "ada.king@corp.example"}])
        assert await sql.fetchval("SELECT user_id FROM scim_users") == person
        assert await sql.fetchval("SELECT count(*) FROM users") == 1


async def test_an_account_of_an_owned_domain_is_taken_over_from_whoever_registered_it(
    directory: Directory, database: Database
) -> None:
    async with database.connect() as sql:
        person = await sql.fetchval("SELECT id FROM create_user('Eve', 'ada@corp.example', 'known to eve')")
        await directory.add()
        assert await sql.fetchval("SELECT user_id FROM scim_users") == person
        assert await sql.fetchval("SELECT password_hash FROM users") == ""


async def test_only_addresses_of_owned_domains_are_provisioned(directory: Directory, database: Database) -> None:
    grace = await directory.server.sign_up("Grace")
    taken = {"userName": "grace@corp.example", "emails": [{"value": grace.email}]}
    body = {"schemas": [USERS], "externalId": "00u-grace", **taken}
    refused(await directory.http.post("/Users", json=body), 409, "uniqueness")
    body["emails"] = [{"value": "grace@elsewhere.example"}]
    assert "corp.example" in refused(await directory.http.post("/Users", json=body), 400, "invalidValue")
    ok(await directory.server.sign_in(grace, PASSWORD))
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT count(*) FROM users") == 1


async def test_an_account_of_another_domain_at_a_way_in_that_others_share_is_not_the_directorys(
    directory: Directory, database: Database
) -> None:
    """Acme owns its addresses at Google, say, but not whoever else signs in there."""
    async with database.connect() as sql:
        victim = await sql.fetchval(
            "SELECT user_id FROM identify('acme', 'https://login.acme.example', 'victim', 'victim@mail.example', true, "
            "false, true, 'Victim')"
        )
        body = {"schemas": [USERS], "userName": "eve@corp.example", "externalId": "victim"}
        for active in (True, False):
            refused(await directory.http.post("/Users", json={**body, "active": active}), 409, "uniqueness")
        assert await states(database) == {"victim": "active"}
        # Nor where the account has become another domain's since.
        eve = await directory.add("eve")
        await sql.execute("UPDATE scim_users SET user_id = $1", victim)
        subject = {"op": "add", "path": "externalId", "value": "00u-mallory"}
        refused(await directory.patch(f"/Users/{eve['id']}", subject), 409, "uniqueness")
        signs_in = (
            "SELECT user_id FROM identify('acme', 'https://login.acme.example', $1, NULL, false, false, false, 'E')"
        )
        assert await sql.fetchval(signs_in, "00u-mallory") is None
        assert await sql.fetchval(signs_in, "victim") == victim


async def test_addresses_are_known_in_their_one_form(directory: Directory, database: Database) -> None:
    forms = {"u\u0308@corp.example": "\u00fc@corp.example", "ada@\uff23ORP.example": "ada@corp.example"}
    for given in forms:
        await directory.add(userName=given, externalId=None, emails=[])
    async with database.connect() as sql:
        assert [row[0] for row in await sql.fetch("SELECT email FROM users ORDER BY id")] == list(forms.values())


async def test_a_user_name_and_a_person_are_there_once(directory: Directory) -> None:
    await directory.add()
    again = {"schemas": [USERS], "userName": "ADA@corp.example", "emails": [{"value": "ada2@corp.example"}]}
    refused(await directory.http.post("/Users", json=again), 409, "uniqueness")
    again = {"schemas": [USERS], "userName": "ada2", "externalId": "00u-ada"}
    refused(await directory.http.post("/Users", json=again), 409, "uniqueness")


async def test_inactive_suspends_and_active_reinstates(directory: Directory, database: Database) -> None:
    ada = await directory.add()
    scim(await directory.patch(f"/Users/{ada['id']}", OFF), 204)
    assert await states(database) == {"ada": "suspended"}
    assert (await directory.user(ada["id"]))["active"] is False
    scim(await directory.patch(f"/Users/{ada['id']}", ON), 204)
    assert await states(database) == {"ada": "active"}
    ada = await directory.user(ada["id"])
    scim(await directory.http.put(f"/Users/{ada['id']}", json={**ada, "active": False}))
    assert await states(database) == {"ada": "suspended"}
    async with database.connect() as sql:
        audited = await sql.fetch("SELECT after FROM audit_log WHERE action = 'user_suspended'")
        assert all('"source": "acme-people"' in row["after"] for row in audited)


async def test_a_put_without_active_leaves_a_suspension(directory: Directory, database: Database) -> None:
    ada = await directory.add(active=False)
    del ada["active"]
    scim(await directory.http.put(f"/Users/{ada['id']}", json={**ada, "title": "Countess"}))
    assert await states(database) == {"ada": "suspended"}


async def test_a_deleted_user_is_suspended_until_the_directory_has_them_again(
    directory: Directory, database: Database
) -> None:
    ada = await directory.add()
    scim(await directory.http.delete(f"/Users/{ada['id']}"), 204)
    refused(await directory.http.get(f"/Users/{ada['id']}"), 404)
    refused(await directory.http.delete(f"/Users/{ada['id']}"), 404)
    assert await states(database) == {"ada": "suspended"}
    again = await directory.add()
    assert again["id"] != ada["id"]
    assert await states(database) == {"ada": "active"}


async def test_an_operators_suspension_stays(directory: Directory, database: Database) -> None:
    ada = await directory.add()
    async with database.connect() as sql:
        await sql.execute("SELECT ops.suspend('ada@corp.example')")
    for operation in (ON, OFF, ON):
        scim(await directory.patch(f"/Users/{ada['id']}", operation), 204)
        assert await states(database) == {"ada": "suspended"}
    # The same in the other order: she was suspended already when the operator said so.
    async with database.connect() as sql:
        await sql.execute("SELECT ops.reinstate('ada@corp.example')")
        scim(await directory.patch(f"/Users/{ada['id']}", OFF), 204)
        await sql.execute("SELECT ops.suspend('ada@corp.example')")
    scim(await directory.patch(f"/Users/{ada['id']}", ON), 204)
    assert await states(database) == {"ada": "suspended"}


async def test_an_operators_reinstatement_is_seen_by_the_directory(directory: Directory, database: Database) -> None:
    ada = await directory.add(active=False)
    async with database.connect() as sql:
        await sql.execute("SELECT ops.reinstate('ada@corp.example')")
    assert (await directory.user(ada["id"]))["active"] is True
    scim(await directory.patch(f"/Users/{ada['id']}", OFF), 204)
    assert await states(database) == {"ada": "suspended"}


async def test_a_deactivated_account_is_not_reactivated(directory: Directory, database: Database) -> None:
    ada = await directory.add()
    async with database.connect() as sql:
        await sql.execute("SELECT ops.deactivate('ada@corp.example')")
    scim(await directory.patch(f"/Users/{ada['id']}", OFF), 204)
    scim(await directory.patch(f"/Users/{ada['id']}", ON), 204)
    assert await states(database) == {"ada": "inactive"}


async def test_a_suspended_person_cannot_come_in(directory: Directory, database: Database) -> None:
    """An account with a password, which the directory has taken over later."""
    async with database.connect() as sql:
        grace = await directory.server.sign_up("Grace")
        await sql.execute("UPDATE users SET email = 'grace@corp.example', email_verified_at = now()")
        grace.email = "grace@corp.example"
        user = await directory.add("grace")
        ok(await grace.api.get("/api/auth/me"))
        scim(await directory.patch(f"/Users/{user['id']}", OFF), 204)
        problem(await grace.api.get("/api/auth/me"), 401, "unauthorized")
        problem(await directory.server.sign_in(grace), 403, "account_suspended")
        ended = await sql.fetch("SELECT payload FROM events WHERE kind = 'SessionRevoked'")
        assert ['"reason":"suspended"' in row["payload"] for row in ended] == [True]


async def test_names_and_addresses_follow_the_directory(directory: Directory, database: Database) -> None:
    ada = await directory.add()
    king = {"name": {"familyName": "King"}, "emails": [{"value": "king@corp.example"}]}
    scim(await directory.patch(f"/Users/{ada['id']}", {"op": "replace", "value": king}), 204)
    async with database.connect() as sql:
        assert tuple(await sql.fetchrow("SELECT email, fullname FROM users") or ()) == ("king@corp.example", "Ada King")
        # What she has chosen here stays, while the directory says nothing new about it.
        await sql.execute("UPDATE users SET fullname = 'Ada'")
        scim(await directory.patch(f"/Users/{ada['id']}", {"op": "replace", "path": "title", "value": "Countess"}), 204)
        assert await sql.fetchval("SELECT fullname FROM users") == "Ada"
        # An address that is not the directory's to give.
        elsewhere = {"op": "replace", "path": "emails", "value": [{"value": "ada@elsewhere.example"}]}
        refused(await directory.patch(f"/Users/{ada['id']}", elsewhere), 400, "invalidValue")
        assert await sql.fetchval("SELECT email FROM users") == "king@corp.example"


async def test_a_new_subject_replaces_the_identity(directory: Directory, database: Database) -> None:
    ada, grace = await directory.add("ada"), await directory.add("grace")
    subject = {"op": "add", "path": "externalId", "value": "00u-other"}
    scim(await directory.patch(f"/Users/{ada['id']}", subject), 204)
    async with database.connect() as sql:
        assert {row[0] for row in await sql.fetch("SELECT subject FROM identities")} == {"00u-other", "00u-grace"}
    refused(await directory.patch(f"/Users/{grace['id']}", subject), 409, "uniqueness")


async def test_a_change_of_something_that_somebody_else_has_changed_is_refused(directory: Directory) -> None:
    ada = await directory.add()
    path, seen = f"/Users/{ada['id']}", ada["meta"]["version"]
    answer = await directory.http.get(path)
    assert answer.headers["etag"] == seen
    assert (await directory.http.get(path, headers={"If-None-Match": seen})).status_code == 304
    scim(await directory.patch(path, {"op": "add", "path": "title", "value": "Countess"}), 204)
    body = {"schemas": [PATCH], "Operations": [OFF]}
    refused(await directory.http.patch(path, json=body, headers={"If-Match": seen}), 412)
    refused(await directory.http.put(path, json=ada, headers={"If-Match": seen}), 412)
    refused(await directory.http.delete(path, headers={"If-Match": seen}), 412)
    now = (await directory.user(ada["id"]))["meta"]["version"]
    scim(await directory.http.patch(path, json=body, headers={"If-Match": now}), 204)


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "replace", "path": "nonsense", "value": "x"}, "invalidPath"),
        ({"op": "replace", "value": {"nonsense": "x"}}, "invalidValue"),
        ({"op": "replace", "path": "password", "value": "secret"}, "invalidPath"),
        ({"op": "replace", "path": "active", "value": "perhaps"}, "invalidValue"),
        ({"op": "replace", "path": "id", "value": "7"}, "mutability"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "move", "path": "title"}, "invalidValue"),
        ({"op": "replace", "path": 'emails[type eq "work"', "value": "x"}, "invalidPath"),
    ],
)
async def test_what_cannot_be_done_is_refused_and_changes_nothing(
    directory: Directory, operation: dict[str, Any], kind: str
) -> None:
    ada = await directory.add()
    refused(await directory.patch(f"/Users/{ada['id']}", OFF, operation), 400, kind)
    assert await directory.user(ada["id"]) == ada


@pytest.mark.parametrize("fields", [{"unknown_attributes": "ignore"}])
async def test_unknown_attributes_are_ignored_where_the_settings_say_so(
    directory: Directory, fields: dict[str, Any]
) -> None:
    ada = await directory.add(roles=[{"value": "admin"}])
    assert "roles" not in ada


@pytest.mark.parametrize("fields", [{"way_in": None}])
async def test_without_a_way_in_people_are_found_by_their_addresses(
    directory: Directory, database: Database, fields: dict[str, Any]
) -> None:
    ada = await directory.add()
    async with database.connect() as sql:
        identity = await sql.fetchrow("SELECT provider, issuer, subject FROM identities")
        assert tuple(identity or ()) == ("acme-people", "scim", ada["id"])
        scim(await directory.http.delete(f"/Users/{ada['id']}"), 204)
        assert await sql.fetchval("SELECT count(*) FROM identities") == 0
        await directory.add()
        assert await sql.fetchval("SELECT count(*) FROM users") == 1
        # It is no way in by itself: the last one that is stays.
        other = "SELECT add_identity(id, 'acme', 'https://login.acme.example', '1', NULL, false) FROM users"
        with pytest.raises(asyncpg.PostgresError) as kept:
            await sql.execute(f"SELECT remove_identity((SELECT id FROM users), ({other}))")
        assert kept.value.constraint_name == "last_way_in"
