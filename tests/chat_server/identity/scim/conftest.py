"""A chat_server with a directory, `acme-people`, that provisions people for the provider `acme`."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.chat_server.people import ChatServer, chat_server_on, settings
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import Database

TOKEN = "a-token-of-the-directory-with-many-characters"
ISSUER = "https://login.acme.example"
USERS = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUPS = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass
class Directory:
    http: httpx.AsyncClient
    server: ChatServer

    async def add(self, name: str = "ada", **fields: Any) -> dict[str, Any]:
        """A new user, with the address NAME@corp.example."""
        body = {
            "schemas": [USERS],
            "userName": f"{name}@corp.example",
            "externalId": f"00u-{name}",
            "name": {"givenName": name.capitalize(), "familyName": "Lovelace"},
            "emails": [{"value": f"{name}@corp.example", "type": "work", "primary": True}],
            "active": True,
            **fields,
        }
        return scim(await self.http.post("/Users", json=body), 201)

    async def add_group(self, name: str, *members: str, **fields: Any) -> dict[str, Any]:
        body = {"schemas": [GROUPS], "displayName": name, "members": [{"value": each} for each in members], **fields}
        return scim(await self.http.post("/Groups", json=body), 201)

    async def patch(self, path: str, *operations: dict[str, Any]) -> httpx.Response:
        return await self.http.patch(path, json={"schemas": [PATCH], "Operations": operations})

    async def user(self, id_: str) -> dict[str, Any]:
        return scim(await self.http.get(f"/Users/{id_}"))


def scim(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    if not answer.content:
        return {}
    assert answer.headers["content-type"] == "application/scim+json"
    body: dict[str, Any] = answer.json()
    return body


def refused(answer: httpx.Response, status: int, kind: str | None = None) -> str:
    """The detail of an error of this status and scimType."""
    body = scim(answer, status)
    assert body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert (body["status"], body.get("scimType")) == (str(status), kind), body
    return str(body["detail"])


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    file = tmp_path / "tokens"
    file.write_text(f"{TOKEN}\n")
    return file


@pytest.fixture
def fields() -> dict[str, Any]:
    """Further settings of the directory, for a test that is parametrized with them."""
    return {}


@pytest.fixture
def server_settings() -> dict[str, Any]:
    """Those of the section `server`."""
    return {}


@pytest.fixture
async def directory(
    database: Database, keys: Path, tokens: Path, fields: dict[str, Any], server_settings: dict[str, Any]
) -> AsyncIterator[Directory]:
    way_in = {"issuer": ISSUER, "client_id": "fechatter", "client_secret": "secret", "owns_domains": ["corp.example"]}
    people = {"token_file": tokens, "owns_domains": ["corp.example"], "way_in": "acme", **fields}
    auth = {"providers": {"acme": way_in}, "scim": {"acme-people": people}}
    async with (
        chat_server_on(settings(database.chat_url, keys, auth=auth, server=server_settings)) as server,
        plain_http(
            base_url=f"{server.url}/api/scim/v2/acme-people", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30
        ) as http,
    ):
        yield Directory(http, server)
