"""Messages that mention the caller."""

from litestar import Response, get

from chat_core.database.queries import query
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import OptionalQueryId
from chat_server.http.paging import page
from chat_server.http.steps.binding import BOUND
from chat_server.http.steps.from_standby import from_standby
from chat_server.responses.messages.messages import Message
from chat_server.routes.messages.messages import MessageLimit

MENTIONS_OF_USER = query("mentions_of_user", "user", "workspace", "before", "limit")


@get("/mentions", opt=BOUND)
@from_standby
async def list_mentions(
    request: ApiRequest, limit: MessageLimit = 50, before_id: OptionalQueryId = None
) -> Response[list[Message]]:
    """Messages that mention the caller, by name or with everyone, in the caller's chats; newest first."""
    row = await MENTIONS_OF_USER.one(
        request.source, user=request.caller.user_id, workspace=request.caller.within(), before=before_id, limit=limit
    )
    return page(request, row, "before_id")


SCOPES = scopes.MESSAGES
HANDLERS = [list_mentions]
