"""Times in query strings."""

from datetime import datetime
from typing import Annotated

from litestar.params import QueryParameter

from chat_core.problems import FieldError, Problem

Moment = Annotated[datetime | None, QueryParameter(description="RFC 3339, with its zone; 1970 to 2999.")]


def known(name: str, moment: datetime | None) -> datetime | None:
    """Raises Problem for a time outside the range of Postgres or UTC."""
    if moment is not None and (moment.tzinfo is None or not 1970 <= moment.year <= 2999):
        wrong = FieldError(f"query.{name}", "a time with its zone, from 1970 to 2999")
        raise Problem(400, "validation_failed", f"{wrong.path}: expected {wrong.expected}.", [wrong])
    return moment
