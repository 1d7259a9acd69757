"""Rules about what may be said in a workspace, and the review of what they have held."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody, QueryParameter

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import NAME, VISIBLE_TEXT, OptionalQueryId, PathId
from chat_server.http.paging import DEFAULT_LIMIT, Limit, page
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import created, verbatim
from chat_server.responses.compliance import DlpAction, DlpKind, DlpRule, HeldMessage, ReviewStatus

DLP_RULE_ADD = query("dlp_rule_add", "workspace", "name", "kind", "words", "pattern", "action", "enabled", "user")
DLP_RULE_CHANGE = query("dlp_rule_change", "workspace", "rule", "name", "words", "pattern", "action", "enabled")
DLP_RULE_REMOVE = query("dlp_rule_remove", "workspace", "rule")
DLP_RULES_OF_WORKSPACE = query("dlp_rules_of_workspace", "workspace")
HELD_MESSAGES_OF_WORKSPACE = query("held_messages_of_workspace", "workspace", "status", "before", "limit")
REVIEW_END = query("review_end", "workspace", "held", "outcome")

RuleName = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=NAME)]
Words = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=VISIBLE_TEXT)]],
    msgspec.Meta(min_length=1, max_length=20),
]
Pattern = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=VISIBLE_TEXT)]
Status = Annotated[ReviewStatus | None, QueryParameter(description="Only these.")]


class NewRule(msgspec.Struct, forbid_unknown_fields=True):
    """A rule of the kind `words` has words, one of the kind `pattern` a pattern, and others have neither."""

    name: RuleName
    kind: DlpKind
    action: DlpAction
    words: Words | None = None
    pattern: Pattern | None = None
    enabled: bool = True


class RuleChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are. The kind of a rule is final."""

    name: RuleName | None = None
    action: DlpAction | None = None
    words: Words | None = None
    pattern: Pattern | None = None
    enabled: bool | None = None


@get("/workspaces/{workspace_id:int}/dlp-rules")
async def list_rules(request: ApiRequest, workspace_id: PathId) -> Response[list[DlpRule]]:
    """The rules about what may be said in the workspace, at most 50."""
    await places.workspace(request.pool, request.caller, workspace_id, "set rules about what may be said")
    return verbatim(await DLP_RULES_OF_WORKSPACE.value(request.pool, workspace=workspace_id))


@post("/workspaces/{workspace_id:int}/dlp-rules", responses=retried(DlpRule))
async def add_rule(
    request: ApiRequest, workspace_id: PathId, data: JSONBody[NewRule], idempotency_key: IdempotencyKey = None
) -> Response[DlpRule]:
    """Add a rule. What is said from now on, in messages, edits and names, is judged by it before it is stored."""

    async def create(connection: Connection) -> Response[DlpRule]:
        await may(connection, None)
        added: str = await DLP_RULE_ADD.value(
            connection,
            workspace=workspace_id,
            name=data.name,
            kind=data.kind,
            words=data.words,
            pattern=data.pattern,
            action=data.action,
            enabled=data.enabled,
            user=request.caller.user_id,
        )
        return created(added, f"/api/workspaces/{workspace_id}/dlp-rules")

    async def may(connection: Connection, _added: object) -> None:
        await places.workspace.locked(connection, request.caller, workspace_id, "set rules about what may be said")

    return await once(request, idempotency_key, create, may)


@patch("/workspaces/{workspace_id:int}/dlp-rules/{rule_id:int}")
async def change_rule(
    request: ApiRequest, workspace_id: PathId, rule_id: PathId, data: JSONBody[RuleChange]
) -> Response[DlpRule]:
    """Change a rule, or switch it off."""
    async with request.transaction() as connection:
        await places.workspace.locked(connection, request.caller, workspace_id, "set rules about what may be said")
        changed = await DLP_RULE_CHANGE.value(
            connection,
            workspace=workspace_id,
            rule=rule_id,
            name=data.name,
            words=data.words,
            pattern=data.pattern,
            action=data.action,
            enabled=data.enabled,
        )
    if changed is None:
        raise Problem(404, "not_found", "There is no such rule in this workspace.")
    return verbatim(changed)


@delete("/workspaces/{workspace_id:int}/dlp-rules/{rule_id:int}")
async def remove_rule(request: ApiRequest, workspace_id: PathId, rule_id: PathId) -> None:
    """Remove a rule. What it has held stays held. Repeating this changes nothing."""
    async with request.transaction() as connection:
        await places.workspace.locked(connection, request.caller, workspace_id, "set rules about what may be said")
        await DLP_RULE_REMOVE.row(connection, workspace=workspace_id, rule=rule_id)


@get("/workspaces/{workspace_id:int}/held-messages")
async def list_held_messages(
    request: ApiRequest,
    workspace_id: PathId,
    status: Status = None,
    limit: Limit = DEFAULT_LIMIT,
    before_id: OptionalQueryId = None,
) -> Response[list[HeldMessage]]:
    """What rules have blocked or flagged, newest first."""
    await places.workspace(request.pool, request.caller, workspace_id, "review held messages")
    row = await HELD_MESSAGES_OF_WORKSPACE.one(
        request.pool, workspace=workspace_id, status=status, before=before_id, limit=limit
    )
    return page(request, row, "before_id")


@post("/workspaces/{workspace_id:int}/held-messages/{held_id:int}/release", status_code=200)
async def release_held_message(request: ApiRequest, workspace_id: PathId, held_id: PathId) -> Response[HeldMessage]:
    """Post what was blocked, as its sender's message of now; or be content with what was flagged."""
    return await _end(request, workspace_id, held_id, "released")


@post("/workspaces/{workspace_id:int}/held-messages/{held_id:int}/dismiss", status_code=200)
async def dismiss_held_message(request: ApiRequest, workspace_id: PathId, held_id: PathId) -> Response[HeldMessage]:
    """Leave what was blocked unposted, for good. What was flagged stays posted; delete it if need be."""
    return await _end(request, workspace_id, held_id, "dismissed")


async def _end(request: ApiRequest, workspace_id: int, held_id: int, outcome: str) -> Response[HeldMessage]:
    async with request.transaction() as connection:
        await places.workspace.locked(connection, request.caller, workspace_id, "review held messages")
        ended = await REVIEW_END.value(connection, workspace=workspace_id, held=held_id, outcome=outcome)
    if ended is None:
        raise Problem(404, "not_found", "There is no such held message in this workspace.")
    return verbatim(ended)


SCOPES = scopes.SESSION_ONLY
FEATURE = "enable_advanced_admin"
HANDLERS = [
    list_rules,
    add_rule,
    change_rule,
    remove_rule,
    list_held_messages,
    release_held_message,
    dismiss_held_message,
]
