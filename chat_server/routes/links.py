"""What is shown of links in messages: the pictures of websites, what is on this server, and how a sender removes it."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Response, delete, get, post
from litestar.params import JSONBody
from msgspec import Meta

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.access.actions import ChatAction
from chat_server.access.acts import message_deleted
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest, Caller
from chat_server.http.fields import ANY_TEXT, PathId
from chat_server.http.steps.authentication import BY_COOKIE_TOO
from chat_server.http.steps.binding import BOUND
from chat_server.http.verbatim import verbatim
from chat_server.links.own import Kind, OwnLink, is_own, own_link
from chat_server.responses.links import ResolvedLink
from chat_server.responses.messages.messages import Message
from chat_server.routes.files.files import RESPONSES, IfRange, Precondition, Range
from chat_server.routes.files.sending import Asked, sent
from chat_server.routes.messages.messages import locked_message

LINK_IMAGE_SEEN = query("link_image_seen", "chat", "message", "link")
LINKS_REMOVE = query("links_remove", "message")
LINKS_RESOLVE = query(
    "links_resolve", "user", "workspace", "urls", "kinds", "ids", "chats", "slugs", "within", "public"
)
MESSAGE_BY_ID = query("message_by_id", "message", "chat")

_SCOPES: Final[dict[Kind, scopes.Scopes]] = {
    "message": scopes.MESSAGES,
    "chat": scopes.CHATS,
    "board": scopes.BOARDS,
    "page": scopes.PAGES,
    "publication": scopes.PAGES,
    "file": scopes.FILES,
}

Url = Annotated[str, Meta(min_length=1, max_length=2048, pattern=ANY_TEXT)]


class LinkAsked(msgspec.Struct, forbid_unknown_fields=True):
    """`url` is as it is in a message."""

    url: Url


class LinksAsked(msgspec.Struct, forbid_unknown_fields=True):
    links: Annotated[list[LinkAsked], Meta(min_length=1, max_length=50)]


@get(
    "/files/link-images/{chat_id:int}/{message_id:int}/{link_id:int}",
    opt={"answers": ("image/webp",), "scopes": scopes.MESSAGES, "problems": [410], **BY_COOKIE_TOO},
    responses=RESPONSES,
)
async def fetch_link_image(
    request: ApiRequest,
    chat_id: PathId,
    message_id: PathId,
    link_id: PathId,
    if_none_match: Precondition = None,
    byte_range: Range = None,
    if_range: IfRange = None,
) -> Response[Any]:
    """The picture of a link in a message, as long as the message shows it; access is checked each time."""
    await places.chat(request.pool, request.caller, chat_id, "read its messages")
    picture = await LINK_IMAGE_SEEN.row(request.pool, chat=chat_id, message=message_id, link=link_id)
    if picture is None:
        raise Problem(404, "not_found", "There is no such picture, or you may not see it.")
    return await sent(request, picture, Asked(False, if_none_match, byte_range, if_range), ours=True)


@post("/links/resolve", status_code=200, opt={"scopes": scopes.MESSAGE_READING, **BOUND})
async def resolve_links(request: ApiRequest, data: JSONBody[LinksAsked]) -> Response[list[ResolvedLink]]:
    """What the caller may see of links to this server, in their order. Nothing is fetched for it. A personal
    access token sees what its scopes reach: of boards, for example, nothing without `boards:read`."""
    origins, urls = _origins(request), [link.url for link in data.links]
    links = [own_link(url) if is_own(url, origins) else None for url in urls]
    known = [link or OwnLink("file") for link in links]
    shown = await LINKS_RESOLVE.value(
        request.pool,
        user=request.caller.user_id,
        workspace=request.caller.within(),
        urls=urls,
        kinds=[link and link.kind for link in links],
        ids=[link.id for link in known],
        chats=[link.chat_id for link in known],
        slugs=[link.slug for link in known],
        within=[link is not None and _reaches(request.caller, link.kind) for link in links],
        public=request.parts.settings.pages.public_publishing,
    )
    return verbatim(shown)


@delete("/chats/{chat_id:int}/messages/{message_id:int}/links", status_code=200)
async def remove_links(request: ApiRequest, chat_id: PathId, message_id: PathId) -> Response[Message]:
    """Remove what is shown of a message's links, for good: nothing comes back with an edit. Its sender may, and who may
    delete the message."""
    async with request.transaction() as connection:
        access = await places.chat.locked(connection, request.caller, chat_id, "read its messages")
        sender, deleted = await locked_message(connection, chat_id, message_id)
        own = sender == request.caller.user_id
        action: ChatAction = "edit or delete own messages" if own else "delete others' messages"
        await places.chat.permit(connection, request.caller, chat_id, action, access)
        if deleted:
            raise message_deleted()
        await LINKS_REMOVE.row(connection, message=message_id)
        shown = await MESSAGE_BY_ID.value(connection, message=message_id, chat=chat_id)
    return verbatim(shown)


def _reaches(caller: Caller, kind: Kind) -> bool:
    """Whether the token may read what is of this kind; a session may."""
    return caller.scopes is None or _SCOPES[kind].read in caller.scopes


def _origins(request: ApiRequest) -> list[str]:
    """Where this server is reached: as the settings say, and as this request has reached it."""
    host = request.headers.get("host", "")
    public_url = request.parts.settings.server.public_url
    return [*([public_url] if public_url else []), f"http://{host}", f"https://{host}"]


SCOPES = scopes.MESSAGES
HANDLERS = [fetch_link_image, resolve_links, remove_links]
