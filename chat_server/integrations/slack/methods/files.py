"""`files.…`: a file is announced, its bytes go to an address of its own, and it is shared."""

import base64
from typing import Any, Final
from uuid import UUID

from chat_server.integrations.slack.answers import Json, SlackError
from chat_server.integrations.slack.arguments import following
from chat_server.integrations.slack.call import Call, Method
from chat_server.integrations.slack.ids import number_of, seconds_of, slack_id, upload_as_file, upload_of
from chat_server.integrations.slack.shapes import file_shape
from chat_server.integrations.slack.uploads import address_of

MOST_FILES: Final = 10


async def get_upload_url(call: Call) -> Json:
    name, size = call.arguments.required("filename"), call.arguments.required("length")
    if not size.isdecimal() or len(size) > 18:
        raise SlackError("invalid_arguments", detail="length: the number of bytes")
    named = base64.b64encode(name.encode()).decode()
    headers = {"Upload-Length": size, "Upload-Metadata": f"filename {named}"}
    begun = await call.api.begin_upload(f"{call.workspace}/uploads", headers)
    address = address_of(call.request.parts.signer, begun["id"], call.token.user_id, call.token.session_id)
    return {"upload_url": f"{call.request.origin}{address}", "file_id": upload_as_file(UUID(begun["id"]))}


async def complete_upload(call: Call) -> Json:
    given = call.arguments.json("files")
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_FILES:
        raise SlackError("invalid_arguments", detail=f"files: a list of 1 to {MOST_FILES}")
    ids = [await _finished(call, one.get("id") if isinstance(one, dict) else None) for one in given]
    if call.arguments.text("channel_id"):
        body: Json = {"files": ids}
        if comment := call.arguments.text("initial_comment"):
            body["content"] = comment
        if call.arguments.text("thread_ts"):
            body["reply_to"] = call.arguments.message("thread_ts", "thread_not_found")
        await call.api.post(f"/api/chats/{call.chat('channel_id')}/messages", body, "channel_not_found")
    return {"files": [file_shape(call, await _info(call, file_id)) for file_id in ids]}


async def _finished(call: Call, given: object) -> int:
    """The file that an upload has become."""
    upload = upload_of(given)
    if upload is None:
        raise SlackError("file_not_found")
    state = await call.api.get(f"/api/uploads/{upload}", "file_not_found")
    if state["file_id"] is None:
        raise SlackError("file_update_failed", detail="Its bytes have not arrived.")
    return int(state["file_id"])


async def info(call: Call) -> Json:
    return {"file": file_shape(call, await _info(call, await _file(call)))}


async def list_(call: Call) -> Json:
    """Those that the caller has uploaded."""
    _, before = call.arguments.cursor()
    limit = call.arguments.number("count" if call.arguments.text("count") else "limit", 100, 200)
    page = await call.api.page("/api/files", workspace_id=call.identity.workspace_id, limit=limit, before_id=before)
    me = slack_id("U", call.identity.user_id)
    files = [
        {**file_shape(call, one["file"]), "created": seconds_of(one["created_at"]), "user": me} for one in page.items
    ]
    return {"files": files, "response_metadata": following(page.next)}


async def delete(call: Call) -> Json:
    await call.api.delete(f"/api/files/{await _file(call)}", "file_not_found")
    return {}


async def _file(call: Call) -> int:
    given = call.arguments.get("file")
    number = number_of("file", given)
    return await _finished(call, given) if number is None else number


async def _info(call: Call, file_id: int) -> Any:
    return await call.api.get(f"/api/files/{file_id}/info", "file_not_found")


METHODS: Final[dict[str, Method]] = {
    "files.getUploadURLExternal": get_upload_url,
    "files.completeUploadExternal": complete_upload,
    "files.info": info,
    "files.list": list_,
    "files.delete": delete,
}
