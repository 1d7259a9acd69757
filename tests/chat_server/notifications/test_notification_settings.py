"""How a person is notified: their own settings."""

from tests.chat_server.people import ChatServer, ok, problem

PATH = "/api/users/me/notifications"
DEFAULTS = {
    "push": "all",
    "push_content": "message",
    "push_while_active": True,
    "quiet_from": None,
    "quiet_until": None,
    "email": "at_once",
    "language": None,
    "bounced_at": None,
    "time_zone": "UTC",
}


async def test_a_persons_settings(chat_server: ChatServer) -> None:
    ada, grace = await chat_server.team("Ada", "Grace")
    assert ok(await ada.api.get(PATH)) == DEFAULTS
    quiet = {"quiet_from": "22:00", "quiet_until": "07:30", "time_zone": "Asia/Shanghai"}
    assert ok(await ada.api.patch(PATH, json=quiet)) == {**DEFAULTS, **quiet}
    wish = {"push": "personal", "push_content": "none", "push_while_active": False, "email": "daily", "language": "zh"}
    assert ok(await ada.api.patch(PATH, json=wish)) == {**DEFAULTS, **quiet, **wish}
    assert ok(await ada.api.patch(PATH, json={})) == ok(await ada.api.get(PATH)) == {**DEFAULTS, **quiet, **wish}
    assert ok(await grace.api.get(PATH)) == DEFAULTS
    loud = {"quiet_from": None, "quiet_until": None}
    assert ok(await ada.api.patch(PATH, json=loud)) == {**DEFAULTS, **quiet, **wish, **loud}

    for code, wrong in (
        ("notification_settings_quiet_hours", {"quiet_from": "22:00"}),
        ("notification_settings_quiet_hours", {"quiet_from": "07:00", "quiet_until": "07:00"}),
        ("users_time_zone_known", {"time_zone": "Mars/Olympus"}),
        ("validation_failed", {"quiet_from": "24:00", "quiet_until": "07:00"}),
        ("validation_failed", {"push": "some"}),
        ("validation_failed", {"email": "yearly"}),
        ("validation_failed", {"language": "xx"}),
        ("validation_failed", {"bounced_at": None}),
        ("validation_failed", {"push": None}),
        ("validation_failed", {"user_id": grace.id}),
    ):
        problem(await ada.api.patch(PATH, json=wrong), 422, code)
    anybody = await chat_server.client(None)
    problem(await anybody.get(PATH), 401, "unauthorized")
    problem(await anybody.patch(PATH, json={}), 401, "unauthorized")
