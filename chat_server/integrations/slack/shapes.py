"""Our resources as Slack's objects: https://docs.slack.dev/reference/objects."""

from collections.abc import Mapping
from typing import Any

from chat_server.integrations.slack.answers import Json
from chat_server.integrations.slack.call import Call
from chat_server.integrations.slack.ids import seconds_of, slack_id, ts_of
from chat_server.integrations.slack.texts.emoji import name_of
from chat_server.integrations.slack.texts.mrkdwn import mrkdwn

STATUS_WITHOUT_END = 0


def ts(message: Json) -> str:
    return ts_of(message["id"], message["created_at"])


def channel_id(chat_id: int, chat_type: str = "Group") -> str:
    return slack_id("D" if chat_type == "Single" else "C", chat_id)


def message_shape(
    message: Json, names: Mapping[str, int], thread_ts: str | None = None, bot: int | None = None
) -> Json:
    """`names` are those of users who may be mentioned, `thread_ts` that of its thread, `bot` the user who is known to
    be one."""
    shown: dict[str, Any] = {
        "type": "message",
        "user": slack_id("U", message["sender_id"]),
        "text": mrkdwn(message["content"], names),
        "ts": ts(message),
    }
    if bot is not None and message["sender_id"] == bot:
        shown["bot_id"] = slack_id("B", bot)
    if message["updated_at"] is not None:
        shown["edited"] = {"user": shown["user"], "ts": f"{seconds_of(message['updated_at'])}.000000"}
    metadata = message["metadata"] or {}
    if isinstance(blocks := metadata.get("blocks"), list):
        shown["blocks"] = blocks
    shown |= {key: metadata[key] for key in ("username",) if isinstance(metadata.get(key), str)}
    if message["files"]:
        shown["files"] = [{"id": slack_id("F", file["id"]), "name": file["name"]} for file in message["files"]]
    if message["reactions"]:
        shown["reactions"] = [reaction_shape(one) for one in message["reactions"]]
    if (thread := message["thread"]) is not None:
        shown |= {
            "thread_ts": shown["ts"],
            "reply_count": thread["reply_count"],
            "reply_users_count": thread["participant_count"],
            "reply_users": [slack_id("U", user) for user in thread["participants"]],
        }
        if thread["last_reply_id"] is not None:
            shown["latest_reply"] = ts_of(thread["last_reply_id"], thread["last_reply_at"])
    elif thread_ts is not None:
        shown["thread_ts"] = thread_ts
    return shown


def reaction_shape(reaction: Json) -> Json:
    return {
        "name": name_of(reaction["emoji"]),
        "count": reaction["count"],
        "users": [slack_id("U", user) for user in reaction["user_ids"]],
    }


def channel_shape(chat: Json, me: int) -> Json:
    single, group = chat["type"] == "Single", chat["type"] == "Group"
    about = {"value": chat["description"], "creator": "", "last_set": 0}
    shown: Json = {
        "id": channel_id(chat["id"], chat["type"]),
        "created": seconds_of(chat["created_at"]),
        "updated": seconds_of(chat["updated_at"]) * 1000,
        "is_im": single,
        "is_mpim": group,
        "is_channel": chat["type"] == "PublicChannel",
        "is_group": chat["type"] == "PrivateChannel",
        "is_private": chat["type"] != "PublicChannel",
        "is_archived": chat["archived_at"] is not None,
        "is_member": chat["role"] is not None,
        "is_general": False,
        "is_shared": False,
        "context_team_id": slack_id("T", chat["workspace_id"]),
        "num_members": chat["member_count"],
        "topic": about,
        "purpose": about,
    }
    if single:
        return {**shown, "is_open": True}
    return {**shown, "name": chat["name"], "name_normalized": chat["name"]}


def user_shape(profile: Json, team: int) -> Json:
    status = profile["custom_status"] or {}
    shown = profile_shape(profile, status)
    return {
        "id": slack_id("U", profile["id"]),
        "team_id": slack_id("T", team),
        "name": profile["username"],
        "real_name": profile["fullname"],
        "deleted": profile["status"] == "inactive",
        "is_bot": profile["kind"] == "bot",
        "updated": seconds_of(profile["updated_at"]),
        "profile": shown,
    }


def profile_shape(profile: Json, status: Json) -> Json:
    shown: Json = {
        "real_name": profile["fullname"],
        "real_name_normalized": profile["fullname"],
        "display_name": profile["username"],
        "display_name_normalized": profile["username"],
        "status_text": status.get("text") or "",
        "status_emoji": f":{name_of(emoji)}:" if (emoji := status.get("emoji")) else "",
        "status_expiration": seconds_of(until) if (until := status.get("until")) else STATUS_WITHOUT_END,
    }
    if profile.get("email"):
        shown["email"] = profile["email"]
    if profile["kind"] == "bot":
        shown["bot_id"] = slack_id("B", profile["id"])
    return shown


def file_shape(call: Call, file: Json) -> Json:
    url = f"{call.request.origin}/api/files/{file['id']}"
    return {
        "id": slack_id("F", file["id"]),
        "name": file["name"],
        "title": file["name"],
        "mimetype": file["type"],
        "size": file["size"],
        "mode": "hosted",
        "url_private": url,
        "url_private_download": f"{url}?download=true",
    }
