"""Events of organisations: features, delegations, announcements and the directory."""

from .. import Model
from ..organizations import Delegation, OpenAnnouncement, Organization


class FeaturesUpdated(Model):
    """What `client.organizations.features` says has changed: on the server, or in one organisation, where null is what
    the server says."""

    organization_id: int | None
    features: dict[str, bool | None]


class DelegationUpdated(Delegation):
    """Offered to the account or by it, or accepted."""


class DelegationRevoked(Delegation):
    """It has ended before its time."""


class OrganizationUpdated(Organization):
    """What the caller has in an organisation from now on."""


class OrganizationLeft(Model):
    """The caller is not in the organisation any more."""

    id: int


class AnnouncementUpdated(OpenAnnouncement):
    """It is open for the caller: published, changed, or asked for again."""


class AnnouncementClosed(Model):
    """It is not open for the caller any more: acknowledged, withdrawn, or not theirs."""

    id: int
    organization_id: int


class DirectoryUpdated(Model):
    """Something in the organisation's directory has changed: whoever shows it asks again."""

    organization_id: int


KINDS: tuple[type[Model], ...] = (
    FeaturesUpdated,
    DelegationUpdated,
    DelegationRevoked,
    OrganizationUpdated,
    OrganizationLeft,
    DirectoryUpdated,
    AnnouncementUpdated,
    AnnouncementClosed,
)
