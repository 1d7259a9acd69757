"""The directory of an organisation's people."""

from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter

from chat_core.database.queries import query
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ANY_TEXT, OptionalQueryId, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.parts.features import Feature
from chat_server.responses.organization.departments import DirectoryPerson
from chat_server.routes.organization.departments import sees_all
from chat_server.search import pinyin

PEOPLE_OF_ORGANIZATION = query(
    "people_of_organization",
    *("organization", "user", "all", "words", "patterns", "department", "position", "after", "limit"),
)
MOST_WORDS = 5

Words = Annotated[
    str,
    QueryParameter(
        max_length=80,
        pattern=ANY_TEXT,
        description="Up to five words: each in a name, a department's or position's name, or pinyin or initials.",
    ),
]


@get("/organizations/{organization_id:int}/people")
async def search_directory(
    request: ApiRequest,
    organization_id: PathId,
    q: Words = "",
    department_id: OptionalQueryId = None,
    position_id: OptionalQueryId = None,
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[DirectoryPerson]]:
    """People of the organisation by name, user name, department, position, pinyin and initials, by id; in a department
    and those below it, or with a position. Who is in hidden departments alone is found by those who see these."""
    access = await places.organization(request.pool, request.caller, organization_id, "read its directory")
    words, patterns = meant(q)
    row = await PEOPLE_OF_ORGANIZATION.one(
        request.pool,
        organization=organization_id,
        user=request.caller.user_id,
        all=sees_all(access),
        words=words,
        patterns=patterns,
        department=department_id,
        position=position_id,
        after=after_id,
        limit=limit,
    )
    return page(request, row)


def meant(q: str) -> tuple[list[str], list[str | None]]:
    """The words of a search, and for each the pattern of the names that it may mean."""
    words = q.split()[:MOST_WORDS]
    return words, [pinyin.pattern(word) for word in words]


FEATURE: Feature = "enable_organizations"
SCOPES = scopes.ORGANIZATIONS
HANDLERS = [search_directory]
