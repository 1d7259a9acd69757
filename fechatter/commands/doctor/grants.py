"""What directories of people grant: whether each group stands for something that exists, and no synchronisation is
stopped."""

from chat_core.database.pool import Connection
from chat_core.settings import CLERK, ScimDirectory, Settings, WayIn
from fechatter.commands.doctor.finding import SQL, Finding

# The setting, the query for what is missing, what it is called, and where the ids are.
MEANT = (
    ("workspaces", "missing_workspaces", "workspace", "ops.storage"),
    ("organization_groups", "missing_groups", "group", "groups"),
    ("departments", "missing_departments", "department", "departments"),
)


async def grants_can_be_given(connection: Connection, settings: Settings) -> Finding:
    """A group that stands for what does not exist grants nothing."""
    clerk = {CLERK: settings.auth.clerk} if settings.auth.clerk is not None else {}
    auth = settings.auth
    sources: dict[str, WayIn | ScimDirectory] = {**auth.providers, **auth.saml, **auth.ldap, **clerk, **auth.scim}
    problem, amount = None, 0
    for setting, missing_of, what, place in MEANT:
        groups = {
            (name, group): meant
            for name, source in sources.items()
            for group, meant in getattr(source, setting).items()
        }
        amount += len(groups)
        missing = {row["id"] for row in await SQL[missing_of].rows(connection, ids=list(groups.values()))}
        for (name, group), meant in groups.items():
            if meant in missing and problem is None:
                problem = f"auth: {name}: {setting}: {group}: there is no {what} {meant}; its id is in {place}"
    stopped = await SQL["stopped_synchronisations"].rows(connection)
    if stopped:
        first = stopped[0]
        source = sources.get(first["source"])
        named = set(getattr(source, "workspaces", {}).values())
        unnamed = [f"{each}" for each in first["workspaces"] if source is not None and each not in named]
        why = (
            f"the settings do not name workspace {', '.join(unnamed)} any more; if it is to lose those members"
            if unnamed
            else "look at the directory; if what it says is right"
        )
        problem = (
            f"the synchronisation of {first['source']} is stopped, since {first['going']} of {first['had']} grants "
            f"would go: {why}, SELECT ops.let_go('{first['source']}') lets the next one through"
        )
    return Finding("grants", f"{amount} groups stand for something here, and no synchronisation is stopped", problem)
