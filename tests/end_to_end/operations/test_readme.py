"""The README's transcripts work when they are pasted as they stand; only the ports are the test's own."""

import shlex
import sys
from pathlib import Path

from tests.end_to_end.system import System
from tests.support.pasted import block, paste

ROOT = Path(__file__).parent.parent.parent.parent
README = (ROOT / "README.md").read_text()


async def test_the_transcript_delivers_the_message(system: System, tmp_path: Path) -> None:
    script = block(README, "transcript").replace("http://127.0.0.1:6688", system.chat.url)
    printed = paste(script.replace("http://127.0.0.1:6687", system.notify.url), tmp_path)
    assert printed.count("Noon, as always?") == 2  # the answer to the post, and the event
    for kind in ("ready", "WorkspaceMemberJoined", "NewChat", "UserJoinedChat", "NewMessage"):
        assert f"event: {kind}\n" in printed


async def test_the_operators_commands_work(system: System) -> None:
    await system.group(await system.sign_up("Ada"))
    script = block(README, "operator").replace(".venv/bin/fechatter", f"{shlex.quote(sys.executable)} -m fechatter")
    printed = paste(script, ROOT, {"FECHATTER_DATABASE__URL": system.owner_url})
    assert "NewChat" in printed
    assert "INSERT 0 1" in printed
