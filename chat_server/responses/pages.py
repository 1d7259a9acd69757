"""Pages and their members."""

from typing import Literal

from chat_server.http.fields import Id, Seq, Time
from chat_server.responses.documents import Document, DocumentMember, DocumentVersion, Thumbnail

PageSchema = Literal["page", "free"]


class PageThumbnail(Thumbnail):
    """The picture itself is at `GET /api/pages/{page_id}/thumbnail`."""


class Page(Document):
    """`schema`: whether the content must be a page's tree of components, or may be any JSON. `version` is the newest
    one; a new page has version 1. `thumbnail` is null if there is none; `deleted_at` is set only for owners, who may
    restore the page."""

    thumbnail: PageThumbnail | None
    deleted_at: Time | None
    schema: PageSchema
    is_template: bool
    version: Seq


class PageMember(DocumentMember):
    page_id: Id


class PageVersion(DocumentVersion):
    """The content of a page at its version `seq`, kept under a name; `created_by` is null if that account was
    deleted."""

    page_id: Id
