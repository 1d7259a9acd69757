"""Which features are on, and what is said where one is off."""

import pytest

from chat_server.parts.features import FEATURES
from tests.chat_server.people import ChatServer, ok, problem
from tests.support.postgres import Database


async def test_all_are_off_unless_app_yaml_says_so(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    assert ok(await ada.api.get("/api/features")) == {"features": dict.fromkeys(FEATURES, False), "organizations": {}}
    problem(await chat_server.anybody.get("/api/features"), 401, "unauthorized")


@pytest.mark.chat_server(features={"enable_user_roles": True})
async def test_what_app_yaml_says_is_in_the_database_too(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    said = {name: name == "enable_user_roles" for name in FEATURES}
    async with database.connect() as sql:
        assert {name: await sql.fetchval("SELECT feature_enabled($1)", name) for name in FEATURES} == said
        await sql.execute(
            f"SELECT create_organization({ada.id}, 'Engines'), create_organization({ada.id}, 'Others'); "
            "INSERT INTO organization_features VALUES (1, 'enable_user_roles', false), (2, 'enable_bot_messages', true)"
        )
        assert not await sql.fetchval("SELECT feature_enabled('enable_user_roles', 1)")
        assert await sql.fetchval("SELECT feature_enabled('enable_user_roles', 2)")
    assert ok(await ada.api.get("/api/features")) == {
        "features": said,
        "organizations": {"1": {"enable_user_roles": False}, "2": {"enable_bot_messages": True}},
    }
