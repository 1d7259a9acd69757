"""The stable names of the actions of `permissions.py`, for lists of permissions: of delegations, and of roles.

A name never changes its meaning. SQL knows the same names (`permissions_known()`), and a test compares the two.
"""

from collections.abc import Collection, Mapping
from typing import Final

from chat_server.access.actions import ChatAction, DocumentAction, OrganizationAction, WorkspaceAction

WORKSPACE_NAMES: Final[dict[WorkspaceAction, str]] = {
    "see the workspace": "workspace.see",
    "list its members and their profiles": "workspace.list_members",
    "see its members' presence": "workspace.see_presence",
    "see how much is stored in it": "workspace.see_storage",
    "create a chat in it": "workspace.create_chat",
    "create a board in it": "workspace.create_board",
    "add an emoji": "workspace.add_emoji",
    "create a page in it": "workspace.create_page",
    "create a bot in it": "workspace.create_bot",
    "manage others' bots": "workspace.manage_bots",
    "register and manage apps in it": "workspace.manage_apps",
    "leave the workspace": "workspace.leave",
    "change its name and description": "workspace.rename",
    "add a member": "workspace.add_member",
    "change a member's role": "workspace.change_role",
    "remove a member": "workspace.remove_member",
    "remove others' emoji": "workspace.remove_emoji",
    "set how long messages are kept": "workspace.set_retention",
    "choose whether members see addresses": "workspace.show_addresses",
    "choose whether links are fetched": "workspace.fetch_links",
    "choose how its members sign in": "workspace.choose_sign_in",
    "see and handle reports": "workspace.handle_reports",
    "read its audit log": "workspace.read_audit_log",
    "place and release holds": "workspace.hold",
    "ask for and approve exports of cases": "workspace.export_cases",
    "set rules about what may be said": "workspace.set_dlp_rules",
    "review held messages": "workspace.review_held",
    "choose whether pages may be public": "workspace.allow_public_pages",
    "delete the workspace": "workspace.delete",
}
CHAT_NAMES: Final[dict[ChatAction, str]] = {
    "see the chat": "chat.see",
    "list its members": "chat.list_members",
    "read its messages": "chat.read_messages",
    "post a message": "chat.post_message",
    "edit or delete own messages": "chat.edit_own_messages",
    "delete others' messages": "chat.delete_others_messages",
    "react to a message": "chat.react",
    "pin a message": "chat.pin",
    "follow a thread": "chat.follow_thread",
    "report typing": "chat.report_typing",
    "report a message": "chat.report_message",
    "move the read marker": "chat.move_read_marker",
    "see how far others have read": "chat.see_readers",
    "choose notifications": "chat.choose_notifications",
    "keep a draft": "chat.keep_draft",
    "join the chat": "chat.join",
    "leave the chat": "chat.leave",
    "change its name and description": "chat.rename",
    "add a member": "chat.add_member",
    "change a member's role": "chat.change_role",
    "remove a member": "chat.remove_member",
    "silence a member": "chat.silence_member",
    "ban a user, or lift a ban": "chat.ban",
    "invite by link": "chat.invite",
    "revoke others' invites": "chat.revoke_invites",
    "set its password": "chat.set_password",
    "archive or unarchive it": "chat.archive",
    "transfer its ownership": "chat.transfer",
    "set how long its messages are kept": "chat.set_retention",
    "delete the chat": "chat.delete",
}
DOCUMENT_NAMES: Final[dict[DocumentAction, str]] = {
    "see the document": "document.see",
    "list its members": "document.list_members",
    "leave the document": "document.leave",
    "change its name and thumbnail": "document.rename",
    "attach or detach a file": "document.attach_file",
    "edit its content": "document.edit",
    "make, rename or restore a version": "document.make_version",
    "delete others' versions": "document.delete_versions",
    "comment on it": "document.comment",
    "resolve others' comments": "document.resolve_comments",
    "delete others' comments": "document.delete_comments",
    "publish it, or take that back": "document.publish",
    "add a member": "document.add_member",
    "invite by link": "document.invite",
    "revoke others' invites": "document.revoke_invites",
    "change a member's role": "document.change_role",
    "remove a member": "document.remove_member",
    "transfer its ownership": "document.transfer",
    "see what is in quarantine": "document.see_quarantine",
    "delete the document, or restore it": "document.delete",
}
# In an organisation nobody acts for somebody else.
ORGANIZATION_NAMES: Final[dict[OrganizationAction, str]] = {
    "see the organisation": "organization.see",
    "leave the organisation": "organization.leave",
    "read its directory": "organization.read_directory",
    "list its people": "organization.list_people",
    "add a person": "organization.add_person",
    "change a person's role": "organization.change_role",
    "remove a person": "organization.remove_person",
    "keep its directory": "organization.keep_directory",
    "publish announcements": "organization.publish_announcements",
    "keep its roles": "organization.keep_roles",
    "see its figures": "organization.see_figures",
    "export or delete a person's data": "organization.handle_personal_data",
    "see its people's online time": "organization.see_online_time",
    "see and end its people's sessions": "organization.see_sessions",
    "suspend a person, or take that back": "organization.suspend",
    "read its audit log": "organization.read_audit_log",
    "change its name": "organization.rename",
    "put a workspace into it, or take it out": "organization.put_workspace",
    "choose its features": "organization.choose_features",
    "delete the organisation": "organization.delete",
}

_OF_KIND: Final[dict[str, Mapping[str, str]]] = {
    "organization": {name: action for action, name in ORGANIZATION_NAMES.items()},
    "workspace": {name: action for action, name in WORKSPACE_NAMES.items()},
    "chat": {name: action for action, name in CHAT_NAMES.items()},
    "document": {name: action for action, name in DOCUMENT_NAMES.items()},
}


def actions_named(kind: str, names: Collection[str]) -> frozenset[str]:
    """The actions of a kind of place ("chat", "board") that have these names."""
    of_kind = _OF_KIND.get(kind, _OF_KIND["document"])
    return frozenset(of_kind[name] for name in names if name in of_kind)
