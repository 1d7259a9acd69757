"""The public keys, as other systems get them, and a rotation under a running server."""

import shutil
from pathlib import Path

import jwt

from fechatter.keys import rotate
from tests.chat_server.people import chat_server_on, ok, settings
from tests.support.forks import light_hasher
from tests.support.postgres import Database


async def test_other_systems_verify_our_tokens_by_the_published_keys_through_a_rotation(
    database: Database, keys: Path, tmp_path: Path
) -> None:
    for name in ("private.pem", "public.pem"):
        shutil.copy(keys / name, tmp_path / name)
    async with chat_server_on(settings(database.chat_url, tmp_path), light_hasher()) as chat_server:
        ada = await chat_server.sign_up("Ada")
        before = ok(await chat_server.anybody.get("/.well-known/jwks.json"))
        assert _session(ada.token, before)
        kids = rotate(tmp_path / "private.pem", tmp_path / "public.pem", revoke=False)
        while True:  # until the server has looked, which it does at each request, once a second
            token = ok(await chat_server.sign_in(ada))["token"]
            if jwt.get_unverified_header(token)["kid"] == kids[0]:
                break
        after = ok(await chat_server.anybody.get("/.well-known/jwks.json"))
        assert [key["kid"] for key in after["keys"]] == kids
        assert _session(token, after) != _session(ada.token, after)
        for bearer in (token, ada.token):
            ok(await (await chat_server.client(bearer)).get("/api/auth/me"))


def _session(token: str, jwks: dict[str, list[dict[str, str]]]) -> int:
    """The session of a token, verified as another system would."""
    key = jwt.PyJWKSet.from_dict(jwks)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["EdDSA"], issuer="fechatter")
    return int(claims["sid"])
