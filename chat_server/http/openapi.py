"""The OpenAPI document at /docs/openapi.json, and a page at /docs that shows it without internet access.

The document is a file, `openapi.json` next to this one: generating it takes half a second, which every start of a
server would pay. `make openapi` regenerates it, and a test compares it with the routes.
"""

import json
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import cast

import msgspec
from litestar import Litestar, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import (
    Components,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from litestar.routes import HTTPRoute

from chat_core import problems
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import LARGEST_ID
from chat_server.http.pages import WEB
from chat_server.http.scopes import scope_of

FILE = Path(__file__).with_name("openapi.json")

_WHAT_WENT_WRONG = {
    400: "The request cannot be parsed, or a parameter is invalid.",
    401: "No valid token, or a wrong password.",
    403: "The caller may see it, but not do this, or the token lacks the scope.",
    404: "It does not exist, or the caller may not see it.",
    409: "It conflicts with the current state.",
    410: "It has ended.",
    411: "The length of the body must be sent.",
    412: "It has another version than If-Match says, or the version of tus is not supported.",
    413: "The body is too large.",
    415: "The body's media type is not supported.",
    422: "A field of the body is invalid.",
    423: "Another request is working on it.",
    428: "It needs a precondition, such as If-Match.",
    429: "A rate limit is used up.",
    460: "The body does not match its checksum.",
    502: "Another system that has to be asked, such as a bot, does not answer.",
    503: "The database cannot do this right now, as `detail` explains, or there are too many requests.",
    507: "It would exceed a quota of storage.",
}

_TEXT = Schema(type=OpenAPIType.STRING)
_BAD_FIELD = Schema(
    type=OpenAPIType.OBJECT, required=["path", "expected"], properties={"path": _TEXT, "expected": _TEXT}
)
_PROBLEM = Schema(
    type=OpenAPIType.OBJECT,
    description=(
        "RFC 9457. `code` never changes; `errors` names the invalid fields of a request; `limit` and `retry_after` "
        "(seconds) say which rate limit is used up; `quota` (`workspace` or `user`), `used`, `allowed` and `needed` "
        "(bytes) which quota of storage; `position` the character of a search that is wrong, from 0; `provider` the "
        "one by which the user must sign in; `scope` what a personal access token lacks; `factors`, `factor_token` and "
        "`expires_at` how to complete a sign-in; `feature` what is off; `version` the newest version of a page, "
        "`operations` the patches that one made for an older version has missed (null: read the page again), `index` "
        "the operation that failed, and `most` how much the `limit` of a patch allows; `error` what an app's request "
        "lacks, in OAuth's words, and `return_url` where the app is told of it (null: nowhere)."
    ),
    required=["type", "title", "status", "code", "detail"],
    properties={
        "type": _TEXT,
        "title": _TEXT,
        "status": Schema(type=OpenAPIType.INTEGER),
        "code": _TEXT,
        "detail": _TEXT,
        "errors": Schema(type=OpenAPIType.ARRAY, items=_BAD_FIELD),
        "limit": _TEXT,
        "retry_after": Schema(type=OpenAPIType.INTEGER),
        "max_age": Schema(type=OpenAPIType.INTEGER),
        "factors": Schema(type=OpenAPIType.ARRAY, items=_TEXT),
        "factor_token": _TEXT,
        "expires_at": _TEXT,
        "quota": _TEXT,
        "used": Schema(type=OpenAPIType.INTEGER),
        "allowed": Schema(type=OpenAPIType.INTEGER),
        "needed": Schema(type=OpenAPIType.INTEGER),
        "position": Schema(type=OpenAPIType.INTEGER),
        "provider": _TEXT,
        "scope": _TEXT,
        "feature": _TEXT,
        "version": Schema(type=OpenAPIType.INTEGER),
        "operations": Schema(
            one_of=[
                Schema(type=OpenAPIType.ARRAY, items=Schema(type=OpenAPIType.OBJECT)),
                Schema(type=OpenAPIType.NULL),
            ]
        ),
        "index": Schema(type=OpenAPIType.INTEGER),
        "most": Schema(type=OpenAPIType.INTEGER),
        "error": _TEXT,
        "return_url": Schema(one_of=[_TEXT, Schema(type=OpenAPIType.NULL)]),
    },
)


JSON_PATCH = "application/json-patch+json"
_JSON_PATCH = Schema(
    type=OpenAPIType.ARRAY,
    description="RFC 6902.",
    items=Schema(
        type=OpenAPIType.OBJECT,
        required=["op", "path"],
        properties={
            "op": Schema(type=OpenAPIType.STRING, enum=["add", "remove", "replace", "move", "copy", "test"]),
            "path": _TEXT,
            "from": _TEXT,
            "value": Schema(),
        },
    ),
)


# The page runs and fetches only our own files; the component that it uses sets styles of elements.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


@get(
    "/docs",
    media_type="text/html",
    response_headers={"Content-Security-Policy": _POLICY},
    include_in_schema=False,
    sync_to_thread=False,
)
def page() -> bytes:
    """Swagger UI from our own files; Litestar's plugin would fetch it, and an icon, from elsewhere."""
    return (WEB / "docs" / "docs.html").read_bytes()


@get("/docs/openapi.json", media_type="application/vnd.oai.openapi+json", include_in_schema=False, sync_to_thread=False)
def document() -> bytes:
    return FILE.read_bytes()


def encoded(routes: Sequence[Router]) -> bytes:
    """The document of these routes, as in the file."""
    config = OpenAPIConfig(
        title="Fechatter",
        version=version("fechatter"),
        description="Chats over REST. Live events come from notify_server.",
        use_handler_docstrings=True,
        security=[{"bearer": []}],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
                "token": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    bearer_format="fct_",
                    description="A personal access token with the scopes that the operation names.",
                ),
            },
        ),
    )
    app = Litestar(route_handlers=routes, request_class=ApiRequest, openapi_config=config, logging_config=None)
    _complete(app)
    document = msgspec.json.format(msgspec.json.encode(app.openapi_schema.to_schema()), indent=1) + b"\n"
    # ECMA's patterns have no \\U: the character itself is used.
    return re.sub(
        rb"\\\\U([0-9a-f]{8})", lambda found: json.dumps(chr(int(found[1], 16))).strip('"').encode(), document
    )


def _complete(app: Litestar) -> None:
    """Adds what all operations share: their errors, and whether they need a token."""
    # Litestar drops the schemas that it is configured with.
    app.openapi_schema.components.schemas["Problem"] = _PROBLEM
    paths = app.openapi_schema.paths or {}
    for route in app.routes:
        item = paths.get(route.path_format)
        if item is None or not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            for method in handler.http_methods:
                operation = getattr(item, method.lower(), None)
                if operation is None:
                    continue
                # The handler's docstring instead of its name.
                operation.summary, operation.description = operation.description, None
                operation.responses.pop("400", None)
                _name_media_types(operation, handler)
                _name_acting_for(operation, handler)
                operation.responses |= {str(status): _problem(status) for status in _statuses(operation, handler)}
                _name_tokens(operation, handler)
                _close_body(operation, app.openapi_schema.components)


def _name_acting_for(operation: Operation, handler: HTTPRouteHandler) -> None:
    """What can be done for somebody else takes the header that names them."""
    if (permission := handler.opt.get("delegable")) is not None:
        header = Parameter(
            name="Acting-For",
            param_in="header",
            description=f"The id of a user who has delegated `{permission}` to the caller, who acts for them.",
            schema=Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=LARGEST_ID),
        )
        operation.parameters = [*(operation.parameters or ()), header]


def _name_tokens(operation: Operation, handler: HTTPRouteHandler) -> None:
    """Which tokens are accepted: by default, those of sessions."""
    if handler.opt.get("public"):
        operation.security = []
    elif (scope := scope_of(handler)) is not None:
        operation.security = [{"bearer": []}, {"token": [scope]}]
        operation.description = f"Personal access tokens need the scope `{scope}`."
    else:
        operation.description = "Personal access tokens are refused."


def _name_media_types(operation: Operation, handler: HTTPRouteHandler) -> None:
    """For content that is not JSON: `takes` in an `opt` has the media types of a body, with its `largest` size, and
    `answers` those of a response."""
    if types := handler.opt.get("takes"):
        body = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, max_length=handler.opt["largest"])
        bodies = {name: _JSON_PATCH if name == JSON_PATCH else body for name in types}
        content = {name: OpenAPIMediaType(schema=schema) for name, schema in bodies.items()}
        operation.request_body = RequestBody(content, required=True)
    if types := handler.opt.get("answers"):
        binary = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        json = Schema(description="JSON.")
        for status in {"200", "206"} & set(operation.responses or {}):
            answer = cast("OpenAPIResponse", (operation.responses or {})[status])
            answer.content = {
                name: OpenAPIMediaType(schema=json if name == "application/json" else binary) for name in types
            }


def _close_body(operation: Operation, components: Components) -> None:
    """A body has only the fields of its type (`forbid_unknown_fields`), and so have the objects in it."""
    if isinstance(operation.request_body, RequestBody):
        for content in operation.request_body.content.values():
            _close(content.schema, components)


def _close(schema: Schema | Reference | None, components: Components) -> None:
    # An optional one is this or null.
    for each in getattr(schema, "one_of", None) or [schema]:
        if isinstance(each, Reference):
            named = components.schemas[each.ref.rpartition("/")[2]]
            named.additional_properties = False
            for inner in (named.properties or {}).values():
                _close(inner, components)
        elif isinstance(items := getattr(each, "items", None), Schema | Reference):
            _close(items, components)


def _statuses(operation: Operation, handler: HTTPRouteHandler) -> list[int]:
    """The errors that a route may respond with, by its parameters; `problems` in its `opt` has others."""
    parameters = [parameter for parameter in operation.parameters or () if isinstance(parameter, Parameter)]
    changes, public = "GET" not in handler.http_methods, bool(handler.opt.get("public"))
    names_things = any(parameter.param_in == "path" or parameter.name == "workspace_id" for parameter in parameters)
    body = operation.request_body is not None
    found = {429, 503, *handler.opt.get("problems", ())}
    if handler.opt.get("feature"):
        found.add(404)
    if not public:
        found |= {401, 403}
    if body:
        found |= {400, 413, 415, 422}
    if any(parameter.param_in != "path" for parameter in parameters):
        found.add(400)
    if names_things or (changes and body and not public):
        found |= {403, 404}
    if changes and 404 in found:
        found.add(409)
    return sorted(found)


def _problem(status: int) -> OpenAPIResponse:
    headers: dict[str, OpenAPIHeader | Reference] = {
        "Retry-After": OpenAPIHeader(schema=Schema(type=OpenAPIType.INTEGER), description="Seconds.")
    }
    return OpenAPIResponse(
        description=_WHAT_WENT_WRONG[status],
        headers=headers if status in (429, 503) else None,
        content={problems.MEDIA_TYPE: OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))},
    )


HANDLERS = [page, document]
