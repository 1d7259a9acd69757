"""One request of a directory, from HTTP to the protocol and back."""

import asyncio
from collections.abc import Callable

from scim2_models import SCIMException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from chat_server.http.api_request import ApiRequest
from chat_server.identity.scim.directories import ProvisioningDirectory
from chat_server.provisioning.storage import Storage


async def answer(request: ApiRequest, directory: ProvisioningDirectory, path: str) -> ScimResponse:
    """Raises what the database raises. Errors of the protocol are responses."""
    asked = ScimRequest(
        method=request.method,
        base_url=f"{request.parts.providers.public_url}/api/scim/v2/{directory.name}",
        path=path,
        query=dict(request.query_params.items()),
        headers=dict(request.headers.items()),
        body=await request.body(),
    )
    storage = Storage(request, directory, asked)
    try:
        async with directory.turn, storage.transaction():
            return await _in_thread(lambda: ScimHandler(directory.service, storage).handle(asked))
    except SCIMException as error:
        return directory.service.error_response(error)


async def _in_thread(work: Callable[[], ScimResponse]) -> ScimResponse:
    """A group of 5000 members takes half a second. If the request is cancelled, its transaction still waits for the
    thread, which uses its connection."""
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise
