"""Codes of an authenticator app, held against RFC 6238's vectors and against oathtool."""

import base64
import shutil
import subprocess
from unittest import mock

import pytest

from chat_server.identity.factors import recovery_codes, totp

RFC_SECRET = b"12345678901234567890"
# RFC 6238, appendix B: seconds since 1970, and the last six digits.
VECTORS = [(1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_a_code_is_good_for_its_step_and_the_ones_beside_it(seconds: int, code: str) -> None:
    for late, good in ((0, True), (-30, True), (30, True), (-60, False), (60, False)):
        with mock.patch("time.time", return_value=seconds + late):
            assert totp.step_of(RFC_SECRET, code) == (seconds // 30 if good else None)
            assert totp.step_of(RFC_SECRET, f"{code[:3]} {code[3:]}") == (seconds // 30 if good else None)


def test_the_app_gets_what_it_needs() -> None:
    if shutil.which("oathtool") is None:
        pytest.skip("there is no oathtool here (Debian: apt-get install oathtool)")
    secret = totp.new_secret()
    shown = totp.in_base32(secret)
    assert base64.b32decode(shown) == secret
    uri = totp.uri(secret, "ada@example.com", "Fechatter")
    assert uri == f"otpauth://totp/Fechatter:ada%40example.com?secret={shown}&issuer=Fechatter"
    assert totp.qr_code(uri).startswith("<svg xmlns=")
    command = ["oathtool", "--totp", "--base32", "--now=2026-11-29 10:00:00 UTC", shown]
    code = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    with mock.patch("time.time", return_value=1795946400):
        assert totp.step_of(secret, code) == 1795946400 // 30


def test_recovery_codes_are_long_and_good_however_they_are_typed() -> None:
    codes = recovery_codes.new_codes()
    assert len({recovery_codes.hash_of(code) for code in codes}) == 10
    assert all(len(base64.b32decode(code.replace("-", ""), casefold=True)) == 10 for code in codes)
    assert recovery_codes.hash_of(codes[0].upper().replace("-", " ")) == recovery_codes.hash_of(codes[0])
