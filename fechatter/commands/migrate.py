"""`fechatter migrate`: the schema of the database in use."""

import asyncpg

from chat_core.database import migrations
from chat_core.settings import Settings
from fechatter import database
from fechatter.errors import CommandError
from fechatter.progress import say


async def migrate(settings: Settings, action: str, steps: int) -> int:
    """Returns the exit status. `action` is up, down, status, verify or roles."""
    async with database.in_use(settings, say, make=action == "up") as url:
        if action == "up":
            applied = await database.migrate(url, say)
            print(f"{len(applied)} files applied" if applied else "nothing to do")
            return 0
        if action == "roles":
            database.make_roles(url, with_passwords=True)
            print("the servers' roles have the rights of this version")
            return 0
        connection = await database.connect(url)
        try:
            if action == "down":
                taken_back = await migrations.down(connection, say, steps)
                print(f"{len(taken_back)} reverted" if taken_back else "nothing to revert")
                return 0
            if action == "status":
                for entry in await migrations.status(connection):
                    when = f"{entry.applied_at:%Y-%m-%d %H:%M:%S}Z" if entry.applied_at else ""
                    print(f"{entry.state:8} {when:20} {entry.name}")
                return 0
            problems = await migrations.verify(connection)
            print("\n".join(problems) or "every file has been applied, and none has changed since")
            return 1 if problems else 0
        except asyncpg.PostgresError as error:
            raise CommandError(f"migrate {action} failed: {error}") from None
        finally:
            await connection.close()
