"""The token endpoint: a code and a refresh token are good once, for the client that they were given to."""

import asyncio
import base64

import pytest

from tests.chat_server.integrations.test_apps import CALLBACK, SCOPES, Client, answer_of, may, refused, register
from tests.chat_server.people import ChatServer, ok, problem
from tests.support.postgres import Database

pytestmark = pytest.mark.chat_server(features={"enable_bot_messages": True})


async def test_a_code_is_good_once_for_its_client_address_and_proof(
    chat_server: ChatServer, database: Database
) -> None:
    """Injection, replay, and another client's code."""
    ada = await chat_server.sign_up("Ada")
    mine, other = Client(chat_server, await register(ada)), Client(chat_server, await register(ada, name="Other"))

    async def code() -> str:
        return (await answer_of(ada, mine.app))["code"]

    wrong: tuple[tuple[Client, dict[str, str]], ...] = (
        (other, {}),
        (mine, {"code_verifier": "w" * 43}),
        (mine, {"redirect_uri": "https://app.example/other"}),
    )
    for client, form in wrong:
        burnt = await code()
        refused(await client.by_code(burnt, **form), "invalid_grant")
        refused(await mine.by_code(burnt), "invalid_grant")
    kept = await code()
    for verifier in ("", "v" * 42, "v" * 129, "v" * 42 + "!"):
        refused(await mine.by_code(kept, code_verifier=verifier), "invalid_request")
    refused(await mine.send("token", grant_type="password"), "unsupported_grant_type")
    ok(await mine.by_code(kept, redirect_uri=CALLBACK))

    late = await code()
    async with database.connect() as sql:
        await sql.execute("UPDATE app_codes SET expires_at = now() - interval '1 second'")
    refused(await mine.by_code(late), "invalid_grant")

    replayed = await code()
    tokens = ok(await mine.by_code(replayed))
    ok(await may(chat_server, tokens))
    refused(await mine.by_code(replayed), "invalid_grant")
    problem(await may(chat_server, tokens), 401, "unauthorized")
    refused(await mine.by_refresh(tokens["refresh_token"]), "invalid_grant")
    raced = await code()
    answers = await asyncio.gather(*(mine.by_code(raced) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]

    ended = await code()
    ok(await ada.api.post("/api/auth/logout"), 204)
    refused(await mine.by_code(ended), "invalid_grant")

    app = mine.app
    basic = base64.b64encode(f"{app['client_id']}:{app['client_secret']}".encode()).decode()
    shown: tuple[tuple[str | None, dict[str, str], str, int], ...] = (
        (None, {"client_id": app["client_id"]}, "invalid_client", 401),
        (None, {**mine.shown, "client_secret": "fcs_wrong"}, "invalid_client", 401),
        ("Basic !", {}, "invalid_client", 401),
        ("Bearer x", {}, "invalid_client", 401),
        (f"Basic {basic}", mine.shown, "invalid_request", 400),
        (f"Basic {basic}", {"client_id": other.app["client_id"]}, "invalid_request", 400),
        (f"Basic {basic}", {}, "invalid_request", 400),  # the client is known: what is missing is a code
    )
    for header, form, error, status in shown:
        headers = {"Authorization": header} if header else {}
        data = {"grant_type": "authorization_code", **form}
        refused(await chat_server.anybody.post("/oauth/token", data=data, headers=headers), error, status)
    refused(await chat_server.anybody.post("/oauth/token", json={"grant_type": "x"}), "invalid_request")


async def test_refresh_tokens_rotate_and_a_second_use_ends_all(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    mine, other = Client(chat_server, await register(ada)), Client(chat_server, await register(ada, name="Other"))
    public = Client(chat_server, await register(ada, name="Device", confidential=False))
    first = await mine.connected(ada)
    bystander = await mine.connected(ada)
    refused(await other.by_refresh(first["refresh_token"]), "invalid_grant")
    refused(await public.by_refresh(first["refresh_token"]), "invalid_grant")
    refused(await mine.by_refresh(ada.refresh_token), "invalid_grant")  # of a sign-in
    taken = await chat_server.anybody.post("/api/auth/refresh", json={"refresh_token": first["refresh_token"]})
    problem(taken, 401, "invalid_refresh_token")  # an app does not become a session
    refused(await mine.by_refresh(first["refresh_token"], scope="chats:read chats:write"), "invalid_scope")

    second = ok(await mine.by_refresh(first["refresh_token"], scope="chats:read"))
    assert second["scope"] == "chats:read"
    problem(await may(chat_server, second), 403, "insufficient_scope")
    again = ok(await mine.by_refresh(first["refresh_token"]))
    assert again["refresh_token"] == second["refresh_token"], "an answer that was lost is given again"
    assert again["scope"] == " ".join(SCOPES)
    for client in (other, public):
        ok(await client.send("revoke", token=first["refresh_token"]))  # as if it had never been
    assert ok(await other.send("introspect", token=again["access_token"])) == {"active": False}
    refused(await public.send("introspect", token=again["access_token"]), "invalid_client", 401)
    ok(await may(chat_server, again))
    async with database.connect() as sql:
        await sql.execute("UPDATE refresh_tokens SET used_at = used_at - interval '1 minute'")
    refused(await mine.by_refresh(first["refresh_token"]), "invalid_grant")
    problem(await may(chat_server, again), 401, "unauthorized")
    refused(await mine.by_refresh(again["refresh_token"]), "invalid_grant")
    ok(await may(chat_server, bystander))  # what was agreed to in another place goes on
    async with database.connect() as sql:
        await sql.execute("UPDATE app_tokens SET expires_at = now() - interval '1 second'")
    chat_server_forgets = await mine.connected(ada)
    ok(await may(chat_server, chat_server_forgets))
