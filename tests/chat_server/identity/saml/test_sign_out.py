"""Single logout: the provider ends sessions, and ours end there."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from lxml import etree

from chat_server.identity.saml.parsing import NS, tag
from tests.chat_server.identity.saml.conftest import Browser
from tests.chat_server.people import ChatServer, ok, problem
from tests.support.identity.saml_peer import SamlPeer, encoded, key_pair
from tests.support.postgres import Database


async def sign_out(browser: Browser, *indexes: str, name_id: str = "ada-1", **said: Any) -> httpx.Response:
    """By a signed query; `relay_state` and `key` are the query's."""
    query = {name: said.pop(name) for name in ("relay_state", "key", "algorithm") if name in said}
    request = browser.peer.logout_request(f"{browser.base}/slo", name_id, *indexes, **said)
    return await browser.http.get(f"{browser.path}/slo?{browser.peer.query(request, **query)}")


async def posted(browser: Browser, request: etree._Element) -> httpx.Response:
    return await browser.http.post(f"{browser.path}/slo", data={"SAMLRequest": encoded(etree.tostring(request))})


async def test_the_provider_ends_one_session_or_all_of_a_person(
    server: ChatServer, browser: Browser, another: Browser, database: Database
) -> None:
    here = await server.client((await browser.sign_in(session_index="s-1"))["token"])
    there = await server.client((await another.sign_in(session_index="s-2"))["token"])
    answer = await sign_out(browser, "s-1", relay_state="back & on")
    assert (await here.get("/api/auth/me")).status_code == 401
    ok(await there.get("/api/auth/me"))
    # The browser goes on to the provider, with our answer and what it had given it.
    back = answer.headers["location"]
    assert back.startswith("https://idp.corp.example/slo?SAMLResponse=")
    assert parse_qs(urlsplit(back).query)["RelayState"] == ["back & on"]
    # Sessions of others, who may have an index alike.
    for name_id, index in (("grace-1", "s-2"), ("ada-1", "s-3")):
        await sign_out(browser, index, name_id=name_id)
        ok(await there.get("/api/auth/me"))
    await sign_out(browser)
    assert (await there.get("/api/auth/me")).status_code == 401
    async with database.connect() as sql:
        reasons = await sql.fetch("SELECT payload ->> 'reason' AS reason FROM events WHERE kind = 'SessionRevoked'")
        assert [row["reason"] for row in reasons] == ["provider", "provider"]


async def test_a_form_may_bring_it_too(server: ChatServer, browser: Browser, peer: SamlPeer) -> None:
    api = await server.client((await browser.sign_in())["token"])
    request = peer.logout_request(f"{browser.base}/slo", "ada-1")
    problem(await posted(browser, request), 400, "invalid_logout_request")
    ok(await api.get("/api/auth/me"))
    answer = await posted(browser, peer.signed_message(request))
    assert answer.headers["location"].startswith("https://idp.corp.example/slo?")
    assert (await api.get("/api/auth/me")).status_code == 401


async def test_a_provider_that_takes_forms_gets_one(browser: Browser, peer: SamlPeer) -> None:
    peer.logout = "POST"
    peer.publish()
    await browser.sign_in()
    page = await sign_out(browser)
    assert 'action="https://idp.corp.example/slo"' in page.text
    assert "form-action https://idp.corp.example;" in page.headers["content-security-policy"]


async def test_a_request_to_sign_out_that_must_not_be_obeyed(server: ChatServer, browser: Browser) -> None:
    api = await server.client((await browser.sign_in())["token"])
    eve = key_pair("eve")
    for said in (
        {"key": eve},
        {"algorithm": "http://www.w3.org/2000/09/xmldsig#rsa-sha1"},
        {"algorithm": "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"},
        {"issued": -400},
        {"issued": 100},
        {"issuer": "https://other-idp.example"},
        {"destination": "https://elsewhere.example/slo"},
    ):
        problem(await sign_out(browser, **said), 400, "invalid_logout_request")
    request = browser.peer.logout_request(f"{browser.base}/slo", "ada-1")
    query = browser.peer.query(request)
    other = browser.peer.query(browser.peer.logout_request(f"{browser.base}/slo", "grace-1"))
    unsigned = query.partition("&SigAlg")[0]
    twice = f"{query}&{other}"
    mixed = f"{other.partition('&')[0]}&{query.partition('&')[2]}"
    large = browser.peer.logout_request(f"{browser.base}/slo", "ada-1")
    etree.SubElement(large, tag("p:Extensions")).text = "x" * 2_000_000  # which nobody would read
    bomb = browser.peer.query(large)
    with_state = f"{other}&%52elayState=evil"
    for forged in (unsigned, twice, mixed, bomb, with_state):
        problem(await browser.http.get(f"{browser.path}/slo?{forged}"), 400, "invalid_logout_request")
    ok(await api.get("/api/auth/me"))


async def test_the_signature_of_one_request_is_no_other_requests(server: ChatServer, browser: Browser) -> None:
    """Parsers of queries take the forged one for a SAMLRequest; what is signed is Grace's own, under its plain name."""
    api = await server.client((await browser.sign_in())["token"])
    graces = browser.peer.query(browser.peer.logout_request(f"{browser.base}/slo", "grace-1"))
    adas = browser.peer.query(browser.peer.logout_request(f"{browser.base}/slo", "ada-1"), key=key_pair("eve"))
    forged = adas.partition("&")[0].replace("SAMLRequest", "%53AMLRequest")
    for query in (f"{forged}&{graces}", f"{graces}&{forged}", f"{forged}&{graces.partition('&')[2]}"):
        problem(await browser.http.get(f"{browser.path}/slo?{query}"), 400, "invalid_logout_request")
    ok(await api.get("/api/auth/me"))


async def test_a_query_or_form_has_few_fields(browser: Browser) -> None:
    many = "&".join(f"field{number}=x" for number in range(11))
    problem(await browser.http.get(f"{browser.path}/slo?{many}"), 400, "bad_request")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for path in ("slo", "acs"):
        problem(await browser.http.post(f"{browser.path}/{path}", content=many, headers=headers), 400, "bad_request")


async def test_a_request_to_sign_out_is_good_once(server: ChatServer, browser: Browser) -> None:
    query = browser.peer.query(browser.peer.logout_request(f"{browser.base}/slo", "ada-1"))
    assert (await browser.http.get(f"{browser.path}/slo?{query}")).status_code == 303
    api = await server.client((await browser.sign_in())["token"])
    problem(await browser.http.get(f"{browser.path}/slo?{query}"), 400, "invalid_logout_request")
    ok(await api.get("/api/auth/me"))


async def test_one_can_sign_out_at_the_provider_too(server: ChatServer, browser: Browser, peer: SamlPeer) -> None:
    api = await server.client((await browser.sign_in(session_index="s-1"))["token"])
    url = ok(await api.get("/api/auth/provider-logout"))["url"]
    request = peer.asked(url)
    assert request.get("Destination") == "https://idp.corp.example/slo"
    assert (request.find("a:NameID", NS).text, request.find("p:SessionIndex", NS).text) == ("ada-1", "s-1")
    # From there the browser comes back with an answer, which says nothing that we would need.
    back = await browser.http.get(f"{browser.path}/slo?SAMLResponse=x&RelayState=https://evil.example")
    assert back.headers["location"] == "/signin"
    answer = await browser.http.post(f"{browser.path}/slo", data={"SAMLResponse": "x"})
    assert answer.headers["location"] == "/signin"
