"""Incoming webhooks: a program posts as a bot into one chat, by an address and a secret; docs/integrations/."""

import json
from typing import Annotated, Any

import asyncpg
import msgspec
from litestar import Response, delete, get, post
from litestar.params import JSONBody, PathParameter

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_core.tokens import hash_secret, new_secret
from chat_server.access.permissions import archived, forbidden
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import metadata_json
from chat_server.http.fields import NAME, Content, Id, Metadata, PathId, PathSecret
from chat_server.http.forms import form_of
from chat_server.http.steps import limits
from chat_server.http.steps.authentication import PUBLIC, unauthorized
from chat_server.http.steps.idempotency import IdempotencyKey, conflict, retried
from chat_server.http.verbatim import verbatim
from chat_server.integrations.slack.texts.payloads import LONGEST, text_of
from chat_server.integrations.templates import TEMPLATES
from chat_server.parts.post import Post, Posted
from chat_server.responses.integrations.bots import IncomingWebhook, NewIncomingWebhook
from chat_server.responses.messages.messages import Message
from chat_server.routes.integrations.bots import BOT_BY_ID, managed, shown_once
from chat_server.routes.messages.messages import is_blocked, post_or_hold
from chat_server.sign_in.freshness import require_fresh, require_session

WEBHOOK_CREATE = query("webhook_create", "bot", "chat", "name", "hash", "user")
WEBHOOK_DELETE = query("webhook_delete", "bot", "webhook")
WEBHOOK_USE = query("webhook_use", "webhook", "hash")
WEBHOOKS_OF_BOT = query("webhooks_of_bot", "bot")

PathTemplate = Annotated[str, PathParameter(max_length=40)]
NO_SERVICE = "There is no such webhook, or its secret is another."


class NewWebhook(msgspec.Struct, forbid_unknown_fields=True):
    """`chat_id`: a chat whose member the bot is. `name` says which program posts there."""

    chat_id: Id
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=NAME)]


class HookMessage(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A message as its sender would post it, without files. `metadata.username` is shown beside the bot's name."""

    content: Content
    metadata: Metadata | None = None


@post("/bots/{bot_id:int}/webhooks", opt={"problems": [409, 422]})
async def create_webhook(
    request: ApiRequest, bot_id: PathId, data: JSONBody[NewWebhook]
) -> Response[NewIncomingWebhook]:
    """Create an incoming webhook. Needs a fresh sign-in. The response alone has its secret."""
    await require_fresh(request)
    token, hashed = new_secret()
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        user_id = request.caller.user_id
        row = await WEBHOOK_CREATE.one(
            connection, bot=bot_id, chat=data.chat_id, name=data.name, hash=hashed, user=user_id
        )
    return shown_once(row["json"], token=token, slack_url=f"{request.origin}/api/hooks/{row['id']}/{token}")


@get("/bots/{bot_id:int}/webhooks")
async def list_webhooks(request: ApiRequest, bot_id: PathId) -> Response[list[IncomingWebhook]]:
    """All incoming webhooks of a bot, at most 100, by id."""
    require_session(request)
    await managed(request.pool, request, bot_id, BOT_BY_ID)
    return verbatim(await WEBHOOKS_OF_BOT.value(request.pool, bot=bot_id))


@delete("/bots/{bot_id:int}/webhooks/{webhook_id:int}")
async def delete_webhook(request: ApiRequest, bot_id: PathId, webhook_id: PathId) -> None:
    """Delete an incoming webhook: nothing can be posted by it any more."""
    require_session(request)
    async with request.transaction() as connection:
        await managed(connection, request, bot_id)
        gone = await WEBHOOK_DELETE.value(connection, bot=bot_id, webhook=webhook_id)
    if gone is None:
        raise Problem(404, "not_found", "The bot has no webhook with this id.")


@post(
    "/hooks/{webhook_id:int}",
    responses=retried(Message, "The first message posted with this Idempotency-Key."),
    opt={**PUBLIC, "problems": [401, 403, 404, 409, 422]},
)
async def post_by_webhook(
    request: ApiRequest, webhook_id: PathId, data: JSONBody[HookMessage], idempotency_key: IdempotencyKey = None
) -> Response[Message]:
    """Post a message, with the webhook's secret in the header `Authorization: Bearer`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise unauthorized("The webhook's secret is required: send the header Authorization: Bearer TOKEN.")
    extra = None if data.metadata is None else f'{{"metadata":{metadata_json(data.metadata)}}}'
    posted = await _posted(request, webhook_id, token.strip(), data.content, extra, idempotency_key)
    if posted is None:
        raise unauthorized(NO_SERVICE)
    match posted.outcome:
        case "created":
            return verbatim(posted.message, 201)
        case "repeated":
            return verbatim(posted.message, 200)
        case "conflict":
            raise conflict()
        case "archived":
            raise archived()
    raise forbidden("The bot may not post in this chat any more: it was removed, or silenced.")


@post("/hooks/{webhook_id:int}/{token:str}", status_code=200, opt=PUBLIC, include_in_schema=False)
async def post_as_to_slack(request: ApiRequest, webhook_id: PathId, token: PathSecret) -> Response[str]:
    """Post what a program would post to an incoming webhook of Slack: JSON, or a form whose field `payload` has it. The
    answers are Slack's, too: `ok`, or a word for what is wrong."""
    payload = await _payload(request)
    if payload is None:
        return _word(400, "invalid_payload")
    content = text_of(payload)
    if not content:
        return _word(400, "no_text")
    return await _answered(request, webhook_id, token, content, _shown_as(payload))


@post("/hooks/{webhook_id:int}/{token:str}/{template:str}", status_code=200, opt=PUBLIC, include_in_schema=False)
async def post_by_template(
    request: ApiRequest, webhook_id: PathId, token: PathSecret, template: PathTemplate
) -> Response[str]:
    """Post what another system sends, in words: `ok`, or `ignored` if there is nothing to say of it."""
    render = TEMPLATES.get(template)
    if render is None:
        return _word(404, "no_template")
    payload = await _payload(request)
    if payload is None:
        return _word(400, "invalid_payload")
    content = render(payload, request.headers)[:LONGEST]
    if not content.strip():
        return _word(200, "ignored")
    return await _answered(request, webhook_id, token, content, None)


async def _answered(request: ApiRequest, webhook_id: int, token: str, content: str, extra: str | None) -> Response[str]:
    """Posts, and says so as Slack does."""
    try:
        posted = await _posted(request, webhook_id, token, content, extra, None)
    except asyncpg.PostgresError as error:
        if is_blocked(error):
            return _word(403, "action_prohibited")
        raise
    if posted is None:
        return _word(404, "no_service")
    outcomes = {
        "created": (200, "ok"),
        "archived": (410, "channel_is_archived"),
        "silenced": (403, "action_prohibited"),
    }
    return _word(*outcomes.get(posted.outcome, (404, "channel_not_found")))


async def _posted(
    request: ApiRequest, webhook_id: int, token: str, content: str, extra: str | None, key: str | None
) -> Posted | None:
    """None if there is no such webhook, or the secret is another one. Raises Problem 429, and what the database raises;
    what a rule does not let be said is held for review."""
    async with request.change() as connection:
        found = await WEBHOOK_USE.row(connection, webhook=webhook_id, hash=hash_secret(token))
    if found is None:
        return None
    await limits.charge_message_of(request, found["bot_id"])
    return await post_or_hold(request, Post(found["bot_id"], found["chat_id"], content, extra, key))


async def _payload(request: ApiRequest) -> dict[str, Any] | None:
    """Whatever its media type says, since many senders say nothing, or something else. None if it is no object."""
    body = await request.body()
    try:
        if body.lstrip()[:1] != b"{":
            body = (await form_of(request)).get("payload", "").encode()
        payload = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Problem):
        return None
    return payload if isinstance(payload, dict) else None


def _shown_as(payload: dict[str, Any]) -> str | None:
    """The name and picture under which a program wants to be seen: clients show them beside the bot's own."""
    named = {
        field: value[:80]
        for field in ("username", "icon_emoji")
        if isinstance(value := payload.get(field), str) and value.strip()
    }
    return json.dumps({"metadata": named}) if named else None


def _word(status: int, word: str) -> Response[str]:
    return Response(word, status_code=status, media_type="text/plain")


FEATURE = "enable_bot_messages"
SCOPES = scopes.SESSION_ONLY
HANDLERS = [create_webhook, list_webhooks, delete_webhook, post_by_webhook, post_as_to_slack, post_by_template]
