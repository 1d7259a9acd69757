"""A route that belongs to a feature answers 404 `feature_off` where that is off: for the organisation or the
workspace in its path, or else on the whole server. A module of `routes/` names its feature in `FEATURE`; an
organisation needs `enable_organizations` besides."""

from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from chat_core.problems import Problem
from chat_server.http.api_request import ApiRequest
from chat_server.parts.features import Feature


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Litestar's guard of a module's routes."""
    request = cast("ApiRequest", connection)
    path = request.path_params
    require(request, handler.opt["feature"], path.get("organization_id"), path.get("workspace_id"))


def require(
    request: ApiRequest, feature: Feature, organization_id: int | None = None, workspace_id: int | None = None
) -> None:
    """Raises Problem 404 unless the feature is on, and organisations where it is about one."""
    features = request.parts.features
    if not features.is_on(feature, organization_id, workspace_id):
        raise _off(feature, organization_id, workspace_id)
    if organization_id is not None and not features.is_on("enable_organizations", organization_id):
        raise _off("enable_organizations", organization_id)


def _off(feature: Feature, organization_id: int | None, workspace_id: int | None = None) -> Problem:
    where = (
        f"in organisation {organization_id}"
        if organization_id is not None
        else f"in workspace {workspace_id}"
        if workspace_id is not None
        else "on this server"
    )
    return Problem(
        404,
        "feature_off",
        f"{feature} is off {where}: an operator switches it on by features.{feature} in app.yaml.",
        extra={"feature": feature},
    )
