"""`fechatter doctor` about Clerk: each thing that is wrong gets its own true line."""

from pathlib import Path
from typing import Any

from chat_core.settings import Settings
from fechatter.commands.doctor import clerk
from tests.support.identity.clerk_peer import clerk_peer


async def test_clerk_is_asked(tmp_path: Path) -> None:
    async with clerk_peer(tmp_path) as peer:

        async def said(**fields: Any) -> str:
            settings = Settings.model_validate({"auth": {"clerk": peer.settings(**fields)}})
            [finding] = [finding async for finding in clerk.usable(settings)]
            return finding.problem or finding.detail

        assert "answer" in await said()
        assert "webhook_secret_file" in await said(webhook_secret_file=None)
        assert "whsec_" in await said(webhook_secret_file=str(peer.secret_key_file))
        assert "secret_key_file cannot be read" in await said(secret_key_file=str(tmp_path / "none"))
        assert "cannot be reached" in await said(issuer="http://127.0.0.1:9")
        peer.keys = []
        assert "no key for RS256" in await said()
