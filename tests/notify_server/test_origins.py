"""Whose pages may open streams."""

import pytest

from chat_core.settings import Settings
from notify_server.origins import allowed_origins


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [
        ({}, ["http://127.0.0.1:6688", "http://localhost:6688", "http://[::1]:6688"]),
        ({"server": {"port": 80}}, ["http://127.0.0.1", "http://localhost", "http://[::1]"]),
        ({"server": {"public_url": "https://chat.example.com/"}}, ["https://chat.example.com"]),
        (
            {"server": {"public_url": "https://a.example"}, "notify": {"cors_origins": ["https://b.example"]}},
            ["https://b.example", "https://a.example"],
        ),
    ],
    ids=["default", "port-80", "public", "others-too"],
)
def test_pages_of_chat_server_and_those_that_are_named(settings: dict[str, object], allowed: list[str]) -> None:
    assert allowed_origins(Settings.model_validate(settings)) == allowed
