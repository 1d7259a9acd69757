"""Features: who hears of a change, and what an organisation may change itself."""

import asyncpg
import pytest

from tests.sql.world import World


async def test_those_whom_a_change_concerns_hear_of_it(world: World) -> None:
    await world.sql.execute("INSERT INTO workspaces (name) SELECT 'w' FROM generate_series(1, 1000) n")
    await world.sql.execute(
        "INSERT INTO workspace_members (workspace_id, user_id, role) SELECT id, 1, 'owner' FROM workspaces WHERE id > 1"
    )
    await world.events()
    await world.sql.execute("INSERT INTO features VALUES ('enable_user_roles', false)")
    assert await world.events() == []
    await world.sql.execute("UPDATE features SET enabled = true")
    first, second = await world.events()
    assert first.payload == second.payload == {"organization_id": None, "features": {"enable_user_roles": True}}
    assert (first.kind, first.audience, first.workspace_ids) == ("FeaturesUpdated", "workspaces", [*range(1, 1001)])
    assert second.workspace_ids == [1001]

    await world.sql.execute("SELECT create_organization(1, 'Engines')")
    await world.events()
    own = "INSERT INTO organization_features VALUES (1, 'enable_user_roles', false)"
    await world.sql.execute(f"{own}; DELETE FROM organization_features")
    assert await world.events() == []  # it has no workspace
    await world.sql.execute("UPDATE workspaces SET organization_id = 1 WHERE id = 2")
    await world.sql.execute(own)
    await world.sql.execute("DELETE FROM organization_features")
    assert [(event.workspace_ids, event.payload) for event in await world.events()] == [
        ([2], {"organization_id": 1, "features": {"enable_user_roles": said}}) for said in (False, None)
    ]
    acts = "SELECT target_type, before, after FROM audit_log WHERE action = 'feature_switched' ORDER BY id"
    name = "enable_user_roles"
    on, off, none = (f'{{"{name}": {said}}}' for said in ("true", "false", "null"))
    assert await world.rows(acts) == [
        (None, off, on),
        *[("organization", none, off), ("organization", off, none)] * 2,
    ]


async def test_an_organisation_switches_on_only_what_the_server_has(world: World) -> None:
    await world.sql.execute("SELECT create_organization(1, 'Engines')")
    put = (
        "INSERT INTO organization_features VALUES (1, 'enable_user_roles', $1) "
        "ON CONFLICT (organization_id, name) DO UPDATE SET enabled = excluded.enabled"
    )
    async with world.sql.transaction():
        await world.sql.execute("SELECT set_config('fechatter.actor', '1', true)")
        await world.sql.execute(put, False)
        with pytest.raises(asyncpg.PostgresError) as refused:
            async with world.sql.transaction():
                await world.sql.execute(put, True)
        assert refused.value.constraint_name == "feature_is_the_operators"
        await world.sql.execute("INSERT INTO features VALUES ('enable_user_roles', true)")
        await world.sql.execute(put, True)
    await world.sql.execute("UPDATE features SET enabled = false")
    assert await world.sql.fetchval("SELECT feature_enabled('enable_user_roles', 1)")
    await world.sql.execute(put, True)  # an operator tries it out
