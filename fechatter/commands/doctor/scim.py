"""Whether each directory that provisions people can be served: by the extra, and with its tokens."""

from collections.abc import Iterator
from importlib.util import find_spec

from chat_core.settings import ScimDirectory, Settings
from chat_server.identity.scim.directories import TokensUnusable, tokens_of
from fechatter.commands.doctor.finding import Finding


def servable(settings: Settings) -> Iterator[Finding]:
    """A finding for each directory of the settings."""
    for name, directory in settings.auth.scim.items():
        problem = _problem(directory, settings)
        yield Finding("scim", f"{name}: its token is known", problem and f"auth.scim.{name}: {problem}")


def _problem(directory: ScimDirectory, settings: Settings) -> str | None:
    if find_spec("scim2_server") is None:
        return "pip install 'fechatter[scim]'"
    if settings.server.public_url is None:
        return "set server.public_url, under which the directory finds what it has made"
    try:
        tokens_of(directory)
    except TokensUnusable as error:
        return str(error)
    return None
