"""The directory from a CSV list that an admin uploads: the difference first, then the change."""

import io
from typing import Annotated, Final

import msgspec
from litestar import Response, post
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, PathId
from chat_server.parts.features import Feature
from chat_server.provisioning.lists import MOST_BAD, Listed, Unreadable, brought, read
from chat_server.responses.organization.organizations import DirectoryAct, DirectoryDifference
from chat_server.sign_in.freshness import require_fresh

DIRECTORY_LIST_IMPORT = query("directory_list_import", "organization", "rows", "parts", "forced")

# Longer lists are an operator's, by `fechatter directory import`.
MOST_ROWS: Final = 2000
MOST_CHARACTERS: Final = 200_000
# In JSON a character has at most six bytes.
LARGEST: Final = 6 * MOST_CHARACTERS + 1024
# Of a longer difference the first ones are said.
MOST_ACTS: Final = 1000

Characters = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_CHARACTERS, pattern=ANY_TEXT)]


class DirectoryList(msgspec.Struct, forbid_unknown_fields=True):
    """`csv` is the list, as `fechatter directory import` reads it. Without `apply` nothing is changed. `forced` lets
    more than a tenth of what earlier lists have put there go."""

    csv: Characters
    apply: bool = False
    forced: bool = False


@post(
    "/organizations/{organization_id:int}/directory-list",
    opt={"problems": [403, 409]},
    request_max_body_size=LARGEST,
    status_code=200,
)
async def import_directory_list(
    request: ApiRequest, organization_id: PathId, data: JSONBody[DirectoryList]
) -> Response[DirectoryDifference]:
    """Make what a list says the directory's: people who share a workspace with the caller, departments, positions and
    managers. Of what was there only what an earlier list has put there is changed. Without `apply` it says what would
    be done. Applying it takes a fresh sign-in."""
    if data.apply:
        await require_fresh(request)
    await places.organization(request.pool, request.caller, organization_id, "keep its directory")
    listed = _listed(data.csv)
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        acts = await brought(
            connection,
            DIRECTORY_LIST_IMPORT,
            listed,
            dry=not data.apply,
            organization=organization_id,
            forced=data.forced,
        )
    stopped = any(act == "stopped" for act, _ in acts)
    first = [DirectoryAct(act, about) for act, about in acts[:MOST_ACTS]]
    return Response(DirectoryDifference(first, len(acts), data.apply and not stopped, stopped), status_code=200)


def _listed(text: str) -> Listed:
    """Raises Problem 422 with what is wrong, and where."""
    try:
        listed = read(io.StringIO(text.removeprefix("\ufeff"), newline=""), "csv", MOST_ROWS)
    except Unreadable as error:
        raise Problem(422, "list_is_wrong", str(error)) from None
    if listed.bad:
        raise Problem(422, "list_is_wrong", "\n".join(listed.bad[:MOST_BAD]))
    return listed


FEATURE: Feature = "enable_organizations"
SCOPES = scopes.SESSION_ONLY
HANDLERS = [import_directory_list]
