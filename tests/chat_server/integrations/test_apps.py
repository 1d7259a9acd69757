"""Apps that people connect by OAuth 2.1: an independent client, and what somebody tries who should not be let in."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import msgspec
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from chat_server.integrations.oauth.asking import Asked
from tests.chat_server.people import ChatServer, Json, Person, ok, problem
from tests.sql.world import until
from tests.support.postgres import Database

pytestmark = pytest.mark.chat_server(lent=True, features={"enable_bot_messages": True})

CALLBACK = "https://app.example/callback"
VERIFIER = "v" * 43
SCOPES = ["chats:read", "messages:write", "profile:read"]


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def register(owner: Person, **wish: object) -> Json:
    body = {"name": "Calendar", "redirect_uris": [CALLBACK], "scopes": SCOPES, **wish}
    made: Json = ok(await owner.api.post(f"/api/workspaces/{owner.workspace}/apps", json=body), 201)
    return made


def asking(app: Json, **changes: str | None) -> str:
    fields: dict[str, str | None] = {
        "client_id": app["client_id"],
        "redirect_uri": app["redirect_uris"][0],
        "response_type": "code",
        "state": "s t&ate",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        **changes,
    }
    return urlencode({name: value for name, value in fields.items() if value is not None})


async def answer_of(person: Person, app: Json, workspace: int | None = None, **changes: str | None) -> dict[str, str]:
    """What the app's address is called with once the person has agreed."""
    question = ok(await person.api.post("/api/auth/apps/asked", json={"request": asking(app, **changes)}))
    body = {"request": asking(app, **changes), "scopes": question["scopes"], "workspace_id": workspace}
    url = ok(await person.api.post("/api/auth/apps", json=body))["url"]
    assert url.startswith(changes.get("redirect_uri") or app["redirect_uris"][0])
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


class Client:
    """An app's own requests."""

    def __init__(self, server: ChatServer, app: Json) -> None:
        self.http, self.app = server.anybody, app
        secret = app["client_secret"]
        self.shown = {"client_id": app["client_id"], **({"client_secret": secret} if secret else {})}

    async def send(self, path: str, **form: str) -> httpx.Response:
        return await self.http.post(f"/oauth/{path}", data={**self.shown, **form})

    async def by_code(self, code: str, **form: str) -> httpx.Response:
        given = {"code": code, "code_verifier": VERIFIER, **form}
        return await self.send("token", grant_type="authorization_code", **given)

    async def by_refresh(self, token: str, **form: str) -> httpx.Response:
        return await self.send("token", grant_type="refresh_token", refresh_token=token, **form)

    async def connected(self, person: Person, workspace: int | None = None, **changes: str | None) -> Json:
        answer = await answer_of(person, self.app, workspace, **changes)
        tokens: Json = ok(await self.by_code(answer["code"]))
        return tokens


def refused(response: httpx.Response, error: str, status: int = 400) -> None:
    assert (response.status_code, response.json()["error"]) == (status, error), response.text
    assert response.headers["cache-control"] == "no-store"


async def may(server: ChatServer, tokens: Json, path: str = "/api/auth/me") -> httpx.Response:
    return await server.anybody.get(path, headers={"Authorization": f"Bearer {tokens['access_token']}"})


async def test_an_independent_client_is_let_in_refreshes_asks_and_leaves(chat_server: ChatServer) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    app = await register(ada)
    found = await chat_server.anybody.get("/.well-known/oauth-authorization-server")
    metadata = AuthorizationServerMetadata(ok(found))
    paths = {name: chat_server.url + urlsplit(metadata[f"{name}_endpoint"]).path for name in ("token", "revocation")}
    introspection = chat_server.url + urlsplit(metadata["introspection_endpoint"]).path
    assert (metadata["code_challenge_methods_supported"], metadata["response_types_supported"]) == (["S256"], ["code"])

    async with AsyncOAuth2Client(
        app["client_id"],
        app["client_secret"],
        scope="chats:read profile:read",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        trust_env=False,
    ) as client:
        address, state = client.create_authorization_url(metadata["authorization_endpoint"], code_verifier=VERIFIER)
        asked = ok(await grace.api.post("/api/auth/apps/asked", json={"request": urlsplit(address).query}))
        assert (asked["app"]["name"], asked["app"]["owner"]["id"], asked["returns_to"]) == (
            "Calendar",
            ada.id,
            "app.example",
        )
        assert asked["scopes"] == ["chats:read", "profile:read"]
        assert {place["id"] for place in asked["workspaces"]} == {ada.workspace, grace.workspace}
        refusal = parse_qs(urlsplit(asked["refusal_url"]).query)
        assert (refusal["error"], refusal["state"]) == (["access_denied"], [state])
        body = {"request": urlsplit(address).query, "scopes": asked["scopes"]}
        agreed = ok(await grace.api.post("/api/auth/apps", json=body))["url"]
        assert parse_qs(urlsplit(agreed).query)["iss"] == [metadata["issuer"]], "RFC 9207: mix-up is noticed"
        first = dict(
            await client.fetch_token(paths["token"], authorization_response=agreed, state=state, code_verifier=VERIFIER)
        )
        assert (first["scope"], first["user_id"], first["workspace_id"]) == ("chats:read profile:read", grace.id, None)
        assert ok(await may(chat_server, first))["id"] == grace.id
        problem(await may(chat_server, first, "/api/mentions"), 403, "insufficient_scope")

        second = dict(await client.refresh_token(paths["token"], refresh_token=first["refresh_token"]))
        assert second["refresh_token"] != first["refresh_token"]
        told = (await client.introspect_token(introspection, token=second["access_token"])).json()
        assert (told["active"], told["sub"], told["client_id"]) == (True, str(grace.id), app["client_id"])
        name = ok(await may(chat_server, first))["username"]
        assert (told["scope"], told["token_type"], told["username"]) == ("chats:read profile:read", "Bearer", name)
        told = (await client.introspect_token(introspection, token=second["refresh_token"])).json()
        assert (told["active"], told.get("token_type")) == (True, None)
        left = await client.revoke_token(paths["revocation"], token=second["refresh_token"])
        assert left.status_code == 200, left.text
        gone = (await client.introspect_token(introspection, token=second["access_token"])).json()
        assert gone == {"active": False}
    for tokens in (first, second):
        problem(await may(chat_server, tokens), 401, "unauthorized")
    audit = ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/audit"))
    assert {"app_created", "app_connected"} <= {entry["action"] for entry in audit}
    assert app["client_secret"] not in str(audit)


async def test_a_request_that_is_not_right_is_explained_and_leads_nowhere_else(chat_server: ChatServer) -> None:
    """Redirect tricks, the downgrade of PKCE, and an open redirect by an error."""
    ada, grace = await chat_server.team("Ada", "Grace")
    stranger = await chat_server.sign_up("Mallory")
    device = await register(
        ada, confidential=False, redirect_uris=["http://127.0.0.1/cb", "http://[::1]/cb?x=1", "com.example.app:/cb"]
    )
    app = await register(ada)

    async def ask(request: str, who: Person = grace, status: int = 422, code: str = "invalid_app_request") -> Json:
        for path, agreed in (("/api/auth/apps/asked", {}), ("/api/auth/apps", {"scopes": SCOPES})):
            said = problem(await who.api.post(path, json={"request": request, **agreed}), status, code)
        return said

    for tried in (
        CALLBACK + "/",
        CALLBACK + "?more=1",
        CALLBACK + "#",
        CALLBACK.upper(),
        "https://app.example/callback/../evil",
        "https://app.example@evil.example/callback",
        "https://app.example.evil.example/callback",
        "https://app.example:444/callback",
        "http://app.example/callback",
        "https://evil.example/",
        "javascript:alert(1)",
        "//evil.example",
        " " + CALLBACK,
        "",
    ):
        said = await ask(asking(app, redirect_uri=tried))
        assert said["return_url"] is None, f"{tried} is nowhere to go back to"
    assert (await ask(asking(app) + "&redirect_uri=https%3A%2F%2Fevil.example"))["return_url"] is None
    for tried in (
        "http://localhost:80/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://127.0.0.2/cb",
        "http://127.0.0.1/c",
    ):
        assert (await ask(asking(device, redirect_uri=tried)))["return_url"] is None
    for free in ("http://127.0.0.1:53001/cb", "http://127.0.0.1/cb", "http://[::1]:9/cb?x=1", "com.example.app:/cb"):
        assert (await answer_of(grace, device, redirect_uri=free))["code"]
    for uri, shown in (("http://[::1]:9/cb?x=1", "::1"), ("com.example.app:/cb", "com.example.app")):
        question = {"request": asking(device, redirect_uri=uri)}
        assert ok(await grace.api.post("/api/auth/apps/asked", json=question))["returns_to"] == shown

    plain: dict[str, str | None] = {"code_challenge_method": "plain", "code_challenge": VERIFIER}
    wrong: tuple[tuple[dict[str, str | None], str], ...] = (
        (plain, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "chats:write"}, "invalid_scope"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"workspace_id": str(stranger.workspace)}, "invalid_request"),
        ({"workspace_id": "x"}, "invalid_request"),
        ({"request_uri": "https://evil.example/"}, "request_not_supported"),
        ({"state": "s" * 2001}, "invalid_request"),
    )
    for changes, error in wrong:
        said = await ask(asking(app, **changes))
        told = parse_qs(urlsplit(said["return_url"]).query)
        assert said["return_url"].startswith(CALLBACK + "?"), "the person decides whether to go back"
        assert (said["error"], told["error"], "iss" in told) == (error, [error], True)
    await ask(asking({**app, "client_id": "99999999"}), status=404, code="not_found")
    await ask(asking({**app, "client_id": "1 OR 1"}), status=404, code="not_found")
    await ask(asking(app), stranger, 404, "not_found")

    wish: Json = {"name": "x", "scopes": ["chats:read"]}
    collection = f"/api/workspaces/{ada.workspace}/apps"
    for long in ("https://a.example/" + "x" * 1983, "", "\0"):
        problem(await ada.api.post(collection, json={**wish, "redirect_uris": [long]}), 422, "validation_failed")
    problem(await ada.api.post(collection, json={**wish, "redirect_uris": [CALLBACK] * 11}), 422, "validation_failed")
    for uri in (
        "http://app.example/cb",
        "http://localhost/cb",
        "https://a.example/#x",
        "javascript:x",
        "https://u@a.example/",
        "com.evil.app://accounts.google.com/cb",
        "com.evil.app:///cb",
        "x",
    ):
        body = {**wish, "redirect_uris": [uri]}
        made = await ada.api.post(collection, json=body)
        problem(made, 422, "apps_redirect_uri_form")


def test_no_host_is_shown_of_a_scheme_that_goes_to_none() -> None:
    nothing, uri = msgspec.Raw(b"null"), "com.evil.app://accounts.google.com/cb"
    asked = Asked(1, nothing, [], None, nothing, True, uri, challenge_of(VERIFIER), None, "https://chat.example")
    assert asked.returns_to == "com.evil.app"


async def test_only_the_person_agrees_in_a_session_that_is_fresh(chat_server: ChatServer, database: Database) -> None:
    """Forged consent: signed out, by another site's form, by a program's token, or in a frame."""
    ada = await chat_server.sign_up("Ada")
    app = await register(ada)
    body = {"request": asking(app), "scopes": SCOPES}
    problem(await chat_server.anybody.post("/api/auth/apps", json=body), 401, "unauthorized")
    asked = {"request": asking(app)}
    problem(await chat_server.anybody.post("/api/auth/apps/asked", json=asked), 401, "unauthorized")
    cookies = {"Cookie": f"fechatter_files={ada.token}; fechatter_session={ada.refresh_token}"}
    problem(await chat_server.anybody.post("/api/auth/apps", json=body, headers=cookies), 401, "unauthorized")
    form = await ada.api.post("/api/auth/apps", data=body)
    problem(form, 415, "unsupported_media_type")
    tokens = await Client(chat_server, app).connected(ada)
    wish = {"name": "mine", "scopes": SCOPES, "days": 1}
    personal = ok(await ada.api.post("/api/auth/tokens", json=wish), 201)["token"]
    for token in (tokens["access_token"], personal):
        program = await chat_server.client(token)
        for path in ("/api/auth/apps", "/api/auth/tokens"):
            problem(await program.post(path, json={}), 403, "session_required")
        problem(await program.get("/api/auth/apps"), 403, "session_required")
    page = await chat_server.anybody.get(f"/oauth/authorize?{asking(app)}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer", "the app's request is told to nobody else"
    assert "app.example" not in page.text, "nothing of the address gets into the page"
    async with database.connect() as sql:
        await sql.execute("UPDATE sessions SET auth_time = now() - interval '1 hour'")
    problem(await ada.api.post("/api/auth/apps", json=body), 403, "reauthentication_required")


async def test_only_what_was_shown_is_agreed_to(chat_server: ChatServer) -> None:
    """The app's owner registers more while the person reads."""
    ada, grace = await chat_server.team("Ada", "Grace")
    app = await register(ada, scopes=["chats:read"])
    request = {"request": asking(app)}
    question = ok(await grace.api.post("/api/auth/apps/asked", json=request))
    ok(await ada.api.patch(f"/api/apps/{app['id']}", json={"scopes": SCOPES}))
    agreement = {**request, "scopes": question["scopes"]}
    problem(await grace.api.post("/api/auth/apps", json=agreement), 409, "app_request_changed")
    problem(await grace.api.post("/api/auth/apps", json=request), 422, "validation_failed")
    assert (await Client(chat_server, app).connected(grace))["scope"] == " ".join(SCOPES)


async def test_an_app_may_what_was_agreed_to_until_it_is_taken_back(
    chat_server: ChatServer, database: Database
) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    client = Client(chat_server, await register(ada))
    app = client.app["id"]
    here, elsewhere = await grace.chat(), await ada.chat(grace)
    bound = await client.connected(grace, grace.workspace)
    asked = await client.connected(grace, workspace_id=str(grace.workspace))
    everywhere = await client.connected(grace)
    for tokens in (bound, asked):
        assert tokens["workspace_id"] == grace.workspace
        ok(await may(chat_server, tokens, f"/api/chats/{here}"))
        problem(await may(chat_server, tokens, f"/api/chats/{elsewhere}"), 404, "not_found")
    ok(await may(chat_server, everywhere, f"/api/chats/{elsewhere}"))
    theirs = await ada.chat()
    problem(await may(chat_server, everywhere, f"/api/chats/{theirs}"), 404, "not_found")  # no more than the person

    [listed] = ok(await grace.api.get("/api/auth/apps"))
    assert (listed["id"], listed["scopes"], listed["everywhere"]) == (app, SCOPES, True)
    assert ok(await grace.api.get("/api/auth/tokens")) == []
    [session] = ok(await grace.api.get("/api/auth/sessions"))
    assert session["current"], "what an app may do is no sign-in"
    ok(await grace.api.delete(f"/api/auth/apps/{app}"), 204)
    for tokens in (bound, asked, everywhere):
        problem(await may(chat_server, tokens), 401, "unauthorized")
    problem(await grace.api.delete(f"/api/auth/apps/{app}"), 404, "not_found")
    assert ok(await grace.api.get("/api/auth/apps")) == []

    async def is_refused(tokens: Json) -> bool:
        return (await may(chat_server, tokens)).status_code == 401

    async def ends(tokens: Json, by: Any, client: Client = client) -> None:
        ok(await may(chat_server, tokens))
        await by
        await until(lambda: is_refused(tokens), "the server hears of it")
        refused(await client.by_refresh(tokens["refresh_token"]), "invalid_grant")

    async with database.connect() as sql:
        off = "UPDATE features SET enabled = $1 WHERE name = 'enable_bot_messages'"
        tokens = await client.connected(grace)
        await ends(tokens, sql.execute("SELECT end_sessions('logout_all', $1)", grace.id))
        again = ok(await chat_server.sign_in(grace))
        grace.api = await chat_server.client(again["token"])
        tokens = await client.connected(grace)
        leaves = "DELETE FROM workspace_members WHERE (workspace_id, user_id) = ($1, $2)"
        await ends(tokens, sql.execute(leaves, ada.workspace, grace.id))
        agreement = {"request": asking(client.app), "scopes": SCOPES}
        problem(await grace.api.post("/api/auth/apps", json=agreement), 404, "not_found")  # not one of the workspace
        own = Client(chat_server, await register(grace))
        tokens = await own.connected(grace)
        await ends(tokens, sql.execute("UPDATE apps SET owner_id = NULL WHERE id = $1", own.app["id"]), own)
        agreement = {"request": asking(own.app), "scopes": SCOPES}
        problem(await grace.api.post("/api/auth/apps", json=agreement), 404, "not_found")
        await sql.execute("UPDATE apps SET owner_id = $2 WHERE id = $1", own.app["id"], grace.id)
        tokens = await own.connected(grace)
        ok(await grace.api.delete(f"/api/apps/{own.app['id']}"), 204)
        assert (await may(chat_server, tokens)).status_code == 401
        tokens = await client.connected(ada)
        await sql.execute(off, False)
        refused_now = await client.by_refresh(tokens["refresh_token"])
        assert refused_now.status_code in (400, 404), "features are read anew within a moment"


async def test_an_organisation_that_has_switched_apps_off_is_not_reached(
    chat_server: ChatServer, database: Database
) -> None:
    """By an app of a workspace elsewhere, bound to one of its workspaces, or to all of its member."""
    ada, grace = await chat_server.team("Ada", "Grace")
    client = Client(chat_server, await register(ada))
    before = await client.connected(grace)
    async with database.connect() as sql, sql.transaction():
        corp = await sql.fetchval("INSERT INTO organizations (name) VALUES ('Corp') RETURNING id")
        owns = "INSERT INTO organization_members (organization_id, user_id, role) VALUES ($1, $2, 'owner')"
        await sql.execute(owns, corp, grace.id)
        await sql.execute("INSERT INTO organization_features VALUES ($1, 'enable_bot_messages', false)", corp)
        made = "INSERT INTO workspaces (name, organization_id) VALUES ('Secret', $1) RETURNING id"
        secret = await sql.fetchval(made, corp)
        join = "INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ($1, $2, 'owner')"
        await sql.execute(join, secret, grace.id)
    request = {"request": asking(client.app)}
    question = ok(await grace.api.post("/api/auth/apps/asked", json=request))
    assert {place["id"] for place in question["workspaces"]} == {ada.workspace, grace.workspace}
    assert not question["everywhere"]
    for workspace in (None, secret):
        agreement = {**request, "scopes": SCOPES, "workspace_id": workspace}
        problem(await grace.api.post("/api/auth/apps", json=agreement), 403, "forbidden")
    bound = {"request": asking(client.app, workspace_id=str(secret))}
    problem(await grace.api.post("/api/auth/apps/asked", json=bound), 422, "invalid_app_request")
    assert (await client.connected(grace, grace.workspace))["workspace_id"] == grace.workspace
    refused(await client.by_refresh(before["refresh_token"]), "invalid_grant")


async def test_who_registers_and_manages_an_app(chat_server: ChatServer) -> None:
    ada, grace, eve = await chat_server.team("Ada", "Grace", "Eve")
    outsider = await chat_server.sign_up("Mallory")
    app = await register(ada)
    assert app["client_secret"].startswith("fcs_")
    assert (await register(ada, confidential=False))["client_secret"] is None
    wish = {"name": "x", "redirect_uris": [CALLBACK], "scopes": SCOPES}
    collection, one = f"/api/workspaces/{ada.workspace}/apps", f"/api/apps/{app['id']}"
    for person, status, code in ((grace, 403, "forbidden"), (outsider, 404, "not_found")):
        problem(await person.api.post(collection, json=wish), status, code)
        problem(await person.api.patch(one, json={"name": "Mine"}), status, code)
        problem(await person.api.post(f"{one}/secret"), status, code)
        problem(await person.api.delete(one), status, code)
    problem(await chat_server.anybody.post(collection, json=wish), 401, "unauthorized")
    problem(await outsider.api.get(collection), 404, "not_found")
    problem(await ada.api.post(collection, json={**wish, "scopes": ["root"]}), 422, "validation_failed")
    problem(await ada.api.patch(one, json={"owner_id": outsider.id}), 422, "apps_owner_is_member")
    listed = ok(await eve.api.get(collection))
    assert [each["name"] for each in listed] == ["Calendar", "Calendar"]
    assert "client_secret" not in listed[0]

    ok(await ada.api.patch(one, json={"owner_id": grace.id, "name": "Diary", "scopes": ["chats:read"]}))
    client = Client(chat_server, app)
    replaced = ok(await grace.api.post(f"{one}/secret"), 201)
    assert (replaced["name"], replaced["scopes"]) == ("Diary", ["chats:read"])
    answer = await answer_of(eve, app)
    refused(await client.by_code(answer["code"]), "invalid_client", 401)
    assert ok(await Client(chat_server, replaced).by_code(answer["code"]))["scope"] == "chats:read"
    problem(await ada.api.post(f"/api/apps/{listed[1]['id']}/secret"), 409, "app_is_public")
    problem(await ada.api.delete("/api/apps/99999999"), 404, "not_found")


@pytest.mark.chat_server(features={"enable_bot_messages": False})
async def test_without_the_feature_there_are_no_apps(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    problem(await ada.api.get(f"/api/workspaces/{ada.workspace}/apps"), 404, "feature_off")
    problem(await chat_server.anybody.post("/oauth/token", data={"grant_type": "x"}), 404, "feature_off")
