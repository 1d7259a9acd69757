from typing import Annotated

from pydantic import Field

from chat_core.settings.types import NO_BOOLEAN, NULL_IS_ZERO, Quota, Section


class Limits(Section):
    """How many requests of each class one user may make in each window, over all processes of chat_server. 0 or
    null: no limit. The headers RateLimit and RateLimit-Policy of a response say how many are left."""

    window_seconds: Annotated[int, Field(ge=0, le=86_400), NO_BOOLEAN, NULL_IS_ZERO] = 60
    """The window. 0 disables all limits."""

    read: Quota = 6000
    """Requests that change nothing."""

    write: Quota = 1200
    """Changes, other than messages."""

    messages: Quota = 1200
    """Messages posted."""

    versions: Quota = 10
    """Versions of boards created or restored: each is as large as its board."""

    public: Quota = 1200
    """Requests that need no token (sign up, sign in, refresh), per client address."""

    scim: Quota = 6000
    """Requests of directories that provision people (auth.scim), per client address."""
