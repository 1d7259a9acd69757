"""Departments, positions, and who has which in them."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.params import JSONBody, QueryParameter

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_server.access import places
from chat_server.access.permissions import OrganizationAccess
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ExternalId, Id, OrganizationName, PathId, Time
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import verbatim
from chat_server.parts.features import Feature
from chat_server.responses.organization.departments import Department, Position
from chat_server.responses.organization.organizations import Appointment

APPOINTMENT_CREATE = query(
    "appointment_create",
    *("organization", "department", "user", "position", "is_head", "is_primary", "starts_at", "ends_at"),
)
APPOINTMENT_DELETE = query("appointment_delete", "organization", "appointment")
APPOINTMENT_UPDATE = query(
    "appointment_update",
    *("organization", "appointment", "department", "position", "is_head", "is_primary", "starts_at", "ends_at"),
)
APPOINTMENTS_OF = query("appointments_of", "organization", "user", "all", "department", "below", "after", "limit")
DEPARTMENT_CREATE = query("department_create", "organization", "parent", "name", "place", "hidden", "external_id")
DEPARTMENT_DELETE = query("department_delete", "organization", "department")
DEPARTMENT_UPDATE = query(
    "department_update", "organization", "department", "set_parent", "parent", "name", "place", "hidden"
)
DEPARTMENTS = query("departments", "organization", "user", "all", "after", "limit")
POSITION_CREATE = query("position_create", "organization", "name")
POSITION_DELETE = query("position_delete", "organization", "position")
POSITION_RENAME = query("position_rename", "organization", "position", "name")
POSITIONS_OF = query("positions_of", "organization", "after", "limit")

Below = Annotated[bool, QueryParameter(description="Those in departments below it, too.")]
Place = Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)]


class NewDepartment(msgspec.Struct, forbid_unknown_fields=True):
    """Below `parent_id`, or uppermost. `external_id`: its name elsewhere, which never changes."""

    name: OrganizationName
    parent_id: Id | None = None
    place: Place = 0
    hidden: bool = False
    external_id: ExternalId | None = None


class DepartmentChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are. `parent_id` moves it with all that is below it; null: to the top."""

    name: OrganizationName | None = None
    parent_id: Id | msgspec.UnsetType | None = msgspec.UNSET
    place: Place | None = None
    hidden: bool | None = None


class PositionBody(msgspec.Struct, forbid_unknown_fields=True):
    name: OrganizationName


class NewAppointment(msgspec.Struct, forbid_unknown_fields=True):
    """Without times it holds from now on and for good."""

    user_id: Id
    department_id: Id
    position_id: Id | None = None
    is_head: bool = False
    is_primary: bool = False
    starts_at: Time | None = None
    ends_at: Time | None = None


class AppointmentChange(msgspec.Struct, forbid_unknown_fields=True):
    """A missing department, `is_head` or `is_primary` stays as it is; of the others a missing one is none."""

    department_id: Id | None = None
    position_id: Id | None = None
    is_head: bool | None = None
    is_primary: bool | None = None
    starts_at: Time | None = None
    ends_at: Time | None = None


@get("/organizations/{organization_id:int}/departments")
async def list_departments(
    request: ApiRequest, organization_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[Department]]:
    """The departments that the caller may see, by id. Hidden ones, and what is below them, are seen by those who are in
    them and by the organisation's admins."""
    access = await places.organization(request.pool, request.caller, organization_id, "read its directory")
    row = await DEPARTMENTS.one(
        request.pool,
        organization=organization_id,
        user=request.caller.user_id,
        all=sees_all(access),
        after=after_id,
        limit=limit,
    )
    return page(request, row)


@post("/organizations/{organization_id:int}/departments", responses=retried(Department))
async def create_department(
    request: ApiRequest,
    organization_id: PathId,
    data: JSONBody[NewDepartment],
    idempotency_key: IdempotencyKey = None,
) -> Response[Department]:
    """Create a department."""

    async def create(connection: Connection) -> Response[Department]:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        made = await DEPARTMENT_CREATE.value(
            connection,
            organization=organization_id,
            parent=data.parent_id,
            name=data.name,
            place=data.place,
            hidden=data.hidden,
            external_id=data.external_id,
        )
        return verbatim(made, 201)

    return await once(
        request,
        idempotency_key,
        create,
        places.organization.still(request.caller, organization_id, "keep its directory"),
    )


@patch("/organizations/{organization_id:int}/departments/{department_id:int}")
async def change_department(
    request: ApiRequest, organization_id: PathId, department_id: PathId, data: JSONBody[DepartmentChange]
) -> Response[Department]:
    """Name, move, order, hide or show a department."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        changed = await DEPARTMENT_UPDATE.value(
            connection,
            organization=organization_id,
            department=department_id,
            set_parent=data.parent_id is not msgspec.UNSET,
            parent=None if data.parent_id is msgspec.UNSET else data.parent_id,
            name=data.name,
            place=data.place,
            hidden=data.hidden,
        )
    return verbatim(places.found(changed))


@delete("/organizations/{organization_id:int}/departments/{department_id:int}", opt={"problems": [409]})
async def delete_department(request: ApiRequest, organization_id: PathId, department_id: PathId) -> None:
    """Delete a department without people, and without others below it."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        places.found(await DEPARTMENT_DELETE.value(connection, organization=organization_id, department=department_id))


@get("/organizations/{organization_id:int}/departments/{department_id:int}/appointments")
async def list_appointments(
    request: ApiRequest,
    organization_id: PathId,
    department_id: PathId,
    below: Below = False,
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[Appointment]]:
    """The appointments in a department, with `below` in those below it too, by id. Those that have not begun or have
    ended are seen by the organisation's admins alone."""
    access = await places.organization(request.pool, request.caller, organization_id, "read its directory")
    row = await APPOINTMENTS_OF.one(
        request.pool,
        organization=organization_id,
        user=request.caller.user_id,
        all=sees_all(access),
        department=department_id,
        below=below,
        after=after_id,
        limit=limit,
    )
    return page(request, row)


@post("/organizations/{organization_id:int}/appointments", responses=retried(Appointment))
async def create_appointment(
    request: ApiRequest,
    organization_id: PathId,
    data: JSONBody[NewAppointment],
    idempotency_key: IdempotencyKey = None,
) -> Response[Appointment]:
    """Appoint somebody of the organisation in a department."""

    async def create(connection: Connection) -> Response[Appointment]:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        made = await APPOINTMENT_CREATE.value(
            connection,
            organization=organization_id,
            department=data.department_id,
            user=data.user_id,
            position=data.position_id,
            is_head=data.is_head,
            is_primary=data.is_primary,
            starts_at=data.starts_at,
            ends_at=data.ends_at,
        )
        return verbatim(made, 201)

    return await once(
        request,
        idempotency_key,
        create,
        places.organization.still(request.caller, organization_id, "keep its directory"),
    )


@put("/organizations/{organization_id:int}/appointments/{appointment_id:int}")
async def change_appointment(
    request: ApiRequest, organization_id: PathId, appointment_id: PathId, data: JSONBody[AppointmentChange]
) -> Response[Appointment]:
    """Change an appointment."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        changed = await APPOINTMENT_UPDATE.value(
            connection,
            organization=organization_id,
            appointment=appointment_id,
            department=data.department_id,
            position=data.position_id,
            is_head=data.is_head,
            is_primary=data.is_primary,
            starts_at=data.starts_at,
            ends_at=data.ends_at,
        )
    return verbatim(places.found(changed))


@delete("/organizations/{organization_id:int}/appointments/{appointment_id:int}")
async def end_appointment(request: ApiRequest, organization_id: PathId, appointment_id: PathId) -> None:
    """Remove an appointment."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        places.found(
            await APPOINTMENT_DELETE.value(connection, organization=organization_id, appointment=appointment_id)
        )


@get("/organizations/{organization_id:int}/positions")
async def list_positions(
    request: ApiRequest, organization_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[Position]]:
    """The positions that there are, by id."""
    await places.organization(request.pool, request.caller, organization_id, "read its directory")
    return page(
        request, await POSITIONS_OF.one(request.pool, organization=organization_id, after=after_id, limit=limit)
    )


@post("/organizations/{organization_id:int}/positions", responses=retried(Position))
async def create_position(
    request: ApiRequest, organization_id: PathId, data: JSONBody[PositionBody], idempotency_key: IdempotencyKey = None
) -> Response[Position]:
    """Create a position."""

    async def create(connection: Connection) -> Response[Position]:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        return verbatim(await POSITION_CREATE.value(connection, organization=organization_id, name=data.name), 201)

    return await once(
        request,
        idempotency_key,
        create,
        places.organization.still(request.caller, organization_id, "keep its directory"),
    )


@put("/organizations/{organization_id:int}/positions/{position_id:int}")
async def rename_position(
    request: ApiRequest, organization_id: PathId, position_id: PathId, data: JSONBody[PositionBody]
) -> Response[Position]:
    """Change the name of a position."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        changed = await POSITION_RENAME.value(
            connection, organization=organization_id, position=position_id, name=data.name
        )
    return verbatim(places.found(changed))


@delete("/organizations/{organization_id:int}/positions/{position_id:int}")
async def delete_position(request: ApiRequest, organization_id: PathId, position_id: PathId) -> None:
    """Delete a position: appointments that have it are without one."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "keep its directory")
        places.found(await POSITION_DELETE.value(connection, organization=organization_id, position=position_id))


def sees_all(access: OrganizationAccess) -> bool:
    """Whoever keeps the directory sees all of it."""
    return access.role in ("admin", "owner")


FEATURE: Feature = "enable_organizations"
SCOPES = scopes.ORGANIZATIONS
HANDLERS = [
    *(list_departments, create_department, change_department, delete_department),
    *(list_appointments, create_appointment, change_appointment, end_appointment),
    *(list_positions, create_position, rename_position, delete_position),
]
