"""Events of an account: its profile, invitations, sessions and tokens."""

from datetime import datetime

from .. import Model
from ..users import OwnPresence, Profile
from ..workspaces import WorkspaceInvitation


class UserUpdated(Profile):
    pass


class PresenceModeChanged(OwnPresence):
    pass


class WorkspaceInvitationAdded(WorkspaceInvitation):
    """The user is invited into a workspace."""


class WorkspaceInvitationDeleted(Model):
    """It was accepted, declined or withdrawn, or its maker may no longer invite."""

    workspace_id: int
    user_id: int


class SessionStarted(Model):
    """The user has signed in on a device that they had not used before."""

    session_id: int
    provider: str
    device_name: str | None
    address: str | None
    created_at: datetime


class TokenCreated(Model):
    """The user has a new personal access token, whose session has this id; or has connected this app."""

    id: int
    name: str
    app_id: int | None
    scopes: list[str]
    created_at: datetime
    expires_at: datetime


class SecondFactorsChanged(Model):
    """`change` is added, removed, renewed or used; `factor` is totp, passkey or recovery_code."""

    change: str
    factor: str
    at: datetime


class SessionRevoked(Model):
    session_id: int
    reason: str


KINDS: tuple[type[Model], ...] = (
    UserUpdated,
    PresenceModeChanged,
    WorkspaceInvitationAdded,
    WorkspaceInvitationDeleted,
    SessionStarted,
    TokenCreated,
    SecondFactorsChanged,
    SessionRevoked,
)
