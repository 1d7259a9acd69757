"""The OpenAPI document at /docs/openapi.json, and a page at /docs that shows it without internet access."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    OpenAPIResponse,
    Reference,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec.enums import OpenAPIType
from litestar.routes import HTTPRoute
from litestar.static_files import create_static_files_router

from chat_core import problems

STATIC = Path(__file__).parent / "static"

_TEXT = Schema(type=OpenAPIType.STRING)
_BAD_FIELD = Schema(
    type=OpenAPIType.OBJECT, required=["path", "expected"], properties={"path": _TEXT, "expected": _TEXT}
)
_PROBLEM = Schema(
    type=OpenAPIType.OBJECT,
    description="RFC 9457. `code` never changes; `errors` names the bad fields of a request.",
    required=["type", "title", "status", "code", "detail"],
    properties={
        "type": _TEXT,
        "title": _TEXT,
        "status": Schema(type=OpenAPIType.INTEGER),
        "code": _TEXT,
        "detail": _TEXT,
        "errors": Schema(type=OpenAPIType.ARRAY, items=_BAD_FIELD),
    },
)


class _OfflinePage(OpenAPIRenderPlugin):
    """Swagger UI from our own files; Litestar's plugin would fetch it, and an icon, from elsewhere."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return (STATIC / "docs.html").read_bytes()


def config() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Fechatter",
        version=version("fechatter"),
        description="Chats over REST. Live events come from notify_server.",
        path="/docs",
        use_handler_docstrings=True,
        render_plugins=[_OfflinePage(path="/")],
        security=[{"bearer": []}],
        components=Components(
            security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")},
        ),
    )


def static_files() -> Router:
    return create_static_files_router(path="/docs/static", directories=[STATIC / "swagger-ui"], include_in_schema=False)


def complete(app: Litestar) -> None:
    """Adds what every operation has in common: its errors, and whether it needs a token."""
    problem = OpenAPIResponse(
        description="Whatever went wrong.",
        content={problems.MEDIA_TYPE: OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))},
    )
    # Litestar forgets the schemas it is configured with.
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
                # The handler's docstring, in place of its name.
                operation.summary, operation.description = operation.description, None
                operation.responses.pop("400", None)
                operation.responses["default"] = problem
                if handler.opt.get("public"):
                    operation.security = []
