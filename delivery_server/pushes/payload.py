"""The payload of a push: a notification as Declarative Web Push has it, which our service worker understands too."""

from typing import Any, Final

import msgspec
from asyncpg import Record

from chat_core.outgoing.web_push import MOST_TEXT_BYTES

# https://www.w3.org/TR/push-api/#declarative-push-message
DECLARATIVE: Final = 8030
LONGEST_BODY: Final = 160

WORDS: Final = {
    "en": {"new": "New message", "in": "{sender} in {chat}", "files": "{n} files", "file": "A file"},
    "zh": {"new": "新消息", "in": "{sender} · {chat}", "files": "{n} 个文件", "file": "一个文件"},
}


def payload_of(push: Record, origin: str) -> bytes:
    """Of a row of `pushes_claim`. `origin` is where browsers reach the chats."""
    path = f"/chat/{push['chat_id']}/{push['message_id']}"
    title, body = _said(push)
    notification: dict[str, Any] = {
        "title": title,
        "body": body,
        "lang": push["language"],
        "dir": "auto",
        "navigate": f"{origin}{path}",
        "tag": f"/chat/{push['chat_id']}",
        "app_badge": str(push["badge"]),
        "data": {"path": path, "seq": push["seq"]},
    }
    message = {"web_push": DECLARATIVE, "notification": notification}
    encoded = msgspec.json.encode(message)
    while len(encoded) > MOST_TEXT_BYTES and notification["body"]:  # names may be long, too, but not that long
        notification["body"] = notification["body"][: len(notification["body"]) // 2]
        encoded = msgspec.json.encode(message)
    return encoded


def _said(push: Record) -> tuple[str, str]:
    words = WORDS[push["language"]]
    if push["shows"] == "none":
        return "Fechatter", words["new"]
    named = push["chat_type"] != "Single" and push["chat"]
    title = words["in"].format(sender=push["sender"], chat=push["chat"]) if named else push["sender"]
    if push["shows"] == "sender" or push["content"] is None:
        return title, words["new"]
    text = " ".join(push["content"].split())
    if not text:
        return title, words["file" if push["files"] == 1 else "files"].format(n=push["files"])
    return title, text if len(text) <= LONGEST_BODY else f"{text[:LONGEST_BODY]}…"
