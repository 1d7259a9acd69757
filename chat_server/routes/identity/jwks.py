"""The public keys of access tokens, for other systems that verify them; outside /api, without authentication."""

from litestar import Response, get

from chat_server.http.api_request import ApiRequest

# Long enough to spare us questions, and far shorter than the life of a key that verifies.
CACHE_SECONDS = 300


@get("/.well-known/jwks.json", include_in_schema=False)
async def jwks(request: ApiRequest) -> Response[dict[str, list[dict[str, str]]]]:
    """A JSON Web Key Set (RFC 7517)."""
    headers = {"Cache-Control": f"public, max-age={CACHE_SECONDS}", "Access-Control-Allow-Origin": "*"}
    return Response(request.parts.verifier.jwks, headers=headers)


HANDLERS = [jwks]
