"""Events of pages."""

from datetime import datetime

from .. import Model
from ..boards import BoardThumbnail
from ..invites import PageInvite
from ..pages import PageCommentState, PageMember, PagePublication, PageVersion
from ..sync import PageSnapshot


class NewPage(PageSnapshot):
    pass


class PageUpdated(Model):
    id: int
    workspace_id: int
    name: str
    created_by: int | None
    created_at: datetime
    updated_at: datetime
    is_template: bool


class PageDeleted(Model):
    """Its owners may restore it, unless it has been deleted for good."""

    id: int
    workspace_id: int


class PageRestored(PageSnapshot):
    pass


class UserJoinedPage(PageMember):
    member_count: int


class PageMemberUpdated(PageMember):
    pass


class UserLeftPage(Model):
    page_id: int
    user_id: int
    member_count: int


class PageInviteUpdated(PageInvite):
    """Also a new one."""


class PageInviteDeleted(Model):
    id: int
    page_id: int


class PageOwnerAdded(Model):
    """A member has become an owner: what only owners of the page see."""

    page_id: int
    user_id: int
    invites: list[PageInvite]


class PageVersionUpdated(PageVersion):
    """Also a new one."""


class PageVersionDeleted(Model):
    id: int
    page_id: int


class PageThumbnailUpdated(Model):
    """`thumbnail` is None if it was removed."""

    page_id: int
    thumbnail: BoardThumbnail | None


class PageFilesUpdated(Model):
    """A file was attached or is in another state; or it is not `attached` any more."""

    page_id: int
    file_id: int
    attached: bool


class PageEdited(Model):
    """The content has changed: this is its newest version at least."""

    page_id: int
    workspace_id: int
    version: int


class PagePublicationUpdated(Model):
    """`publication` is None if it was taken back."""

    page_id: int
    publication: PagePublication | None


class PageCommentUpdated(PageCommentState):
    """Also a new one."""


class PageCommentDeleted(Model):
    id: int
    page_id: int


KINDS: tuple[type[Model], ...] = (
    NewPage,
    PageUpdated,
    PageDeleted,
    PageRestored,
    UserJoinedPage,
    PageMemberUpdated,
    UserLeftPage,
    PageInviteUpdated,
    PageInviteDeleted,
    PageOwnerAdded,
    PageVersionUpdated,
    PageVersionDeleted,
    PageThumbnailUpdated,
    PageFilesUpdated,
    PageEdited,
    PagePublicationUpdated,
    PageCommentUpdated,
    PageCommentDeleted,
)
