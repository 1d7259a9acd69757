"""Secrets in files that settings name."""

from pathlib import Path


class SecretUnreadable(OSError):
    """The text says which file, and why."""


def secret_in(file: Path) -> str:
    """The secret that a file holds, read again each time. Raises SecretUnreadable."""
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretUnreadable(f"{file} cannot be read: {type(error).__name__}") from None
