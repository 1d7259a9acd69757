"""A directory deactivates somebody whose stream is open."""

import hashlib
import json
import time

import pytest

from tests.end_to_end.system import System
from tests.support.clients.listener import AT_ONCE_SECONDS
from tests.support.clients.plain_http import plain_http

TOKEN = "a-token-of-the-directory-with-many-characters"
PEOPLE = {"token_sha256": [hashlib.sha256(TOKEN.encode()).hexdigest()], "owns_domains": ["example.com"]}


@pytest.mark.system(auth__scim=json.dumps({"acme-people": PEOPLE}))
async def test_a_stream_closes_within_a_second_of_the_deactivation(system: System) -> None:
    ada = await system.sign_up("Ada")
    async with system.sql() as sql:
        await sql.execute("UPDATE users SET email_verified_at = now() WHERE id = $1", ada.id)
        email = await sql.fetchval("SELECT email FROM users WHERE id = $1", ada.id)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = f"{system.chat.url}/api/scim/v2/acme-people/Users"
    user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": email, "active": True}
    off = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "value": {"active": False}}],
    }
    async with plain_http(headers=headers) as directory, ada.listen() as stream:
        made = (await directory.post(url, json=user)).json()
        began = time.monotonic()
        answer = await directory.patch(f"{url}/{made['id']}", json=off)
        assert answer.status_code == 204, answer.text
        await stream.until_ended(timeout=AT_ONCE_SECONDS)
        assert time.monotonic() - began < AT_ONCE_SECONDS
        assert stream.events("SessionRevoked")[0].data["reason"] == "suspended"
