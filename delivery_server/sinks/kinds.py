"""The kinds of events that are for sinks, by what they are about. No other kind ever is: what is for one user or for
admins is not, and what is new has to be decided about (ADR 82)."""

from typing import Final

_OF_DOCUMENTS: Final = (
    *("Updated", "Deleted", "VersionUpdated", "VersionDeleted", "ThumbnailUpdated", "FilesUpdated", "MemberUpdated"),
)

PLACES: Final = {
    "chats": frozenset(
        {
            *("NewMessage", "MessageUpdated", "MessageFilesReady", "MessageLinksUpdated", "MessageDeleted"),
            *("MessagePinned", "MessageUnpinned", "ReactionAdded", "ReactionRemoved", "ThreadUpdated"),
            *("ChatUpdated", "ChatDeleted", "UserJoinedChat", "ChatMemberUpdated", "UserLeftChat"),
            *("UserBanned", "UserUnbanned"),
        }
    ),
    "documents": frozenset(
        {
            *(f"{kind}{what}" for kind in ("Board", "Page") for what in _OF_DOCUMENTS),
            *(f"User{what}{kind}" for kind in ("Board", "Page") for what in ("Joined", "Left")),
            *("PageEdited", "PagePublicationUpdated", "PageCommentUpdated", "PageCommentDeleted"),
        }
    ),
    "workspaces": frozenset(
        {
            *("WorkspaceUpdated", "WorkspaceDeleted", "WorkspaceMoved", "WorkspaceMemberJoined"),
            *("WorkspaceMemberUpdated", "WorkspaceMemberLeft", "EmojiAdded", "EmojiRemoved"),
        }
    ),
    "users": frozenset({"UserUpdated"}),
    "server": frozenset({"FeaturesUpdated", "DirectoryUpdated"}),
}
FOR_SINKS: Final = frozenset().union(*PLACES.values())
