"""Where a provider ends sessions; a user's own ways out are routes."""

from chat_core.database.queries import query
from chat_server.http.api_request import ApiRequest

SESSIONS_END_BY_PROVIDER = query("sessions_end_by_provider", "provider", "sid", "identity")


async def end_by_provider(
    request: ApiRequest, provider: str, *, sid: str | None = None, identity: int | None = None
) -> int:
    """Ends the sessions that the provider names, by its own session or the user's identity there, and with them their
    streams. Returns how many users had one. At least one of the two is needed."""
    async with request.transaction() as connection:
        users = await SESSIONS_END_BY_PROVIDER.rows(connection, provider=provider, sid=sid, identity=identity)
    for [user] in users:
        request.parts.sessions.forget(user)
    return len(users)
