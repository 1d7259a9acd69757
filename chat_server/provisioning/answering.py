"""One request of a directory, from HTTP to the protocol and back."""

from scim2_models import SCIMException
from scim2_server.handler import AsyncScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from chat_server.http.api_request import ApiRequest
from chat_server.identity.scim.directories import ProvisioningDirectory
from chat_server.provisioning.storage import Storage


async def answer(request: ApiRequest, directory: ProvisioningDirectory, path: str) -> ScimResponse:
    """Raises what the database raises. Errors of the protocol are responses."""
    storage = Storage(request, directory, writes=request.method != "GET" and not path.endswith("/.search"))
    asked = ScimRequest(
        method=request.method,
        base_url=f"{request.parts.providers.public_url}/api/scim/v2/{directory.name}",
        path=path,
        query=dict(request.query_params.items()),
        headers=dict(request.headers.items()),
        body=await request.body(),
    )
    try:
        return await AsyncScimHandler(directory.service, storage).handle(asked)
    except SCIMException as error:
        return directory.service.error_response(error)
