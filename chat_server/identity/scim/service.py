"""The protocol: what is announced, and how bodies are read."""

from typing import Any, TypeVar, get_args

from scim2_models import (
    AuthenticationScheme,
    BaseModel,
    Bulk,
    ChangePassword,
    Context,
    ETag,
    External,
    Filter,
    InvalidFilterException,
    Patch,
    Reference,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    SearchRequest,
    ServiceProviderConfig,
    Sort,
)
from scim2_server.service import ScimService

from chat_core.settings import ScimDirectory
from chat_server.identity.scim import dialects
from chat_server.identity.scim.schemas import DirectoryUser, EnterpriseUser, Group, User

LARGEST_PAGE = 100
LONGEST_FILTER = 1000

ModelT = TypeVar("ModelT", bound=BaseModel)


class Service(ScimService):
    def read_body(self, model: type[ModelT], body: bytes, content_type: str | None, scim_ctx: Context) -> ModelT:
        body = dialects.normalized(body, scim_ctx, _resource_of(model))
        return super().read_body(model, body, content_type, scim_ctx)

    def read_search(self, resource_types: list[ResourceType], payload: Any) -> tuple[SearchRequest[Any], Any]:
        asked = payload.get("filter") if isinstance(payload, dict) else None
        if isinstance(asked, str) and len(asked) > LONGEST_FILTER:
            raise InvalidFilterException(detail=f"filter: expected at most {LONGEST_FILTER} characters")
        return super().read_search(resource_types, payload)


def build_service(settings: ScimDirectory) -> ScimService:
    return Service(
        ScimProvider(
            models=[User, EnterpriseUser, Group],
            resource_types=[ResourceType.from_resource(DirectoryUser), ResourceType.from_resource(Group)],
            config=_config(),
            policy=ScimPolicy(
                unknown=ScimPolicy.Unknown(_UNKNOWN[settings.unknown_attributes]),
                remove_value_as_filter=ScimPolicy.RemoveValue.apply,
                unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
            ),
        )
    )


_UNKNOWN = {"refuse": ScimPolicy.Unknown.forbid, "ignore": ScimPolicy.Unknown.ignore}


def _config() -> ServiceProviderConfig:
    return ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=LARGEST_PAGE),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=True),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer token",
                description="The token of this directory, in the header Authorization.",
                spec_uri=Reference[External]("https://www.rfc-editor.org/rfc/rfc6750"),
                primary=True,
            )
        ],
    )


def _resource_of(model: type[BaseModel]) -> type[Resource[Any]]:
    """The resource that a body is about: its own model, or what a PatchOp is of."""
    if issubclass(model, Resource):
        return model
    arguments = model.__pydantic_generic_metadata__["args"] or get_args(model)
    resource: type[Resource[Any]] = arguments[0]
    return resource
