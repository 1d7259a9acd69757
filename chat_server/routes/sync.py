"""The snapshot with which a client starts."""

from litestar import Response, get

from chat_core.database.queries import query
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.verbatim import verbatim
from chat_server.responses.sync import Snapshot

SNAPSHOT = query("snapshot", "user")


@get("/sync")
async def sync(request: ApiRequest) -> Response[Snapshot]:
    """Everything that the caller may see, and the cursor from which a stream carries every later change."""
    row = await SNAPSHOT.one(request.pool, user=request.caller.user_id)
    return verbatim(
        f'{row["own"][:-1]},"chats":[{row["chats"]}],"threads":{row["threads"]},"boards":[{row["boards"]}],"pages":[{row["pages"]}]}}'
    )


SCOPES = scopes.EVENTS
HANDLERS = [sync]
