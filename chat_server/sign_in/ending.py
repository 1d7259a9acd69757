"""Where a provider ends sessions; a user's own ways out are routes."""

from chat_core.database.pool import Connection
from chat_core.database.queries import query

SESSIONS_END_BY_PROVIDER = query("sessions_end_by_provider", "provider", "sid", "identity")
SESSIONS_END_BY_IDENTITY = query("sessions_end_by_identity", "identity")
SESSIONS_END_BY_NAME_ID = query("sessions_end_by_name_id", "provider", "name_id", "sids")


async def end_by_provider(
    connection: Connection, provider: str, *, sid: str | None = None, identity: int | None = None
) -> list[int]:
    """Ends the sessions that the provider names, by its own session or the user's identity there, and with them their
    streams: the user has signed out there, so personal access tokens stay. Returns the users who had one:
    `request.parts.sessions` must forget them after COMMIT. At least one of the two is needed."""
    rows = await SESSIONS_END_BY_PROVIDER.rows(connection, provider=provider, sid=sid, identity=identity)
    return [user for [user] in rows]


async def end_by_identity(connection: Connection, identity: int) -> list[int]:
    """The same where the provider no longer has the user: also the personal access tokens that were made in sessions
    which began with this identity."""
    rows = await SESSIONS_END_BY_IDENTITY.rows(connection, identity=identity)
    return [user for [user] in rows]


async def end_by_name_id(connection: Connection, provider: str, name_id: str, sids: tuple[str, ...]) -> list[int]:
    """The same for a provider that names the user as SAML does, and perhaps some of its own sessions; without any, all
    of this user's that began there."""
    rows = await SESSIONS_END_BY_NAME_ID.rows(connection, provider=provider, name_id=name_id, sids=list(sids))
    return [user for [user] in rows]
