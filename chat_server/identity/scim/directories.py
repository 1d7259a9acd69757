"""The directories of the settings that provision people, and the tokens by which they are known."""

import asyncio
import hashlib
import hmac
import os
from typing import TYPE_CHECKING

import structlog

from chat_core.settings import ScimDirectory, Settings

if TYPE_CHECKING:
    from scim2_server.service import ScimService

SHORTEST_TOKEN = 32
MOST_TOKENS = 2

_log = structlog.get_logger()


class TokensUnusable(Exception):
    """The file of tokens cannot be read, or has none that may be used; the text says why."""


def tokens_of(settings: ScimDirectory) -> list[bytes]:
    """The SHA-256 hashes of the tokens that are valid: two while one replaces the other. Raises TokensUnusable."""
    if settings.token_file is None:
        return [bytes.fromhex(each) for each in settings.token_sha256]
    try:
        lines = settings.token_file.read_text("ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise TokensUnusable(f"{settings.token_file}: {error}") from None
    if not 1 <= len(lines) <= MOST_TOKENS or any(len(line) < SHORTEST_TOKEN for line in lines):
        raise TokensUnusable(
            f"{settings.token_file}: expected one token, or two during rotation, each on its own line and of at least "
            f"{SHORTEST_TOKEN} characters"
        )
    return [hashlib.sha256(line.encode()).digest() for line in lines]


def _service_of(settings: ScimDirectory) -> "ScimService":
    from chat_server.identity.scim.service import build_service

    return build_service(settings)


class ProvisioningDirectory:
    """One directory. `way_in` and `issuer` are those of the identities that its people sign in with."""

    def __init__(self, name: str, settings: ScimDirectory, all_settings: Settings) -> None:
        self.name, self.settings = name, settings
        provider = all_settings.auth.providers.get(settings.way_in or "")
        self.issuer = settings.issuer or (provider.issuer if provider else None)
        self.allowed_domains = frozenset(all_settings.auth.allowed_domains)
        self.service = _service_of(settings)
        # One request at a time: each holds a thread, and groups may be large.
        self.turn = asyncio.Lock()
        # Whether everybody is where the settings say, since this server has started.
        self.placed = False
        self._read: tuple[object, list[bytes]] | None = None

    def knows(self, token: str) -> bool:
        """Whether this is one of the directory's tokens. The time that this takes tells nothing of them."""
        given = hashlib.sha256(token.encode()).digest()
        matches = [hmac.compare_digest(given, hashed) for hashed in self._tokens()]
        return any(matches)

    def may_create(self, email: str | None) -> bool:
        """Whether an account may be made with this address."""
        return not self.allowed_domains or (email or "").rpartition("@")[2].lower() in self.allowed_domains

    def _tokens(self) -> list[bytes]:
        """As they are now: a file that has been replaced is read again, and one that is gone or empty has none."""
        try:
            file = self.settings.token_file
            seen = None
            if file is not None:
                stat = os.stat(file)
                seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if self._read is None or self._read[0] != seen:
                self._read = seen, tokens_of(self.settings)
        except (OSError, TokensUnusable) as error:
            _log.error("tokens of a SCIM directory cannot be used", directory=self.name, reason=str(error))
            self._read = None
            return []
        return self._read[1]


class ScimDirectories:
    def __init__(self, settings: Settings) -> None:
        self._directories = {
            name: ProvisioningDirectory(name, each, settings) for name, each in settings.auth.scim.items()
        }

    def named(self, name: str) -> ProvisioningDirectory | None:
        return self._directories.get(name)
