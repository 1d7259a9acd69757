"""The snapshot with which a client starts."""

from typing import Annotated, Literal

from litestar import Response, get
from litestar.params import QueryParameter

from chat_core.database.queries import query
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.steps.binding import BOUND
from chat_server.http.verbatim import verbatim
from chat_server.responses.sync import Snapshot

SNAPSHOT = query("snapshot", "user", "lean", "workspace")

Shape = Annotated[
    Literal["full", "lean"],
    QueryParameter(
        description="lean: what an overview of chats shows. Of each chat the newest message, if it has at most 4 KiB; "
        "`members` of Single chats alone; `bans` and `invites` are null, and so are these, `members` and `versions` of "
        "boards and pages."
    ),
]


@get("/sync", opt=BOUND)
async def sync(request: ApiRequest, shape: Shape = "full") -> Response[Snapshot]:
    """Everything that the caller may see, and the cursor from which a stream carries every later change. For a token
    that is bound to a workspace: what is in it."""
    caller, boots = request.caller, request.parts.boots
    await boots.admit(caller.user_id)
    async with boots.turn(caller.user_id):
        row = await request.parts.reads.read(
            lambda source: SNAPSHOT.one(source, user=caller.user_id, lean=shape == "lean", workspace=caller.within())
        )
    return verbatim(
        f'{row["own"][:-1]},"chats":[{row["chats"]}],"threads":{row["threads"]},"boards":[{row["boards"]}],"pages":[{row["pages"]}]}}'
    )


SCOPES = scopes.EVENTS
HANDLERS = [sync]
