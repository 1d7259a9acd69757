"""Slack's Web API for bots, at /slack/api/; docs/integrations/slack.md."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from litestar import Response, post, route
from litestar.enums import HttpMethod
from litestar.params import PathParameter

from chat_core.personal_tokens import PREFIX
from chat_core.problems import Problem
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import PathId, PathSecret
from chat_server.http.steps import errors, limits
from chat_server.http.steps.authentication import personal_token, unauthorized
from chat_server.identity.personal_tokens import PersonalToken
from chat_server.integrations.slack.answers import SlackError, answered, in_slacks_words
from chat_server.integrations.slack.arguments import Arguments, arguments_of
from chat_server.integrations.slack.call import Call, identity_of
from chat_server.integrations.slack.methods import METHODS
from chat_server.integrations.slack.own_api import OwnApi
from chat_server.integrations.slack.uploads import PATH, is_address
from chat_server.routes.files.uploads import UploadId

_UPLOAD: Final = re.compile(rf"{PATH}/[0-9a-f-]{{36}}/\d+/\d+/[\w-]+")

MethodName = Annotated[str, PathParameter(max_length=60)]


def streams(method: str, path: str) -> bool:
    """Whether the body of a request is handed on while it arrives."""
    return method == "POST" and _UPLOAD.fullmatch(path) is not None


@route("/api/{method:str}", http_method=[HttpMethod.GET, HttpMethod.POST], status_code=200, include_in_schema=False)
async def call_method(request: ApiRequest, method: MethodName) -> Response[bytes]:
    """Call a method as Slack's libraries do. It counts as reading, and its requests to our own API as what they are."""
    try:
        arguments = await arguments_of(request)
        given = _given_token(request.headers, arguments)
        token = await _token(request, given)
        named = METHODS.get(method)
        if named is None:
            raise SlackError("unknown_method", req_method=method)
        call = Call(request, arguments, token, await identity_of(request, token), OwnApi(request, given, token.scopes))
        scopes = {"X-OAuth-Scopes": ",".join(sorted(token.scopes))}
        return answered({"ok": True, **await named(call)}, headers=scopes)
    except SlackError as error:
        return error.response()
    except Exception as error:
        problem = errors.to_problem(request, error)
        return in_slacks_words(problem.status, {"code": problem.code, **problem.extra}, "not_found", "").response()


async def _token(request: ApiRequest, token: str) -> PersonalToken:
    """Raises SlackError, and Problem."""
    if not token:
        await limits.charge_stranger(request)
        raise SlackError("not_authed")
    if not token.startswith(PREFIX):
        await limits.charge_stranger(request)
        raise SlackError("invalid_auth", detail="Only tokens of bots, and personal ones, call these methods.")
    found = await personal_token(request, token)
    await limits.charge_read_of(request, found.user_id)
    request.parts.personal_tokens.used(found.session_id)
    return found


def _given_token(headers: Mapping[str, Any], arguments: Arguments) -> str:
    scheme, _, token = str(headers.get("authorization", "")).partition(" ")
    return token.strip() if scheme.lower() == "bearer" else arguments.text("token")


@post(
    PATH.removeprefix("/slack") + "/{upload_id:uuid}/{user_id:int}/{session_id:int}/{token:str}",
    status_code=200,
    include_in_schema=False,
    request_max_body_size=None,
)
async def receive_upload(
    request: ApiRequest, upload_id: UploadId, user_id: PathId, session_id: PathId, token: PathSecret
) -> Response[str]:
    """Receive the bytes of a file that `files.getUploadURLExternal` has announced."""
    parts = request.parts
    if not is_address(parts.signer, str(upload_id), user_id, session_id, token):
        await limits.charge_stranger(request)
        raise Problem(404, "not_found", "There is no such upload, or it has expired.")
    if not await parts.sessions.is_good(session_id, user_id):
        raise unauthorized("The token that has begun this upload has ended.")
    upload = await parts.uploads.of(user_id, upload_id)
    await parts.uploads.receive(upload, request.stream())
    if upload.received == upload.size:
        await parts.uploads.finish(upload)
    return Response(f"OK - {upload.received}", media_type="text/plain")


FEATURE: Final = "enable_bot_messages"
HANDLERS = [call_method, receive_upload]
