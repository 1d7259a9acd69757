"""Refusals, which are counted by their code, as responses."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chat_core.http.problem_responses import problem_of, response_of
from chat_core.problems import Problem, soon
from notify_server import metrics


def refused(problem: Problem) -> Response:
    metrics.refused.labels(problem.code).inc()
    return response_of(problem)


async def refuse(request: Request, error: Exception) -> Response:
    """Starlette's handler of problems, and of what its routing finds wrong."""
    return refused(error if isinstance(error, Problem) else problem_of(error))


async def refuse_overloaded(scope: Scope, receive: Receive, send: Send) -> None:
    """Instead of the application, when too many wait for it."""
    problem = Problem(503, "overloaded", "Too many are connecting; try again.", headers={"Retry-After": soon(10)})
    await refused(problem)(scope, receive, send)
