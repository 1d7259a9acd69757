"""Publishing: a copy of a page at an address of its own, which later edits do not change. `published_pages.py` serves
it to those for whom it was published."""

import secrets
from typing import Annotated, Final, Literal

import msgspec
from litestar import Response, delete, get, post
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import SLUG, Id, PathId
from chat_server.http.verbatim import verbatim
from chat_server.page_content import contents
from chat_server.responses.pages import PagePublication

PAGE_PUBLICATION = query("page_publication", "page")
PAGE_PUBLISH = query("page_publish", "page", "user", "audience", "slug", "fallback", "version", "schema", "content")
PAGE_UNPUBLISH = query("page_unpublish", "page")

ACTION: Final = "publish it, or take that back"
# For addresses that nobody has chosen: without letters and digits that look alike, and too many to guess.
LETTERS, LETTERS_OF_A_SLUG = "abcdefghjkmnpqrstuvwxyz23456789", 16


class NewPagePublication(msgspec.Struct, forbid_unknown_fields=True):
    """`public`: for everyone who has the address; `members`: for the members of the page's workspace. Without `slug`
    the address stays, or is a new one that nobody can guess. `version` is by default the newest."""

    audience: Literal["public", "members"]
    slug: Annotated[str, msgspec.Meta(min_length=3, max_length=80, pattern=SLUG)] | None = None
    version: Id | None = None


@get("/pages/{page_id:int}/publish")
async def show_page_publication(request: ApiRequest, page_id: PathId) -> Response[PagePublication]:
    """What the page has published; 404 if nothing."""
    await places.page(request.pool, request.caller, page_id, "see the document")
    return verbatim(_published(await PAGE_PUBLICATION.value(request.pool, page=page_id)))


@post("/pages/{page_id:int}/publish", status_code=200, opt={"problems": [403, 410]})
async def publish_page(
    request: ApiRequest, page_id: PathId, data: JSONBody[NewPagePublication]
) -> Response[PagePublication]:
    """Publish a copy of the page at /p/{slug}, in place of what it has published so far."""
    await places.page(request.pool, request.caller, page_id, ACTION)
    if data.audience == "public" and not request.parts.settings.pages.public_publishing:
        detail = "This server publishes pages for members only (pages.public_publishing)."
        raise Problem(403, "public_publishing_is_off", detail)
    copy = await contents.at(request.pool, page_id, data.version)
    async with request.transaction() as connection:
        await places.page.locked(connection, request.caller, page_id, ACTION)
        published = await PAGE_PUBLISH.value(
            connection,
            page=page_id,
            user=request.caller.user_id,
            audience=data.audience,
            slug=data.slug,
            fallback="".join(secrets.choice(LETTERS) for _ in range(LETTERS_OF_A_SLUG)),
            version=copy.version,
            schema=copy.schema,
            content=copy.text(),
        )
    return verbatim(places.found(published))


@delete("/pages/{page_id:int}/publish")
async def unpublish_page(request: ApiRequest, page_id: PathId) -> None:
    """Take back what the page has published: its address leads to nothing from now on."""
    async with request.transaction() as connection:
        await places.page.locked(connection, request.caller, page_id, ACTION)
        _published(await PAGE_UNPUBLISH.value(connection, page=page_id))


def _published(found: str | None) -> str:
    if found is None:
        raise Problem(404, "not_found", "This page is not published.")
    return found


SCOPES = scopes.PAGES
HANDLERS = [show_page_publication, publish_page, unpublish_page]
