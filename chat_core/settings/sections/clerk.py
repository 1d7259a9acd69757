"""Clerk, at which people sign in, and which reports by webhooks what has changed there."""

import json
import re
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from chat_core.settings.sections.providers import Issuer
from chat_core.settings.sections.ways_in import SafeUrl, WayIn
from chat_core.settings.types import NO_BOOLEAN, Origins, WholeSeconds, in_words

CLERK = "clerk"
"""Its name among the ways in."""


class Clerk(WayIn):
    """An application of Clerk. docs/identity/clerk.md describes each field."""

    issuer: Issuer
    secret_key_file: Annotated[Path, in_words("the path of a file")]
    webhook_secret_file: Annotated[Path, in_words("the path of a file")] | None = None
    authorized_parties: Origins = Field(default=[])
    sign_in_url: SafeUrl | None = None
    backend_url: SafeUrl = "https://api.clerk.com"
    clock_skew_seconds: Annotated[int, Field(ge=0, le=600), NO_BOOLEAN, in_words("a whole number from 0 to 600")] = 5
    outage_seconds: Annotated[WholeSeconds, in_words("a whole number from 1 to 86400")] = 43_200

    @model_validator(mode="after")
    def _fits(self) -> "Clerk":
        # Slugs can be given up, and taken by somebody else.
        if not all(re.fullmatch(r"org_\w+", organization) for organization in self.workspaces):
            raise PydanticCustomError(
                "combination", "workspaces: expected ids of organizations, such as {{org_2abc: 12}}"
            )
        for named in ("organization_groups", "departments"):
            if getattr(self, named):
                raise PydanticCustomError("combination", f"{named}: Clerk says nothing of groups")
        return self

    def secret_key(self) -> str:
        """For Clerk's Backend API. Raises OSError for a file that cannot be read."""
        return self.secret_key_file.read_text("utf-8").strip()

    def webhook_secrets(self) -> list[str]:
        """One a line, two while they are rotated. Raises OSError for a file that cannot be read."""
        return self.webhook_secret_file.read_text("utf-8").split() if self.webhook_secret_file else []


def _from_json(value: object) -> object:
    """In the environment it is JSON."""
    return json.loads(value) if isinstance(value, str) else value


OptionalClerk = Annotated[
    Clerk | None, BeforeValidator(_from_json), in_words("null, or the fields of docs/identity/clerk.md")
]
