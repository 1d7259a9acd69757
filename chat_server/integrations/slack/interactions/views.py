"""Views: Slack's dialogs, of which docs/integrations/dialogs.md has the subset; and what is entered, as Slack tells it.

https://docs.slack.dev/reference/views/modal-views
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from chat_core.problems import FieldError
from chat_server.http.bodies import invalid
from chat_server.integrations.slack.answers import Json
from chat_server.integrations.slack.asking import app_id
from chat_server.integrations.slack.ids import slack_id
from chat_server.integrations.slack.interactions.presses import PICKED, picked, with_ids

MOST_BLOCKS: Final = 100
LONGEST_TITLE: Final = 24
LONGEST_VIEW: Final = 50_000
LONGEST_TEXT: Final = 3000
ONE_OF: Final = ("static_select", "radio_buttons")
SOME_OF: Final = ("multi_static_select", "checkboxes")
DEEPEST_TEXT: Final = 6  # a block, its element, the options, one of them, its text
INPUTS: Final = ("plain_text_input", "number_input", *PICKED, *ONE_OF, *SOME_OF)
_TEXTS: Final = ("callback_id", "private_metadata", "external_id")
_FLAGS: Final = ("clear_on_close", "notify_on_close")
_ID = re.compile(r"V([1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")


def view_id(number: int) -> str:
    return f"V{number}"


def view_number(given: str) -> int | None:
    found = _ID.fullmatch(given)
    return int(found[1]) if found else None


def view_of(given: object) -> Json:
    """A view as it is kept: with what is known here of it, and with ids. Raises Problem 422."""
    if isinstance(given, str):
        try:
            given = msgspec.json.decode(given)
        except (msgspec.DecodeError, RecursionError):
            invalid(FieldError("view", "JSON"))
    if not isinstance(given, dict) or given.get("type") != "modal":
        invalid(FieldError("view", "an object whose type is modal"))
    view: Json = {"type": "modal", "title": _plain(given, "title", LONGEST_TITLE)}
    view |= {name: _plain(given, name, LONGEST_TITLE) for name in ("submit", "close") if given.get(name) is not None}
    view |= {name: str(given[name])[:LONGEST_TEXT] for name in _TEXTS if isinstance(given.get(name), str)}
    view |= {name: given.get(name) is True for name in _FLAGS}
    blocks = given.get("blocks")
    if not isinstance(blocks, list) or len(blocks) > MOST_BLOCKS:
        invalid(FieldError("view.blocks", f"a list of at most {MOST_BLOCKS}"))
    view["blocks"] = with_ids(blocks)
    for number, block in enumerate(view["blocks"]):
        if not isinstance(block, dict):
            invalid(FieldError(f"view.blocks[{number}]", "an object"))
        if block.get("type") == "input" and not _is_input(block):
            invalid(FieldError(f"view.blocks[{number}].element", f"one of {', '.join(INPUTS)}, with a label"))
    if any(True for _ in inputs(view)) and "submit" not in view:
        invalid(FieldError("view.submit", "the label of the button, since something is entered"))
    if len(msgspec.json.encode(view)) > LONGEST_VIEW:
        invalid(FieldError("view", f"at most {LONGEST_VIEW} bytes"))
    return view


def _plain(view: Json, name: str, longest: int) -> Json:
    text = view.get(name)
    said = text.get("text") if isinstance(text, dict) else None
    if not isinstance(said, str) or not 0 < len(said) <= longest:
        invalid(FieldError(f"view.{name}", f"a plain_text of at most {longest} characters"))
    return {"type": "plain_text", "text": said}


def _is_input(block: Json) -> bool:
    element, label = block.get("element"), block.get("label")
    return (
        isinstance(element, dict)
        and element.get("type") in INPUTS
        and isinstance(label, dict)
        and isinstance(label.get("text"), str)
    )


def inputs(view: Json) -> Iterator[tuple[str, Json, Json]]:
    """What can be entered: the id of each block, the block, and its element."""
    for block in view["blocks"]:
        if block.get("type") == "input":
            yield str(block["block_id"]), block, block["element"]


def state_of(view: Json, entered: Mapping[str, list[str]], *, whole: bool) -> Json:
    """What was entered, by the block's id, as Slack tells it. `whole`: what is not optional must be there. Raises
    Problem 422."""
    values: Json = {}
    for block_id, block, element in inputs(view):
        given = [value for value in entered.get(block_id, []) if value]
        if whole and not given and block.get("optional") is not True:
            invalid(FieldError(f"entered.{block_id}", "a value"))
        values[block_id] = {str(element["action_id"]): {"type": element["type"], **_value(block_id, element, given)}}
    return {"values": values}


def _value(block_id: str, element: Json, given: list[str]) -> Json:
    kind, first, where = element["type"], given[0] if given else None, f"entered.{block_id}"
    if kind in ONE_OF:
        return {"selected_option": _options(where, element, given[:1])[0] if given else None}
    if kind in SOME_OF:
        return {"selected_options": _options(where, element, given)}
    if kind in PICKED:
        return {PICKED[kind]: None} if first is None else picked(kind, first, where)
    if kind == "number_input":
        if first is not None and not _NUMBER.fullmatch(first):
            invalid(FieldError(where, "a number"))
        return {"value": first}
    least, most = _length(element, "min_length", 0), _length(element, "max_length", LONGEST_TEXT)
    if first is not None and not least <= len(first) <= most:
        invalid(FieldError(where, f"{least} to {most} characters"))
    return {"value": first}


def _length(element: Json, name: str, default: int) -> int:
    given = element.get(name)
    return min(given, LONGEST_TEXT) if isinstance(given, int) and given >= 0 else default


def _options(where: str, element: Json, given: list[str]) -> list[Json]:
    options = element.get("options")
    known = {
        str(one.get("value")): one for one in (options if isinstance(options, list) else ()) if isinstance(one, dict)
    }
    if not set(given) <= known.keys():
        invalid(FieldError(where, "values of its options"))
    return [known[value] for value in given]


def texts_of(view: Json) -> list[Json]:
    """The objects of text in the blocks of a view, those in its options included."""
    found: list[Json] = []

    def look(given: object, depth: int) -> None:
        if depth > DEEPEST_TEXT:
            return
        if isinstance(given, dict):
            if given.get("type") in ("mrkdwn", "plain_text") and isinstance(given.get("text"), str):
                found.append(given)
                return
            given = list(given.values())
        for one in given if isinstance(given, list) else ():
            look(one, depth + 1)

    look(view["blocks"], 0)
    return found


def view_shape(
    view: Json,
    number: int,
    version: int,
    *,
    bot: int,
    workspace: int,
    state: Json | None = None,
    below: int | None = None,
    lowest: int | None = None,
) -> Json:
    """A view as Slack tells a program of it."""
    return {
        "id": view_id(number),
        "team_id": slack_id("T", workspace),
        "app_id": app_id(bot),
        "bot_id": slack_id("B", bot),
        "hash": str(version),
        "root_view_id": view_id(lowest or number),
        "previous_view_id": None if below is None else view_id(below),
        "state": state or {"values": {}},
        "callback_id": "",
        "private_metadata": "",
        "external_id": "",
        "submit": None,
        "close": None,
        **view,
    }
