"""Where the protocol reads and writes: Postgres, whose functions (sql/functions/identity/scim.sql) have the rules."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

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
from scim2_server.requests import ScimRequest
from scim2_server.storage import ScimStorage, SearchPage

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_server.http.api_request import ApiRequest
from chat_server.identity.scim.directories import ProvisioningDirectory
from chat_server.identity.scim.schemas import DirectoryUser, Group, GroupMember
from chat_server.provisioning.person import described

USER = query("scim_user", "directory", "id")
USER_LOCKED = query("scim_user_locked", "directory", "id")
USERS_PAGE = query("scim_users_page", "directory", "after", "limit")
USERS_TOTAL = query("scim_users_total", "directory")
USERS_FOUND = query("scim_users_found", "directory", "user_name", "external_id", "id", "limit")
USER_CREATE = query(
    "scim_user_create",
    *("directory", "way_in", "issuer", "subject", "email", "domains", "may_create", "fullname", "active"),
    "resource",
)
USER_UPDATE = query(
    "scim_user_update",
    *("directory", "id", "version", "way_in", "issuer", "subject", "email", "domains", "fullname", "active"),
    "resource",
)
USER_DELETE = query("scim_user_delete", "directory", "id", "version")
GROUP = query("scim_group", "directory", "id", "with_members")
GROUP_LOCKED = query("scim_group_locked", "directory", "id", "with_members")
GROUPS_PAGE = query("scim_groups_page", "directory", "after", "limit")
GROUPS_TOTAL = query("scim_groups_total", "directory")
GROUPS_FOUND = query("scim_groups_found", "directory", "display_name", "external_id", "id", "limit")
MEMBERS = query("scim_members", "directory", "groups")
GROUP_STORE = query(
    "scim_group_store",
    *("directory", "id", "version", "display_name", "external_id", "members", "mapped", "workspaces"),
)
GROUP_DELETE = query("scim_group_delete", "directory", "id", "version", "mapped", "workspaces")
ORGANIZATIONS_SYNC = query(
    "scim_organizations_sync", "directory", "people", "for_groups", "groups", "for_departments", "departments"
)
TURN = query("scim_turn", "directory")

# So many resources are looked at for a filter that no index answers.
MOST_CANDIDATES = 500
LONGEST_ID = 18
# Of a resource, these have columns, or are computed.
_OWN_COLUMNS = {"id", "meta", "groups"}

Asked = TypeVar("Asked")


class Storage(ScimStorage):
    """For one request, whose thread waits for the queries; they run in the event loop. What a request reads is locked
    if it changes something."""

    def __init__(self, request: ApiRequest, directory: ProvisioningDirectory, asked: ScimRequest) -> None:
        self._request, self._directory = request, directory
        self._loop = asyncio.get_running_loop()
        self._connection: Connection | Pool = request.pool
        self._writes = asked.method != "GET" and not asked.path.endswith("/.search")
        # PUT and PATCH compare a group's members with those that it had. A PATCH that asks for no attributes gets none.
        self._compares = asked.method in ("PUT", "PATCH")
        self._answers = asked.method != "PATCH" or bool({"attributes", "excludedAttributes"} & asked.query.keys())
        self._about: set[int] = set()
        self._in_written_groups: list[int] = []
        workspaces = directory.settings.workspaces
        self._mapped = {"mapped": list(workspaces), "workspaces": list(workspaces.values())}

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """All that the request does, if it writes. Cached sessions of the users that it was about are looked up
        anew."""
        if not self._writes:
            yield
            return
        async with self._request.transaction() as connection:
            await TURN.row(connection, directory=self._directory.name)
            self._connection = connection
            yield
            await self._sync_organizations(connection)
        self._directory.placed = True
        for user in self._about:
            self._request.parts.sessions.forget(user)

    async def _sync_organizations(self, connection: Connection) -> None:
        """Those whom the request concerns are in the groups and departments of organisations for which the groups stand
        that they are in now. The first request after a start concerns everybody: the settings may be others."""
        settings, placed = self._directory.settings, self._directory.placed
        if not placed or settings.organization_groups or settings.departments:
            await ORGANIZATIONS_SYNC.row(
                connection,
                directory=self._directory.name,
                people=[*self._about, *self._in_written_groups] if placed else None,
                for_groups=list(settings.organization_groups),
                groups=list(settings.organization_groups.values()),
                for_departments=list(settings.departments),
                departments=list(settings.departments.values()),
            )

    def _wait(self, asking: Coroutine[Any, Any, Asked]) -> Asked:
        return asyncio.run_coroutine_threadsafe(asking, self._loop).result()

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        wants_members = self._compares if self._writes else _wants_members(response_parameters)
        return self._read(resource_type, resource_id, with_members=wants_members)

    def _read(self, resource_type: ResourceType, resource_id: str, *, with_members: bool) -> Resource[Any]:
        key: dict[str, Any] = {"directory": self._directory.name, "id": _number(resource_id)}
        if _is_user(resource_type):
            reading = USER_LOCKED if self._writes else USER
        else:
            reading = GROUP_LOCKED if self._writes else GROUP
            key["with_members"] = with_members
        stored = self._wait(reading.value(self._connection, **key))
        if stored is None:
            raise NotFoundException(detail=f"There is no {resource_type.name} {resource_id}")
        return _loaded(resource_type, stored)

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        start, count = search_request.start_index_0 or 0, search_request.count or 0
        if search_request.filter is not None:
            matching = [
                each
                for resource_type in resource_types
                for each in self._candidates(resource_type, search_request.filter)
                if search_request.filter.match(each)
            ]
            total, found = len(matching), matching[start : start + count]
        else:
            total, found = 0, []
            for resource_type in resource_types:  # one after the other, as if they were one list
                of_type, page = self._page(resource_type, max(0, start - total), count - len(found))
                total += of_type
                found += page
        if _wants_members(search_request):
            found = found[: self._fill(found)]
        return SearchPage(total, found)

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        made = self._create_user(resource) if _is_user(resource_type) else self._store_group(resource, None, None)
        return self._read(resource_type, made, with_members=True)

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        resource_id = str(resource.id)
        if _is_user(resource_type):
            person = self._described(resource)
            changed = self._wait(
                USER_UPDATE.one(self._connection, id=_number(resource_id), version=_version(expected_version), **person)
            )
            if changed["outcome"] == "unowned":
                raise self._unowned()
            _require(changed["outcome"], resource_type, resource_id)
            self._about.add(changed["person"])
        else:
            self._store_group(resource, resource_id, expected_version)
        return self._read(resource_type, resource_id, with_members=self._answers)

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        key = {
            "directory": self._directory.name,
            "id": _number(resource_id),
            "version": _version(expected_version),
        }
        if _is_user(resource_type):
            deleted = self._wait(USER_DELETE.one(self._connection, **key))
            self._about.update({deleted["person"]} - {None})
        else:
            deleted = self._wait(GROUP_DELETE.one(self._connection, **key, **self._mapped))
            self._in_written_groups += deleted["people"] or ()
        _require(deleted["outcome"], resource_type, resource_id)

    # -- users

    def _create_user(self, resource: Resource[Any]) -> str:
        person = self._described(resource)
        may_create = self._directory.may_create(person["email"])
        made = self._wait(USER_CREATE.one(self._connection, **person, may_create=may_create))
        email = person["email"]
        match made["outcome"]:
            case "already":
                raise UniquenessException(detail=f"The directory has the person of {email} already, under another id")
            case "taken":
                subject = self._directory.settings.subject
                raise UniquenessException(
                    detail=f"The account of {email}, or of this {subject}, has an address of none of owns_domains"
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
            "domains": self._directory.settings.owns_domains,
            "fullname": person.fullname,
            "active": resource.active,
            "resource": msgspec.json.encode(
                {name: value for name, value in resource.model_dump().items() if name not in _OWN_COLUMNS}
            ).decode(),
        }

    # -- groups

    def _store_group(self, resource: Any, resource_id: str | None, version: str | None) -> str:
        members = resource.members or []
        for member in members:
            if (member.type or "User").lower() != "user" or "/Groups/" in str(member.ref or ""):
                raise InvalidValueException(detail="members: expected users; groups in groups are not supported")
        stored = self._wait(
            GROUP_STORE.one(
                self._connection,
                directory=self._directory.name,
                id=_number(resource_id) if resource_id else None,
                version=_version(version),
                display_name=resource.display_name,
                external_id=resource.external_id,
                members=sorted({_number(member.value or "") for member in members}),
                **self._mapped,
            )
        )
        if stored["outcome"] == "stranger":
            raise InvalidValueException(detail="members: expected ids of users of this directory")
        _require(stored["outcome"], "Group", resource_id or "")
        self._in_written_groups += stored["people"]
        return str(stored["id"])

    # -- search

    def _page(self, resource_type: ResourceType, start: int, count: int) -> tuple[int, list[Resource[Any]]]:
        """How many there are, and those of a page, groups without their members."""
        key = {"directory": self._directory.name}
        if _is_user(resource_type):
            total = self._wait(USERS_TOTAL.value(self._connection, **key))
            rows = self._wait(USERS_PAGE.rows(self._connection, **key, after=start, limit=count))
        else:
            total = self._wait(GROUPS_TOTAL.value(self._connection, **key))
            rows = self._wait(GROUPS_PAGE.rows(self._connection, **key, after=start, limit=count))
        return total, [_loaded(resource_type, row["item"]) for row in rows]

    def _candidates(self, resource_type: ResourceType, asked: ScimFilter[Any]) -> list[Resource[Any]]:
        """All that may match, by an index if the filter demands that an indexed attribute equals something; groups with
        their members if it is about these. Raises TooManyException if they are more than MOST_CANDIDATES, or have too
        many members."""
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
            rows = self._wait(USERS_FOUND.rows(self._connection, **key, user_name=known.get("username")))
        else:
            rows = self._wait(GROUPS_FOUND.rows(self._connection, **key, display_name=known.get("displayname")))
        if len(rows) > MOST_CANDIDATES:
            raise TooManyException(
                detail="filter: too many resources to look at; ask for one by userName, externalId, displayName or id"
            )
        found = [_loaded(resource_type, row["item"]) for row in rows]
        if "members" in asked.lower() and self._fill(found) < len(found):
            raise TooManyException(
                detail="filter: too many members to look at; ask for one group by displayName, externalId or id"
            )
        return found

    def _fill(self, found: list[Resource[Any]]) -> int:
        """Gives groups their members, until these are too many for one answer. Returns how many of the resources are
        whole; the first one always is."""
        groups = [each for each in found if isinstance(each, Group)]
        if not groups:
            return len(found)
        members = {
            str(row["id"]): msgspec.json.decode(row["members"]) if row["members"] else None
            for row in self._wait(
                MEMBERS.rows(
                    self._connection, directory=self._directory.name, groups=[int(str(each.id)) for each in groups]
                )
            )
        }
        for group in groups:
            given = members.get(str(group.id))
            group.members = given and [GroupMember.model_validate(each) for each in given]
        return len(found) - len(groups) + len(members)


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
            raise UniquenessException(
                detail="Another user signs in with this already, or the account's address is of none of owns_domains"
            )
