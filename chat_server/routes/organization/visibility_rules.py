"""Rules that narrow what members see of the directory (docs/organization/directory.md)."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, delete, get, post
from litestar.params import JSONBody

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import Id, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import verbatim
from chat_server.parts.features import Feature
from chat_server.responses.organization.departments import VisibilityRule

VISIBILITY_RULE_CREATE = query("visibility_rule_create", "organization", "department", "confined", "hidden_fields")
VISIBILITY_RULE_DELETE = query("visibility_rule_delete", "organization", "rule")
VISIBILITY_RULES_OF = query("visibility_rules_of", "organization", "after", "limit")

HiddenField = Literal["position", "manager", "custom_status"]


class NewVisibilityRule(msgspec.Struct, forbid_unknown_fields=True):
    """For those in `department_id` and below it, or for all members. `confined`: they see their own departments and
    what is below alone. `hidden_fields`: what they see of nobody else. At least one of the two."""

    department_id: Id | None = None
    confined: bool = False
    hidden_fields: Annotated[list[HiddenField], msgspec.Meta(max_length=3)] = msgspec.field(default_factory=list)


@get("/organizations/{organization_id:int}/visibility-rules")
async def list_visibility_rules(
    request: ApiRequest, organization_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[VisibilityRule]]:
    """The rules, by id."""
    await places.organization(request.pool, request.caller, organization_id, "keep its directory")
    row = await VISIBILITY_RULES_OF.one(request.pool, organization=organization_id, after=after_id, limit=limit)
    return page(request, row)


@post("/organizations/{organization_id:int}/visibility-rules", responses=retried(VisibilityRule))
async def create_visibility_rule(
    request: ApiRequest,
    organization_id: PathId,
    data: JSONBody[NewVisibilityRule],
    idempotency_key: IdempotencyKey = None,
) -> Response[VisibilityRule]:
    """Narrow what members see of the directory. Its admins see all of it."""

    async def create(connection: Connection) -> Response[VisibilityRule]:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        made = await VISIBILITY_RULE_CREATE.value(
            connection,
            organization=organization_id,
            department=data.department_id,
            confined=data.confined,
            hidden_fields=data.hidden_fields,
        )
        return verbatim(made, 201)

    return await once(
        request,
        idempotency_key,
        create,
        places.organization.still(request.caller, organization_id, "keep its directory"),
    )


@delete("/organizations/{organization_id:int}/visibility-rules/{rule_id:int}")
async def delete_visibility_rule(request: ApiRequest, organization_id: PathId, rule_id: PathId) -> None:
    """Remove a rule."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        places.found(await VISIBILITY_RULE_DELETE.value(connection, organization=organization_id, rule=rule_id))


FEATURE: Feature = "enable_organizations"
SCOPES = scopes.ORGANIZATIONS
HANDLERS = [list_visibility_rules, create_visibility_rule, delete_visibility_rule]
