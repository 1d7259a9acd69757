"""What session tokens of Clerk are believed. Clerk's own library judges each of them too: the verdict is the same, but
for what is named."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest
from clerk_backend_api.security import verify_token
from clerk_backend_api.security.types import TokenVerificationError, VerifyTokenOptions

from chat_core.settings import Clerk as Settings
from chat_server.identity.clerk.clerk import Clerk
from chat_server.identity.outgoing import Outgoing
from chat_server.identity.signed_tokens import InvalidToken
from tests.support.identity.clerk_peer import ORIGIN, SECRET_KEY, ClerkPeer, clerk_peer
from tests.support.identity.oidc_peer import Json, SigningKey, rsa_key

OURS = "https://chat.example"


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[ClerkPeer]:
    async with clerk_peer(tmp_path) as running:
        running.members["org_1"] = []
        yield running


@pytest.fixture
async def clerk(peer: ClerkPeer) -> AsyncIterator[Clerk]:
    outgoing = Outgoing()
    yield Clerk(Settings.model_validate(peer.settings()), outgoing, OURS)
    await outgoing.close()


async def judged_here(clerk: Clerk, token: str, *, cookie: bool) -> str | None:
    """None if it is believed, else why not."""
    try:
        await clerk.session("" if cookie else f"Bearer {token}", {"__session": token})
    except InvalidToken as error:
        return str(error)
    return None


async def judged_by_clerk(peer: ClerkPeer, token: str) -> str | None:
    """The same by Clerk's own library, whose keys come from the Backend API."""
    options = VerifyTokenOptions(
        secret_key=SECRET_KEY, authorized_parties=[ORIGIN, OURS], api_url=peer.issuer, clock_skew_in_ms=5000
    )
    try:
        await asyncio.to_thread(verify_token, token, options)
    except TokenVerificationError as error:
        return error.reason.value[0]
    return None


def crafted(peer: ClerkPeer, case: str) -> str:
    """A token of the table below."""
    now = int(time.time())
    key = peer.keys[0]
    changed: dict[str, Json] = {
        "good": {},
        "version 1": {"v": None, "sts": None, "org_id": "org_1", "org_role": "org:admin"},
        "our own page": {"azp": OURS},
        "without a status": {"sts": None},
        "expired": {"iat": now - 90, "exp": now - 30},
        "expired just now": {"exp": now - 3},
        "not yet valid": {"nbf": now + 30},
        "from the future": {"iat": now + 30},
        "of a subdomain": {"azp": "https://evil.app.example"},
        "for an audience": {"aud": "another service"},
        "without an origin": {"azp": None},
        "of another issuer": {"iss": "https://clerk.other.example"},
        "pending": {"sts": "pending"},
        "of a template": {"sid": None},
        "for ever": {"exp": None},
        "somebody acts": {"act": {"sub": "user_admin"}},
        "a subject that is none": {"sub": ""},
    }
    changes = changed.get(case, {})
    claims = peer.claims("user_1")
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    if case == "of another instance":
        return SigningKey("ins_theirs", key=rsa_key("other")).sign(claims)
    if case == "forged":
        return SigningKey("ins_ours", key=rsa_key("other")).sign(claims)
    if case == "without a key's id":
        return jwt.encode(claims, rsa_key(), "RS256")
    if case == "RS512":
        return jwt.encode(claims, rsa_key(), "RS512", headers={"kid": key.id})
    if case == "none":
        return jwt.encode(claims, "", "none", headers={"kid": key.id})
    if case == "nothing":
        return "a.b.c"
    return key.sign(claims)


SAME = {
    "good": True,
    "version 1": True,
    "our own page": True,
    "without a status": True,
    "expired just now": True,
    "expired": False,
    "not yet valid": False,
    "from the future": False,
    "of a subdomain": False,
    "for an audience": False,
    "of another instance": False,
    "forged": False,
    "without a key's id": False,
    "RS512": False,
    "none": False,
    "nothing": False,
}
# What the library believes, and we do not. It leaves the issuer to the key, and the session's state to its caller.
STRICTER = {
    "of another issuer": "it is of another issuer",
    "pending": "its session is pending",
    "of a template": "it has no sid",
    "for ever": "it has no exp",
    "somebody acts": "somebody else acts as its user",
    "a subject that is none": "its sub is not a text",
}


async def test_the_verdict_is_that_of_clerks_own_library(peer: ClerkPeer, clerk: Clerk) -> None:
    for case, good in SAME.items():
        token = crafted(peer, case)
        for cookie in (False, True):
            assert (await judged_here(clerk, token, cookie=cookie) is None) == good, case
        assert (await judged_by_clerk(peer, token) is None) == good, case
    for case, why in STRICTER.items():
        token = crafted(peer, case)
        assert (await judged_here(clerk, token, cookie=False) or "").startswith(why), case
        assert await judged_by_clerk(peer, token) is None, case
    # Apps on phones have no origin: their bearer tokens are good here, and in Clerk's library for JavaScript.
    token = crafted(peer, "without an origin")
    assert await judged_here(clerk, token, cookie=False) is None
    assert "another origin" in (await judged_here(clerk, token, cookie=True) or "")
    assert await judged_by_clerk(peer, token) == "token-invalid-authorized-parties"


async def test_a_token_tells_of_the_session(peer: ClerkPeer, clerk: Clerk) -> None:
    given = peer.claims("user_1", sid="sess_1", fva=[3, 1], o={"id": "org_1", "slg": "acme", "rol": "admin"})
    found = await clerk.session(f"Bearer {peer.keys[0].sign(given)}", {})
    assert (found.user, found.sid, found.organization) == ("user_1", "sess_1", "org_1")
    assert (found.factor_minutes, found.amr) == (3, ("fed", "mfa"))
    first = await clerk.session(f"Bearer {peer.token('user_1', v=None, fva=None, org_id='org_1')}", {})
    assert (first.organization, first.factor_minutes, first.amr) == ("org_1", None, ("fed",))


async def test_of_two_applications_on_a_domain_ours_is_found(peer: ClerkPeer, clerk: Clerk) -> None:
    theirs = SigningKey("ins_theirs", key=rsa_key("other")).sign(peer.claims("user_2"))
    found = await clerk.session("", {"__session": theirs, "__session_Ab12": peer.token("user_1")})
    assert found.user == "user_1"


async def test_the_bearer_token_counts_before_the_cookie(peer: ClerkPeer, clerk: Clerk) -> None:
    with pytest.raises(InvalidToken):
        await clerk.session("Bearer nonsense", {"__session": peer.token("user_1")})
    with pytest.raises(InvalidToken, match="not a bearer"):
        await clerk.session("Basic dXNlcg==", {"__session": peer.token("user_1")})
