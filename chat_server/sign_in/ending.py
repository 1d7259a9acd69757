"""Where a provider ends sessions; a user's own ways out are routes."""

from chat_core.database.pool import Connection
from chat_core.database.queries import query

SESSIONS_END_BY_PROVIDER = query("sessions_end_by_provider", "provider", "sid", "identity")


async def end_by_provider(
    connection: Connection, provider: str, *, sid: str | None = None, identity: int | None = None
) -> list[int]:
    """Ends the sessions that the provider names, by its own session or the user's identity there, and with them their
    streams. Returns the users who had one: `request.parts.sessions` must forget them after COMMIT. At least one of the
    two is needed."""
    rows = await SESSIONS_END_BY_PROVIDER.rows(connection, provider=provider, sid=sid, identity=identity)
    return [user for [user] in rows]
