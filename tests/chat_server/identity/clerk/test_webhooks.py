"""Which webhooks are believed. Svix's own library judges each of them too: the verdict is the same, but for what is
named."""

import time

import pytest

from chat_server.identity.clerk.webhooks import InvalidWebhook, key_of, verify
from tests.support.identity.clerk_peer import NEW_SECRET, OLD_SECRET, signed

BODY = '{"type":"user.created","data":{"id":"user_1","first_name":"Zoë"}}'
STRANGER = "whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA=="
Headers = dict[str, str]


def judged_here(headers: Headers, body: str = BODY, secrets: tuple[str, ...] = (NEW_SECRET,)) -> bool:
    given = (headers.get(f"svix-{name}", "") for name in ("id", "timestamp", "signature"))
    message, sent_at, signatures = given
    try:
        verify([key_of(secret) for secret in secrets], message, sent_at, signatures, body.encode(), time.time())
    except InvalidWebhook:
        return False
    return True


def judged_by_svix(headers: Headers, body: str = BODY) -> bool:
    from svix.webhooks import Webhook, WebhookVerificationError  # takes a second, so not in what only collects tests

    try:
        Webhook(NEW_SECRET).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


@pytest.fixture
def good() -> Headers:
    return signed(BODY)


def table() -> dict[str, tuple[Headers, bool]]:
    good, theirs = signed(BODY), signed(BODY, secret=STRANGER)["svix-signature"]
    return {
        "good": (good, True),
        "almost five minutes old": (signed(BODY, ago=290), True),
        "more than five minutes old": (signed(BODY, ago=310), False),
        "almost five minutes early": (signed(BODY, ago=-290), True),
        "more than five minutes early": (signed(BODY, ago=-310), False),
        "by a stranger": (signed(BODY, secret=STRANGER), False),
        "one of two is ours": ({**good, "svix-signature": f"{theirs} {good['svix-signature']}"}, True),
        "of another version": ({**good, "svix-signature": good["svix-signature"].replace("v1,", "v1a,")}, False),
        "another id": ({**good, "svix-id": "msg_2"}, False),
        "another time": ({**good, "svix-timestamp": str(int(good["svix-timestamp"]) + 1)}, False),
        "without an id": ({**good, "svix-id": ""}, False),
        "without a time": ({**good, "svix-timestamp": ""}, False),
        "without a signature": ({**good, "svix-signature": ""}, False),
        "a time that is none": ({**good, "svix-timestamp": "now"}, False),
    }


def test_the_verdict_is_that_of_svix() -> None:
    for case, (headers, good) in table().items():
        assert judged_here(headers) == good, case
        if headers["svix-signature"]:  # without one, svix's own fails by accident
            assert judged_by_svix(headers) == good, case


def test_it_is_the_bytes_that_are_signed(good: Headers) -> None:
    assert not judged_here(good, BODY.replace(":", ": "))
    assert not judged_by_svix(good, BODY.replace(":", ": "))


def test_where_svix_differs(good: Headers) -> None:
    """It cuts off a fraction of a second, and fails by accident at a signature without a version."""
    fraction = {**good, "svix-timestamp": f"{good['svix-timestamp']}.5"}
    assert judged_by_svix(fraction)
    assert not judged_here(fraction)
    unknown = {**good, "svix-signature": f"nonsense {good['svix-signature']}"}
    with pytest.raises(ValueError, match="unpack"):
        judged_by_svix(unknown)
    assert judged_here(unknown)


def test_two_secrets_are_good_while_they_are_rotated(good: Headers) -> None:
    for secret in (OLD_SECRET, NEW_SECRET):
        assert judged_here(signed(BODY, secret=secret), secrets=(NEW_SECRET, OLD_SECRET))
    assert not judged_here(signed(BODY, secret=OLD_SECRET))
    assert not judged_here(good, secrets=())


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_?", "b2xk"])
def test_a_secret_that_is_none(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        key_of(secret)
