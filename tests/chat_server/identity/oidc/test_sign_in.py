"""Signing in at a provider, and what somebody who would be somebody else can try."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from chat_core.base64url import from_base64url
from chat_core.tokens import hash_secret
from chat_server.identity import attempts
from chat_server.identity.attempts import Attempt
from tests.chat_server.identity.organized import organize, places
from tests.chat_server.people import ChatServer, chat_server_on, ok, problem, settings
from tests.support.clients.listener import AT_ONCE_SECONDS
from tests.support.clients.plain_http import plain_http
from tests.support.identity.oidc_peer import OidcPeer, SigningKey, oidc_peer
from tests.support.postgres import Database

ADA = {"email": "ada@corp.example", "email_verified": True, "name": "Ada Lovelace"}


class Browser:
    """Its cookies, and the path from the page to the provider and back."""

    def __init__(self, http: httpx.AsyncClient, peer: OidcPeer) -> None:
        self.http, self.peer = http, peer

    async def begin(self, path: str = "/api/auth/oidc/acme") -> str:
        answer = await self.http.get(path)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def come_back(self, query: dict[str, Any], path: str = "/api/auth/oidc/acme/callback") -> httpx.Response:
        return await self.http.get(path, params=query)

    async def sign_in(self, **claims: Any) -> Any:
        """As this person, who is new unless `sub` is somebody's; what the page gets."""
        answer = await self.come_back(self.peer.signs_in(await self.begin(), **{**ADA, **claims}))
        assert answer.headers.get("location") == "/signin#/signed-in", answer.text
        return ok(await self.http.post("/api/auth/provider-session", json={}))


@pytest.fixture
async def peer() -> AsyncIterator[OidcPeer]:
    async with oidc_peer() as running:
        yield running


@pytest.fixture
async def other_peer() -> AsyncIterator[OidcPeer]:
    async with oidc_peer() as running:
        yield running


@pytest.fixture
def acme() -> dict[str, Any]:
    """Settings of the provider, for a test that is parametrized with others."""
    return {}


@pytest.fixture
async def server(
    acme: dict[str, Any], database: Database, keys: Path, peer: OidcPeer, other_peer: OidcPeer
) -> AsyncIterator[ChatServer]:
    providers = {"acme": peer.settings(**acme), "other": other_peer.settings(owns_domains=["corp.example"])}
    async with chat_server_on(settings(database.chat_url, keys, auth={"providers": providers})) as running:
        yield running


@pytest.fixture
async def browser(server: ChatServer, peer: OidcPeer) -> AsyncIterator[Browser]:
    async with plain_http(base_url=server.url) as http:
        yield Browser(http, peer)


@pytest.fixture
async def another(server: ChatServer, peer: OidcPeer) -> AsyncIterator[Browser]:
    async with plain_http(base_url=server.url) as http:
        yield Browser(http, peer)


async def test_an_account_is_made_at_the_first_sign_in_and_found_at_the_next(
    server: ChatServer, browser: Browser, another: Browser, database: Database
) -> None:
    first = await browser.sign_in(amr=["pwd", "otp"], sid="s-1")
    assert first["user"]["fullname"] == "Ada Lovelace"
    # Later the provider says something else of the same person.
    second = await another.sign_in(email="ada.king@corp.example", name="Ada King")
    assert second["user"]["id"] == first["user"]["id"]
    api = await server.client(second["token"])
    assert ok(await api.get("/api/auth/me"))["email"] == "ada@corp.example"
    async with database.connect() as sql:
        session = await sql.fetchrow(
            "SELECT provider, amr, provider_sid, identity_id FROM sessions ORDER BY id LIMIT 1"
        )
        assert session is not None
        assert (session["provider"], session["amr"], session["provider_sid"]) == ("acme", ["pwd", "otp"], "s-1")
        assert session["identity_id"] is not None


async def test_a_name_follows_what_has_changed_at_the_provider(
    server: ChatServer, browser: Browser, database: Database
) -> None:
    signed_in = await browser.sign_in(picture="https://tracker.example/pixel.png")
    api = await server.client(signed_in["token"])
    ok(await api.patch("/api/users/me", json={"fullname": "Countess"}))
    for said, kept in (({}, "Countess"), ({"name": "Ada King"}, "Ada King"), ({"name": None}, "Ada King")):
        user = (await browser.sign_in(**said))["user"]
        assert (user["fullname"], user["avatar"]) == (kept, None)


async def test_the_list_of_providers_says_where_to_go(server: ChatServer) -> None:
    listed = ok(await server.anybody.get("/api/auth/providers"))
    assert [(each["name"], each["title"]) for each in listed] == [("acme", "Acme"), ("other", "Other")]
    assert listed[0]["url"].endswith("/api/auth/oidc/acme")
    problem(await server.anybody.get("/api/auth/oidc/nobody"), 404, "not_found")


async def test_the_request_has_state_nonce_and_pkce(browser: Browser) -> None:
    asked = parse_qs(urlsplit(await browser.begin()).query)
    again = parse_qs(urlsplit(await browser.begin()).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name][0]) >= 43
        assert asked[name] != again[name]


# -- what the browser brings back


async def test_a_state_of_another_browser_is_refused(browser: Browser, another: Browser, peer: OidcPeer) -> None:
    """Somebody who lets another person finish their sign-in would have them write into the wrong account."""
    answered = peer.signs_in(await browser.begin(), **ADA)
    await another.begin()
    problem(await another.come_back(answered), 400, "invalid_sign_in")


async def test_a_browser_without_the_cookie_is_refused(browser: Browser, another: Browser, peer: OidcPeer) -> None:
    problem(await another.come_back(peer.signs_in(await browser.begin(), **ADA)), 400, "invalid_sign_in")


async def test_a_state_is_good_once(browser: Browser, peer: OidcPeer) -> None:
    answered = peer.signs_in(await browser.begin(), **ADA)
    assert (await browser.come_back(answered)).status_code == 303
    problem(await browser.come_back(answered), 400, "invalid_sign_in")


async def test_a_code_is_good_once_and_for_the_browser_that_began(browser: Browser, peer: OidcPeer) -> None:
    answered = peer.signs_in(await browser.begin(), **ADA)
    assert (await browser.come_back(answered)).status_code == 303
    used = {**peer.signs_in(await browser.begin(), **ADA), "code": answered["code"]}
    problem(await browser.come_back(used), 403, "provider_refused")
    # A code of somebody else's attempt does not fit the verifier of this one.
    theirs = peer.signs_in(await browser.begin(), **ADA)["code"]
    injected = {**peer.signs_in(await browser.begin(), **ADA), "code": theirs}
    problem(await browser.come_back(injected), 403, "provider_refused")


async def test_a_state_that_was_changed_or_has_expired_is_refused(
    browser: Browser, peer: OidcPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = peer.signs_in(await browser.begin(), **ADA)
    payload, _, mark = answered["state"].partition(".")
    for state in ("", "x", payload, f"{payload}.", f"x{payload}.{mark}", f"{payload}.{mark}é", "." * 3000):
        problem(await browser.come_back({**answered, "state": state}), 400, "invalid_sign_in")
    monkeypatch.setattr(Attempt, "has_expired", True)
    problem(await browser.come_back(answered), 400, "invalid_sign_in")


async def test_an_answer_of_another_issuer_is_refused(browser: Browser, peer: OidcPeer, other_peer: OidcPeer) -> None:
    """Mix-up: the response of one provider is brought to the callback of another, or says that it is another's."""
    answered = peer.signs_in(await browser.begin(), **ADA)
    problem(await browser.come_back(answered, "/api/auth/oidc/other/callback"), 400, "invalid_sign_in")
    wrong = {**peer.signs_in(await browser.begin(), **ADA), "iss": other_peer.issuer}
    problem(await browser.come_back(wrong), 403, "invalid_provider_token")
    silent = peer.signs_in(await browser.begin(), **ADA)
    del silent["iss"]
    problem(await browser.come_back(silent), 403, "invalid_provider_token")


@pytest.mark.parametrize(
    "claims", [{"nonce": "another"}, {"iss": "https://elsewhere.example"}, {"aud": "another"}, {"exp": 1}]
)
async def test_a_token_that_violates_a_rule_signs_nobody_in(
    browser: Browser, peer: OidcPeer, claims: dict[str, Any]
) -> None:
    answered = peer.signs_in(await browser.begin(), **ADA, **claims)
    problem(await browser.come_back(answered), 403, "invalid_provider_token")
    problem(await browser.http.post("/api/auth/provider-session", json={}), 401, "no_sign_in")


async def test_the_providers_refusal_is_told(browser: Browser, peer: OidcPeer) -> None:
    answered = peer.signs_in(await browser.begin(), **ADA)
    refused = {"state": answered["state"], "iss": peer.issuer, "error": "access_denied"}
    problem(await browser.come_back(refused), 403, "provider_refused")


async def test_a_browser_gets_the_page_and_nothing_that_the_provider_said(browser: Browser, peer: OidcPeer) -> None:
    browser.http.headers["Accept"] = "text/html"
    answered = await browser.come_back({"error": "<script>", "state": "//evil.example"})
    assert answered.headers["location"] == "/signin#/failed/invalid_sign_in"
    peer.down = True
    assert (await browser.http.get("/api/auth/oidc/acme")).headers["location"] == "/signin#/failed/provider_unavailable"


async def test_a_provider_that_is_down_is_told(browser: Browser, peer: OidcPeer) -> None:
    answered = peer.signs_in(await browser.begin(), **ADA)
    peer.down = True
    answer = await browser.come_back(answered)
    assert answer.headers["retry-after"] == "10"
    problem(answer, 503, "provider_unavailable")


@pytest.mark.parametrize(
    ("field", "value"),
    [("issuer", "https://elsewhere.example"), ("authorization_endpoint", "http://elsewhere.example/authorize")],
)
async def test_a_provider_may_not_send_us_elsewhere(browser: Browser, peer: OidcPeer, field: str, value: str) -> None:
    """The discovery document is of another issuer, or names an endpoint without TLS."""
    peer.metadata[field] = value
    problem(await browser.http.get("/api/auth/oidc/acme"), 503, "provider_unavailable")


async def test_claims_of_userinfo_are_used_if_they_are_about_the_same_person(browser: Browser, peer: OidcPeer) -> None:
    peer.metadata["userinfo_endpoint"] = f"{peer.issuer}/userinfo"
    nothing = dict.fromkeys(ADA)
    peer.userinfo = {"sub": "ada-1", **ADA}
    assert (await browser.sign_in(**nothing))["user"]["fullname"] == "Ada Lovelace"
    peer.userinfo = {"sub": "eve-1", **ADA}
    answered = peer.signs_in(await browser.begin())
    problem(await browser.come_back(answered), 403, "invalid_provider_token")


# -- the hand-over to the page


async def test_the_result_is_good_once_and_for_a_minute(
    browser: Browser, peer: OidcPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for expired in (False, True):
        await browser.come_back(peer.signs_in(await browser.begin(), **ADA))
        headers = {"Cookie": f"fechatter_result={browser.http.cookies['fechatter_result']}"}
        monkeypatch.setattr(attempts.Result, "has_expired", expired)
        answer = await browser.http.post("/api/auth/provider-session", json={})
        assert answer.status_code == (401 if expired else 200)
        monkeypatch.setattr(attempts.Result, "has_expired", False)
        if not expired:
            again = await browser.http.post("/api/auth/provider-session", json={}, headers=headers)
            problem(again, 401, "no_sign_in")


async def test_a_state_is_not_taken_for_a_result(browser: Browser) -> None:
    [state] = parse_qs(urlsplit(await browser.begin()).query)["state"]
    answer = await browser.http.post(
        "/api/auth/provider-session", json={}, headers={"Cookie": f"fechatter_result={state}"}
    )
    problem(answer, 401, "no_sign_in")


async def test_cookies_are_out_of_the_reach_of_scripts_and_other_sites(browser: Browser, peer: OidcPeer) -> None:
    begun = await browser.http.get("/api/auth/oidc/acme")
    back = await browser.come_back(peer.signs_in(begun.headers["location"], **ADA))
    for answer, same_site in ((begun, "lax"), (back, "strict")):
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert f"samesite={same_site}" in cookie
        assert "domain=" not in cookie


# -- who gets which account


async def test_an_account_with_a_password_is_not_given_to_whoever_has_its_address(
    server: ChatServer, browser: Browser, peer: OidcPeer, other_peer: OidcPeer
) -> None:
    """Neither may an unverified address take an account over, nor may whoever has registered the address of somebody
    else beforehand share the account that this person gets."""
    credentials = {"email": ADA["email"], "password": "eve's own password"}
    eve = ok(await server.anybody.post("/api/auth/signup", json={"fullname": "Eve", **credentials}), 201)
    for claims in (ADA, {**ADA, "email_verified": False}):
        answered = peer.signs_in(await browser.begin(), **claims)
        problem(await browser.come_back(answered), 403, "address_taken")
    # Nor may the owner of the domain, about an address that it has not verified.
    unverified = {**ADA, "email_verified": False}
    answered = other_peer.signs_in(await browser.begin("/api/auth/oidc/other"), **unverified)
    problem(await browser.come_back(answered, "/api/auth/oidc/other/callback"), 403, "address_taken")
    # It sends the owner of the address, who gets it, and Eve keeps nothing.
    answered = other_peer.signs_in(await browser.begin("/api/auth/oidc/other"), **ADA)
    await browser.come_back(answered, "/api/auth/oidc/other/callback")
    ok(await browser.http.post("/api/auth/provider-session", json={}))
    assert (await (await server.client(eve["token"])).get("/api/auth/me")).status_code == 401
    problem(await server.anybody.post("/api/auth/signin", json=credentials), 401, "wrong_credentials")


async def test_the_owner_of_a_domain_is_believed_about_an_address_that_was_verified(
    browser: Browser, another: Browser, other_peer: OidcPeer, peer: OidcPeer
) -> None:
    first = await browser.sign_in()
    another.peer = other_peer
    answered = other_peer.signs_in(await another.begin("/api/auth/oidc/other"), **{**ADA, "sub": "employee 7"})
    await another.come_back(answered, "/api/auth/oidc/other/callback")
    second = ok(await another.http.post("/api/auth/provider-session", json={}))
    assert second["user"]["id"] == first["user"]["id"]
    # The other way round it is not the owner.
    other = {**ADA, "sub": "employee 8", "email": "grace@corp.example"}
    await another.come_back(
        other_peer.signs_in(await another.begin("/api/auth/oidc/other"), **other), "/api/auth/oidc/other/callback"
    )
    answered = peer.signs_in(await browser.begin(), **{**ADA, "sub": "eve", "email": "grace@corp.example"})
    problem(await browser.come_back(answered), 403, "address_taken")


async def test_an_unverified_address_makes_no_account(browser: Browser, peer: OidcPeer) -> None:
    for claims in ({"email_verified": False}, {"email_verified": None}, {"email": None}, {"email": "no address"}):
        answered = peer.signs_in(await browser.begin(), **{**ADA, **claims})
        problem(await browser.come_back(answered), 403, "address_unverified")


@pytest.mark.parametrize("acme", [{"creates_accounts": False}])
async def test_no_account_is_made_where_the_settings_say_so(browser: Browser, peer: OidcPeer) -> None:
    problem(await browser.come_back(peer.signs_in(await browser.begin(), **ADA)), 403, "no_account")


@pytest.mark.parametrize("acme", [{"hd": ["corp.example"]}])
async def test_googles_hd_is_the_claim_and_not_the_address(browser: Browser, peer: OidcPeer) -> None:
    assert "hd=corp.example" in await browser.begin()
    for hd in (None, "evil.example"):
        answered = peer.signs_in(await browser.begin(), **ADA, hd=hd)
        problem(await browser.come_back(answered), 403, "not_admitted")
    await browser.sign_in(hd="corp.example")


@pytest.mark.parametrize("acme", [{"allowed_domains": ["corp.example"]}])
async def test_only_verified_addresses_of_allowed_domains_are_admitted(browser: Browser, peer: OidcPeer) -> None:
    for claims in ({"email_verified": False}, {"email": "ada@evil.example"}, {"email": "ada@sub.corp.example"}):
        answered = peer.signs_in(await browser.begin(), **{**ADA, **claims})
        problem(await browser.come_back(answered), 403, "not_admitted")
    await browser.sign_in()


async def test_no_account_is_made_outside_of_the_servers_domains(
    database: Database, keys: Path, peer: OidcPeer
) -> None:
    auth = {"allowed_domains": ["corp.example"], "providers": {"acme": peer.settings()}}
    async with (
        chat_server_on(settings(database.chat_url, keys, auth=auth)) as server,
        plain_http(base_url=server.url) as http,
    ):
        browser = Browser(http, peer)
        other = peer.signs_in(await browser.begin(), **{**ADA, "email": "ada@elsewhere.example"})
        problem(await browser.come_back(other), 403, "no_account")
        assert (await browser.sign_in())["user"]["email"] == "ada@corp.example"
        account = {"fullname": "Eve", "email": "eve@elsewhere.example", "password": "correct horse battery"}
        problem(await http.post("/api/auth/signup", json=account), 403, "address_not_allowed")


@pytest.mark.parametrize("acme", [{"workspaces": {"crew": 500, "unknown here": 987_654}}])
async def test_groups_at_the_provider_are_memberships_here(
    browser: Browser, peer: OidcPeer, database: Database
) -> None:
    async with database.connect() as sql:
        await sql.execute("INSERT INTO workspaces (id, name) OVERRIDING SYSTEM VALUE VALUES (500, 'ship')")

    async def ship(**claims: Any) -> bool:
        token = (await browser.sign_in(**claims))["token"]
        answer = await browser.http.get("/api/workspaces", headers={"Authorization": f"Bearer {token}"})
        return "ship" in [workspace["name"] for workspace in ok(answer)]

    assert await ship(groups=["crew", "unknown here", "nobody asked for"])
    assert await ship()  # it did not say
    assert await ship(groups=7)  # nor is this a list
    assert not await ship(groups=[])
    assert await ship(groups="crew")


@pytest.mark.parametrize("acme", [{"organization_groups": {"crew": 1}, "departments": {"crew": 1, "mates": 2}}])
async def test_groups_at_the_provider_fill_groups_and_departments_of_an_organisation(
    browser: Browser, peer: OidcPeer, database: Database
) -> None:
    async with database.connect() as sql:
        ada = (await browser.sign_in(groups=["crew"]))["user"]["id"]  # who is none of its people yet
        await organize(sql, ada)
        assert await places(sql, ada) == ([], [])

        async def after(**claims: Any) -> tuple[list[int], list[int]]:
            await browser.sign_in(**claims)
            return await places(sql, ada)

        assert await after(groups=["crew", "mates", "others"]) == ([1], [1, 2])
        assert await after() == await after(groups=7) == ([1], [1, 2])  # it did not say
        # Somebody appoints her, too: the claim takes away what it has given alone.
        await sql.execute("INSERT INTO appointments (organization_id, department_id, user_id) VALUES (1, 3, $1)", ada)
        assert await after(groups=["mates"]) == ([], [2, 3])
        assert await after(groups=[]) == ([], [3])


async def test_a_suspended_account_stays_suspended(browser: Browser, peer: OidcPeer, database: Database) -> None:
    await browser.sign_in()
    async with database.connect() as sql:
        await sql.execute("UPDATE users SET status = 'suspended'")
    await browser.come_back(peer.signs_in(await browser.begin(), **ADA))
    problem(await browser.http.post("/api/auth/provider-session", json={}), 403, "account_suspended")


async def test_who_has_no_password_proves_again_who_they_are_at_the_provider(
    browser: Browser, peer: OidcPeer, database: Database
) -> None:
    signed_in = await browser.sign_in()
    headers = {"Authorization": f"Bearer {signed_in['token']}"}
    path = f"/api/auth/identities/{ok(await browser.http.get('/api/auth/identities', headers=headers))[0]['id']}"
    async with database.connect() as sql:
        await sql.execute("UPDATE sessions SET auth_time = now() - interval '1 hour'")
    problem(await browser.http.delete(path, headers=headers), 403, "reauthentication_required")

    async def again(**claims: Any) -> httpx.Response:
        url = ok(await browser.http.post("/api/auth/oidc/acme/reauthenticate", headers=headers))["url"]
        asked = parse_qs(urlsplit(url).query)
        assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
        return await browser.come_back(peer.signs_in(url, **{**ADA, **claims}))

    now = int(time.time())
    problem(await again(), 403, "no_auth_time")  # it does not say when
    problem(await again(auth_time=now - 3600), 403, "provider_refused")  # by the session there
    problem(await again(auth_time=now, sub="eve-1"), 403, "identity_taken")
    async with database.connect() as sql:  # a second factor is not got round
        await sql.execute(
            "INSERT INTO totp_factors (user_id, secret, confirmed_at) SELECT id, sha256('s'), now() FROM users"
        )
        problem(await again(auth_time=now), 403, "second_factor_required")
        await sql.execute("DELETE FROM totp_factors")
    problem(await browser.http.delete(path, headers=headers), 403, "reauthentication_required")
    assert (await again(auth_time=now)).headers["location"] == "/signin#/proved-again"
    problem(await browser.http.delete(path, headers=headers), 409, "last_way_in")


async def test_linking_takes_a_signed_in_session_in_the_same_browser(
    server: ChatServer, browser: Browser, another: Browser, peer: OidcPeer
) -> None:
    grace, eve = await server.team("Grace", "Eve")
    url = ok(await browser.http.post("/api/auth/oidc/acme/link", headers={"Authorization": f"Bearer {grace.token}"}))[
        "url"
    ]
    answered = peer.signs_in(url, **ADA)
    await another.begin()
    problem(await another.come_back(answered), 400, "invalid_sign_in")
    assert (await browser.come_back(answered)).headers["location"] == "/signin#/linked"
    assert (await another.sign_in())["user"]["id"] == grace.id
    # It is hers, and nobody else's.
    headers = {"Authorization": f"Bearer {eve.token}"}
    url = ok(await browser.http.post("/api/auth/oidc/acme/link", headers=headers))["url"]
    problem(await browser.come_back(peer.signs_in(url, **ADA)), 409, "identity_taken")
    # A session that has ended links nothing.
    url = ok(await browser.http.post("/api/auth/oidc/acme/link", headers=headers))["url"]
    await eve.api.post("/api/auth/logout")
    problem(await browser.come_back(peer.signs_in(url, **{**ADA, "sub": "eve"})), 400, "invalid_sign_in")


# -- signing out


async def logout(server: ChatServer, token: str, provider: str = "acme") -> httpx.Response:
    return await server.anybody.post(
        f"/api/auth/oidc/{provider}/backchannel-logout",
        content=f"logout_token={token}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )


async def test_the_provider_ends_one_session_or_all_of_a_person(
    server: ChatServer, browser: Browser, another: Browser, peer: OidcPeer
) -> None:
    here = await server.client((await browser.sign_in(sid="s-1"))["token"])
    there = await server.client((await another.sign_in(sid="s-2"))["token"])
    ok(await logout(server, peer.logout_token(sid="s-1", sub=None)))
    assert (await here.get("/api/auth/me")).status_code == 401
    ok(await there.get("/api/auth/me"))
    # Of somebody else, and a session of somebody else under this person's name.
    others: list[dict[str, Any]] = [{"sub": "grace-1"}, {"sub": "grace-1", "sid": "s-2"}, {"sid": "s-3", "sub": None}]
    for claims in others:
        ok(await logout(server, peer.logout_token(**claims)))
        ok(await there.get("/api/auth/me"))
    ok(await logout(server, peer.logout_token()))
    assert (await there.get("/api/auth/me")).status_code == 401


async def test_a_logout_token_is_good_once_and_for_its_provider(
    server: ChatServer, browser: Browser, peer: OidcPeer, other_peer: OidcPeer
) -> None:
    token = peer.logout_token()
    ok(await logout(server, token))
    signed_in = await server.client((await browser.sign_in())["token"])
    problem(await logout(server, token), 400, "invalid_logout_token")
    other_peer.keys = [SigningKey("first", "ES256")]
    for forged in ("", "x", other_peer.logout_token(iss=peer.issuer), peer.logout_token(nonce="n")):
        problem(await logout(server, forged), 400, "invalid_logout_token")
    problem(await logout(server, peer.logout_token(), "other"), 400, "invalid_logout_token")
    problem(await logout(server, "x" + "&more=x" * 10), 400, "bad_request")
    # The other provider knows somebody by the same subject.
    ok(await logout(server, other_peer.logout_token(), "other"))
    ok(await signed_in.get("/api/auth/me"))


async def test_a_logout_token_that_could_not_be_obeyed_is_good_again(
    server: ChatServer, browser: Browser, peer: OidcPeer, database: Database
) -> None:
    signed_in = await server.client((await browser.sign_in())["token"])
    token = peer.logout_token()
    async with database.connect() as sql:
        await sql.execute("""
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'cannot_connect_now'; END $$;
            CREATE TRIGGER p10_fail BEFORE UPDATE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION fail()""")
        assert (await logout(server, token)).status_code == 503
        await sql.execute("DROP TRIGGER p10_fail ON sessions; DROP FUNCTION fail()")
    ok(await signed_in.get("/api/auth/me"))
    ok(await logout(server, token))
    problem(await signed_in.get("/api/auth/me"), 401, "unauthorized")


async def test_one_can_sign_out_at_the_provider_too(server: ChatServer, browser: Browser, peer: OidcPeer) -> None:
    api = await server.client((await browser.sign_in())["token"])
    url = ok(await api.get("/api/auth/provider-logout"))["url"]
    assert url.startswith(f"{peer.issuer}/end?")
    assert parse_qs(urlsplit(url).query)["post_logout_redirect_uri"][0].endswith("/signin")
    [grace] = await server.team("Grace")
    assert ok(await grace.api.get("/api/auth/provider-logout")) == {"url": None}


async def test_a_session_that_ends_at_the_provider_is_in_the_log(
    server: ChatServer, browser: Browser, peer: OidcPeer, database: Database
) -> None:
    await browser.sign_in(sid="s-1")
    began = time.monotonic()
    ok(await logout(server, peer.logout_token(sid="s-1")))
    assert time.monotonic() - began < AT_ONCE_SECONDS
    async with database.connect() as sql:
        payload = await sql.fetchval("SELECT payload ->> 'reason' FROM events WHERE kind = 'SessionRevoked'")
    assert payload == "provider"


@pytest.mark.parametrize("acme", [{"trusts_mfa": True, "mfa_acr": ["gold"]}])
async def test_a_trusted_providers_second_factor_meets_a_workspaces_demand_and_no_own_one(
    server: ChatServer, browser: Browser, database: Database
) -> None:
    user = (await browser.sign_in())["user"]["id"]
    async with database.connect() as sql:
        place = await sql.fetchval("SELECT workspace_id FROM workspace_members WHERE user_id = $1", user)
        await sql.execute("INSERT INTO required_second_factors (workspace_id) VALUES ($1)", place)

        async def signs_in(**claims: Any) -> httpx.Response:
            await browser.come_back(browser.peer.signs_in(await browser.begin(), **ADA, **claims))
            return await browser.http.post("/api/auth/provider-session", json={})

        assert "acr_values=gold" in await browser.begin()
        for claims in ({}, {"amr": ["pwd"]}, {"acr": "silver"}, {"acr": ["gold"]}):
            problem(await signs_in(**claims), 403, "second_factor_enrolment_required")
        for claims in ({"amr": ["pwd", "mfa"]}, {"acr": "gold"}):
            ok(await signs_in(**claims))
        shown = "SELECT count(*) FROM sessions WHERE second_factor = 'provider' AND revoked_at IS NULL"
        assert await sql.fetchval(shown) == 2
        await sql.execute(
            "INSERT INTO totp_factors (user_id, secret, confirmed_at) VALUES ($1, $2, now())", user, bytes(20)
        )
        problem(await signs_in(amr=["mfa"]), 403, "second_factor_required")
        await sql.execute("DELETE FROM totp_factors")
        assert await sql.fetchval(shown) == 2, "what the provider has verified still holds"


async def test_mfa_of_a_provider_is_not_believed_unless_the_settings_say_so(
    server: ChatServer, browser: Browser, database: Database
) -> None:
    await browser.sign_in(amr=["mfa"])
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT second_factor FROM sessions") is None


@pytest.mark.parametrize("signup", ["invited", "closed"])
async def test_an_invite_makes_a_providers_newcomers_welcome_where_one_is_needed(
    database: Database, keys: Path, peer: OidcPeer, signup: str
) -> None:
    auth = {"providers": {"acme": peer.settings()}, "signup": signup, "signups_per_address": 1}
    async with chat_server_on(settings(database.chat_url, keys, auth=auth)) as server, database.connect() as sql:
        inviter = await sql.fetchval("SELECT id FROM create_user('Grace', 'grace@example.com')")
        token = "an-invite-of-at-least-forty-three-characters"
        chat = "(create_chat($2, (SELECT id FROM workspaces), 'Group', 'lunch', '', ARRAY[$2::bigint])).chat ->> 'id'"
        await sql.execute(
            "INSERT INTO invites (token_hash, chat_id, created_by, role, expires_at) "
            f"SELECT $1, ({chat})::bigint, $2, 'member', now() + interval '1 day'",
            hash_secret(token),
            inviter,
        )

        async def comes(sub: str, query: str = "") -> httpx.Response:
            async with plain_http(base_url=server.url) as http:
                browser = Browser(http, peer)
                person = {"sub": sub, "email": f"{sub}@corp.example", "email_verified": True}
                url = await browser.begin(f"/api/auth/oidc/acme{query}")
                payload = parse_qs(urlsplit(url).query)["state"][0].partition(".")[0]
                assert token.encode() not in from_base64url(payload), "the provider sees the hash alone"
                return await browser.come_back(peer.signs_in(url, **person))

        problem(await comes("ada"), 403, "no_account")
        problem(await comes("ada", "?invite=another"), 403, "no_account")
        if signup == "closed":
            problem(await comes("ada", f"?invite={token}"), 403, "no_account")
            return
        assert (await comes("ada", f"?invite={token}")).headers["location"] == "/signin#/signed-in"
        assert (await comes("ada")).headers["location"] == "/signin#/signed-in"
        # New accounts count as those with a password do; who has one already is none.
        problem(await comes("eve", f"?invite={token}"), 429, "rate_limited")
        assert await sql.fetchval("SELECT count(*) FROM users") == 2
        await sql.execute("DELETE FROM rate_limits")
        await sql.execute("UPDATE invites SET expires_at = now()")
        problem(await comes("eve", f"?invite={token}"), 403, "no_account")
