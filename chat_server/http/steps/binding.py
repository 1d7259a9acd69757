"""A personal access token that is bound to a workspace: whatever its request names must be there, on every route.

Requests name a place in their path: a workspace, chat, document, file or upload. What is in another workspace is
answered like what does not exist. A route whose path names no place says `BOUND` in its `opt`: its handler limits what
it shows or makes to `Caller.within(…)`. All other routes refuse such tokens, so a new one is closed by default.
"""

from typing import Final

from chat_core.problems import Problem
from chat_server.http.api_request import ApiRequest

# For `opt` of a handler.
BOUND: Final = {"bound": True}
# What the parameter of a path names, and how routes say that it is not there.
PLACES: Final = {
    "workspace_id": ("workspace", "There is no such workspace, or you are not in it."),
    "chat_id": ("chat", "There is no such chat, or you may not see it."),
    "board_id": ("document", "There is no such board, or you may not see it."),
    "page_id": ("document", "There is no such page, or you may not see it."),
    "file_id": ("file", "There is no such file, or you may not see it."),
    "upload_id": ("upload", "There is no such upload, or it has expired."),
}


async def require_within(request: ApiRequest, workspace_id: int) -> None:
    """Raises Problem 404 for a request about another workspace, and 403 `token_is_bound` where it cannot be told."""
    for parameter, (kind, absent) in PLACES.items():
        if (named := request.path_params.get(parameter)) is not None:
            there = named if kind == "workspace" else await request.parts.personal_tokens.workspace_of(kind, named)
            if there != workspace_id:
                raise Problem(404, "not_found", absent)
            return
    if not request.route_handler.opt.get("bound"):
        raise Problem(403, "token_is_bound", f"This token is bound to workspace {workspace_id}, and this is not in it.")


async def is_within(request: ApiRequest, kind: str, named: int) -> bool:
    """Whether the caller's token reaches what a body names; a session reaches everything."""
    bound = request.caller.workspace_id
    return bound is None or await request.parts.personal_tokens.workspace_of(kind, named) == bound
