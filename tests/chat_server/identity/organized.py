"""An organisation whose groups and departments a way in fills."""

from chat_core.database.pool import Connection


async def organize(sql: Connection, owner: int) -> None:
    """Organisation 1, with group 1 and departments 1 to 3; whoever owns it is its only person."""
    await sql.execute(
        f"SELECT create_organization({owner}, 'Engines');"
        "INSERT INTO groups (organization_id, name) VALUES (1, 'crew');"
        "INSERT INTO departments (organization_id, name) VALUES (1, 'Deck'), (1, 'Mill'), (1, 'Works')"
    )


async def places(sql: Connection, person: int) -> tuple[list[int], list[int]]:
    """The groups that somebody is in, and the departments."""
    groups = await sql.fetch("SELECT group_id FROM group_members WHERE user_id = $1 ORDER BY 1", person)
    departments = await sql.fetch("SELECT department_id FROM appointments WHERE user_id = $1 ORDER BY 1", person)
    return [row[0] for row in groups], [row[0] for row in departments]
