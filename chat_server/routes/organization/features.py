"""Which features are on."""

from litestar import Response, get

from chat_core.database.queries import query
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.verbatim import verbatim
from chat_server.parts.features import FEATURES
from chat_server.responses.organization.features import Features

FEATURES_OF_USER = query("features_of_user", "user", "names")


@get("/features")
async def show_features(request: ApiRequest) -> Response[Features]:
    """Which features are on. Routes of one that is off answer 404 `feature_off`."""
    return verbatim(await FEATURES_OF_USER.value(request.pool, user=request.caller.user_id, names=list(FEATURES)))


SCOPES = scopes.WORKSPACES
HANDLERS = [show_features]
