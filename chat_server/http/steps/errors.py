"""Turns every failure into `application/problem+json`, without internal details. A browser that requests a missing
page gets a page instead."""

import re
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_type_hints

import structlog
from litestar import Request, Response
from litestar.enums import ParamType
from litestar.exceptions import HTTPException, InternalServerException, ValidationException
from litestar.params import QueryParameter

from chat_core.constraints import DOCUMENT_KINDS
from chat_core.problems import MEDIA_TYPE, QUOTA_EXCEEDED, FieldError, Problem, from_database
from chat_server.http import pages
from chat_server.http.bodies import in_words

_MISSING = re.compile(r"Missing required (\w+) parameter '([\w-]+)'")

_log = structlog.get_logger()

# What Litestar says of a client that has left before its body was read.
CLIENT_LEFT = "client disconnected prematurely"
_CODES = {
    400: ("bad_request", "The request cannot be parsed."),
    404: ("not_found", "There is nothing at this URL."),
    405: ("method_not_allowed", "This URL does not support this method."),
    413: ("body_too_large", "The body is larger than this server accepts."),
}


def respond(request: Request[Any, Any, Any], error: Exception) -> Response[bytes] | Response[str]:
    problem = to_problem(request, error)
    if problem.status == 404 and (page := pages.not_found(request)):
        return page
    if problem.code == QUOTA_EXCEEDED:
        request.app.state.parts.metrics.quota_exceeded.labels(problem.extra.get("quota", "")).inc()
    return Response(
        problem.body(),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=dict(problem.headers),
    )


def to_problem(request: Request[Any, Any, Any], error: Exception) -> Problem:
    """The response to the client. Our own faults are logged, and are a 500 without details."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ValidationException):
        return _invalid_parameters(request, error)
    if isinstance(error, InternalServerException) and error.detail == CLIENT_LEFT:
        return Problem(400, "client_left", "The client left before its request had been read.")
    if isinstance(error, HTTPException) and error.status_code in _CODES:
        code, detail = _CODES[error.status_code]
        return Problem(error.status_code, code, detail, headers=_allow(error))
    if problem := from_database(error, _kind_of_document(request)):
        if problem.status == 503:
            request.app.state.parts.readiness.report(error)
            _log.warning("database", error=f"{type(error).__name__}: {error}")
        return problem
    _log.error("internal error", exc_info=error)
    return Problem(500, "internal_error", "An error occurred on the server and has been logged.")


def _kind_of_document(request: Request[Any, Any, Any]) -> str:
    """From the name of the path's parameter, such as board_id."""
    named = (name.removesuffix("_id") for name in request.path_params)
    return next((kind for kind in named if kind in DOCUMENT_KINDS), "document")


def _invalid_parameters(request: Request[Any, Any, Any], error: ValidationException) -> Problem:
    """For everything but the body: `bodies.decode` validates that, and only a missing one gets here."""
    entries = error.extra if isinstance(error.extra, list) else []
    sources = {_source(entry) for entry in entries}
    if "path" in sources:
        code, detail = _CODES[404]
        return Problem(404, code, detail)
    if "body" in sources:
        return Problem(400, "malformed_json", "A JSON body is required.")
    hints = get_type_hints(request.route_handler.fn)
    annotated = get_type_hints(request.route_handler.fn, include_extras=True)
    errors = [_bad_parameter(entry, hints, annotated) for entry in entries]
    if missing := _MISSING.match(error.detail):
        errors = [FieldError(f"{missing[1]}.{missing[2]}", "a value: this parameter is required")]
    detail = f"{errors[0].path}: expected {errors[0].expected}." if errors else "A parameter is invalid."
    return Problem(400, "validation_failed", detail, errors)


def _bad_parameter(entry: Mapping[str, str], hints: Mapping[str, Any], annotated: Mapping[str, Any]) -> FieldError:
    """Named as clients write it: `query.limit`, `header.Idempotency-Key`."""
    source, name = _source(entry), entry.get("key", "")
    expected = in_words(entry.get("message", ""), hints.get(name))
    names = [extra.name for extra in get_args(annotated.get(name)) if isinstance(extra, QueryParameter) and extra.name]
    written = name.replace("_", "-").title() if source == "header" else name
    return FieldError(f"{source}.{names[0] if names else written}", expected)


def _source(entry: Mapping[str, str]) -> str:
    source = entry.get("source", "query")
    return source.value if isinstance(source, ParamType) else source


def _allow(error: HTTPException) -> Mapping[str, str]:
    return {name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"}


EXCEPTION_HANDLERS: dict[type[Exception] | int, Callable[[Request[Any, Any, Any], Any], Response[Any]]] = {
    Exception: respond,
    HTTPException: respond,
}
