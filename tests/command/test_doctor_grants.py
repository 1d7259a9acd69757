"""What `fechatter doctor` says of what groups of directories stand for."""

from chat_core.settings import Settings
from fechatter.commands.doctor.grants import grants_can_be_given
from tests.support.postgres import Database


async def test_what_does_not_exist_is_named(database: Database) -> None:
    async def said(**meant: dict[str, int]) -> str:
        directory = {"token_sha256": ["0" * 64], "owns_domains": ["corp.example"], **meant}
        settings = Settings.model_validate({"auth": {"scim": {"acme": directory}}})
        finding = await grants_can_be_given(sql, settings)
        return finding.problem or finding.detail

    async with database.connect() as sql:
        for setting, what in (
            ("workspaces", "workspace"),
            ("organization_groups", "group"),
            ("departments", "department"),
        ):
            assert (await said(**{setting: {"crew": 7}})).startswith(
                f"auth: acme: {setting}: crew: there is no {what} 7;"
            )
        await sql.execute(
            "SELECT create_user('Ada', 'ada@corp.example'); SELECT create_organization(1, 'Engines');"
            "INSERT INTO groups (organization_id, name) VALUES (1, 'crew');"
            "INSERT INTO departments (organization_id, name) VALUES (1, 'Deck')"
        )
        there = {setting: {"crew": 1} for setting in ("workspaces", "organization_groups", "departments")}
        assert (await said(**there)).startswith("3 groups stand for something here")
        await sql.execute("SELECT note_synchronisation('acme', 40, 20)")
        assert "acme is stopped, since 20 of 40" in await said(**there)
        assert "look at the directory; if what it says is right, SELECT ops.let_go('acme')" in await said(**there)
        await sql.execute(
            "INSERT INTO workspaces (name) VALUES ('Left'); SELECT grant_memberships('acme', '{1}', ARRAY[max(id)]) "
            "FROM workspaces"
        )
        left = await sql.fetchval("SELECT max(id) FROM workspaces")
        assert f"do not name workspace {left} any more" in await said(**there)
