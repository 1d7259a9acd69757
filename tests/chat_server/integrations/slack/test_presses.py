"""What is picked in a menu, before a program hears of it."""

from typing import Any

import pytest

from chat_core.problems import Problem
from chat_server.integrations.slack.interactions.presses import action_of

MENUS = ({"type": "users_select", "action_id": "who"}, {"type": "datepicker", "action_id": "day"})
BLOCKS = [{"type": "actions", "block_id": "b", "elements": [*MENUS, {"type": ["datepicker"], "action_id": "odd"}]}]


@pytest.mark.parametrize(
    ("action", "chosen", "told"),
    [("who", "7", {"selected_user": "U0000000007"}), ("day", "2028-02-29", {"selected_date": "2028-02-29"})],
)
def test_a_user_and_a_day_are_told_as_slack_does(action: str, chosen: str, told: dict[str, Any]) -> None:
    assert told.items() <= action_of(BLOCKS, action, None, chosen).items()


@pytest.mark.parametrize(
    ("action", "chosen", "status"),
    [
        *(("who", chosen, 422) for chosen in (None, "", "0", "-1", "Grace", "9" * 19)),
        *(("day", chosen, 422) for chosen in (None, "2026-99-99", "2026-02-29", "20261130", "٢٠٢٦-١١-٣٠")),
        ("odd", "2026-11-30", 404),
    ],
)  # fmt: skip
def test_what_is_no_user_and_no_day_is_refused(action: str, chosen: str | None, status: int) -> None:
    with pytest.raises(Problem) as refused:
        action_of(BLOCKS, action, None, chosen)
    assert refused.value.status == status
