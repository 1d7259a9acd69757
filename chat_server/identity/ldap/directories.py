"""All directories of the settings."""

from typing import TYPE_CHECKING

from chat_core.problems import Problem
from chat_core.settings import Settings, SettingsError

if TYPE_CHECKING:
    from chat_server.identity.ldap.directory import Directory


class Directories:
    def __init__(self, settings: Settings) -> None:
        """Nothing is connected yet. Raises SettingsError where there are directories and the extra is missing."""
        self._directories: dict[str, Directory] = {}
        self._base = f"{settings.server.origin}/api/auth/ldap"
        if not settings.auth.ldap:
            return
        try:
            from chat_server.identity.ldap import directory
        except ImportError as error:
            raise SettingsError(
                f'auth.ldap is set: it needs the extra, pip install "fechatter[ldap]" ({error})'
            ) from None
        self._directories = {name: directory.Directory(name, each) for name, each in settings.auth.ldap.items()}

    def all(self) -> "list[Directory]":
        return list(self._directories.values())

    def named(self, name: str) -> "Directory":
        """Raises Problem 404."""
        if name not in self._directories:
            raise Problem(404, "not_found", "This server knows no directory of this name.")
        return self._directories[name]

    def sign_in_url(self, name: str) -> str:
        """Where the page's form sends a name and a password."""
        return f"{self._base}/{name}/sign-in"

    def close(self) -> None:
        for directory in self._directories.values():
            directory.close()
