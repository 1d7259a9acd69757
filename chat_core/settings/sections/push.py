from typing import Annotated

from pydantic import Field

from chat_core.settings.types import NO_BOOLEAN, HostsAndPorts, Section


class Push(Section):
    """Notifications as pushes to browsers and phones, sent by delivery_server. See docs/notifications/push.md."""

    contact: Annotated[str, Field(max_length=200, pattern=r"^(mailto:[^@\s]+@[^@\s]+|https://[^\s]+)$")] | None = None
    """How operators of push services can reach you: mailto:ops@example.com, or the https address of a page. Setting it
    switches pushes on; null: there are none."""

    allow_hosts: HostsAndPorts = Field(default=[])
    """Push services that may have any address and need no TLS, each with its port: [push.internal:8080]. All others are
    connected to by https alone, at addresses of the public Internet and port 443."""

    grace_seconds: Annotated[float, Field(ge=0, le=60), NO_BOOLEAN] = 3
    """How long a message may be read on another device before anybody is told of it."""

    keep_seconds: Annotated[int, Field(ge=60, le=2_419_200), NO_BOOLEAN] = 86_400
    """How long a push is worth sending, and how long its service keeps it for a device that is off."""

    answer_seconds: Annotated[float, Field(ge=0.1, le=60), NO_BOOLEAN] = 10
    """How long a push service may take to answer."""
