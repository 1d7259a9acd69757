"""Where the protocol reads and writes: Postgres, whose functions (sql/functions/identity/scim.sql) have the rules."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from scim2_models import (
    InvalidValueException,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    ScimFilter,
    SearchRequest,
    TooManyException,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison, LogicalExpr, LogicalOperator
from scim2_server.storage import AsyncScimStorage, SearchPage

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_server.http.api_request import ApiRequest
from chat_server.identity.scim.directories import ProvisioningDirectory
from chat_server.identity.scim.schemas import DirectoryUser, Group
from chat_server.provisioning.person import described

USER = query("scim_user", "directory", "id")
USER_LOCKED = query("scim_user_locked", "directory", "id")
USERS_PAGE = query("scim_users_page", "directory", "after", "limit")
USERS_TOTAL = query("scim_users_total", "directory")
USERS_FOUND = query("scim_users_found", "directory", "user_name", "external_id", "id", "limit")
USER_CREATE = query(
    "scim_user_create",
    *("directory", "way_in", "issuer", "subject", "email", "owns_domain", "may_create", "fullname", "active"),
    "resource",
)
USER_UPDATE = query(
    "scim_user_update",
    *("directory", "id", "version", "way_in", "issuer", "subject", "email", "owns_domain", "fullname", "active"),
    "resource",
)
USER_DELETE = query("scim_user_delete", "directory", "id", "version")
GROUP = query("scim_group", "directory", "id", "with_members")
GROUP_LOCKED = query("scim_group_locked", "directory", "id")
GROUPS_PAGE = query("scim_groups_page", "directory", "after", "limit", "with_members")
GROUPS_TOTAL = query("scim_groups_total", "directory")
GROUPS_FOUND = query("scim_groups_found", "directory", "display_name", "external_id", "id", "limit", "with_members")
GROUP_STORE = query(
    "scim_group_store",
    *("directory", "id", "version", "display_name", "external_id", "members", "mapped", "workspaces"),
)
GROUP_DELETE = query("scim_group_delete", "directory", "id", "version", "mapped", "workspaces")

# So many resources are looked at for a filter that no index answers.
MOST_CANDIDATES = 500
LONGEST_ID = 18
# Of a resource, these have columns, or are computed.
_OWN_COLUMNS = {"id", "meta", "groups"}


class Storage(AsyncScimStorage):
    """For one request. `writes`: it changes something, so what it reads is locked."""

    def __init__(self, request: ApiRequest, directory: ProvisioningDirectory, *, writes: bool) -> None:
        self._request, self._directory, self._writes = request, directory, writes
        self._connection: Connection | Pool = request.pool
        self._about: set[int] = set()
        workspaces = directory.settings.workspaces
        self._mapped = {"mapped": list(workspaces), "workspaces": list(workspaces.values())}

    @asynccontextmanager
    async def operation(self) -> AsyncIterator[None]:
        """One transaction. Cached sessions of the users that it was about are looked up anew."""
        if not self._writes:
            yield
            return
        async with self._request.transaction() as connection:
            self._connection = connection
            yield
        for user in self._about:
            self._request.parts.sessions.forget(user)

    async def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        key = {"directory": self._directory.name, "id": _number(resource_id)}
        if _is_user(resource_type):
            stored = await (USER_LOCKED if self._writes else USER).value(self._connection, **key)
        elif self._writes:
            stored = await GROUP_LOCKED.value(self._connection, **key)
        else:
            stored = await GROUP.value(self._connection, **key, with_members=_wants_members(response_parameters))
        if stored is None:
            raise NotFoundException(detail=f"There is no {resource_type.name} {resource_id}")
        return _loaded(resource_type, stored)

    async def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        start, count = search_request.start_index_0 or 0, search_request.count or 0
        if search_request.filter is not None:
            matching = [
                each
                for resource_type in resource_types
                for each in await self._candidates(resource_type, search_request.filter, search_request)
                if search_request.filter.match(each)
            ]
            return SearchPage(len(matching), matching[start : start + count])
        total, found = 0, list[Resource[Any]]()
        for resource_type in resource_types:  # one after the other, as if they were one list
            of_type, page = await self._page(resource_type, max(0, start - total), count - len(found), search_request)
            total += of_type
            found += page
        return SearchPage(total, found)

    async def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        if _is_user(resource_type):
            return await self.get(resource_type, await self._create_user(resource))
        return await self.get(resource_type, await self._store_group(resource, None, None))

    async def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        resource_id = str(resource.id)
        if _is_user(resource_type):
            person = self._described(resource)
            changed = await USER_UPDATE.one(
                self._connection, id=_number(resource_id), version=_version(expected_version), **person
            )
            if changed["outcome"] == "unowned":
                raise self._unowned()
            _require(changed["outcome"], resource_type, resource_id)
            self._about.add(changed["person"])
        else:
            await self._store_group(resource, resource_id, expected_version)
        return await self.get(resource_type, resource_id)

    async def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        key = {
            "directory": self._directory.name,
            "id": _number(resource_id),
            "version": _version(expected_version),
        }
        if _is_user(resource_type):
            deleted = await USER_DELETE.one(self._connection, **key)
            self._about.update({deleted["person"]} - {None})
        else:
            deleted = await GROUP_DELETE.one(self._connection, **key, **self._mapped)
        _require(deleted["outcome"], resource_type, resource_id)

    # -- users

    async def _create_user(self, resource: Resource[Any]) -> str:
        person = self._described(resource)
        may_create = self._directory.may_create(person["email"])
        made = await USER_CREATE.one(self._connection, **person, may_create=may_create)
        email = person["email"]
        match made["outcome"]:
            case "already":
                raise UniquenessException(detail=f"The directory has the person of {email} already, under another id")
            case "taken":
                raise UniquenessException(
                    detail=f"Somebody has an account with {email}, whose domain is not one of owns_domains"
                )
            case "unverified":
                raise self._unowned()
            case "refused":
                raise InvalidValueException(detail=f"emails: auth.allowed_domains does not have the domain of {email}")
        self._about.add(made["person"])
        return str(made["id"])

    def _unowned(self) -> InvalidValueException:
        domains = ", ".join(self._directory.settings.owns_domains)
        return InvalidValueException(detail=f"emails, or else userName: expected an address of {domains}")

    def _described(self, resource: Any) -> dict[str, Any]:
        """The parameters of a query that stores this user."""
        settings, person = self._directory.settings, described(resource)
        subject = resource.external_id if settings.subject == "externalId" else resource.user_name
        return {
            "directory": self._directory.name,
            "way_in": settings.way_in,
            "issuer": self._directory.issuer,
            "subject": subject if settings.way_in is not None and subject else None,
            "email": person.email,
            "owns_domain": self._directory.owns(person.email),
            "fullname": person.fullname,
            "active": resource.active,
            "resource": msgspec.json.encode(
                {name: value for name, value in resource.model_dump().items() if name not in _OWN_COLUMNS}
            ).decode(),
        }

    # -- groups

    async def _store_group(self, resource: Any, resource_id: str | None, version: str | None) -> str:
        members = resource.members or []
        for member in members:
            if (member.type or "User").lower() != "user" or "/Groups/" in str(member.ref or ""):
                raise InvalidValueException(detail="members: expected users; groups in groups are not supported")
        stored = await GROUP_STORE.one(
            self._connection,
            directory=self._directory.name,
            id=_number(resource_id) if resource_id else None,
            version=_version(version),
            display_name=resource.display_name,
            external_id=resource.external_id,
            members=sorted({_number(member.value or "") for member in members}),
            **self._mapped,
        )
        if stored["outcome"] == "stranger":
            raise InvalidValueException(detail="members: expected ids of users of this directory")
        _require(stored["outcome"], "Group", resource_id or "")
        return str(stored["id"])

    # -- search

    async def _page(
        self, resource_type: ResourceType, start: int, count: int, parameters: ResponseParameters[Any]
    ) -> tuple[int, list[Resource[Any]]]:
        """How many there are, and those of a page."""
        key = {"directory": self._directory.name}
        if _is_user(resource_type):
            total = await USERS_TOTAL.value(self._connection, **key)
            rows = await USERS_PAGE.rows(self._connection, **key, after=start, limit=count)
        else:
            total = await GROUPS_TOTAL.value(self._connection, **key)
            with_members = _wants_members(parameters)
            rows = await GROUPS_PAGE.rows(self._connection, **key, after=start, limit=count, with_members=with_members)
        return total, [_loaded(resource_type, row["item"]) for row in rows]

    async def _candidates(
        self, resource_type: ResourceType, asked: ScimFilter[Any], parameters: ResponseParameters[Any]
    ) -> list[Resource[Any]]:
        """All that may match, by an index if the filter demands that an indexed attribute equals something. Raises
        TooManyException if they are more than MOST_CANDIDATES."""
        known = _equalities(asked)
        if "id" in known and not known["id"].isdecimal():
            return []
        key: dict[str, Any] = {
            "directory": self._directory.name,
            "external_id": known.get("externalid"),
            "id": _number(known["id"]) if "id" in known else None,
            "limit": MOST_CANDIDATES + 1,
        }
        if _is_user(resource_type):
            rows = await USERS_FOUND.rows(self._connection, **key, user_name=known.get("username"))
        else:
            with_members = _wants_members(parameters) or "members" in asked.lower()
            rows = await GROUPS_FOUND.rows(
                self._connection, **key, display_name=known.get("displayname"), with_members=with_members
            )
        if len(rows) > MOST_CANDIDATES:
            raise TooManyException(
                detail="filter: too many resources to look at; ask for one by userName, externalId, displayName or id"
            )
        return [_loaded(resource_type, row["item"]) for row in rows]


def _equalities(asked: ScimFilter[Any]) -> dict[str, str]:
    """The attributes that must equal a text for the filter to match, in small letters."""
    node = asked.ast
    terms = node.terms if isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_ else (node,)
    return {
        term.attr_path.attr.lower(): term.value
        for term in terms
        if isinstance(term, Comparison)
        and term.op == CompareOperator.eq
        and term.attr_path.sub_attr is None
        and isinstance(term.value, str)
    }


def _wants_members(parameters: ResponseParameters[Any] | None) -> bool:
    if parameters is None:
        return True
    names = [str(each).lower() for each in parameters.attributes or ()]
    without = [str(each).lower() for each in parameters.excluded_attributes or ()]
    return not any(each.endswith("members") for each in without) and (not names or any("members" in n for n in names))


def _is_user(resource_type: ResourceType) -> bool:
    return resource_type.name == "User"


def _loaded(resource_type: ResourceType, stored: str) -> Resource[Any]:
    model: type[Resource[Any]] = DirectoryUser if _is_user(resource_type) else Group
    return model.model_validate(msgspec.json.decode(stored))


def _number(resource_id: str) -> int:
    """An id as Postgres knows it; 0, which nothing has, for what cannot be one."""
    return int(resource_id) if resource_id.isdecimal() and len(resource_id) <= LONGEST_ID else 0


def _version(etag: str | None) -> int | None:
    return int(etag.removeprefix('W/"').removesuffix('"')) if etag else None


def _require(outcome: str, resource_type: ResourceType | str, resource_id: str) -> None:
    """Raises what an outcome other than success means."""
    match outcome:
        case "unknown":
            name = resource_type if isinstance(resource_type, str) else resource_type.name
            raise NotFoundException(detail=f"There is no {name} {resource_id}")
        case "changed":
            raise PreconditionFailedException(detail="Somebody else has changed this meanwhile")
        case "taken":
            raise UniquenessException(detail="Another user signs in with this already")
