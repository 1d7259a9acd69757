"""Bodies as Okta and Entra send them: from their documentation, and from what others have recorded in issue threads."""

from typing import Any

import pytest

from tests.chat_server.identity.scim.conftest import GROUPS, Directory, scim
from tests.chat_server.identity.scim.test_users import states
from tests.support.postgres import Database

WORK = {"primary": True, "type": "work", "value": "ada@corp.example"}
OKTA_USER = {  # developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "ada@corp.example",
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "emails": [WORK],
    "displayName": "Ada Lovelace",
    "locale": "en-US",
    "externalId": "00ujl29u0le5T6Aj10h7",
    "groups": [],
    "password": "1mz050nq",
    "active": True,
}
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ENTRA_USER = {  # learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
    "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
    "userName": "ada@corp.example",
    "active": True,
    "emails": [WORK],
    "meta": {"resourceType": "User"},
    "name": {"formatted": "Ada Lovelace", "familyName": "Lovelace", "givenName": "Ada"},
    "roles": [],
    ENTERPRISE: {"department": "Engines", "manager": {"value": "26118915"}},
}


@pytest.mark.parametrize("body", [OKTA_USER, ENTRA_USER], ids=["okta", "entra"])
async def test_a_new_user(directory: Directory, database: Database, body: dict[str, Any]) -> None:
    made = scim(await directory.http.post("/Users", json=body), 201)
    assert "password" not in made
    async with database.connect() as sql:
        person = await sql.fetchrow("SELECT email, fullname, password_hash FROM users")
        assert tuple(person or ()) == ("ada@corp.example", "Ada Lovelace", "")
        assert await sql.fetchval("SELECT count(*) FROM scim_users WHERE resource::text LIKE '%1mz050nq%'") == 0


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param({"op": "replace", "value": {"active": False}}, id="okta"),
        pytest.param({"op": "Replace", "path": "active", "value": "False"}, id="entra"),
        pytest.param({"op": "Replace", "path": "active", "value": [{"$ref": None, "value": "False"}]}, id="entra-list"),
        pytest.param({"op": "Replace", "path": "active", "value": [{"value": False}]}, id="entra-list-boolean"),
        pytest.param({"op": "Add", "path": "active", "value": "False"}, id="entra-add"),
        pytest.param({"op": "Replace", "value": {"active": "False"}}, id="entra-without-path"),
        pytest.param(
            {"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active", "value": False}, id="urn"
        ),
    ],
)
async def test_a_user_is_deactivated(directory: Directory, database: Database, operation: dict[str, Any]) -> None:
    ada = await directory.add()
    scim(await directory.patch(f"/Users/{ada['id']}", operation), 204)
    assert await states(database) == {"ada": "suspended"}


async def test_entra_changes_many_attributes_at_once(directory: Directory, database: Database) -> None:
    ada = await directory.add()
    scim(
        await directory.patch(
            f"/Users/{ada['id']}",
            {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "king@corp.example"},
            {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+44 20 7946 0000"},
            {"op": "Replace", "value": {"name.familyName": "King", f"{ENTERPRISE}:department": "Engines"}},
            {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "26118915"},
        ),
        204,
    )
    now = await directory.user(ada["id"])
    assert now["emails"][0]["value"] == "king@corp.example"
    assert now["phoneNumbers"] == [{"type": "mobile", "value": "+44 20 7946 0000"}]
    assert (now["name"]["familyName"], now[ENTERPRISE]["department"]) == ("King", "Engines")
    assert now[ENTERPRISE]["manager"]["value"] == "26118915"


@pytest.mark.parametrize("query", ["userName", "externalId"])
async def test_a_user_is_looked_for_before_it_is_made(directory: Directory, query: str) -> None:
    ada = await directory.add()
    await directory.add("grace")
    for value, found in ((ada[query], [ada["id"]]), ("nobody@corp.example", [])):
        params = {"filter": f'{query} eq "{value}"', "startIndex": "1", "count": "100"}
        listed = scim(await directory.http.get("/Users", params=params))
        assert (listed["totalResults"], [each["id"] for each in listed.get("Resources", [])]) == (len(found), found)


async def test_entra_keeps_a_group(directory: Directory) -> None:
    ada, grace = await directory.add("ada"), await directory.add("grace")
    body = {"schemas": [GROUPS], "externalId": "8aa1a0c0", "displayName": "engineering", "members": []}
    group = scim(await directory.http.post("/Groups", json=body), 201)
    path = f"/Groups/{group['id']}"
    both = [{"$ref": None, "value": each["id"]} for each in (ada, grace)]
    scim(await directory.patch(path, {"op": "Add", "path": "members", "value": both}), 204)
    without = {"excludedAttributes": "members", "filter": 'displayName eq "engineering"'}
    [listed] = scim(await directory.http.get("/Groups", params=without))["Resources"]
    assert "members" not in listed
    gone = {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": ada["id"]}]}
    scim(await directory.patch(path, gone), 204)
    members = scim(await directory.http.get(path))["members"]
    assert [each["value"] for each in members] == [grace["id"]]
    renamed = {"op": "Replace", "path": "displayName", "value": "engines"}
    scim(await directory.patch(path, renamed), 204)
    assert scim(await directory.http.get(path))["displayName"] == "engines"


async def test_okta_keeps_a_group(directory: Directory) -> None:
    ada, grace = await directory.add("ada"), await directory.add("grace")
    group = await directory.add_group("engineering", ada["id"])
    path = f"/Groups/{group['id']}"
    replaced = {"id": group["id"], "displayName": "engines"}
    scim(await directory.patch(path, {"op": "replace", "value": replaced}), 204)
    added = {"op": "add", "path": "members", "value": [{"value": grace["id"], "display": "grace@corp.example"}]}
    scim(await directory.patch(path, {"op": "remove", "path": f'members[value eq "{ada["id"]}"]'}, added), 204)
    now = scim(await directory.http.get(path))
    assert (now["displayName"], [each["value"] for each in now["members"]]) == ("engines", [grace["id"]])
