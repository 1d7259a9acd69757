"""What `fechatter doctor` says of directories that provision people."""

from pathlib import Path

from chat_core.settings import Settings
from fechatter.commands.doctor import scim


def test_each_directory_has_its_token(tmp_path: Path) -> None:
    file = tmp_path / "tokens"

    def said(public_url: str | None = "https://chat.example.com") -> str:
        directory = {"token_file": file, "owns_domains": ["corp.example"]}
        settings = Settings.model_validate(
            {"server": {"public_url": public_url}, "auth": {"scim": {"acme": directory}}}
        )
        [finding] = scim.servable(settings)
        return finding.problem or finding.detail

    assert said().startswith(f"auth.scim.acme: {file}: [Errno 2]")
    file.write_text("short")
    assert "of at least 32 characters" in said()
    file.write_text("x" * 32)
    assert said() == "acme: its token is known"
    assert "set server.public_url" in said(None)
