"""`views.…`: dialogs."""

from typing import Final

import msgspec

from chat_server.integrations.slack.answers import Json, SlackError
from chat_server.integrations.slack.call import Call, Method
from chat_server.integrations.slack.interactions.views import view_number


async def open_(call: Call) -> Json:
    return await _opened(call, on_top=False)


async def push(call: Call) -> Json:
    return await _opened(call, on_top=True)


async def update(call: Call) -> Json:
    named = call.arguments.text("view_id")
    number = view_number(named)
    if named and number is None:
        raise SlackError("not_found")
    given = call.arguments.text("hash")
    body = {
        "view": _view(call),
        **({"dialog_id": number} if named else {"external_id": call.arguments.required("external_id")}),
        **({"version": int(given)} if given.isdecimal() else {}),
    }
    answer: Json = await call.api.put("/api/dialogs", body, "not_found")
    return answer


async def _opened(call: Call, *, on_top: bool) -> Json:
    body = {"trigger_id": call.arguments.required("trigger_id"), "view": _view(call), "on_top": on_top}
    answer: Json = await call.api.post("/api/dialogs", body, "not_found")
    return answer


def _view(call: Call) -> str:
    view = call.arguments.json("view")
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", detail="missing required field: view")
    return msgspec.json.encode(view).decode()


METHODS: Final[dict[str, Method]] = {"views.open": open_, "views.push": push, "views.update": update}
