"""Problems as responses of Starlette's; chat_server has Litestar's (chat_server/http/steps/errors.py)."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from chat_core.problems import MEDIA_TYPE, Problem

_CODES = {404: "not_found", 405: "method_not_allowed"}


def response_of(problem: Problem) -> Response:
    return Response(problem.body(), problem.status, dict(problem.headers), MEDIA_TYPE)


def problem_of(error: Exception) -> Problem:
    """Of an error of Starlette's routing. Raises every other error."""
    if not isinstance(error, HTTPException):
        raise error
    code = _CODES.get(error.status_code, "bad_request")
    return Problem(error.status_code, code, error.detail, headers=error.headers or {})
