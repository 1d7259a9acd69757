"""Bots, the incoming webhooks by which programs post as them, and the subscriptions that send what they see. An
operator switches them on: docs/integrations."""

from collections.abc import AsyncIterator, Sequence
from typing import Literal

from ..api import Api, given
from ..models.auth import NewPersonalToken, PersonalToken
from ..models.integrations import (
    Bot,
    BotAnswer,
    Command,
    DeliveryAttempt,
    Endpoint,
    FailedDelivery,
    IncomingWebhook,
    NewEndpoint,
    NewIncomingWebhook,
    NewSubscription,
    PrivateAnswer,
    Subscription,
    SubscriptionKey,
)
from ..models.messages.messages import Message


class Bots:
    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, workspace_id: int, *, page_size: int = 100) -> AsyncIterator[Bot]:
        """The bots of a workspace, by id."""
        return self._api.items(Bot, f"/workspaces/{workspace_id}/bots", {"limit": page_size})

    async def create(self, workspace_id: int, username: str, fullname: str, *, description: str | None = None) -> Bot:
        """A bot whose owner the caller is. Add it to chats as you add a person."""
        body = given(username=username, fullname=fullname, description=description)
        return await self._api.ask(Bot, "POST", f"/workspaces/{workspace_id}/bots", body)

    async def update(
        self, bot_id: int, *, fullname: str | None = None, description: str | None = None, owner_id: int | None = None
    ) -> Bot:
        """Missing fields stay as they are; a `description` of "" removes it."""
        body = given(fullname=fullname, description=description, owner_id=owner_id)
        return await self._api.ask(Bot, "PATCH", f"/bots/{bot_id}", body)

    async def delete(self, bot_id: int) -> None:
        """Ends its tokens and webhooks. What it has posted stays."""
        await self._api.do("DELETE", f"/bots/{bot_id}")

    def tokens(self, bot_id: int, *, page_size: int = 100) -> AsyncIterator[PersonalToken]:
        """Those that have not ended, by id."""
        return self._api.items(PersonalToken, f"/bots/{bot_id}/tokens", {"limit": page_size})

    async def create_token(self, bot_id: int, name: str, scopes: Sequence[str], *, days: int) -> NewPersonalToken:
        """`Client(…, token=…)` uses it as the bot. Needs a fresh sign-in: 403 `reauthentication_required`."""
        body = {"name": name, "scopes": [*scopes], "days": days}
        return await self._api.ask(NewPersonalToken, "POST", f"/bots/{bot_id}/tokens", body)

    async def end_token(self, bot_id: int, token_id: int) -> None:
        await self._api.do("DELETE", f"/bots/{bot_id}/tokens/{token_id}")

    def webhooks(self, bot_id: int) -> AsyncIterator[IncomingWebhook]:
        """All incoming webhooks of a bot, by id."""
        return self._api.items(IncomingWebhook, f"/bots/{bot_id}/webhooks", {})

    async def create_webhook(self, bot_id: int, chat_id: int, name: str) -> NewIncomingWebhook:
        """The bot must be a member of the chat. Needs a fresh sign-in: 403 `reauthentication_required`."""
        body = {"chat_id": chat_id, "name": name}
        return await self._api.ask(NewIncomingWebhook, "POST", f"/bots/{bot_id}/webhooks", body)

    async def delete_webhook(self, bot_id: int, webhook_id: int) -> None:
        await self._api.do("DELETE", f"/bots/{bot_id}/webhooks/{webhook_id}")

    async def post_by_webhook(
        self, webhook_id: int, token: str, content: str, *, metadata: dict[str, object] | None = None
    ) -> Message:
        """Post with the secret of a webhook alone, whoever the client is."""
        body = given(content=content, metadata=metadata)
        headers = {"Authorization": f"Bearer {token}"}
        return await self._api.ask(Message, "POST", f"/hooks/{webhook_id}", body, headers=headers)

    async def endpoint(self, bot_id: int) -> Endpoint:
        """Where a bot is asked."""
        return await self._api.ask(Endpoint, "GET", f"/bots/{bot_id}/endpoint")

    async def set_endpoint(self, bot_id: int, url: str) -> NewEndpoint:
        """With new secrets. Needs a fresh sign-in: 403 `reauthentication_required`."""
        return await self._api.ask(NewEndpoint, "PUT", f"/bots/{bot_id}/endpoint", {"url": url})

    async def set_endpoint_events(self, bot_id: int, events: Sequence[str]) -> Endpoint:
        """Of `app_mention` and `message`. 422 `endpoint_not_verified` unless the endpoint answers a challenge."""
        return await self._api.ask(Endpoint, "PUT", f"/bots/{bot_id}/endpoint/events", {"events": [*events]})

    async def remove_endpoint(self, bot_id: int) -> None:
        await self._api.do("DELETE", f"/bots/{bot_id}/endpoint")

    def commands(self, workspace_id: int, *, page_size: int = 100) -> AsyncIterator[Command]:
        """The commands of a workspace, by id."""
        return self._api.items(Command, f"/workspaces/{workspace_id}/commands", {"limit": page_size})

    async def create_command(self, bot_id: int, name: str, description: str, *, usage: str = "") -> Command:
        body = {"name": name, "description": description, "usage": usage}
        return await self._api.ask(Command, "POST", f"/bots/{bot_id}/commands", body)

    async def delete_command(self, bot_id: int, command_id: int) -> None:
        await self._api.do("DELETE", f"/bots/{bot_id}/commands/{command_id}")

    async def run_command(self, chat_id: int, name: str, text: str = "") -> BotAnswer:
        """What the bot answers within three seconds; 502 `bot_unreachable` if it does not."""
        return await self._api.ask(BotAnswer, "POST", f"/chats/{chat_id}/commands", {"name": name, "text": text})

    async def press(
        self,
        chat_id: int,
        message_id: int,
        action_id: str,
        *,
        block_id: str | None = None,
        chosen: str | None = None,
    ) -> BotAnswer:
        """Press a button, or choose from a menu, of a message's `metadata["blocks"]`."""
        body = given(action_id=action_id, block_id=block_id, chosen=chosen)
        return await self._api.ask(BotAnswer, "POST", f"/chats/{chat_id}/messages/{message_id}/actions", body)

    async def answer_privately(self, chat_id: int, user_id: int, content: str) -> PrivateAnswer:
        """As a bot, say something to one member of a chat alone."""
        body = {"user_id": user_id, "content": content}
        return await self._api.ask(PrivateAnswer, "POST", f"/chats/{chat_id}/private-answers", body)

    def private_answers(self, *, after_id: int = 0) -> AsyncIterator[PrivateAnswer]:
        """What bots have said to the caller alone in the last hour, by id."""
        return self._api.items(PrivateAnswer, "/private-answers", {"after_id": after_id})

    def subscriptions(self, bot_id: int) -> AsyncIterator[Subscription]:
        """All subscriptions of a bot, by id."""
        return self._api.items(Subscription, f"/bots/{bot_id}/subscriptions", {})

    async def subscription(self, bot_id: int, subscription_id: int) -> Subscription:
        return await self._api.ask(Subscription, "GET", f"/bots/{bot_id}/subscriptions/{subscription_id}")

    async def subscribe(
        self,
        bot_id: int,
        name: str,
        url: str,
        *,
        kinds: Sequence[str] | None = None,
        chat_ids: Sequence[int] | None = None,
        ordered: bool = True,
        scheme: Literal["v1", "v1a"] = "v1",
        cursor: str | None = None,
    ) -> NewSubscription:
        """Send what the bot sees to a webhook; all of it without `kinds` and `chat_ids`, and from now on without a
        `cursor`. Needs a fresh sign-in: 403 `reauthentication_required`."""
        body = given(name=name, url=url, kinds=kinds, chat_ids=chat_ids, ordered=ordered, scheme=scheme, cursor=cursor)
        return await self._api.ask(NewSubscription, "POST", f"/bots/{bot_id}/subscriptions", body)

    async def update_subscription(
        self,
        bot_id: int,
        subscription_id: int,
        *,
        name: str | None = None,
        url: str | None = None,
        kinds: Sequence[str] | None = None,
        chat_ids: Sequence[int] | None = None,
        ordered: bool | None = None,
        cursor: str | None = None,
        enabled: bool | None = None,
    ) -> Subscription:
        """Missing fields stay as they are; an empty list means all. A `cursor` sends again what follows it."""
        body = given(
            name=name, url=url, kinds=kinds, chat_ids=chat_ids, ordered=ordered, cursor=cursor, enabled=enabled
        )
        return await self._api.ask(Subscription, "PATCH", f"/bots/{bot_id}/subscriptions/{subscription_id}", body)

    async def unsubscribe(self, bot_id: int, subscription_id: int) -> None:
        await self._api.do("DELETE", f"/bots/{bot_id}/subscriptions/{subscription_id}")

    async def replace_key(
        self, bot_id: int, subscription_id: int, *, scheme: Literal["v1", "v1a"] = "v1"
    ) -> SubscriptionKey:
        """The former key signs for a day more. Needs a fresh sign-in: 403 `reauthentication_required`."""
        path = f"/bots/{bot_id}/subscriptions/{subscription_id}/key"
        return await self._api.ask(SubscriptionKey, "POST", path, {"scheme": scheme})

    def failed_deliveries(
        self, bot_id: int, subscription_id: int, *, page_size: int = 100
    ) -> AsyncIterator[FailedDelivery]:
        """Events that are tried again, and dead letters, by position."""
        path = f"/bots/{bot_id}/subscriptions/{subscription_id}/deliveries"
        return self._api.items(FailedDelivery, path, {"limit": page_size})

    async def deliver_again(self, bot_id: int, subscription_id: int, position: int) -> FailedDelivery:
        """An event whose delivery has failed: at once, and with all its attempts."""
        path = f"/bots/{bot_id}/subscriptions/{subscription_id}/deliveries/{position}"
        return await self._api.ask(FailedDelivery, "POST", path)

    def attempts(self, bot_id: int, subscription_id: int, *, page_size: int = 100) -> AsyncIterator[DeliveryAttempt]:
        """The newest first."""
        path = f"/bots/{bot_id}/subscriptions/{subscription_id}/attempts"
        return self._api.items(DeliveryAttempt, path, {"limit": page_size})
