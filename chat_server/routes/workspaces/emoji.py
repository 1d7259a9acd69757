"""Emoji that a workspace has made itself. Reactions and messages have their names between colons."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, put
from litestar.params import JSONBody, PathParameter

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import EMOJI, Id, PathId
from chat_server.http.steps.acting_for import delegable
from chat_server.http.verbatim import verbatim
from chat_server.responses.workspaces import Emoji

EMOJI_ADD = query("emoji_add", "workspace", "name", "file", "user")
EMOJI_CREATOR = query("emoji_creator", "workspace", "name")
EMOJI_OF_WORKSPACE = query("emoji_of_workspace", "workspace")
EMOJI_REMOVE = query("emoji_remove", "workspace", "name")

PathName = Annotated[str, PathParameter(pattern=EMOJI, description="Its name, without colons.")]


class NewEmoji(msgspec.Struct, forbid_unknown_fields=True):
    """`file_id`: a picture of the workspace that the caller sees, of at most 256 KiB."""

    file_id: Id


@get("/workspaces/{workspace_id:int}/emoji", opt=delegable("workspace.see"))
async def list_emoji(request: ApiRequest, workspace_id: PathId) -> Response[list[Emoji]]:
    """All of them, at most 500, by name."""
    await places.workspace(request.pool, request.caller, workspace_id, "see the workspace")
    return verbatim(await EMOJI_OF_WORKSPACE.value(request.pool, workspace=workspace_id))


@put("/workspaces/{workspace_id:int}/emoji/{name:str}", opt={"problems": [409, 422]})
async def add_emoji(
    request: ApiRequest, workspace_id: PathId, name: PathName, data: JSONBody[NewEmoji]
) -> Response[Emoji]:
    """Add an emoji: `shipit` is `:shipit:` in reactions and messages. A name has 1 to 50 lower-case letters, digits,
    `_`, `+` and `-`, and is not that of a standard emoji, such as `tada`. Its picture stays the same as long as it
    exists, so another one with this name is refused. Repeating this changes nothing."""
    async with request.transaction() as connection:
        await places.workspace.locked(connection, request.caller, workspace_id, "add an emoji")
        row = await EMOJI_ADD.one(
            connection, workspace=workspace_id, name=name, file=data.file_id, user=request.caller.user_id
        )
    if row["file_id"] != data.file_id:
        raise Problem(409, "emoji_exists", f"The workspace has an emoji :{name}: already.")
    return verbatim(row["json"])


@delete("/workspaces/{workspace_id:int}/emoji/{name:str}")
async def remove_emoji(request: ApiRequest, workspace_id: PathId, name: PathName) -> None:
    """Remove an emoji. Its name stays in reactions and messages. Repeating this changes nothing."""
    async with request.transaction() as connection:
        await places.workspace.locked(connection, request.caller, workspace_id, "add an emoji")
        row = await EMOJI_CREATOR.row(connection, workspace=workspace_id, name=name)
        if row is None:
            return
        if row["created_by"] != request.caller.user_id:
            await places.workspace(connection, request.caller, workspace_id, "remove others' emoji")
        await EMOJI_REMOVE.row(connection, workspace=workspace_id, name=name)


SCOPES = scopes.WORKSPACES
HANDLERS = [list_emoji, add_emoji, remove_emoji]
