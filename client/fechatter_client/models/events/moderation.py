"""Events of reports."""

from .. import Model
from ..moderation import OwnReport, ReportState


class ReportFiled(ReportState):
    pass


class ReportUpdated(ReportState):
    pass


class ReportDeleted(Model):
    id: int
    workspace_id: int


class WorkspaceAdminAdded(Model):
    """A member has become an admin: the open reports, which only admins of the workspace see."""

    workspace_id: int
    user_id: int
    reports: list[ReportState]


class ReportHandled(OwnReport):
    pass


KINDS: tuple[type[Model], ...] = (
    ReportFiled,
    ReportUpdated,
    ReportDeleted,
    WorkspaceAdminAdded,
    ReportHandled,
)
