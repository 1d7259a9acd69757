"""Workspaces and who is in them."""

from datetime import datetime
from typing import Literal

from fechatter_client.models import Model
from fechatter_client.models.users import CustomStatus

Role = Literal["owner", "admin", "member"]


class Workspace(Model):
    """`role` is the caller's."""

    id: int
    name: str
    description: str
    retention_days: int | None
    role: Role
    created_at: datetime
    updated_at: datetime


class WorkspaceMember(Model):
    workspace_id: int
    user_id: int
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    role: Role
    joined_at: datetime
