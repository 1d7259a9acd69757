"""`api.test`, `auth.test`, and what a workspace is and has."""

from typing import Final

from chat_server.integrations.slack.answers import Json, SlackError
from chat_server.integrations.slack.arguments import following
from chat_server.integrations.slack.call import Call, Method
from chat_server.integrations.slack.ids import slack_id
from chat_server.integrations.slack.shapes import channel_id, message_shape


async def api_test(call: Call) -> Json:
    if error := call.arguments.text("error"):
        raise SlackError(error, args=call.arguments)
    return {"args": {name: value for name, value in call.arguments.items() if name != "token"}}


async def auth_test(call: Call) -> Json:
    me = call.identity
    shown = {
        "url": f"{call.request.origin}/",
        "team": me.workspace,
        "user": me.username,
        "team_id": slack_id("T", me.workspace_id),
        "user_id": slack_id("U", me.user_id),
        "is_enterprise_install": False,
    }
    return {**shown, "bot_id": slack_id("B", me.user_id)} if me.is_bot else shown


async def team_info(call: Call) -> Json:
    workspace = await call.api.get(call.workspace, "team_not_found")
    shown = {"id": slack_id("T", workspace["id"]), "name": workspace["name"], "url": f"{call.request.origin}/"}
    return {"team": {**shown, "domain": call.request.origin.partition("://")[2], "email_domain": "", "icon": {}}}


async def bots_info(call: Call) -> Json:
    given = call.arguments.text("bot")
    wanted = call.arguments.id("bot", "bot", "bot_not_found") if given else call.identity.user_id
    profile = (await call.profiles([wanted])).get(wanted)
    if profile is None or profile["kind"] != "bot":
        raise SlackError("bot_not_found")
    return {
        "bot": {
            "id": slack_id("B", wanted),
            "user_id": slack_id("U", wanted),
            "name": profile["fullname"],
            "deleted": profile["status"] == "inactive",
            "icons": {},
        }
    }


async def emoji_list(call: Call) -> Json:
    own = await call.api.get(f"{call.workspace}/emoji", "team_not_found")
    return {"emoji": {one["name"]: f"{call.request.origin}/api/files/{one['file_id']}" for one in own}}


async def search_messages(call: Call) -> Json:
    arguments = call.arguments
    words = arguments.required("query")
    _, before = arguments.cursor()
    sort = "newest" if arguments.text("sort") == "timestamp" else "relevance"
    limit = arguments.number("count", 20, 100)
    found = await call.api.page("/api/search", q=words, limit=limit, before_id=before, sort=sort)
    matches = [
        {
            **message_shape(one["message"], {}),
            "channel": {"id": channel_id(one["message"]["chat_id"])},
            "team": slack_id("T", call.identity.workspace_id),
            "permalink": call.permalink(one["message"]["chat_id"], one["message"]["id"]),
        }
        for one in found.items
    ]
    page = {"total": len(matches), "matches": matches}
    return {"query": words, "messages": page, "response_metadata": following(found.next)}


METHODS: Final[dict[str, Method]] = {
    "api.test": api_test,
    "auth.test": auth_test,
    "team.info": team_info,
    "bots.info": bots_info,
    "emoji.list": emoji_list,
    "search.messages": search_messages,
}
