"""Names are written with characters that are seen: the same rule in Python and in SQL."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat_server.http.fields import NAME, PLAIN_TEXT
from chat_server.identity.names import PLAIN
from tests.chat_server.people import PASSWORD, ChatServer, ok, problem
from tests.support.postgres import Database

PLAINLY = {
    "letters": "Ada Lovelace-O'Brien (éß, Ωмд)",
    "combining marks": "e\u0301 n\u0303",
    "right to left": "\u05d3\u05d5\u05d3 \u0639\u0644\u064a",
    "Persian": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "Devanagari, with either joiner": "\u0915\u094d\u200d\u0937 \u0915\u094d\u200c\u0937",
    "Sinhala": "\u0dc1\u0dca\u200d\u0dbb\u0dd3",
    "Han with a variant": "\u845b\U000e0100",
    "an emoji of several": "\U0001f469\u200d\U0001f680 \U0001f468\U0001f3fd\u200d\U0001f4bb",
    "a heart between": "\U0001f469\u200d\u2764\ufe0f\u200d\U0001f468",
    "a keycap": "1\ufe0f\u20e3",
    "flags": "\U0001f1eb\U0001f1f7 \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "wide spaces": "a\u00a0b\u3000c",
}
HIDDEN = {
    "zero-width space": "Ada\u200b",
    "joiner between letters": "A\u200dda",
    "non-joiner between letters": "A\u200cda",
    "non-joiner at an end": "\u0645\u06cc\u200c",
    "two joiners": "\U0001f469\u200d\u200d\U0001f680",
    "direction turned": "\u202egro.live",
    "direction isolated": "\u2066Ada\u2069",
    "a mark of direction": "Ada\u200f",
    "soft hyphen": "A\u00adda",
    "byte order mark": "\ufeffAda",
    "word joiner": "A\u2060da",
    "Hangul filler": "\u3164",
    "blank Braille": "\u2800",
    "variation of a letter": "A\ufe0fda",
    "variation of a digit": "1\ufe0f",
    "tags": "Ada\U000e0061",
    "an open flag": "\U0001f3f4\U000e0067",
    "a line break": "Ada\nLovelace",
    "a line break at the end": "Ada\n",
    "an escape": "\x1b[31mAda",
    "C1": "Ada\x85",
    "a line separator": "Ada\u2028",
}
# Where the rules begin and end, and what is between.
EDGES = (
    "aZ1#* \n\u0645\u0915\u094d\u845b\u200b\u200c\u200d\u202e\ufe0f\u20e3\u2764"
    "\U0001f469\U0001f3fd\U0001f3f4\U000e0067\U000e007f\U000e0100"
)


@pytest.mark.parametrize("name", PLAINLY.values(), ids=PLAINLY.keys())
def test_what_is_seen_is_a_name(name: str) -> None:
    assert re.search(NAME, name)


@pytest.mark.parametrize("name", HIDDEN.values(), ids=HIDDEN.keys())
def test_what_is_not_seen_is_none(name: str) -> None:
    assert not re.search(NAME, name)
    assert not re.search(PLAIN_TEXT, name)


async def test_sql_has_the_same_rule(database: Database) -> None:
    async with database.connect() as sql:
        body = await sql.fetchval("SELECT prosrc FROM pg_proc WHERE proname = 'is_plain'")
        assert f"'^{PLAIN}$'" in body
        for expected, names in ((True, PLAINLY), (False, HIDDEN)):
            for what, name in names.items():
                assert await sql.fetchval("SELECT is_plain($1)", name) is expected, what
        found: list[str] = []

        @settings(max_examples=400, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(st.text(st.sampled_from(EDGES) | st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
        def collect(name: str) -> None:
            found.append(name)

        collect()
        rows = await sql.fetch("SELECT name, is_plain(name) AS plain FROM unnest($1::text[]) AS name", found)
    differ = [row["name"] for row in rows if row["plain"] != bool(re.search(PLAIN_TEXT, row["name"]))]
    assert differ == []
    assert {row["plain"] for row in rows} == {True, False}


async def test_names_and_statuses_are_plain_over_rest_and_in_psql(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    board, chat = await ada.board(), await ada.chat()
    hidden = "A\u200bda"
    version = ok(await ada.api.post(f"/api/boards/{board}/versions", json={"name": "first"}), 201)["id"]
    account = {"fullname": "Ada", "email": "other@example.com", "password": PASSWORD}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/api/auth/signup", {**account, "fullname": hidden}),
        ("POST", "/api/auth/signup", {**account, "workspace": hidden}),
        ("PATCH", "/api/users/me", {"fullname": hidden}),
        ("PUT", "/api/users/me/status", {"text": hidden}),
        ("PUT", "/api/users/me/status", {"emoji": "\U0001f35c\u200b"}),
        ("POST", "/api/workspaces", {"name": hidden}),
        ("PUT", f"/api/workspaces/{ada.workspace}", {"name": hidden}),
        ("POST", "/api/chats", {"type": "Group", "members": [], "name": hidden}),
        ("PUT", f"/api/chats/{chat}", {"name": hidden}),
        ("POST", f"/api/workspaces/{ada.workspace}/boards", {"name": hidden}),
        ("PATCH", f"/api/boards/{board}", {"name": hidden}),
        ("POST", f"/api/boards/{board}/versions", {"name": hidden}),
        ("PATCH", f"/api/boards/{board}/versions/{version}", {"name": hidden}),
    ]
    for method, path, body in calls:
        refused = problem(await ada.api.request(method, path, json=body), 422, "validation_failed")
        assert "zero-width" in refused["errors"][0]["expected"], path
    statements = [
        f"UPDATE {table} SET name = $1" for table in ("workspaces", "chats", "documents", "document_versions")
    ]
    statements += [f"UPDATE users SET {column} = $1" for column in ("fullname", "status_text", "status_emoji")]
    async with database.connect() as sql:
        for statement in statements:
            with pytest.raises(Exception) as error:  # noqa: PT011 - which one it is follows
                await sql.execute(statement, hidden)
            assert getattr(error.value, "constraint_name", None) == "name_is_plain", statement
        # One of before is no hindrance to other changes.
        await sql.execute("ALTER TABLE users DISABLE TRIGGER p30_plain_name")
        await sql.execute("UPDATE users SET fullname = $1", hidden)
        await sql.execute("ALTER TABLE users ENABLE TRIGGER p30_plain_name")
    ok(await ada.api.patch("/api/users/me", json={"avatar": "x"}))


@pytest.mark.parametrize(
    "name", ["admin", "Root", "SYSTEM", "s.u.p.p.o.r.t", "ad-min", "fechatter_", "here", "Channel"]
)
async def test_names_of_people_in_charge_are_nobodys(chat_server: ChatServer, database: Database, name: str) -> None:
    ada = await chat_server.sign_up("Ada")
    problem(await ada.api.patch("/api/users/me", json={"username": name}), 422, "users_username_reserved")
    body = {"fullname": "X", "email": f"{name}@elsewhere.example", "password": PASSWORD}
    problem(
        await chat_server.anybody.post("/api/auth/signup", json={**body, "username": name}),
        422,
        "users_username_reserved",
    )
    derived = ok(await chat_server.anybody.post("/api/auth/signup", json=body), 201)["user"]["username"]
    assert derived.startswith(name.rstrip("_")), "one that is made of an address gets a number"
    async with database.connect() as sql:
        if name.lower() in ("here", "channel"):
            return  # a mention of it means everybody, also to operators
        given_name = await sql.fetchval("SELECT username FROM ops.name_user('ada@example.com', $1)", name)
    assert given_name == name


async def test_the_name_of_a_deleted_account_is_nobodys(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for name in (f"deleted-{ada.id + 10**6}", f"Deleted-{ada.id + 10**7}"):  # her own number would be no other's
        problem(await ada.api.patch("/api/users/me", json={"username": name}), 422, "users_username_reserved")
        body = {"fullname": "X", "email": f"{name}@elsewhere.example", "password": PASSWORD}
        derived = ok(await chat_server.anybody.post("/api/auth/signup", json=body), 201)["user"]["username"]
        assert derived == name.rpartition("-")[2]
    ok(await ada.api.patch("/api/users/me", json={"username": "deleted-soon"}))
