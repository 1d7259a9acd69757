"""Memberships that directories of people grant: whether each has its workspace, and no synchronisation is stopped."""

from chat_core.database.pool import Connection
from chat_core.settings import CLERK, ScimDirectory, Settings, WayIn
from fechatter.commands.doctor.finding import SQL, Finding


async def grants_can_be_given(connection: Connection, settings: Settings) -> Finding:
    """A group whose workspace does not exist grants nothing."""
    clerk = {CLERK: settings.auth.clerk} if settings.auth.clerk is not None else {}
    auth = settings.auth
    sources: dict[str, WayIn | ScimDirectory] = {**auth.providers, **auth.saml, **auth.ldap, **clerk, **auth.scim}
    named = {
        (name, group): workspace for name, source in sources.items() for group, workspace in source.workspaces.items()
    }
    missing = {row["id"] for row in await SQL["missing_workspaces"].rows(connection, ids=list(named.values()))}
    problem = next(
        (
            f"auth: {name}: workspaces: {group}: there is no workspace {workspace}; its id is in ops.storage"
            for (name, group), workspace in named.items()
            if workspace in missing
        ),
        None,
    )
    stopped = await SQL["stopped_synchronisations"].rows(connection)
    if stopped:
        first = stopped[0]
        problem = (
            f"the synchronisation of {first['source']} is stopped, since {first['going']} of {first['had']} grants "
            f"would go: look at the directory, then SELECT ops.let_go('{first['source']}')"
        )
    return Finding("grants", f"{len(named)} groups have a workspace, and no synchronisation is stopped", problem)
