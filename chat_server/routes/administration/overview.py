"""Live figures for the pages of administration."""

from litestar import Response, get

from chat_core.database.queries import query
from chat_server.access import places
from chat_server.access.permissions import forbidden
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import OptionalQueryId
from chat_server.http.steps import feature
from chat_server.http.verbatim import verbatim
from chat_server.parts.features import Feature
from chat_server.responses.administration import Overview

OPERATOR_IS = query("operator_is", "user")
OVERVIEW = query("overview", "organization")


@get("/admin/overview", opt={"problems": [403, 404]})
async def show_overview(request: ApiRequest, organization_id: OptionalQueryId = None) -> Response[Overview]:
    """Live figures of an organisation, for its admins, or of the whole server, for people whom an operator has
    appointed (`ops.appoint_operator`). There are neither names nor content in it."""
    if organization_id is not None:
        feature.require(request, FEATURE, organization_id)
        await places.organization(request.pool, request.caller, organization_id, "see its figures")
    elif not await OPERATOR_IS.value(request.pool, user=request.caller.user_id):
        raise forbidden("Only people whom an operator has appointed see the figures of the whole server.")
    return verbatim(await OVERVIEW.value(request.pool, organization=organization_id))


SCOPES = scopes.SESSION_ONLY
FEATURE: Feature = "enable_advanced_admin"
HANDLERS = [show_overview]
