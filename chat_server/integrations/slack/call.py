"""One call of a method: who calls, with which arguments, and the way to our own API."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from chat_core.database.queries import query
from chat_server.http.api_request import ApiRequest
from chat_server.identity.personal_tokens import PersonalToken
from chat_server.integrations.slack.answers import Json, SlackError
from chat_server.integrations.slack.arguments import Arguments
from chat_server.integrations.slack.own_api import OwnApi

SLACK_CALLER = query("slack_caller", "user", "workspace")


@dataclass(frozen=True, slots=True)
class Identity:
    """The user of the token, and the one workspace in which it acts: a bot's own, or the one to which it is bound."""

    user_id: int
    username: str
    is_bot: bool
    workspace_id: int
    workspace: str


@dataclass(frozen=True)
class Call:
    request: ApiRequest
    arguments: Arguments
    token: PersonalToken
    identity: Identity
    api: OwnApi

    @property
    def workspace(self) -> str:
        """The path of the caller's workspace."""
        return f"/api/workspaces/{self.identity.workspace_id}"

    def permalink(self, chat_id: int, message_id: int) -> str:
        return f"{self.request.origin}/chat/{chat_id}/{message_id}"

    def chat(self, name: str = "channel") -> int:
        """The chat that an argument names."""
        return self.arguments.id("chat", name, "channel_not_found")

    def user(self, name: str = "user") -> int:
        return self.arguments.id("user", name, "user_not_found")

    async def message(self, chat_id: int, message_id: int) -> Json:
        found: Json = await self.api.get(f"/api/chats/{chat_id}/messages/{message_id}", "message_not_found")
        if found["deleted_at"] is not None:
            raise SlackError("message_not_found")
        return found

    async def profiles(self, user_ids: list[int]) -> dict[int, Json]:
        """Those of these people whom the caller sees, by id."""
        wanted = sorted(set(user_ids))[:100]
        if not wanted:
            return {}
        found: list[Json] = await self.api.get("/api/users", ids=",".join(map(str, wanted)))
        return {profile["id"]: profile for profile in found}


async def identity_of(request: ApiRequest, token: PersonalToken) -> Identity:
    row: Any = await SLACK_CALLER.row(request.pool, user=token.user_id, workspace=token.workspace_id)
    if row is None:  # a person who is in several workspaces, with a token that is bound to none
        raise SlackError("team_access_not_granted", detail="Bind the token to a workspace.")
    return Identity(**row)


Method: TypeAlias = Callable[[Call], Awaitable[Json]]
