"""Which of several standbys a read goes to; what they answer is in tests/chat_server/http/test_from_standby.py."""

import pytest

from chat_core.database.standby import Missed, Standby, Standbys
from chat_core.settings import Settings

READ_URL = "postgresql://fechatter_chat@a:5432,b:5433,c:5432/fechatter"


async def test_the_one_with_the_fewest_reads_is_chosen_and_equals_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    standbys = Standbys.of(Settings.model_validate({"database": {"read_url": READ_URL}}).database, "test")
    assert standbys is not None
    with pytest.raises(Missed, match="away"):
        standbys.choose()

    states: dict[str, str | None] = {"a:5432": None, "b:5433": None, "c:5432": None}
    monkeypatch.setattr(Standby, "missed", lambda self: states[self.host])
    chosen = [standbys.choose() for _ in range(6)]
    assert sorted(one.host for one in chosen) == ["a:5432", "a:5432", "b:5433", "b:5433", "c:5432", "c:5432"]

    busy = chosen[0]
    busy.under_way = 1
    assert busy.host not in {standbys.choose().host for _ in range(6)}
    busy.under_way = 0

    states["b:5433"] = "behind"
    assert {standbys.choose().host for _ in range(6)} == {"a:5432", "c:5432"}
    states |= {"a:5432": "away", "c:5432": "away"}
    with pytest.raises(Missed, match="behind"):
        standbys.choose()
