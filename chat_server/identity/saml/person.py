"""What messages say that are believed."""

import time
from dataclasses import dataclass

import msgspec


class NameId(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the provider calls somebody, perhaps in one session only. Qualifiers that name the provider and us are
    omitted (SAML 2.0 Core, 8.3.7)."""

    value: str
    format: str = ""
    name_qualifier: str = ""
    sp_name_qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom a provider vouches for. `in_response_to` is the id of our request; None: the provider has begun. Times are
    seconds since 1970; until `expires_at` the assertion is good once."""

    assertion_id: str
    in_response_to: str | None
    expires_at: float
    name_id: NameId
    session_index: str | None
    auth_time: int
    context: str
    attributes: dict[str, list[str]]

    def seconds_left(self) -> int:
        """How long it could still be used."""
        return max(0, int(self.expires_at - time.time()) + 1)


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """The provider's: whose sessions have ended; without any session index all of this name."""

    id: str
    name_id: NameId
    session_indexes: tuple[str, ...]
