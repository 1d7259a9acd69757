"""Pages: their members, content, history, publications and comments. To follow one live, open a WebSocket."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx

from ..api import Api, decoded, given
from ..models.boards import BoardRole, BoardThumbnail
from ..models.files import File
from ..models.invites import NewPageInvite, PageInvite
from ..models.pages import (
    Audience,
    Page,
    PageComment,
    PageContent,
    PageDifference,
    PageEdit,
    PageMember,
    PagePublication,
    PageSchema,
    PageVersion,
    PatchedContent,
    PublishedPage,
)

PATCH_TYPE = "application/json-patch+json"


class Pages:
    def __init__(self, api: Api) -> None:
        self._api = api

    def list(
        self,
        workspace_id: int,
        *,
        deleted: bool = False,
        template: bool | None = None,
        search: str = "",
        page_size: int = 100,
    ) -> AsyncIterator[Page]:
        """The caller's pages in a workspace, by id: existing ones, or the deleted ones that the caller owns; with
        `template`, only templates or only others. `search` matches part of the name."""
        only = None if template is None else str(template).lower()
        params = {"deleted": str(deleted).lower(), "template": only, "search": search, "limit": page_size}
        return self._api.items(Page, f"/workspaces/{workspace_id}/pages", params)

    async def create(
        self,
        workspace_id: int,
        name: str,
        *,
        template: int | None = None,
        schema: PageSchema | None = None,
        content: Any = None,
        is_template: bool | None = None,
        idempotency_key: str | None = None,
    ) -> Page:
        """Create a page, owned by the caller: an empty one, a copy of `template`, or with `content`."""
        body = given(name=name, template=template, schema=schema, content=content, is_template=is_template)
        return await self._api.create(Page, f"/workspaces/{workspace_id}/pages", body, idempotency_key)

    async def get(self, page_id: int) -> Page:
        return await self._api.get(Page, f"/pages/{page_id}")

    async def update(self, page_id: int, *, name: str | None = None, is_template: bool | None = None) -> Page:
        body = given(name=name, is_template=is_template)
        return await self._api.ask(Page, "PATCH", f"/pages/{page_id}", body, repeatable=True)

    async def delete(self, page_id: int) -> None:
        """Only its owners still see it, and they may restore it."""
        await self._api.do("DELETE", f"/pages/{page_id}")

    async def restore(self, page_id: int) -> Page:
        """Restore a deleted page."""
        return await self._api.ask(Page, "POST", f"/pages/{page_id}/restore", repeatable=True)

    # -- members and invites

    def members(self, page_id: int, *, page_size: int = 100) -> AsyncIterator[PageMember]:
        """By user id."""
        return self._api.items(PageMember, f"/pages/{page_id}/members", {"limit": page_size})

    async def add_member(
        self, page_id: int, user_id: int, role: BoardRole = "viewer", *, idempotency_key: str | None = None
    ) -> PageMember:
        """Add a user of the workspace."""
        body = {"user_id": user_id, "role": role}
        return await self._api.create(PageMember, f"/pages/{page_id}/members", body, idempotency_key)

    async def set_role(self, page_id: int, user_id: int, role: BoardRole) -> PageMember:
        return await self._api.ask(PageMember, "PATCH", f"/pages/{page_id}/members/{user_id}", {"role": role})

    async def remove_member(self, page_id: int, user_id: int) -> None:
        """With the caller's own id: leave."""
        await self._api.do("DELETE", f"/pages/{page_id}/members/{user_id}")

    async def transfer(self, page_id: int, user_id: int) -> Page:
        """Make another member the owner; the caller becomes an editor."""
        return await self._api.ask(Page, "POST", f"/pages/{page_id}/transfer", {"user_id": user_id})

    def invites(self, page_id: int, *, page_size: int = 100) -> AsyncIterator[PageInvite]:
        """The invites that have not expired, by id."""
        return self._api.items(PageInvite, f"/pages/{page_id}/invites", {"limit": page_size})

    async def create_invite(
        self,
        page_id: int,
        role: BoardRole = "viewer",
        *,
        expires_in: int | None = None,
        max_uses: int | None = None,
        idempotency_key: str | None = None,
    ) -> NewPageInvite:
        """Create an invite link, valid for this many seconds (by default a week) and users (by default any number)."""
        body = given(role=role, expires_in=expires_in, max_uses=max_uses)
        return await self._api.create(NewPageInvite, f"/pages/{page_id}/invites", body, idempotency_key)

    async def revoke_invite(self, page_id: int, invite_id: int) -> None:
        await self._api.do("DELETE", f"/pages/{page_id}/invites/{invite_id}")

    # -- files

    def files(self, page_id: int, *, page_size: int = 100) -> AsyncIterator[File]:
        """The files that are attached to it, by id. Its members may fetch them."""
        return self._api.items(File, f"/pages/{page_id}/files", {"limit": page_size})

    async def attach(self, page_id: int, file_id: int) -> File:
        """Attach a file of the workspace that the caller sees."""
        return await self._api.ask(File, "PUT", f"/pages/{page_id}/files/{file_id}", repeatable=True)

    async def detach(self, page_id: int, file_id: int) -> None:
        """A file that is used nowhere else is deleted."""
        await self._api.do("DELETE", f"/pages/{page_id}/files/{file_id}")

    # -- thumbnails

    async def thumbnail(self, page_id: int) -> bytes:
        """The picture; a Problem with 404 if there is none."""
        return await self._api.get_bytes(f"/pages/{page_id}/thumbnail")

    async def set_thumbnail(self, page_id: int, picture: bytes) -> BoardThumbnail:
        """A PNG, JPEG or WebP of at most 256 KiB. The server detects the type itself."""
        path = f"/pages/{page_id}/thumbnail"
        return await self._api.put_bytes(BoardThumbnail, path, picture, "application/octet-stream")

    async def remove_thumbnail(self, page_id: int) -> None:
        await self._api.do("DELETE", f"/pages/{page_id}/thumbnail")

    # -- content

    async def content(self, page_id: int, version: int | None = None) -> PageContent:
        """The content, by default the newest."""
        found = await self._content(page_id, version, None)
        assert found is not None  # noqa: S101 - without a known version there is always a content
        return found

    async def content_unless(self, page_id: int, known: int) -> PageContent | None:
        """The newest content; None if that is still the version `known`."""
        return await self._content(page_id, None, known)

    async def _content(self, page_id: int, version: int | None, known: int | None) -> PageContent | None:
        headers = {"If-None-Match": f'"{known}"'} if known is not None else {}
        response = await self._api.read(f"/pages/{page_id}/content", {"version": version}, headers)
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return None
        return PageContent(int(response.headers["etag"].strip('"')), decoded(response, Any))

    async def patch(
        self,
        page_id: int,
        patch: Sequence[Mapping[str, Any]],
        *,
        version: int,
        exact: bool = False,
        operation_id: str | None = None,
    ) -> PatchedContent:
        """Apply a JSON Patch (RFC 6902), made for `version`. By default it is stored as well if newer patches do not
        conflict with it; else this raises Problem 409 `version_conflict`, with them in `extra`. `exact`: Problem 412 if
        there is any newer version. It is repeated with the same id if there is no response."""
        headers = {"If-Match": f'"{version}"'} if exact else {}
        params = {} if exact else {"version": version}
        path = f"/pages/{page_id}/content"
        return await self._api.patch_json(PatchedContent, path, patch, PATCH_TYPE, params, headers, operation_id)

    async def export(self, page_id: int, version_id: int | None = None) -> Any:
        """The content of a page or of a named version."""
        version = f"/versions/{version_id}" if version_id is not None else ""
        return await self._api.get(Any, f"/pages/{page_id}{version}/export")

    # -- history and named versions

    def history(self, page_id: int, *, page_size: int = 100) -> AsyncIterator[PageEdit]:
        """Newest first."""
        return self._api.items(PageEdit, f"/pages/{page_id}/history", {"limit": page_size})

    async def diff(self, page_id: int, from_version: int, to_version: int | None = None) -> PageDifference:
        """What two versions differ in; by default from one to the newest."""
        return await self._api.get(
            PageDifference, f"/pages/{page_id}/diff", given(**{"from": from_version, "to": to_version})
        )

    async def restore_content(self, page_id: int, version: int, *, idempotency_key: str | None = None) -> Page:
        """Make the content what it was at a version, by a patch."""
        return await self._api.create(Page, f"/pages/{page_id}/restore", {"version": version}, idempotency_key)

    def versions(self, page_id: int, *, page_size: int = 100) -> AsyncIterator[PageVersion]:
        """The named ones, by id."""
        return self._api.items(PageVersion, f"/pages/{page_id}/versions", {"limit": page_size})

    async def create_version(
        self, page_id: int, name: str, *, version: int | None = None, idempotency_key: str | None = None
    ) -> PageVersion:
        """Keep the content of a version, by default the newest, under a name."""
        body = given(name=name, version=version)
        return await self._api.create(PageVersion, f"/pages/{page_id}/versions", body, idempotency_key)

    async def version(self, page_id: int, version_id: int) -> PageVersion:
        return await self._api.get(PageVersion, f"/pages/{page_id}/versions/{version_id}")

    async def rename_version(self, page_id: int, version_id: int, name: str) -> PageVersion:
        path = f"/pages/{page_id}/versions/{version_id}"
        return await self._api.ask(PageVersion, "PATCH", path, {"name": name}, repeatable=True)

    async def delete_version(self, page_id: int, version_id: int) -> None:
        """The page's content is not affected."""
        await self._api.do("DELETE", f"/pages/{page_id}/versions/{version_id}")

    async def restore_version(self, page_id: int, version_id: int, *, idempotency_key: str | None = None) -> Page:
        """Make the content that of a named version, by a patch."""
        path = f"/pages/{page_id}/versions/{version_id}/restore"
        return await self._api.create(Page, path, None, idempotency_key)

    # -- publishing

    async def publication(self, page_id: int) -> PagePublication:
        """What the page has published; a Problem with 404 if nothing."""
        return await self._api.get(PagePublication, f"/pages/{page_id}/publish")

    async def publish(
        self, page_id: int, audience: Audience, *, slug: str | None = None, version: int | None = None
    ) -> PagePublication:
        """Publish a copy at /p/{slug}, in place of what the page has published so far."""
        body = given(audience=audience, slug=slug, version=version)
        return await self._api.ask(PagePublication, "POST", f"/pages/{page_id}/publish", body)

    async def unpublish(self, page_id: int) -> None:
        await self._api.do("DELETE", f"/pages/{page_id}/publish")

    async def published(self, slug: str) -> PublishedPage:
        """What is published at an address."""
        return await self._api.get(PublishedPage, f"/published/{slug}")

    # -- comments

    def comments(
        self,
        page_id: int,
        *,
        component_id: str | None = None,
        resolved: bool | None = None,
        page_size: int = 100,
    ) -> AsyncIterator[PageComment]:
        """By id; with `component_id`, those on it; with `resolved`, those of resolved threads, or of open ones."""
        only = None if resolved is None else str(resolved).lower()
        params = {"component_id": component_id, "resolved": only, "limit": page_size}
        return self._api.items(PageComment, f"/pages/{page_id}/comments", params)

    async def comment(self, page_id: int, comment_id: int) -> PageComment:
        return await self._api.get(PageComment, f"/pages/{page_id}/comments/{comment_id}")

    async def add_comment(
        self,
        page_id: int,
        component_id: str,
        content: str,
        *,
        version: int | None = None,
        idempotency_key: str | None = None,
    ) -> PageComment:
        """Comment on a component, as it is at a version, by default the newest."""
        body = given(component_id=component_id, content=content, version=version)
        return await self._api.create(PageComment, f"/pages/{page_id}/comments", body, idempotency_key)

    async def reply(
        self, page_id: int, comment_id: int, content: str, *, idempotency_key: str | None = None
    ) -> PageComment:
        """Reply to the first comment of a thread."""
        body = {"reply_to": comment_id, "content": content}
        return await self._api.create(PageComment, f"/pages/{page_id}/comments", body, idempotency_key)

    async def edit_comment(self, page_id: int, comment_id: int, content: str) -> PageComment:
        return await self._change(page_id, comment_id, {"content": content})

    async def resolve(self, page_id: int, comment_id: int, resolved: bool = True) -> PageComment:
        """Resolve the thread that this comment begins, or open it again."""
        return await self._change(page_id, comment_id, {"resolved": resolved})

    async def _change(self, page_id: int, comment_id: int, body: dict[str, Any]) -> PageComment:
        path = f"/pages/{page_id}/comments/{comment_id}"
        return await self._api.ask(PageComment, "PATCH", path, body, repeatable=True)

    async def delete_comment(self, page_id: int, comment_id: int) -> None:
        """The first one of a thread goes with all replies."""
        await self._api.do("DELETE", f"/pages/{page_id}/comments/{comment_id}")
