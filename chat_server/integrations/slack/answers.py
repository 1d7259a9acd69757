"""Slack's answers: `{"ok": true, …}`, or a word for what is wrong."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response

Json = dict[str, Any]


class SlackError(Exception):
    """`error` is one of Slack's words, `more` further fields of the answer."""

    def __init__(self, error: str, status: int = 200, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(error)
        self.error, self.status, self.headers, self.more = error, status, dict(headers or {}), more

    def response(self) -> Response[bytes]:
        return answered({"ok": False, "error": self.error, **self.more}, self.status, self.headers)


def answered(body: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


# A problem's code, and the word; others go by their status.
_WORDS = {
    "chat_is_archived": "is_archived",
    "message_deleted": "message_not_found",
    "member_is_silenced": "action_prohibited",
    "member_is_banned": "action_prohibited",
    "said_is_blocked": "restricted_action",
    "chat_members_pkey": "already_in_channel",
    "chat_members_in_workspace": "user_not_found",
    "chat_keeps_owner": "last_member",
    "chats_public_name_key": "name_taken",
    "single_chat_has_two_members": "method_not_supported_for_channel_type",
    "reaction_is_emoji": "invalid_name",
    "messages_reactions_amount": "too_many_emoji",
    "chat_pins_amount": "too_many_pins",
    "messages_content_length": "msg_too_long",
    "message_files_are_seen": "file_not_found",
    "feature_off": "team_access_not_granted",
    "expired_trigger": "expired_trigger_id",
    "used_trigger": "exchanged_trigger_id",
    "invalid_trigger": "invalid_trigger_id",
    "dialog_changed": "hash_conflict",
    "dialogs_external_id_key": "duplicate_external_id",
    "dialogs_amount": "push_limit_reached",
    "token_is_bound": "team_access_not_granted",
    "session_required": "not_allowed_token_type",
}
_OF_STATUS = {
    400: "invalid_arguments",
    401: "invalid_auth",
    403: "restricted_action",
    409: "restricted_action",
    413: "file_upload_size_restricted",
    422: "invalid_arguments",
    503: "service_unavailable",
    507: "storage_limit_reached",
}


def in_slacks_words(status: int, problem: Json, missing: str, provided: str) -> SlackError:
    """A problem of our own API. `missing` is the word for a 404, `provided` the scopes that the token has."""
    code = str(problem.get("code", ""))
    if status == 429:
        wait = str(problem.get("retry_after", 1))
        return SlackError("ratelimited", 429, {"Retry-After": wait})
    if code == "insufficient_scope":
        return SlackError("missing_scope", needed=problem.get("scope"), provided=provided)
    if status == 404 and code == "not_found":
        return SlackError(missing)
    return SlackError(_WORDS.get(code) or _OF_STATUS.get(status, "internal_error"), detail=problem.get("detail", ""))
