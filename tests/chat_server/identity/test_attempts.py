"""What a browser carries through a sign-in at a provider: for how long it is good, and for whom."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from chat_core.tokens import Signer
from chat_server.identity import attempts
from chat_server.identity.attempts import Attempt, Result

NOW = 1_795_946_400


@pytest.fixture
def signer(keys: Path) -> Signer:
    return Signer(keys / "private.pem", "fechatter", 900)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (Attempt("acme", "seed", NOW), 600),
        (Result("seed", NOW, "acme", 1, 1, ["fed"], NOW, None), 60),
    ],
)
def test_it_is_good_for_its_time(
    signer: Signer, monkeypatch: pytest.MonkeyPatch, value: Attempt | Result, seconds: int
) -> None:
    sealed, kind = attempts.seal(signer, value, "browser"), type(value)
    for later, expected in ((0, value), (seconds, value), (seconds + 1, None)):
        monkeypatch.setattr(attempts, "time", SimpleNamespace(time=lambda later=later: NOW + later))
        assert attempts.unseal(signer, sealed, kind, "browser") == expected, later  # type: ignore[type-var]


def test_its_secrets_are_of_one_attempt_in_one_browser_for_one_purpose(signer: Signer) -> None:
    one, other = Attempt("acme", "one", NOW), Attempt("acme", "other", NOW)
    asked = [
        ("nonce", one, "browser"),
        ("verifier", one, "browser"),
        ("nonce", other, "browser"),
        ("nonce", one, "another"),
    ]
    secrets = [attempts.secret_of(signer, *each) for each in asked]
    assert len(set(secrets)) == len(asked)
    assert attempts.secret_of(signer, *asked[0]) == secrets[0]
