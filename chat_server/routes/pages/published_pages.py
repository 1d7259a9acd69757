"""What pages have published: as JSON, and as an HTML page at /p/{slug}.

An address that leads to nothing and one that is not for the visitor look alike. What is for the members of a workspace
needs their token, in the header or, for a browser that follows a link, in a cookie that is sent to /p/ alone.
"""

import time
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from asyncpg import Record
from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.languages import Language, language_of
from chat_core.problems import Problem
from chat_server.http import etags, pages, scopes
from chat_server.http.api_request import ApiRequest, Caller
from chat_server.http.fields import SLUG, IfNoneMatch, OptionalQueryId, PathId
from chat_server.http.steps.authentication import PUBLIC, authenticate
from chat_server.http.verbatim import verbatim
from chat_server.page_content.rendering import shown_pages
from chat_server.responses.pages import PublishedPage
from chat_server.routes.files.sending import Asked, sent
from chat_server.routes.pages import picture_addresses

PUBLISHED_CONTENT = query("published_content", "publication", "published_at")
PUBLISHED_PAGE = query("published_page", "slug", "user", "public")
PUBLISHED_PICTURE = query("published_picture", "page", "file")

COOKIE: Final = "fechatter_published"
UNCHANGED: Final = {304: ResponseSpec(None, description="It matches If-None-Match.")}

Slug = Annotated[str, PathParameter(min_length=3, max_length=80, pattern=SLUG)]


@get("/published/{slug:str}", opt={**PUBLIC, "problems": [400, 401, 404]}, responses=UNCHANGED)
async def show_published(request: ApiRequest, slug: Slug, if_none_match: IfNoneMatch = None) -> Response[PublishedPage]:
    """What a page has published, as JSON. What is for the members of a workspace needs the token of one."""
    found = await _found(request, slug, await _visitor(request, request.headers.get("authorization", "")))
    if found is None:
        raise _nothing()
    etag = _etag(found, "json")
    if etags.has(if_none_match, etag):
        return verbatim("", 304, _headers(found, etag))
    schema, content = await _content(request.pool, found)
    answer = {**msgspec.json.decode(found["shown"]), "schema": schema, "content": msgspec.Raw(content.encode())}
    for inner in ("page_id", "published_by"):
        del answer[inner]
    return verbatim(msgspec.json.encode(answer).decode(), headers=_headers(found, etag))


@post(
    "/published/cookie",
    status_code=204,
    responses={204: ResponseSpec(None, description="It is set.")},
    opt={"scopes": scopes.SESSION_ONLY},
)
async def set_published_cookie(request: ApiRequest) -> Response[None]:
    """Set a cookie by which this browser opens what is published for members, until the access token expires. It is
    good for nothing else."""
    public_url = request.parts.settings.server.public_url or ""
    cookie = Cookie(
        key=COOKIE,
        value=request.headers["authorization"].partition(" ")[2].strip(),
        path="/p/",
        max_age=max(1, request.caller.token_expires_at - int(time.time())),
        httponly=True,
        samesite="strict",
        secure=public_url.startswith("https:"),
    )
    return Response(None, status_code=204, cookies=[cookie])


@get("/p/{slug:str}", include_in_schema=False, opt={**PUBLIC, "scopes": scopes.PAGES})
async def show_published_page(request: ApiRequest, slug: Annotated[str, PathParameter(max_length=80)]) -> Response[Any]:
    """The page that browsers show. To one that has no token yet, ours gets it a cookie for what members may see."""
    visitor, has_token = await _visitor_of_page(request)
    found = await _found(request, slug, visitor)
    if found is None:
        return pages.nothing_published(request, may_sign_in=not has_token)
    language = language_of(request.headers.get("accept-language", ""))
    of_visitor, expires = "", picture_addresses.expiry()
    if visitor is not None and not found["for_all"]:
        of_visitor = f"-{visitor.session_id}-{expires}"
    etag = _etag(found, _shape(language) + of_visitor)
    headers = {**_headers(found, etag), "Vary": "Accept-Language, Cookie", **shown_pages.HEADERS}
    if etags.has(request.headers.get("if-none-match"), etag):
        return Response(b"", status_code=304, headers=headers)
    page = (await _shown(request, found, language)).page
    if visitor is not None and of_visitor:
        page = picture_addresses.signed(request, page, found["slug"], visitor, expires)
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


@get("/p/{slug:str}/files/{file_id:int}", include_in_schema=False, opt={**PUBLIC, "scopes": scopes.PAGES})
async def fetch_published_picture(
    request: ApiRequest,
    slug: Annotated[str, PathParameter(max_length=80)],
    file_id: PathId,
    user: OptionalQueryId = None,
    session: OptionalQueryId = None,
    expires: picture_addresses.Expires = None,
    signature: picture_addresses.Signature = None,
) -> Response[Any]:
    """An uploaded picture of what is published there: one that the published version shows, and that is attached to the
    page. Another file is none, whoever asks."""
    if user and session and expires and signature:
        named = Caller(user, session, expires)
        found = await _seen_by(request, slug, await picture_addresses.visitor(request, slug, file_id, named, signature))
    else:
        found = await _found(request, slug, (await _visitor_of_page(request))[0])
    language = language_of(request.headers.get("accept-language", ""))
    if found is None or file_id not in (await _shown(request, found, language)).pictures:
        raise _nothing()
    picture = await PUBLISHED_PICTURE.row(request.pool, page=found["page_id"], file=file_id)
    if picture is None:
        raise _nothing()
    headers = request.headers
    asked = Asked(False, headers.get("if-none-match"), headers.get("range"), headers.get("if-range"))
    answer = await sent(request, picture, asked)
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # the page is in a sandbox, without an origin
    return answer


async def _visitor_of_page(request: ApiRequest) -> tuple[Caller | None, bool]:
    """Who looks, by header or cookie, and whether they have a token that is good."""
    token = request.cookies.get(COOKIE, "").strip()
    header = request.headers.get("authorization", "") or (f"Bearer {token}" if token else "")
    try:
        return await _visitor(request, header), bool(token)
    except Problem as problem:
        if problem.status != 401:
            raise
        return None, False


async def _shown(request: ApiRequest, found: Record, language: Language) -> shown_pages.Shown:
    etag = _etag(found, _shape(language))
    shown = shown_pages.known(etag)
    if shown is None:
        read = partial(_content, request.pool, found)
        shown = await shown_pages.show(etag, found["name"], found["slug"], found["published_at"], language, read)
    return shown


async def _found(request: ApiRequest, slug: str, visitor: Caller | None) -> Record | None:
    """What is published there, if they may see it."""
    return await _seen_by(request, slug, visitor.user_id if visitor else None)


async def _seen_by(request: ApiRequest, slug: str, visitor: int | None) -> Record | None:
    public = request.parts.settings.pages.public_publishing
    return await PUBLISHED_PAGE.row(request.pool, slug=slug, user=visitor, public=public)


async def _visitor(request: ApiRequest, authorization: str) -> Caller | None:
    """The one whose token this is; None for a visitor without one. Raises Problem 401 for a token that is not good."""
    return await authenticate(request, authorization) if authorization else None


async def _content(pool: Pool, found: Record) -> tuple[str, str]:
    """The schema and content. Raises Problem 503 if it is being replaced right now."""
    row = await PUBLISHED_CONTENT.row(pool, publication=found["id"], published_at=found["published_at"])
    if row is None:
        raise Problem(503, "try_again", "This page has just been published anew.", headers={"Retry-After": "1"})
    return row["schema"], row["content"]


def _etag(found: Record, variant: str) -> str:
    at: datetime = found["published_at"]
    return f'"{found["id"]}-{int(at.timestamp() * 1_000_000)}-{variant}"'


def _shape(language: Language) -> str:
    """Of the HTML as this version makes it: `b`, with uploaded pictures below its address."""
    return f"{language}-b"


def _headers(found: Record, etag: str) -> dict[str, str]:
    shared = "public" if found["for_all"] else "private"
    return {"ETag": etag, "Cache-Control": f"{shared}, no-cache"}


def _nothing() -> Problem:
    return Problem(404, "not_found", "Nothing is published at this address, or not for you.")


SCOPES = scopes.PAGES
HANDLERS = [show_published, set_published_cookie]
# Not under /api.
HTML_HANDLERS = [show_published_page, fetch_published_picture]
