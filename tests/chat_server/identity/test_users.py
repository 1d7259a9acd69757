"""Profiles and passwords."""

from typing import Any

import pytest

from tests.chat_server.people import PASSWORD, ChatServer, ok, problem
from tests.support.postgres import Database

NEW = "a new password"


async def test_members_of_a_workspace_see_each_other(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    seen = ok(await bob.api.get("/api/users", params={"workspace_id": ada.workspace}))
    assert [user["id"] for user in seen] == [ada.id, bob.id]
    assert seen[0] == ok(await ada.api.get("/api/auth/me"))
    problem(await eve.api.get("/api/users", params={"workspace_id": ada.workspace}), 404, "not_found")
    problem(await eve.api.get("/api/users", params={"workspace_id": 10**15}), 404, "not_found")
    refused = problem(await eve.api.get("/api/users"), 422, "validation_failed")
    assert refused["errors"][0]["path"].endswith("workspace_id")


async def test_profiles_are_there_by_ids_of_those_who_share_a_workspace(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    named = {"ids": f"{eve.id},{bob.id},{ada.id},{2**40}"}
    seen = ok(await ada.api.get("/api/users", params=named))
    shown = [(user["id"], user["fullname"], user["email"]) for user in seen]
    assert shown == [(ada.id, "Ada", None), (bob.id, "Bob", None)]
    assert [user["id"] for user in ok(await eve.api.get("/api/users", params=named))] == [eve.id]
    for wrong in ("", "0", "1,", "1,x", "1;2", str(10**19), ",".join(["1"] * 101)):
        problem(await ada.api.get("/api/users", params={"ids": wrong}), 400, "validation_failed")
    # Through a token that is bound to a workspace: those in it.
    other = ok(await ada.api.post("/api/workspaces", json={"name": "Other"}), 201)["id"]
    token = {"name": "bot", "scopes": ["workspaces:read"], "days": 1, "workspace_id": other}
    bound = await chat_server.client(ok(await ada.api.post("/api/auth/tokens", json=token), 201)["token"])
    assert [user["id"] for user in ok(await bound.get("/api/users", params=named))] == [ada.id]
    both = {"ids": "1", "workspace_id": str(ada.workspace)}
    problem(await ada.api.get("/api/users", params=both), 422, "validation_failed")
    problem(await chat_server.anybody.get("/api/users", params=named), 401, "unauthorized")


async def test_a_profile_changes_field_by_field(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    before = ok(await ada.api.get("/api/auth/me"))
    after = ok(await ada.api.patch("/api/users/me", json={"avatar": "https://example.com/a.png"}))
    assert after == {**before, "avatar": "https://example.com/a.png", "updated_at": after["updated_at"]}
    after = ok(await ada.api.patch("/api/users/me", json={"fullname": "Ada L."}))
    assert (after["fullname"], after["avatar"]) == ("Ada L.", "https://example.com/a.png")
    body = {"avatar": None, "email": "ada@elsewhere.example", "current_password": PASSWORD}
    after = ok(await ada.api.patch("/api/users/me", json=body))
    assert (after["avatar"], after["email"]) == (None, "ada@elsewhere.example")
    assert ok(await ada.api.patch("/api/users/me", json={})) == after


async def test_an_address_in_use_is_not_taken(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    body = {"email": ada.email.upper(), "current_password": PASSWORD}
    problem(await bob.api.patch("/api/users/me", json=body), 409, "users_email_key")


async def test_another_address_asks_for_the_password(chat_server: ChatServer) -> None:
    """Who has found a session open must not make the account their own."""
    ada = await chat_server.sign_up("Ada")
    taken = {"fullname": "Eve", "email": "eve@example.com"}
    refused = problem(await ada.api.patch("/api/users/me", json=taken), 422, "validation_failed")
    assert [error["path"] for error in refused["errors"]] == ["current_password"]
    guessed = await ada.api.patch("/api/users/me", json={**taken, "current_password": "wrong password"})
    problem(guessed, 403, "wrong_password")
    me = ok(await ada.api.get("/api/auth/me"))
    assert (me["email"], me["fullname"]) == (ada.email, "Ada")


@pytest.mark.chat_server
async def test_a_user_name_is_one_persons_however_its_letters_are_cased(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    assert ok(await ada.api.get("/api/auth/me"))["username"] == "ada"
    assert ok(await ada.api.patch("/api/users/me", json={"username": "Ada.L-1_2"}))["username"] == "Ada.L-1_2"
    problem(await bob.api.patch("/api/users/me", json={"username": "ADA.l-1_2"}), 409, "users_username_key")
    assert ok(await ada.api.patch("/api/users/me", json={"username": "ada.l-1_2"}))["username"] == "ada.l-1_2"
    problem(await bob.api.patch("/api/users/me", json={"username": "Here"}), 422, "users_username_reserved")
    members = ok(await bob.api.get(f"/api/workspaces/{ada.workspace}/members"))
    assert [member["username"] for member in members] == ["ada.l-1_2", "bob"]


async def test_a_bad_profile_is_refused(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    bad: list[dict[str, Any]] = [
        *(
            {"fullname": " "},
            {"fullname": "a\0"},
            {"email": "x"},
            *({"username": name} for name in ("", ".ada", "_ada", "ada.", "ada-", "a" * 33, "a\n", "ада", "a@b")),
            {"avatar": ""},
            {"avatar": "x" * 2049},
            {"status": "x"},
        )
    ]
    for body in bad:
        refused = problem(await ada.api.patch("/api/users/me", json=body), 422, "validation_failed")
        assert refused["errors"][0]["path"] in body


async def test_a_new_password_ends_the_other_sessions(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    elsewhere = ok(await chat_server.sign_in(ada))
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert ok(await ada.api.post("/api/users/me/password", json=body), 204) is None
    ok(await ada.api.get("/api/auth/me"))
    problem(await (await chat_server.client(elsewhere["token"])).get("/api/auth/me"), 401, "unauthorized")
    refresh = {"refresh_token": elsewhere["refresh_token"]}
    problem(await chat_server.anybody.post("/api/auth/refresh", json=refresh), 401, "invalid_refresh_token")
    problem(await chat_server.sign_in(ada), 401, "wrong_credentials")
    ok(await chat_server.sign_in(ada, NEW))
    async with database.connect() as sql:
        reasons = await sql.fetch("SELECT payload->>'reason' AS reason FROM events WHERE kind = 'SessionRevoked'")
    assert [row["reason"] for row in reasons] == ["password_changed"]


async def test_a_new_password_ends_links_that_would_set_another_one(
    chat_server: ChatServer, database: Database
) -> None:
    """Whoever has read one, in a mailbox or a log, comes too late."""
    ada = await chat_server.sign_up("Ada")
    async with database.connect() as sql:
        link = await sql.fetchval("SELECT link FROM ops.reset_password($1)", ada.email)
        await sql.execute(
            "INSERT INTO mails (kind, recipient, user_id, language, details, expires_at) "
            "VALUES ('password_reset', $1, $2, 'en', '{}', now() + interval '1 hour')",
            *(ada.email, ada.id),
        )
        body = {"current_password": PASSWORD, "new_password": NEW}
        ok(await ada.api.post("/api/users/me/password", json=body), 204)
        reset = {"token": link.partition("#")[2], "password": "of whoever has read the link"}
        problem(await chat_server.anybody.post("/api/auth/reset", json=reset), 401, "invalid_reset_token")
        assert await sql.fetchval("SELECT used_at IS NOT NULL FROM mails WHERE kind = 'password_reset'")
    ok(await chat_server.sign_in(ada, NEW))


async def test_the_current_password_has_to_be_right(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    body = {"current_password": "wrong password", "new_password": NEW}
    problem(await ada.api.post("/api/users/me/password", json=body), 403, "wrong_password")
    ok(await chat_server.sign_in(ada))


async def test_a_short_new_password_is_refused(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    body = {"current_password": PASSWORD, "new_password": "short"}
    refused = problem(await ada.api.post("/api/users/me/password", json=body), 422, "validation_failed")
    assert refused["errors"] == [{"path": "new_password", "expected": "a string of at least 8 characters"}]
