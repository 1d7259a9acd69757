"""Who may ask, how much, and how lists are paged."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.chat_server.identity.scim.conftest import TOKEN, Directory, refused, scim
from tests.chat_server.people import problem


async def test_a_directory_is_known_by_its_token_alone(directory: Directory) -> None:
    for token in ("another-token-of-somebody-else-entirely", TOKEN[:-1], TOKEN + "x"):
        answer = await directory.http.get("/Users", headers={"Authorization": f"Bearer {token}"})
        refused(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")
    url = str(directory.http.base_url).replace("acme-people", "others")
    refused(await directory.http.get(f"{url}Users"), 401)
    person = await directory.server.sign_up("Grace")
    refused(await directory.http.get("/Users", headers={"Authorization": f"Bearer {person.token}"}), 401)
    problem(await (await directory.server.client(TOKEN)).get("/api/auth/me"), 401, "unauthorized")


async def test_a_token_is_replaced_without_a_restart(directory: Directory, tokens: Path) -> None:
    fresh = "the-next-token-of-the-directory-with-many-characters"
    old, new = ({"Authorization": f"Bearer {token}"} for token in (TOKEN, fresh))
    tokens.write_text(f"{TOKEN}\n{fresh}\n")
    for headers in (old, new):
        scim(await directory.http.get("/Users", headers=headers))
    tokens.write_text(fresh)
    scim(await directory.http.get("/Users", headers=new))
    refused(await directory.http.get("/Users", headers=old), 401)
    # Whoever empties or removes the file, or leaves nothing usable in it, withdraws the tokens.
    for content in ("short", "", None):
        tokens.unlink() if content is None else tokens.write_text(content)
        for headers in (new, {"Authorization": "Bearer short"}):
            refused(await directory.http.get("/Users", headers=headers), 401)
        tokens.write_text(fresh)
        scim(await directory.http.get("/Users", headers=new))


@pytest.mark.parametrize("fields", [{"token_file": None, "token_sha256": [hashlib.sha256(TOKEN.encode()).hexdigest()]}])
async def test_settings_may_have_the_hash_of_the_token(directory: Directory, fields: dict[str, Any]) -> None:
    scim(await directory.http.get("/Users"))
    refused(await directory.http.get("/Users", headers={"Authorization": "Bearer " + "0" * 40}), 401)


async def test_lists_are_paged(directory: Directory) -> None:
    ids = [(await directory.add(f"p{number}"))["id"] for number in range(3)]
    listed = scim(await directory.http.get("/Users", params={"startIndex": "2", "count": "1"}))
    assert (listed["totalResults"], listed["startIndex"], listed["itemsPerPage"]) == (3, 2, 1)
    assert [each["id"] for each in listed["Resources"]] == ids[1:2]
    filtered = {"filter": 'userName sw "p" and not (userName co "p0")', "startIndex": "2", "count": "5"}
    listed = scim(await directory.http.get("/Users", params=filtered))
    assert (listed["totalResults"], [each["id"] for each in listed["Resources"]]) == (2, ids[2:])
    only = scim(await directory.http.get(f"/Users/{ids[0]}", params={"attributes": "userName"}))
    assert only == {"schemas": only["schemas"], "id": ids[0], "userName": "p0@corp.example"}


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ('userName eq "a', "invalidFilter"),
        ('nonsense eq "a"', "invalidFilter"),
        ("(" * 900, "invalidFilter"),
        ("not (" * 150 + "title pr" + ")" * 150, "invalidFilter"),
    ],
)
async def test_filters_that_are_none_are_refused(directory: Directory, given: str, kind: str) -> None:
    refused(await directory.http.get("/Users", params={"filter": given}), 400, kind)


async def test_requests_are_bounded(directory: Directory) -> None:
    refused(await directory.http.get("/Users", params={"filter": "x" * 5000}), 400)
    assert (await directory.http.post("/Users", content=b"x" * 300_000)).status_code == 413
    longest = f'userName eq "{"x" * 1000}"'
    refused(await directory.http.post("/Users/.search", json={"filter": longest}), 400, "invalidFilter")
    longest = f"emails[{longest.replace('userName', 'value')}]"  # a path, if it were shorter
    many = [{"op": "remove", "path": "title"}] * 501
    refused(await directory.patch("/Users/1", *many), 400, "invalidValue")
    refused(await directory.patch("/Users/1", {"op": "remove", "path": longest}), 400, "invalidPath")
    refused(await directory.http.post("/Users", content=b'{"a":' * 10_000), 400, "invalidSyntax")
    refused(await directory.http.post("/Users", content=b"{"), 400, "invalidSyntax")
    refused(await directory.http.post("/Users", content=b"{}", headers={"Content-Type": "text/plain"}), 415)
    refused(await directory.http.get("/Users/" + "9" * 30), 404)
    refused(await directory.http.get("/Users/x"), 404)
    refused(await directory.http.get("/Nothing"), 404)
    refused(await directory.http.post("/Bulk", json={}), 501)
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):  # RFC 7644, 3.11
        refused(await directory.http.request(method, "/Me", json={}), 501)
    assert not scim(await directory.http.get("/ServiceProviderConfig"))["bulk"]["supported"]
    refused(await directory.http.put("/Users", json={}), 405)


async def test_a_user_that_two_indexes_answer_is_found_once(directory: Directory) -> None:
    await directory.add()
    both = {"filter": 'userName eq "ada@corp.example" and externalId eq "00u-ada"'}
    assert scim(await directory.http.get("/Users", params=both))["totalResults"] == 1


async def test_a_filter_that_no_index_answers_looks_at_few(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_server.provisioning.storage.MOST_CANDIDATES", 2)
    for number in range(3):
        await directory.add(f"p{number}")
    refused(await directory.http.get("/Users", params={"filter": "title pr"}), 400, "tooMany")
    known = {"filter": 'userName eq "p1@corp.example" and title pr'}
    assert scim(await directory.http.get("/Users", params=known))["totalResults"] == 0
