"""SCIM 2.0 for the directories of the settings: /api/scim/v2/NAME/Users, …/Groups, and what describes them.

What comes after the name, the bodies and the errors are the protocol's (RFC 7644), which scim2-server speaks; who may
ask, and how much, is decided here.
"""

from typing import Any, cast

import msgspec
from litestar import HttpMethod, Request, Response, route

from chat_core.problems import Problem
from chat_server.http.api_request import ApiRequest
from chat_server.http.steps.authentication import PUBLIC, unauthorized
from chat_server.http.steps.errors import to_problem
from chat_server.identity.scim.directories import ProvisioningDirectory

MEDIA_TYPE = "application/scim+json"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LONGEST_QUERY = 4000
# `scimType` (RFC 7644, table 9) of what Postgres refuses.
_TYPES = {409: "uniqueness", 422: "invalidValue"}


async def _provision(request: ApiRequest) -> Response[bytes]:
    known = _authenticated(request)
    if len(request.scope["query_string"]) > LONGEST_QUERY:
        raise Problem(400, "bad_request", f"The query must have at most {LONGEST_QUERY} characters.")
    from chat_server.provisioning.answering import answer

    answered = await answer(request, known, str(request.path_params.get("path", "/")))
    _count(request, answered.status)
    body = b"" if answered.body is None else msgspec.json.encode(answered.body)
    return Response(body, status_code=int(answered.status), media_type=MEDIA_TYPE, headers=answered.headers)


def _authenticated(request: ApiRequest) -> ProvisioningDirectory:
    """The directory in the path, whose token the request has. Raises Problem 401."""
    directory = request.parts.scim.named(request.path_params["directory"])
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if directory is None or scheme.lower() != "bearer" or not directory.knows(token.strip()):
        raise unauthorized("This needs the token of a directory: send the header Authorization: Bearer TOKEN.")
    return directory


def _failed(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """What went wrong, in SCIM's format."""
    problem = to_problem(request, error)
    status = 400 if problem.status == 422 else problem.status
    content = {"schemas": [ERROR], "status": str(status), "detail": problem.detail}
    if problem.status in _TYPES:
        content["scimType"] = _TYPES[problem.status]
    _count(cast("ApiRequest", request), status)
    return Response(
        msgspec.json.encode(content), status_code=status, media_type=MEDIA_TYPE, headers=dict(problem.headers)
    )


def _count(request: ApiRequest, status: int) -> None:
    directory = request.parts.scim.named(request.path_params["directory"])
    request.parts.metrics.scim_requests.labels(directory.name if directory else "", request.method, int(status)).inc()


HANDLERS = [
    route(
        ["/scim/v2/{directory:str}", "/scim/v2/{directory:str}/{path:path}"],
        http_method=[HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE],
        status_code=200,
        opt={**PUBLIC, "limit": "scim"},
        exception_handlers={Exception: _failed},
        include_in_schema=False,
    )(_provision)
]
