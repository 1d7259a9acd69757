"""`users.…`: people and bots, their profiles and presence."""

from datetime import UTC, datetime
from typing import Final

from chat_server.integrations.slack.answers import Json, SlackError
from chat_server.integrations.slack.arguments import following
from chat_server.integrations.slack.call import Call, Method
from chat_server.integrations.slack.ids import seconds_of
from chat_server.integrations.slack.shapes import profile_shape, user_shape
from chat_server.integrations.slack.texts.emoji import emoji_of

# Of people who are looked through for an address, 500 each.
MOST_PAGES: Final = 20
_MODES: Final = {"auto": "auto", "away": "away"}


async def list_(call: Call) -> Json:
    _, after = call.arguments.cursor()
    page = await call.api.page(
        "/api/users",
        "team_not_found",
        workspace_id=call.identity.workspace_id,
        limit=call.arguments.number("limit", 500, 500),
        after_id=after,
    )
    members = [user_shape(profile, call.identity.workspace_id) for profile in page.items]
    return {"members": members, "response_metadata": following(page.next)}


async def info(call: Call) -> Json:
    return {"user": user_shape(await _profile(call, call.user()), call.identity.workspace_id)}


async def lookup_by_email(call: Call) -> Json:
    """Where the workspace shows its members' addresses."""
    address = call.arguments.required("email").strip().lower()
    after = None
    for _ in range(MOST_PAGES):
        page = await call.api.page("/api/users", workspace_id=call.identity.workspace_id, limit=500, after_id=after)
        for profile in page.items:
            if (profile["email"] or "").lower() == address:
                return {"user": user_shape(profile, call.identity.workspace_id)}
        after = page.next
        if after is None:
            break
    raise SlackError("users_not_found")


async def get_profile(call: Call) -> Json:
    user_id = call.user() if call.arguments.text("user") else call.identity.user_id
    profile = await _profile(call, user_id)
    return {"profile": profile_shape(profile, profile["custom_status"] or {})}


async def set_profile(call: Call) -> Json:
    """Of a profile its status alone."""
    given = call.arguments.json("profile")
    profile = given if isinstance(given, dict) else {str(call.arguments.get("name")): call.arguments.get("value")}
    if not {"status_text", "status_emoji"} & profile.keys():
        raise SlackError("invalid_profile", detail="status_text, status_emoji and status_expiration can be set.")
    text, emoji, ends = (profile.get(f"status_{part}") or None for part in ("text", "emoji", "expiration"))
    status: Json = {"text": text, "emoji": emoji_of(str(emoji)) if emoji else None}
    if ends and str(ends).isdecimal() and len(str(ends)) <= 11:
        status["until"] = datetime.fromtimestamp(int(ends), UTC).isoformat()
    user = await call.api.put("/api/users/me/status", status)
    return {"profile": profile_shape(user, user["custom_status"] or {})}


async def get_presence(call: Call) -> Json:
    user_id = call.user() if call.arguments.text("user") else call.identity.user_id
    found = await call.api.get(
        "/api/presence", "user_not_found", workspace_id=call.identity.workspace_id, user_ids=user_id
    )
    if not found:
        raise SlackError("user_not_found")
    shown: Json = {"presence": "active" if found[0]["presence"] in ("online", "dnd") else "away"}
    if found[0]["last_seen"] is not None:
        shown["last_activity"] = seconds_of(found[0]["last_seen"])
    return shown


async def set_presence(call: Call) -> Json:
    mode = _MODES.get(call.arguments.required("presence"))
    if mode is None:
        raise SlackError("invalid_presence")
    await call.api.put("/api/users/me/presence", {"presence_mode": mode})
    return {}


async def _profile(call: Call, user_id: int) -> Json:
    profile = (await call.profiles([user_id])).get(user_id)
    if profile is None:
        raise SlackError("user_not_found")
    return profile


METHODS: Final[dict[str, Method]] = {
    "users.list": list_,
    "users.info": info,
    "users.lookupByEmail": lookup_by_email,
    "users.profile.get": get_profile,
    "users.profile.set": set_profile,
    "users.getPresence": get_presence,
    "users.setPresence": set_presence,
}
