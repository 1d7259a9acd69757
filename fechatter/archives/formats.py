"""The formats that are imported. The module of a format is imported when it is asked for.

A converter is a Source whose `placed` yields records (docs/import/format.md); it knows no database, and raises
BadArchive.
"""

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from fechatter.archives.records import AnyRecord
    from fechatter.archives.source import Source

# By the name that `fechatter import` knows: the module which has `records_of`, or of other systems' exports a class.
OWN: Final = "fechatter"
CLASSES: Final[Mapping[str, str]] = {
    "discord": "fechatter.converters.discord.discord.Discord",
    "mattermost": "fechatter.converters.mattermost.mattermost.Mattermost",
    "rocketchat": "fechatter.converters.rocketchat.rocketchat.RocketChat",
    "slack": "fechatter.converters.slack.slack.Slack",
    "zulip": "fechatter.converters.zulip.zulip.Zulip",
}
NAMES: Final = (OWN, *CLASSES)
# What the command line may say of one format alone.
OPTIONS: Final[Mapping[str, str]] = {"team": "mattermost", "public": "discord"}


def opened(
    name: str, source: "Source", options: Mapping[str, Any]
) -> tuple["Source", Iterator[tuple[str, "AnyRecord"]]]:
    """Where the files of a format are, which may be inside of what its export has, and its records with where each is.
    These are read as they are asked for."""
    if name == OWN:
        return source, importlib.import_module("fechatter.archives.reading").records_of(source)
    module, _, kind = CLASSES[name].rpartition(".")
    chosen = {option: options[option] for option, of in OPTIONS.items() if of == name}
    converter = getattr(importlib.import_module(module), kind)(source, **chosen)
    return converter, converter.placed()
