"""Makes what the upgrade test starts from: a small database that this version made, and what its people see in it.

    python -m tests.upgrade.fill     writes tests/upgrade/VERSION.dump.xz and VERSION.json; `make release` does it

Once per release: the files of a version that is released are never written again.
"""

import asyncio
import importlib.metadata
import json
import lzma
from pathlib import Path
from typing import Any

from fechatter_client import Client

from tests.command.command import fechatter, folder
from tests.command.up import Up
from tests.support.clients.plain_http import plain_http

FOLDER = Path(__file__).parent
PASSWORD = "correct horse battery"
ADA, GRACE = "ada@example.com", "grace@example.com"
# Yjs: the text `t` is "hello".
EDIT = "SELECT board_append('3f9a11c2', '{%d}', '{%d}', ARRAY['\\x0101a10100040101740568656c6c6f00'::bytea], 0, false)"


async def fill(up: Up) -> dict[str, Any]:
    """Some of everything that people can leave behind. What they see in the end, by e-mail address."""
    async with (
        Client(up.chat, up.notify, http=plain_http()) as ada,
        Client(up.chat, up.notify, http=plain_http()) as grace,
    ):
        me = await ada.sign_up("Ada", ADA, PASSWORD)
        guest = await grace.sign_up("Grace", GRACE, PASSWORD)
        workspace = (await anext(ada.workspaces.list())).id
        await ada.workspaces.invite(workspace, user_id=guest.id)
        await grace.invitations.accept(workspace)
        chat = (await ada.chats.create("Group", [guest.id], name="lunch", workspace_id=workspace)).id
        channel = (await ada.chats.create("PublicChannel", name="general", workspace_id=workspace)).id
        noon = (await ada.messages.post(chat, "Noon, as always?")).id
        await grace.messages.post(chat, "Naïve café 日本 🎉", reply_to=noon)
        typo = (await grace.messages.post(chat, "@ada see yuo")).id
        await grace.messages.edit(chat, typo, "@ada see you")
        gone = (await grace.messages.post(chat, "forget this")).id
        await grace.messages.delete(chat, gone)
        await grace.reactions.add(chat, noon, "👍")
        await ada.pins.add(chat, noon)
        await ada.chats.create_invite(channel)
        board = (await ada.boards.create(workspace, "Roadmap")).id
        await ada.boards.add_member(board, guest.id, "editor")
        edited = fechatter(up.cwd, "psql", "-c", EDIT % (board, me.id))
        assert edited.returncode == 0, edited.stderr
        await ada.boards.create_version(board, "before the meeting")
        return {ADA: await seen(ada, board), GRACE: await seen(grace, board)}


async def seen(client: Client, board: int) -> dict[str, Any]:
    """The snapshot, every chat's messages and the board, as JSON."""
    snapshot = (await client.request("GET", "/sync")).json()
    messages = {
        str(chat["id"]): (await client.request("GET", f"/chats/{chat['id']}/messages")).json()
        for chat in snapshot["chats"]
    }
    return {"sync": snapshot, "messages": messages, "board": await client.boards.export(board)}


def main() -> None:
    version = importlib.metadata.version("fechatter")
    kept = FOLDER / f"{version}.dump.xz"
    if kept.exists():
        return
    with folder() as place, Up(place) as up:
        expected = asyncio.run(fill(up))
        done = fechatter(place, "backup", "chat.dump")
        assert done.returncode == 0, done.stderr
        kept.write_bytes(lzma.compress((place / "chat.dump").read_bytes()))
    (FOLDER / f"{version}.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
    print(f"{kept}: {kept.stat().st_size >> 10} KiB")


if __name__ == "__main__":
    main()
