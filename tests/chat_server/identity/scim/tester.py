"""scim2-tester, the conformance suite of the field, as it tests the server on its port."""

from typing import Annotated, Any
from uuid import uuid4

import httpx
from pydantic import EmailStr, Field
from scim2_client import BaseSyncSCIMClient
from scim2_client.client import RawResponse
from scim2_models import Email, Required, ResourceType, ScimProvider, Uniqueness
from scim2_models.resources.resource import AnyExtension
from scim2_tester import Status, check_server

from chat_server.identity.scim.schemas import EnterpriseUser, Group, User


class Addresses(list[str]):
    """Examples, each another one, of addresses that the directory owns: with others nobody is provisioned."""

    def __getitem__(self, index: Any) -> Any:
        return f"{uuid4()}@corp.example"


EACH_ANOTHER = Addresses(["ada@corp.example"])


class OwnEmail(Email):
    value: EmailStr | None = Field(None, examples=EACH_ANOTHER)


class OwnUser(User[AnyExtension]):
    __schema__ = User.__schema__
    user_name: Annotated[str | None, Uniqueness.server, Required.true] = Field(None, examples=EACH_ANOTHER)
    emails: list[OwnEmail] | None = None  # type: ignore[assignment]


class Through(httpx.HTTPTransport):
    """Requests to the public URL go to the server on this machine, as through a proxy."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._to = httpx.URL(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host=self._to.host, port=self._to.port)
        return super().handle_request(request)


class Client(BaseSyncSCIMClient):
    def __init__(self, http: httpx.Client, provider: ScimProvider) -> None:
        super().__init__(provider=provider)
        self._http = http

    def _parse_json(self, response: RawResponse) -> Any:
        return response.json()  # type: ignore[attr-defined]

    def _stays_under_base_url(self, endpoint: str) -> bool:
        return self._http.build_request("GET", endpoint).url.host == self._http.base_url.host

    def request(self, method: str, url: str, **kwargs: Any) -> RawResponse:
        return self._http.request(method, url, **kwargs)


def judged(public: str, token: str, url: str) -> tuple[list[str], int]:
    """What it found wrong with the server at a URL whose public one is another, and how many tests succeeded."""
    provider = ScimProvider(
        models=[OwnUser, EnterpriseUser, Group],
        resource_types=[ResourceType.from_resource(OwnUser[EnterpriseUser]), ResourceType.from_resource(Group)],
    )
    base, headers = f"{public}/api/scim/v2/acme-people/", {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=base, headers=headers, transport=Through(url)) as http:
        results = check_server(Client(http, provider))
    failed = [
        f"{each.title} {each.resource_type}: {each.reason}"
        for each in results
        if each.status not in (Status.SUCCESS, Status.SKIPPED, Status.COMPLIANT)
    ]
    return failed, sum(each.status == Status.SUCCESS for each in results)
