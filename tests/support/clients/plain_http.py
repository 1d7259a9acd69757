"""An httpx client for the servers of a test: no proxy from the environment, and nothing read that it does not need."""

import ssl
from typing import Any

import httpx
from fechatter_client.client import KEEPALIVE_SECONDS

# httpx would read all certificates of the machine for each client.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

# What a quiet machine answers at once may take long beside other tests.
PATIENCE_SECONDS = 60.0


def plain_http(**options: Any) -> httpx.AsyncClient:
    limits = httpx.Limits(keepalive_expiry=KEEPALIVE_SECONDS)
    usual: dict[str, Any] = {"limits": limits, "timeout": PATIENCE_SECONDS, "trust_env": False, "verify": NO_TLS}
    return httpx.AsyncClient(**usual | options)
