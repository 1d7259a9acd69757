"""Buttons and menus in a message's blocks: what was pressed, as Slack tells a program.

https://docs.slack.dev/reference/block-kit/block-elements. docs/integrations/commands.md has the subset.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from chat_core.problems import FieldError, Problem
from chat_server.http.bodies import invalid
from chat_server.integrations.slack.answers import Json
from chat_server.integrations.slack.ids import slack_id

_CHOICES: Final = ("static_select", "overflow", "radio_buttons")
# By the type of an element, the field that has what was picked.
PICKED: Final = {"users_select": "selected_user", "datepicker": "selected_date"}


def elements(blocks: object) -> Iterator[tuple[str, Json]]:
    """What can be pressed in blocks, each with the id of its block."""
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, dict):
            continue
        several = block.get("elements") if block.get("type") == "actions" else None
        for one in [*(several if isinstance(several, list) else ()), block.get("accessory")]:
            if isinstance(one, dict) and isinstance(one.get("action_id"), str):
                yield str(block.get("block_id", "")), one


def with_ids(blocks: list[Any]) -> list[Any]:
    """The same blocks, each with an id, and so what can be pressed: Slack makes those that a program leaves out."""
    named: list[Any] = []
    for number, block in enumerate(blocks, 1):
        if isinstance(block, dict):
            block = {"block_id": f"block{number}", **block}
            if isinstance(several := block.get("elements"), list) and block.get("type") == "actions":
                block["elements"] = [_named(one, f"action{number}_{place}") for place, one in enumerate(several, 1)]
            if block.get("type") == "input" and "element" in block:
                block["element"] = _named(block["element"], f"action{number}")
            if "accessory" in block:
                block["accessory"] = _named(block["accessory"], f"action{number}")
        named.append(block)
    return named


def _named(element: Any, name: str) -> Any:
    return {"action_id": name, **element} if isinstance(element, dict) else element


def action_of(blocks: object, action_id: str, block_id: str | None, chosen: str | None) -> Json:
    """What was pressed. Raises Problem 404 if there is no such thing to press, and 422 if that was not to choose."""
    for block, element in elements(blocks):
        if element["action_id"] == action_id and block_id in (None, block):
            common = {"action_id": action_id, "block_id": block, "type": element.get("type")}
            return common | _pressed(element, chosen)
    raise Problem(404, "not_found", "There is no such button or menu in this message.")


def _pressed(element: Json, chosen: str | None) -> Json:
    match element.get("type"):
        case "button":
            return {key: element[key] for key in ("value", "text") if key in element}
        case kind if kind in _CHOICES:
            options = element.get("options")
            for option in options if isinstance(options, list) else ():
                if isinstance(option, dict) and option.get("value") == chosen:
                    return {"selected_option": option}
            invalid(FieldError("chosen", "the value of one of its options"))
        case "users_select" | "datepicker" as kind:
            return picked(kind, chosen, "chosen")
    raise Problem(404, "not_found", "There is no such button or menu in this message.")


def picked(kind: str, given: str | None, field: str) -> Json:
    """Whom or which day somebody has picked, as Slack tells it. `kind`: one of PICKED. Raises Problem 422."""
    if kind == "users_select":
        if given is None or not re.fullmatch(r"[1-9][0-9]{0,17}", given):
            invalid(FieldError(field, "the id of a user"))
        return {PICKED[kind]: slack_id("U", int(given))}
    if given is None or not _is_day(given):
        invalid(FieldError(field, "a date such as 2026-11-30"))
    return {PICKED[kind]: given}


def _is_day(given: str) -> bool:
    try:
        return date.fromisoformat(given).isoformat() == given  # which reads other forms of it, too
    except ValueError:
        return False
