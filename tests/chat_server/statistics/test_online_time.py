"""Online time over REST: one's own, an organisation's for its admins, and CSV."""

import csv
import io

import pytest

from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database

ON = pytest.mark.chat_server(features={"enable_organizations": True, "enable_online_statistics": True})
SPAN = {"since": "2026-06-01", "until": "2026-06-02"}


async def test_it_is_off_unless_app_yaml_says_so(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for path in ("/api/statistics/online", "/api/statistics/online/export"):
        assert problem(await ada.api.get(path), 404, "feature_off")["feature"] == "enable_online_statistics"
        problem(await chat_server.anybody.get(path), 401, "unauthorized")


async def _online(database: Database, person: Person, column: str = "shown", hours: int = 1) -> None:
    async with database.connect() as sql:
        await sql.execute(
            f"INSERT INTO online_days (user_id, day, {column}) VALUES ($1, '2026-06-01', tstzmultirange(tstzrange("
            "'2026-06-01 12:00+00', '2026-06-01 12:00+00'::timestamptz + make_interval(hours => $2))))",
            person.id,
            hours,
        )


@ON
async def test_admins_see_their_people_and_everyone_themselves(chat_server: ChatServer, database: Database) -> None:
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    mallory = await chat_server.sign_up("Mallory")
    organization = ok(await ada.api.post("/api/organizations", json={"name": "Engines"}), 201)["id"]
    ok(await ada.api.put(f"/api/organizations/{organization}/workspaces/{ada.workspace}"), 204)
    await _online(database, bob, hours=2)
    await _online(database, eve, "hidden")
    await _online(database, mallory)
    path, wanted = "/api/statistics/online", {"organization_id": organization, **SPAN}
    day = {"day": "2026-06-01", "people": 1, "seconds": 7200}
    item = {"department_id": None, "people": 1, "seconds": 7200, "days": [day]}
    assert ok(await ada.api.get(path, params=wanted)) == [{"user_id": bob.id, "name": "Bob", **item}]
    for by in ("department", "all"):
        assert ok(await ada.api.get(path, params={**wanted, "by": by})) == [{"user_id": None, "name": None, **item}]
    [own] = ok(await eve.api.get(path, params=SPAN))
    assert (own["user_id"], own["seconds"]) == (eve.id, 3600)
    exported = await ada.api.get(f"{path}/export", params=wanted)
    assert list(csv.DictReader(io.StringIO(exported.text))) == [
        {
            "user_id": str(bob.id),
            "department_id": "",
            "name": "Bob",
            "day": "2026-06-01",
            "people": "1",
            "seconds": "7200",
        }
    ]
    mine = await eve.api.get(f"{path}/export", params=SPAN)
    assert mine.text.splitlines()[1:] == [f"{eve.id},,Eve,2026-06-01,1,3600"]
    for refused in (path, f"{path}/export"):
        problem(await eve.api.get(refused, params=wanted), 403, "forbidden")
        problem(await mallory.api.get(refused, params=wanted), 404, "not_found")
        for wrong in (
            {"until": "2026-05-01"},
            {"until": "2026-12-01"},
            {"since": "2026-02-30"},
            {"since": "yesterday"},
        ):
            problem(await ada.api.get(refused, params={**wanted, **wrong}), 400, "validation_failed")

    ok(await bob.api.put("/api/users/me/time-zone", json={"time_zone": "Asia/Shanghai"}), 204)
    problem(
        await bob.api.put("/api/users/me/time-zone", json={"time_zone": "Mars/Olympus"}), 422, "users_time_zone_known"
    )
    problem(await bob.api.put("/api/users/me/time-zone", json={"time_zone": ""}), 422, "validation_failed")
