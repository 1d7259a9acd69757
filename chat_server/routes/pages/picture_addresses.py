"""Addresses of the pictures in what is published for members. A published page has no origin, so no browser sends the
cookie with its pictures: their addresses say for whom the page was shown, and end with that session, or after an hour.
They are no right of their own: whether that user may see what is published is asked at each request.
"""

import hmac
import re
import time
from typing import Annotated, Final

from litestar.params import QueryParameter

from chat_server.http.api_request import ApiRequest, Caller
from chat_server.http.fields import ANY_TEXT

VALID_SECONDS: Final = 1800

Expires = Annotated[int | None, QueryParameter(ge=0, le=2**40)]
Signature = Annotated[str | None, QueryParameter(min_length=1, max_length=100, pattern=ANY_TEXT)]


def expiry() -> int:
    """The same for all pages that are shown within half an hour, so that browsers may keep them that long."""
    return (int(time.time()) // VALID_SECONDS + 2) * VALID_SECONDS


def signed(request: ApiRequest, page: bytes, slug: str, caller: Caller, expires: int) -> bytes:
    """The page as it is shown to the caller."""

    def address(found: re.Match[bytes]) -> bytes:
        signature = _signature(request, slug, int(found[1]), caller, expires)
        asked = f"user={caller.user_id}&amp;session={caller.session_id}&amp;expires={expires}&amp;signature={signature}"
        return found[0][:-1] + f'?{asked}"'.encode()

    return re.sub(rb'<img src="/p/%s/files/([0-9]+)"' % slug.encode(), address, page)


async def visitor(request: ApiRequest, slug: str, file_id: int, caller: Caller, signature: str) -> int | None:
    """The user for whom this address was made; None if it was not, or has expired, or the session has ended."""
    good = _signature(request, slug, file_id, caller, caller.token_expires_at)
    if not hmac.compare_digest(good.encode(), signature.encode()) or caller.token_expires_at <= time.time():
        return None
    return caller.user_id if await request.parts.sessions.is_good(caller.session_id, caller.user_id) else None


def _signature(request: ApiRequest, slug: str, file_id: int, caller: Caller, expires: int) -> str:
    return request.parts.signer.secret_of(f"published {slug} {file_id} {caller.user_id} {caller.session_id} {expires}")
