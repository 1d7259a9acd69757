"""Fetching files without a header: by a cookie, as <img> does, or by a link that is good for minutes.

Both stand for one session and end with it. Neither is a right of its own: whether the user sees the file is checked at
each request, as it is with a token.
"""

import hmac
import time
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from chat_core.problems import Problem
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest, Caller
from chat_server.http.fields import ANY_TEXT, PathId, QueryId
from chat_server.http.steps.authentication import COOKIE, PUBLIC
from chat_server.http.steps.files_origin import FILES_PATH
from chat_server.responses.files import FileLink
from chat_server.routes.files.files import (
    ANSWERS,
    RESPONSES,
    Download,
    IfRange,
    Precondition,
    Range,
    seen,
    with_bytes,
)
from chat_server.routes.files.sending import Asked, sent

LINK_SECONDS: Final = 300

Expiry = Annotated[int, QueryParameter(ge=0, le=2**40, description="Seconds since 1970.")]
Signature = Annotated[str, QueryParameter(min_length=1, max_length=100, pattern=ANY_TEXT)]


@post("/files/cookie", status_code=204, responses={204: ResponseSpec(None, description="It is set.")})
async def set_cookie(request: ApiRequest) -> Response[None]:
    """Set a cookie by which this browser fetches files, until the access token expires. It is good for nothing else."""
    token = request.headers["authorization"].partition(" ")[2].strip()
    public_url = request.parts.settings.server.public_url or ""
    cookie = Cookie(
        key=COOKIE,
        value=token,
        path="/api/files",
        max_age=max(1, request.caller.token_expires_at - int(time.time())),
        httponly=True,
        samesite="strict",
        secure=public_url.startswith("https:"),
    )
    return Response(None, status_code=204, cookies=[cookie])


@post("/files/{file_id:int}/link")
async def create_link(request: ApiRequest, file_id: PathId) -> Response[FileLink]:
    """A path that fetches this file without a token, for five minutes, and as long as the caller sees the file and is
    signed in; or a whole URL, where files have an origin of their own. Do not put it into a message."""
    await seen(request, file_id, request.caller.user_id)
    expires = int(time.time()) + LINK_SECONDS
    caller = request.caller
    signature = _signature(request, file_id, caller, expires)
    path = f"{FILES_PATH}{file_id}?user={caller.user_id}&session={caller.session_id}&expires={expires}"
    origin = request.parts.settings.storage.public_url or ""
    link = FileLink(f"{origin}{path}&signature={signature}", datetime.fromtimestamp(expires, UTC))
    return Response(link, status_code=201, media_type="application/json")


@get(
    "/linked/files/{file_id:int}",
    opt={"answers": ANSWERS, "problems": [403, 404, 409, 410], **PUBLIC},
    responses=RESPONSES,
)
async def follow_link(
    request: ApiRequest,
    file_id: PathId,
    user: QueryId,
    session: QueryId,
    expires: Expiry,
    signature: Signature,
    download: Download = False,
    if_none_match: Precondition = None,
    byte_range: Range = None,
    if_range: IfRange = None,
) -> Response[Any]:
    """The bytes of a file, by a link."""
    good = _signature(request, file_id, Caller(user, session, expires), expires)
    if not hmac.compare_digest(good.encode(), signature.encode()):
        raise Problem(403, "link_not_valid", "This link has been changed.")
    if expires <= time.time() or not await request.parts.sessions.is_good(session, user):
        raise Problem(403, "link_expired", "This link has expired; ask for another one.")
    file = with_bytes(await seen(request, file_id, user))
    return await sent(request, file, Asked(download, if_none_match, byte_range, if_range))


def _signature(request: ApiRequest, file_id: int, caller: Caller, expires: int) -> str:
    return request.parts.signer.secret_of(f"file {file_id} {caller.user_id} {caller.session_id} {expires}")


SCOPES = scopes.SESSION_ONLY
HANDLERS = [set_cookie, create_link, follow_link]
