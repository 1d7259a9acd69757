"""How long people were online, by day: one's own time, and that of an organisation's people for its admins."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response, get, put
from litestar.params import JSONBody, QueryParameter
from litestar.response import Stream

from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.attachments import attachment, csv_lines
from chat_server.http.fields import END, OptionalQueryId, TimeZoneName
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps import feature
from chat_server.http.verbatim import verbatim
from chat_server.parts.features import Feature
from chat_server.responses.statistics import OnlineTime

ONLINE_OF_ORGANIZATION = query("online_of_organization", "organization", "by_what", "since", "until", "after", "limit")
ONLINE_OWN = query("online_own", "person", "since", "until")
TIME_ZONE_SET = query("time_zone_set", "user", "zone")

# Days in one request: the most, and the default.
MOST_DAYS: Final = 92
DEFAULT_DAYS: Final = 30
ROWS: Final = 500
COLUMNS: Final = ("user_id", "department_id", "name", "day", "people", "seconds")

Grouping = Literal["person", "department", "all"]
By = Annotated[Grouping, QueryParameter(description="Of each person, each department, or all people together.")]
Day = Annotated[
    str | None,
    QueryParameter(pattern=r"^\d{4}-\d{2}-\d{2}" + END, max_length=10, description="A day, such as 2026-11-29."),
]
ANSWERS: Final = ("text/csv; charset=utf-8",)


class TimeZone(msgspec.Struct, forbid_unknown_fields=True):
    """A name of the IANA time zone database, such as Europe/Berlin."""

    time_zone: TimeZoneName


@get("/statistics/online", opt={"problems": [403, 404]})
async def show_online_time(
    request: ApiRequest,
    organization_id: OptionalQueryId = None,
    by: By = "person",
    since: Day = None,
    until: Day = None,
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[OnlineTime]]:
    """The caller's own online time or, with `organization_id`, that of its people, for its admins: without what they
    have hidden by being invisible, but for sums of at least five of them. From `since` to `until`, both included: at
    most 92 days, and the last 30 by default."""
    first, last = _days(since, until)
    if organization_id is None:
        return await _own(request, first, last)
    await _require(request, organization_id)
    row = await ONLINE_OF_ORGANIZATION.one(
        request.pool,
        organization=organization_id,
        by_what=by,
        since=first,
        until=last,
        after=after_id,
        limit=limit,
    )
    return page(request, row)


@get("/statistics/online/export", opt={"answers": ANSWERS, "problems": [403, 404]})
async def export_online_time(
    request: ApiRequest,
    organization_id: OptionalQueryId = None,
    by: By = "person",
    since: Day = None,
    until: Day = None,
) -> Stream:
    """The same as CSV, a line for each day."""
    first, last = _days(since, until)
    if organization_id is not None:
        await _require(request, organization_id)
    lines = _lines(request, organization_id, by, first, last)
    return Stream(lines, headers=attachment(f"online-{first}-{last}.csv"), media_type="text/csv")


@put("/users/me/time-zone", status_code=204)
async def set_time_zone(request: ApiRequest, data: JSONBody[TimeZone]) -> None:
    """Choose where the caller's days begin and end. It counts from now on."""
    async with request.transaction() as connection:
        await TIME_ZONE_SET.row(connection, user=request.caller.user_id, zone=data.time_zone)


async def _require(request: ApiRequest, organization_id: int) -> None:
    feature.require(request, FEATURE, organization_id)
    await places.organization(request.pool, request.caller, organization_id, "see its people's online time")


async def _own(request: ApiRequest, first: date, last: date) -> Response[list[OnlineTime]]:
    row = await ONLINE_OWN.one(request.pool, person=request.caller.user_id, since=first, until=last)
    days = [{**day, "people": 1} for day in json.loads(row["days"])]
    item = {"user_id": request.caller.user_id, "department_id": None, "name": row["name"], "people": 1}
    return verbatim(json.dumps([{**item, "seconds": row["seconds"], "days": days}]))


async def _lines(
    request: ApiRequest, organization_id: int | None, by: Grouping, first: date, last: date
) -> AsyncIterator[bytes]:
    yield csv_lines([COLUMNS])
    if organization_id is None:
        own = await ONLINE_OWN.one(request.pool, person=request.caller.user_id, since=first, until=last)
        me = request.caller.user_id
        yield csv_lines([(me, None, own["name"], day["day"], 1, day["seconds"]) for day in json.loads(own["days"])])
        return
    after: int | None = 0
    while after is not None:
        row = await ONLINE_OF_ORGANIZATION.one(
            request.pool,
            organization=organization_id,
            by_what=by,
            since=first,
            until=last,
            after=after,
            limit=ROWS,
        )
        yield csv_lines([line for item in json.loads(row["items"]) for line in _of(item)])
        after = row["next"]


def _of(item: dict[str, Any]) -> list[tuple[Any, ...]]:
    of = (item["user_id"], item["department_id"], item["name"])
    return [(*of, day["day"], day["people"], day["seconds"]) for day in item["days"]]


def _days(since: str | None, until: str | None) -> tuple[date, date]:
    """Raises Problem 400 unless it is a span of at most MOST_DAYS days."""
    last = _day("until", until) or datetime.now(UTC).date() + timedelta(days=1)
    first = _day("since", since) or last - timedelta(days=DEFAULT_DAYS)
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise _wrong("until", f"a day not before `since`, and at most {MOST_DAYS - 1} after it")
    return first, last


def _day(name: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise _wrong(name, "a day, such as 2026-11-29") from None


def _wrong(name: str, expected: str) -> Problem:
    wrong = FieldError(f"query.{name}", expected)
    return Problem(400, "validation_failed", f"{wrong.path}: expected {wrong.expected}.", [wrong])


SCOPES = scopes.SESSION_ONLY
FEATURE: Feature = "enable_online_statistics"
HANDLERS = [show_online_time, export_online_time, set_time_zone]
