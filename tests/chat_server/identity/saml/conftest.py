from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from tests.chat_server.people import ChatServer, chat_server_on, ok, settings
from tests.support.clients.plain_http import plain_http
from tests.support.identity.saml_peer import SamlPeer, encoded
from tests.support.postgres import Database

PUBLIC = "http://chat.example"
ADA = {"email": ["ada@corp.example"], "displayName": ["Ada Lovelace"]}


class Browser:
    """Its cookies, and the path from the page to the provider and back."""

    def __init__(self, http: httpx.AsyncClient, peer: SamlPeer, name: str = "corp") -> None:
        self.http, self.peer, self.path = http, peer, f"/api/auth/saml/{name}"
        self.base = f"{PUBLIC}{self.path}"

    async def begin(self) -> etree._Element:
        answer = await self.http.get(self.path)
        assert answer.status_code == 303, answer.text
        return self.peer.asked(answer.headers["location"])

    def answer(self, request: etree._Element | None, **said: Any) -> etree._Element:
        """Of the provider, unsigned; Ada's, if `said` does not say otherwise."""
        return self.peer.response(request, f"{self.base}/acs", f"{self.base}/metadata", **{"attributes": ADA, **said})

    async def come_back(self, response: etree._Element | bytes) -> httpx.Response:
        document = response if isinstance(response, bytes) else etree.tostring(response)
        return await self.http.post(f"{self.path}/acs", data={"SAMLResponse": encoded(document), "carried": "1"})

    async def sign_in(self, **said: Any) -> Any:
        """What the page gets."""
        answer = await self.come_back(self.peer.signed(self.answer(await self.begin(), **said)))
        assert answer.headers.get("location") == "/signin#/signed-in", answer.text
        return ok(await self.http.post("/api/auth/provider-session", json={}))


@pytest.fixture
def peer(tmp_path: Path) -> SamlPeer:
    return SamlPeer(tmp_path)


@pytest.fixture
def corp() -> dict[str, Any]:
    """Settings of the provider, for a test that is parametrized with others."""
    return {}


@pytest.fixture
async def server(corp: dict[str, Any], database: Database, keys: Path, peer: SamlPeer) -> AsyncIterator[ChatServer]:
    saml = {"corp": peer.settings(owns_domains=["corp.example"], **corp)}
    async with chat_server_on(
        settings(database.chat_url, keys, server={"public_url": PUBLIC}, auth={"saml": saml})
    ) as running:
        yield running


@pytest.fixture
async def browser(server: ChatServer, peer: SamlPeer) -> AsyncIterator[Browser]:
    async with plain_http(base_url=server.url) as http:
        yield Browser(http, peer)


@pytest.fixture
async def another(server: ChatServer, peer: SamlPeer) -> AsyncIterator[Browser]:
    async with plain_http(base_url=server.url) as http:
        yield Browser(http, peer)
