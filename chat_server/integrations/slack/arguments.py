"""The arguments of a method: of the query string, a form or JSON, as Slack's libraries send them."""

import re
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from chat_server.http.api_request import ApiRequest
from chat_server.integrations.slack.answers import Json, SlackError
from chat_server.integrations.slack.ids import Named, message_of, number_of

MOST_ARGUMENTS: Final = 50
_CURSOR: Final = re.compile(r"([a-z]?)([0-9]{1,19})")


class Arguments(Json):
    """Their getters raise SlackError."""

    def text(self, name: str, default: str = "") -> str:
        value = self.get(name, default)
        return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else default

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise SlackError("invalid_arguments", detail=f"missing required field: {name}")
        return value

    def flag(self, name: str) -> bool:
        return str(self.get(name, "")).lower() in ("1", "true")

    def number(self, name: str, default: int, most: int) -> int:
        value = self.text(name)
        if not value:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", value) or not int(value):
            raise SlackError("invalid_limit" if name == "limit" else "invalid_arguments", detail=f"{name}: a number")
        return min(int(value), most)

    def id(self, kind: Named, name: str, wrong: str) -> int:
        number = number_of(kind, self.get(name))
        if number is None:
            raise SlackError(wrong)
        return number

    def ids(self, kind: Named, name: str, wrong: str) -> list[int]:
        given = self.get(name, "")
        numbers = [number_of(kind, one) for one in (given if isinstance(given, list) else str(given).split(","))]
        if not numbers or None in numbers or len(numbers) > 100:
            raise SlackError(wrong)
        return [number for number in numbers if number is not None]

    def message(self, name: str = "ts", wrong: str = "message_not_found") -> int:
        number = message_of(self.get(name))
        if number is None:
            raise SlackError(wrong)
        return number

    def json(self, name: str) -> Any:
        """What a form has as JSON, and JSON as it is; None if it is missing."""
        value = self.get(name)
        if not isinstance(value, str) or not value:
            return value or None
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            raise SlackError("invalid_arguments", detail=f"{name}: JSON") from None

    def cursor(self) -> tuple[str, int | None]:
        """The phase of a list, and where its next page begins."""
        given = self.text("cursor")
        if not given:
            return "", None
        found = _CURSOR.fullmatch(given)
        if not found or int(found[2]) >= 1 << 63:
            raise SlackError("invalid_cursor")
        return found[1], int(found[2])


async def arguments_of(request: ApiRequest) -> Arguments:
    arguments = Arguments(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))
    body = await request.body()
    if not body:
        return arguments
    if request.content_type[0] == "application/json":
        try:
            given = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError):
            raise SlackError("invalid_json") from None
        if not isinstance(given, dict):
            raise SlackError("json_not_object")
        return Arguments({**arguments, **given})
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_ARGUMENTS)
    except (UnicodeDecodeError, ValueError):
        raise SlackError("invalid_form_data") from None
    return Arguments({**arguments, **dict(pairs)})


def following(next_: int | None, phase: str = "") -> Json:
    """`response_metadata` with the cursor of the next page."""
    return {"next_cursor": "" if next_ is None else f"{phase}{next_}"}
