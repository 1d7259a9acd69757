"""Signing in at an identity provider of SAML, and what somebody who would be somebody else can try."""

import re
from typing import Any

import httpx
import pytest
from lxml import etree

from chat_server.identity import remembered
from chat_server.identity.attempts import Attempt
from chat_server.identity.saml.parsing import NS
from tests.chat_server.identity.organized import organize, places
from tests.chat_server.identity.saml.conftest import ADA, PUBLIC, Browser
from tests.chat_server.people import ChatServer, ok, problem
from tests.support.identity.saml_peer import SamlPeer, encoded, key_pair
from tests.support.postgres import Database


async def test_an_account_is_made_at_the_first_sign_in_and_found_at_the_next(
    server: ChatServer, browser: Browser, another: Browser, database: Database
) -> None:
    first = await browser.sign_in(session_index="s-1")
    assert first["user"]["fullname"] == "Ada Lovelace"
    # Later the provider says something else of the same person.
    said = {"attributes": {"email": ["ada.king@corp.example"]}}
    second = await another.sign_in(**said, context="https://refeds.org/profile/mfa", session_index=None)
    assert second["user"]["id"] == first["user"]["id"]
    async with database.connect() as sql:
        rows = await sql.fetch("SELECT provider, amr, provider_sid, name_id FROM sessions ORDER BY id")
        assert [tuple(row)[:3] for row in rows] == [("corp", ["pwd"], "s-1"), ("corp", ["mfa"], None)]
        assert await sql.fetchval("SELECT issuer FROM identities") == browser.peer.entity_id


async def test_the_request_says_what_the_provider_needs(server: ChatServer, browser: Browser) -> None:
    [listed] = ok(await server.anybody.get("/api/auth/providers"))
    assert (listed["name"], listed["title"], listed["url"]) == ("corp", "Corp", f"{PUBLIC}{browser.path}")
    request = await browser.begin()
    assert request.get("Destination") == "https://idp.corp.example/sso?tenant=7"
    assert request.get("AssertionConsumerServiceURL") == f"{browser.base}/acs"
    assert request.find("a:Issuer", NS).text == f"{browser.base}/metadata"
    assert re.fullmatch(r"_[A-Za-z0-9_.-]{1,159}", request.get("ID"))
    ours = await browser.http.get(f"{browser.path}/metadata")
    assert ours.headers["content-type"].startswith("application/samlmetadata+xml")
    described = etree.fromstring(ours.content)
    assert described.get("entityID") == f"{browser.base}/metadata"
    assert described.find("m:SPSSODescriptor/m:AssertionConsumerService", NS).get("Location") == f"{browser.base}/acs"
    problem(await browser.http.get("/api/auth/saml/nobody"), 404, "not_found")


async def test_a_form_from_another_site_is_posted_again_from_a_page_of_ours(browser: Browser) -> None:
    """Such a form comes without our cookies, as SameSite has it; the page's comes with them."""
    response = browser.peer.signed(browser.answer(await browser.begin()))
    browser.http.cookies = httpx.Cookies()
    form = {"SAMLResponse": encoded(etree.tostring(response)), "RelayState": "https://evil.example"}
    page = await browser.http.post(f"{browser.path}/acs", data=form)
    assert page.status_code == 200
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "evil.example" not in page.text
    carried = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    # Another browser, which has begun nothing, comes no further with it.
    problem(await browser.http.post(f"{browser.path}/acs", data=carried), 400, "invalid_sign_in")


async def test_markup_in_a_form_is_not_carried(browser: Browser) -> None:
    form = {"SAMLResponse": '"><script>alert(1)</script>'}
    problem(await browser.http.post(f"{browser.path}/acs", data=form), 400, "invalid_sign_in")


async def test_an_answer_for_another_browser_is_refused(browser: Browser, another: Browser) -> None:
    """Login CSRF: somebody's browser is made to bring the answer that somebody else has got."""
    await another.begin()
    response = browser.peer.signed(browser.answer(await browser.begin()))
    problem(await another.come_back(response), 400, "invalid_sign_in")


async def test_an_assertion_is_good_once(browser: Browser) -> None:
    request = await browser.begin()
    response = browser.peer.signed(browser.answer(request))
    assert (await browser.come_back(response)).headers["location"] == "/signin#/signed-in"
    problem(await browser.come_back(response), 403, "invalid_provider_token")
    # And so is our request, whoever answers it once more.
    problem(await browser.come_back(browser.peer.signed(browser.answer(request))), 400, "invalid_sign_in")


async def test_an_answer_to_a_request_that_is_old_or_not_ours_is_refused(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await browser.begin()
    for other in ("_another", f"{request.get('ID')}x", ""):
        response = browser.peer.signed(browser.answer(request, in_response_to=other))
        problem(await browser.come_back(response), 400, "invalid_sign_in")
    response = browser.peer.signed(browser.answer(request), "assertion")
    response.set("InResponseTo", "_another")
    problem(await browser.come_back(response), 403, "invalid_provider_token")
    monkeypatch.setattr(Attempt, "has_expired", True)
    problem(await browser.come_back(browser.peer.signed(browser.answer(request))), 400, "invalid_sign_in")


async def test_what_cannot_be_believed_signs_nobody_in(browser: Browser) -> None:
    """Every rule has its own test in test_assertions.py."""
    for document in (b"x", etree.tostring(browser.answer(await browser.begin()))):
        problem(await browser.come_back(document), 403, "invalid_provider_token")
    forged = browser.peer.signed(browser.answer(await browser.begin()), key=key_pair("eve"))
    problem(await browser.come_back(forged), 403, "invalid_provider_token")
    problem(await browser.http.post("/api/auth/provider-session", json={}), 401, "no_sign_in")


async def test_the_providers_refusal_is_told_and_a_browser_gets_the_page(browser: Browser) -> None:
    browser.http.headers["Accept"] = "text/html"
    refused = browser.peer.signed(browser.answer(await browser.begin(), status="AuthnFailed"), "response")
    assert (await browser.come_back(refused)).headers["location"] == "/signin#/failed/provider_refused"


async def test_nobody_comes_in_unasked(browser: Browser) -> None:
    response = browser.peer.signed(browser.answer(None))
    problem(await browser.come_back(response), 403, "invalid_provider_token")


@pytest.mark.parametrize("corp", [{"idp_initiated": True}])
async def test_the_provider_may_begin_where_the_settings_say_so(browser: Browser, corp: dict[str, Any]) -> None:
    response = browser.peer.signed(browser.answer(None))
    assert (await browser.come_back(response)).headers["location"] == "/signin#/signed-in"
    assert ok(await browser.http.post("/api/auth/provider-session", json={}))["user"]["fullname"] == "Ada Lovelace"
    problem(await browser.come_back(response), 403, "invalid_provider_token")


async def test_a_new_key_of_the_provider_is_found(
    browser: Browser, peer: SamlPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "RENEWAL_SECONDS", 0.0)
    await browser.sign_in()
    peer.keys = [key_pair("second")]
    peer.publish()
    await browser.sign_in()


# -- who gets which account


async def test_an_address_of_another_domain_takes_no_account_over(server: ChatServer, browser: Browser) -> None:
    [grace] = await server.team("Grace")
    said = {"name_id": "eve", "attributes": {"email": [grace.email]}}
    problem(
        await browser.come_back(browser.peer.signed(browser.answer(await browser.begin(), **said))),
        403,
        "address_taken",
    )


async def test_a_transient_name_is_nobodys(browser: Browser) -> None:
    transient = {"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"}
    nobody = browser.peer.signed(browser.answer(await browser.begin(), **transient))
    problem(await browser.come_back(nobody), 403, "invalid_provider_token")


@pytest.mark.parametrize("corp", [{"name_id_format": "transient", "attributes": {"subject": "employee"}}])
async def test_an_attribute_may_say_who_somebody_is(browser: Browser, another: Browser) -> None:
    transient = {"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"}
    employee = {**ADA, "employee": ["7"]}
    first = await browser.sign_in(**transient, name_id="x-1", attributes=employee)
    second = await another.sign_in(**transient, name_id="x-2", attributes=employee)
    assert second["user"]["id"] == first["user"]["id"]
    nobody = browser.peer.signed(browser.answer(await browser.begin(), **transient))
    problem(await browser.come_back(nobody), 403, "invalid_provider_token")


@pytest.mark.parametrize("corp", [{"workspaces": {"engineers": 1}}])
async def test_groups_grant_workspaces(server: ChatServer, browser: Browser, corp: dict[str, Any]) -> None:
    """A provider that says nothing of groups takes nothing away; one that says none does."""
    [grace] = await server.team("Grace")
    assert grace.workspace == corp["workspaces"]["engineers"]
    for groups, member in ((["engineers", "others"], True), (None, True), ([], False)):
        attributes = ADA if groups is None else {**ADA, "groups": groups}
        signed_in = await browser.sign_in(attributes=attributes)
        api = await server.client(signed_in["token"])
        mine = {workspace["id"] for workspace in ok(await api.get("/api/workspaces"))}
        assert (grace.workspace in mine) is member


@pytest.mark.parametrize("corp", [{"organization_groups": {"engineers": 1}, "departments": {"engineers": 2}}])
async def test_groups_fill_groups_and_departments_of_an_organisation(browser: Browser, database: Database) -> None:
    ada = (await browser.sign_in(attributes=ADA))["user"]["id"]
    async with database.connect() as sql:
        await organize(sql, ada)
        for groups, there in ((["engineers", "others"], ([1], [2])), (None, ([1], [2])), ([], ([], []))):
            await browser.sign_in(attributes=ADA if groups is None else {**ADA, "groups": groups})
            assert await places(sql, ada) == there


async def test_linking_takes_a_signed_in_session_in_the_same_browser(
    server: ChatServer, browser: Browser, another: Browser
) -> None:
    [grace] = await server.team("Grace")
    headers = {"Authorization": f"Bearer {grace.token}"}
    url = ok(await browser.http.post(f"{browser.path}/link", headers=headers))["url"]
    response = browser.peer.signed(browser.answer(browser.peer.asked(url)))
    await another.begin()
    problem(await another.come_back(response), 400, "invalid_sign_in")
    url = ok(await browser.http.post(f"{browser.path}/link", headers=headers))["url"]
    response = browser.peer.signed(browser.answer(browser.peer.asked(url)))
    assert (await browser.come_back(response)).headers["location"] == "/signin#/linked"
    assert (await another.sign_in())["user"]["id"] == grace.id
