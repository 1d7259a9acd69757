// Made from the Python client's models by client-js/openapi/event_types.py.
export type AnnouncementClosed = { id: number; organization_id: number };
export type AnnouncementUpdated = { id: number; organization_id: number; author_id: number | null; title: string; acknowledgement_required: boolean; created_at: string; updated_at: string };
export type Appointment = { id: number; organization_id: number; department_id: number; user_id: number; position_id: number | null; is_head: boolean; is_primary: boolean; starts_at: string | null; ends_at: string | null; is_current: boolean };
export type BoardDeleted = { id: number; workspace_id: number };
export type BoardFilesUpdated = { board_id: number; file_id: number; attached: boolean };
export type BoardInvite = { id: number; created_by: number; created_at: string; expires_at: string; max_uses: number | null; uses: number; board_id: number; role: "editor" | "owner" | "viewer" };
export type BoardInviteDeleted = { id: number; board_id: number };
export type BoardInviteUpdated = { id: number; created_by: number; created_at: string; expires_at: string; max_uses: number | null; uses: number; board_id: number; role: "editor" | "owner" | "viewer" };
export type BoardMember = { board_id: number; user_id: number; username: string; fullname: string; avatar: string | null; status: string; custom_status: CustomStatus | null; role: "editor" | "owner" | "viewer"; invited_by: number | null; joined_at: string };
export type BoardMemberUpdated = { board_id: number; user_id: number; username: string; fullname: string; avatar: string | null; status: string; custom_status: CustomStatus | null; role: "editor" | "owner" | "viewer"; invited_by: number | null; joined_at: string };
export type BoardOwnerAdded = { board_id: number; user_id: number; invites: (BoardInvite)[] };
export type BoardRestored = { id: number; workspace_id: number; name: string; role: "editor" | "owner" | "viewer"; member_count: number; thumbnail: BoardThumbnail | null; created_by: number | null; created_at: string; updated_at: string; members: (BoardMember)[] | null; invites: (BoardInvite)[] | null; versions: (BoardVersion)[] | null };
export type BoardThumbnail = { media_type: "image/jpeg" | "image/png" | "image/webp"; bytes: number; updated_at: string };
export type BoardThumbnailUpdated = { board_id: number; thumbnail: BoardThumbnail | null };
export type BoardUpdateQuarantined = { board_id: number; seq: number; user_id: number | null; bytes: number; reason: string; created_at: string; quarantined_at: string };
export type BoardUpdated = { id: number; workspace_id: number; name: string; created_by: number | null; created_at: string; updated_at: string };
export type BoardVersion = { id: number; board_id: number; name: string; seq: number; created_by: number | null; created_at: string };
export type BoardVersionDeleted = { id: number; board_id: number };
export type BoardVersionUpdated = { id: number; board_id: number; name: string; seq: number; created_by: number | null; created_at: string };
export type ChatAdminAdded = { chat_id: number; user_id: number; bans: (ChatBanState)[]; invites: (ChatInvite)[] };
export type ChatBanState = { chat_id: number; user_id: number; banned_by: number | null; reason: string; created_at: string; expires_at: string | null };
export type ChatBanUpdated = { chat_id: number; user_id: number; banned_by: number | null; reason: string; created_at: string; expires_at: string | null };
export type ChatDeleted = { id: number; workspace_id: number };
export type ChatInvite = { id: number; created_by: number; created_at: string; expires_at: string; max_uses: number | null; uses: number; chat_id: number; role: "admin" | "member" | "owner" };
export type ChatInviteDeleted = { id: number; chat_id: number };
export type ChatInviteUpdated = { id: number; created_by: number; created_at: string; expires_at: string; max_uses: number | null; uses: number; chat_id: number; role: "admin" | "member" | "owner" };
export type ChatMember = { chat_id: number; user_id: number; username: string; fullname: string; avatar: string | null; status: string; custom_status: CustomStatus | null; role: "admin" | "member" | "owner"; silenced_until: string | null; joined_at: string; last_read_seq: number };
export type ChatMemberUpdated = { chat_id: number; user_id: number; username: string; fullname: string; avatar: string | null; status: string; custom_status: CustomStatus | null; role: "admin" | "member" | "owner"; silenced_until: string | null; joined_at: string; last_read_seq: number };
export type ChatNotificationsChanged = { chat_id: number; user_id: number; notification_level: "all" | "mentions" | "none"; muted_until: string | null };
export type ChatUpdated = { id: number; workspace_id: number; type: "Group" | "PrivateChannel" | "PublicChannel" | "Single"; name: string; description: string; has_password: boolean; archived_at: string | null; retention_days: number | null; first_seq: number; first_message_id: number; created_at: string; updated_at: string };
export type CustomStatus = { text: string | null; emoji: string | null; until: string | null };
export type DelegationRevoked = { id: number; principal_id: number; delegate_id: number; permissions: (string)[]; workspace_id: number | null; chat_id: number | null; board_id: number | null; page_id: number | null; starts_at: string; ends_at: string; reason: string; created_at: string; accepted_at: string | null; revoked_at: string | null };
export type DelegationUpdated = { id: number; principal_id: number; delegate_id: number; permissions: (string)[]; workspace_id: number | null; chat_id: number | null; board_id: number | null; page_id: number | null; starts_at: string; ends_at: string; reason: string; created_at: string; accepted_at: string | null; revoked_at: string | null };
export type DirectoryUpdated = { organization_id: number };
export type Draft = { chat_id: number; content: string; updated_at: string; thread_id?: number | null };
export type DraftChanged = { chat_id: number; user_id: number; draft: Draft | null; thread_id?: number | null };
export type Emoji = { workspace_id: number; name: string; file_id: number; created_by: number | null; created_at: string };
export type EmojiAdded = { workspace_id: number; name: string; file_id: number; created_by: number | null; created_at: string };
export type EmojiListed = { workspace_id: number; emoji: (Emoji)[] };
export type EmojiRemoved = { workspace_id: number; name: string };
export type FeaturesUpdated = { organization_id: number | null; features: Record<string, unknown> };
export type File = { id: number; name: string; size: number; type: string; width: number | null; height: number | null; animated: boolean; pages: number | null; duration: number | null; placeholder: string | null; waveform: (number)[] | null; previews: ("preview" | "thumbnail")[]; no_preview: string | null; refusal: string | null; state: "pending" | "ready" | "refused" | "scanning" };
export type FileReady = { file_id: number; workspace_id: number; state: "ready" };
export type FileRefused = { file_id: number; workspace_id: number; state: "refused"; refusal: string | null };
export type ForwardedFrom = { message_id: number; chat_id: number; sender_id: number };
export type LinkImage = { width: number; height: number };
export type Message = { id: number; chat_id: number; seq: number; sender_id: number; type: "file" | "image" | "text"; content: string; metadata: Record<string, unknown> | null; reply_to: number | null; thread_id: number | null; thread_seq: number | null; thread: Thread | null; mentions: (number)[]; mentions_everyone: "all" | "here" | null; forwarded_from: ForwardedFrom | null; reactions: (ReactionCount)[]; created_at: string; updated_at: string | null; deleted_at: string | null; deleted_by: number | null; files?: (File)[]; links?: (MessageLink)[]; delegate_id?: number };
export type MessageDeleted = { id: number; chat_id: number; seq: number; sender_id: number; type: "file" | "image" | "text"; content: string; metadata: Record<string, unknown> | null; reply_to: number | null; thread_id: number | null; thread_seq: number | null; thread: Thread | null; mentions: (number)[]; mentions_everyone: "all" | "here" | null; forwarded_from: ForwardedFrom | null; reactions: (ReactionCount)[]; created_at: string; updated_at: string | null; deleted_at: string | null; deleted_by: number | null; files?: (File)[]; links?: (MessageLink)[]; delegate_id?: number; removed: boolean };
export type MessageFilesReady = { id: number; chat_id: number; seq: number; sender_id: number; type: "file" | "image" | "text"; content: string; metadata: Record<string, unknown> | null; reply_to: number | null; thread_id: number | null; thread_seq: number | null; thread: Thread | null; mentions: (number)[]; mentions_everyone: "all" | "here" | null; forwarded_from: ForwardedFrom | null; reactions: (ReactionCount)[]; created_at: string; updated_at: string | null; deleted_at: string | null; deleted_by: number | null; files?: (File)[]; links?: (MessageLink)[]; delegate_id?: number };
export type MessageLink = { url: string; kind: "website" | "board" | "chat" | "file" | "message" | "page" | "publication"; id: number | null; title: string | null; description: string | null; site_name: string | null; image: LinkImage | null };
export type MessageLinksUpdated = { id: number; chat_id: number; seq: number; sender_id: number; type: "file" | "image" | "text"; content: string; metadata: Record<string, unknown> | null; reply_to: number | null; thread_id: number | null; thread_seq: number | null; thread: Thread | null; mentions: (number)[]; mentions_everyone: "all" | "here" | null; forwarded_from: ForwardedFrom | null; reactions: (ReactionCount)[]; created_at: string; updated_at: string | null; deleted_at: string | null; deleted_by: number | null; files?: (File)[]; links?: (MessageLink)[]; delegate_id?: number };
export type MessagePinned = { chat_id: number; message_id: number; pinned_by: number; pinned_at: string };
export type MessageUnpinned = { chat_id: number; message_id: number };
export type MessageUpdated = { id: number; chat_id: number; seq: number; sender_id: number; type: "file" | "image" | "text"; content: string; metadata: Record<string, unknown> | null; reply_to: number | null; thread_id: number | null; thread_seq: number | null; thread: Thread | null; mentions: (number)[]; mentions_everyone: "all" | "here" | null; forwarded_from: ForwardedFrom | null; reactions: (ReactionCount)[]; created_at: string; updated_at: string | null; deleted_at: string | null; deleted_by: number | null; files?: (File)[]; links?: (MessageLink)[]; delegate_id?: number };
export type NewBoard = { id: number; workspace_id: number; name: string; role: "editor" | "owner" | "viewer"; member_count: number; thumbnail: BoardThumbnail | null; created_by: number | null; created_at: string; updated_at: string; members: (BoardMember)[] | null; invites: (BoardInvite)[] | null; versions: (BoardVersion)[] | null };
export type NewChat = { id: number; workspace_id: number; type: "Group" | "PrivateChannel" | "PublicChannel" | "Single"; name: string; description: string; has_password: boolean; archived_at: string | null; retention_days: number | null; role: "admin" | "member" | "owner"; silenced_until: string | null; member_count: number; first_seq: number; first_message_id: number; last_seq: number; last_read_seq: number; unread: number; mention_count: number; unread_mentions: (number)[]; notification_level: "all" | "mentions" | "none"; muted_until: string | null; created_at: string; updated_at: string; draft: Draft | null; members: (ChatMember)[] | null; messages: (Message)[]; pinned_message_ids: (number)[]; bans: (ChatBanState)[] | null; invites: (ChatInvite)[] | null };
export type NewMessage = { id: number; chat_id: number; seq: number; sender_id: number; type: "file" | "image" | "text"; content: string; metadata: Record<string, unknown> | null; reply_to: number | null; thread_id: number | null; thread_seq: number | null; thread: Thread | null; mentions: (number)[]; mentions_everyone: "all" | "here" | null; forwarded_from: ForwardedFrom | null; reactions: (ReactionCount)[]; created_at: string; updated_at: string | null; deleted_at: string | null; deleted_by: number | null; files?: (File)[]; links?: (MessageLink)[]; delegate_id?: number };
export type NewPage = { id: number; workspace_id: number; name: string; role: "editor" | "owner" | "viewer"; member_count: number; thumbnail: BoardThumbnail | null; created_by: number | null; created_at: string; updated_at: string; members: (PageMember)[] | null; invites: (PageInvite)[] | null; versions: (PageVersion)[] | null; schema: "free" | "page"; is_template: boolean; version: number };
export type OrganizationLeft = { id: number };
export type OrganizationUpdated = { id: number; name: string; kind: "bot" | "guest" | "member"; role: "admin" | "member" | "owner"; manager_id: number | null; appointments: (Appointment)[]; group_ids: (number)[]; bindings: (OwnBinding)[]; created_at: string; updated_at: string };
export type OwnBinding = { id: number; role_id: number; role_name: string; permissions: (string)[]; workspace_id: number | null; scope_department_id: number | null; chat_id: number | null; board_id: number | null; page_id: number | null; ends_at: string | null };
export type PageCommentDeleted = { id: number; page_id: number };
export type PageCommentUpdated = { id: number; page_id: number; component_id: string; version: number; reply_to: number | null; author_id: number | null; created_at: string; updated_at: string | null; resolved_at: string | null; resolved_by: number | null };
export type PageDeleted = { id: number; workspace_id: number };
export type PageEdited = { page_id: number; workspace_id: number; version: number };
export type PageFilesUpdated = { page_id: number; file_id: number; attached: boolean };
export type PageInvite = { id: number; created_by: number; created_at: string; expires_at: string; max_uses: number | null; uses: number; page_id: number; role: "editor" | "owner" | "viewer" };
export type PageInviteDeleted = { id: number; page_id: number };
export type PageInviteUpdated = { id: number; created_by: number; created_at: string; expires_at: string; max_uses: number | null; uses: number; page_id: number; role: "editor" | "owner" | "viewer" };
export type PageMember = { page_id: number; user_id: number; username: string; fullname: string; avatar: string | null; status: string; custom_status: CustomStatus | null; role: "editor" | "owner" | "viewer"; invited_by: number | null; joined_at: string };
export type PageMemberUpdated = { page_id: number; user_id: number; username: string; fullname: string; avatar: string | null; status: string; custom_status: CustomStatus | null; role: "editor" | "owner" | "viewer"; invited_by: number | null; joined_at: string };
export type PageOwnerAdded = { page_id: number; user_id: number; invites: (PageInvite)[] };
export type PagePublication = { page_id: number; audience: "members" | "public"; slug: string; name: string; version: number; published_by: number | null; published_at: string };
export type PagePublicationUpdated = { page_id: number; publication: PagePublication | null };
export type PageRestored = { id: number; workspace_id: number; name: string; role: "editor" | "owner" | "viewer"; member_count: number; thumbnail: BoardThumbnail | null; created_by: number | null; created_at: string; updated_at: string; members: (PageMember)[] | null; invites: (PageInvite)[] | null; versions: (PageVersion)[] | null; schema: "free" | "page"; is_template: boolean; version: number };
export type PageThumbnailUpdated = { page_id: number; thumbnail: BoardThumbnail | null };
export type PageUpdated = { id: number; workspace_id: number; name: string; created_by: number | null; created_at: string; updated_at: string; is_template: boolean };
export type PageVersion = { id: number; page_id: number; name: string; seq: number; created_by: number | null; created_at: string };
export type PageVersionDeleted = { id: number; page_id: number };
export type PageVersionUpdated = { id: number; page_id: number; name: string; seq: number; created_by: number | null; created_at: string };
export type Presence = { user_id: number; presence: "away" | "dnd" | "invisible" | "offline" | "online"; last_seen: string | null };
export type PresenceChanged = { users: (Presence)[] };
export type PresenceModeChanged = { user_id: number; presence_mode: "auto" | "away" | "dnd" | "invisible" };
export type ReactionAdded = { chat_id: number; message_id: number; reactions: (ReactionCount)[]; user_id: number; emoji: string };
export type ReactionCount = { emoji: string; count: number; user_ids: (number)[] };
export type ReactionRemoved = { chat_id: number; message_id: number; reactions: (ReactionCount)[]; user_id: number; emoji: string };
export type ReadMarkerMoved = { chat_id: number; user_id: number; last_read_seq: number; unread_mentions: (number)[] };
export type ReportDeleted = { id: number; workspace_id: number };
export type ReportFiled = { id: number; workspace_id: number; chat_id: number; message_id: number; reporter_id: number; reason: "harassment" | "hate" | "illegal" | "other" | "sexual" | "spam" | "violence"; comment: string; status: "dismissed" | "open" | "resolved"; note: string; handled_by: number | null; handled_at: string | null; created_at: string; updated_at: string };
export type ReportHandled = { id: number; workspace_id: number; chat_id: number; message_id: number; reason: "harassment" | "hate" | "illegal" | "other" | "sexual" | "spam" | "violence"; comment: string; status: "dismissed" | "open" | "resolved"; created_at: string };
export type ReportState = { id: number; workspace_id: number; chat_id: number; message_id: number; reporter_id: number; reason: "harassment" | "hate" | "illegal" | "other" | "sexual" | "spam" | "violence"; comment: string; status: "dismissed" | "open" | "resolved"; note: string; handled_by: number | null; handled_at: string | null; created_at: string; updated_at: string };
export type ReportUpdated = { id: number; workspace_id: number; chat_id: number; message_id: number; reporter_id: number; reason: "harassment" | "hate" | "illegal" | "other" | "sexual" | "spam" | "violence"; comment: string; status: "dismissed" | "open" | "resolved"; note: string; handled_by: number | null; handled_at: string | null; created_at: string; updated_at: string };
export type SecondFactorsChanged = { change: string; factor: string; at: string };
export type SessionRevoked = { session_id: number; reason: string };
export type SessionStarted = { session_id: number; provider: string; device_name: string | null; address: string | null; created_at: string };
export type Thread = { reply_count: number; participant_count: number; participants: (number)[]; last_seq: number; last_reply_id: number | null; last_reply_at: string | null };
export type ThreadFollowed = { chat_id: number; thread_id: number; last_read_seq: number; unread: number; thread: Thread | null };
export type ThreadReadMarkerMoved = { chat_id: number; thread_id: number; user_id: number; last_read_seq: number };
export type ThreadUnfollowed = { chat_id: number; thread_id: number; user_id: number };
export type ThreadUpdated = { chat_id: number; thread_id: number; thread: Thread };
export type TokenCreated = { id: number; name: string; app_id: number | null; scopes: (string)[]; created_at: string; expires_at: string };
export type Typing = { chat_id: number; user_ids: (number)[] };
export type UserBanned = { chat_id: number; user_id: number; created_at: string; expires_at: string | null };
export type UserJoinedBoard = { board_id: number; user_id: number; username: string; fullname: string; avatar: string | null; status: string; custom_status: CustomStatus | null; role: "editor" | "owner" | "viewer"; invited_by: number | null; joined_at: string; member_count: number };
export type UserJoinedChat = { chat_id: number; user_id: number; username: string; fullname: string; avatar: string | null; status: string; custom_status: CustomStatus | null; role: "admin" | "member" | "owner"; silenced_until: string | null; joined_at: string; last_read_seq: number; member_count: number };
export type UserJoinedPage = { page_id: number; user_id: number; username: string; fullname: string; avatar: string | null; status: string; custom_status: CustomStatus | null; role: "editor" | "owner" | "viewer"; invited_by: number | null; joined_at: string; member_count: number };
export type UserLeftBoard = { board_id: number; user_id: number; member_count: number };
export type UserLeftChat = { chat_id: number; user_id: number; member_count: number };
export type UserLeftPage = { page_id: number; user_id: number; member_count: number };
export type UserUnbanned = { chat_id: number; user_id: number };
export type UserUpdated = { id: number; username: string; email: string | null; fullname: string; kind: "bot" | "person"; avatar: string | null; status: string; custom_status: CustomStatus | null; created_at: string; updated_at: string };
export type Workspace = { id: number; name: string; description: string; retention_days: number | null; show_emails: boolean; role: "admin" | "member" | "owner"; created_at: string; updated_at: string; icon?: File | null; link_previews?: boolean; public_publishing?: boolean };
export type WorkspaceAdminAdded = { workspace_id: number; user_id: number; reports: (ReportState)[] };
export type WorkspaceDeleted = { id: number };
export type WorkspaceInvitationAdded = { workspace_id: number; workspace_name: string; user_id: number; role: "admin" | "member" | "owner"; invited_by: number; inviter_name: string; created_at: string };
export type WorkspaceInvitationDeleted = { workspace_id: number; user_id: number };
export type WorkspaceMemberJoined = { workspace_id: number; user_id: number; username: string; fullname: string; avatar: string | null; status: string; custom_status: CustomStatus | null; role: "admin" | "member" | "owner"; joined_at: string; workspace: Workspace };
export type WorkspaceMemberLeft = { workspace_id: number; user_id: number };
export type WorkspaceMemberUpdated = { workspace_id: number; user_id: number; username: string; fullname: string; avatar: string | null; status: string; custom_status: CustomStatus | null; role: "admin" | "member" | "owner"; joined_at: string };
export type WorkspaceMoved = { id: number; to: string };
export type WorkspaceUpdated = { id: number; name: string; description: string; retention_days: number | null; show_emails: boolean; created_at: string; updated_at: string; icon?: File | null; link_previews?: boolean; public_publishing?: boolean };

/** What is stored in the log. */
export type LogEvent =
  | { kind: "NewChat"; data: NewChat; cursor: string }
  | { kind: "ChatUpdated"; data: ChatUpdated; cursor: string }
  | { kind: "ChatDeleted"; data: ChatDeleted; cursor: string }
  | { kind: "UserJoinedChat"; data: UserJoinedChat; cursor: string }
  | { kind: "ChatMemberUpdated"; data: ChatMemberUpdated; cursor: string }
  | { kind: "UserLeftChat"; data: UserLeftChat; cursor: string }
  | { kind: "UserBanned"; data: UserBanned; cursor: string }
  | { kind: "UserUnbanned"; data: UserUnbanned; cursor: string }
  | { kind: "ChatBanUpdated"; data: ChatBanUpdated; cursor: string }
  | { kind: "ChatInviteUpdated"; data: ChatInviteUpdated; cursor: string }
  | { kind: "ChatInviteDeleted"; data: ChatInviteDeleted; cursor: string }
  | { kind: "ChatAdminAdded"; data: ChatAdminAdded; cursor: string }
  | { kind: "ReadMarkerMoved"; data: ReadMarkerMoved; cursor: string }
  | { kind: "ChatNotificationsChanged"; data: ChatNotificationsChanged; cursor: string }
  | { kind: "DraftChanged"; data: DraftChanged; cursor: string }
  | { kind: "NewMessage"; data: NewMessage; cursor: string }
  | { kind: "MessageUpdated"; data: MessageUpdated; cursor: string }
  | { kind: "MessageFilesReady"; data: MessageFilesReady; cursor: string }
  | { kind: "MessageLinksUpdated"; data: MessageLinksUpdated; cursor: string }
  | { kind: "FileReady"; data: FileReady; cursor: string }
  | { kind: "FileRefused"; data: FileRefused; cursor: string }
  | { kind: "MessageDeleted"; data: MessageDeleted; cursor: string }
  | { kind: "ReactionAdded"; data: ReactionAdded; cursor: string }
  | { kind: "ReactionRemoved"; data: ReactionRemoved; cursor: string }
  | { kind: "MessagePinned"; data: MessagePinned; cursor: string }
  | { kind: "MessageUnpinned"; data: MessageUnpinned; cursor: string }
  | { kind: "ThreadUpdated"; data: ThreadUpdated; cursor: string }
  | { kind: "ThreadFollowed"; data: ThreadFollowed; cursor: string }
  | { kind: "ThreadUnfollowed"; data: ThreadUnfollowed; cursor: string }
  | { kind: "ThreadReadMarkerMoved"; data: ThreadReadMarkerMoved; cursor: string }
  | { kind: "NewBoard"; data: NewBoard; cursor: string }
  | { kind: "BoardUpdated"; data: BoardUpdated; cursor: string }
  | { kind: "BoardDeleted"; data: BoardDeleted; cursor: string }
  | { kind: "BoardRestored"; data: BoardRestored; cursor: string }
  | { kind: "UserJoinedBoard"; data: UserJoinedBoard; cursor: string }
  | { kind: "BoardMemberUpdated"; data: BoardMemberUpdated; cursor: string }
  | { kind: "UserLeftBoard"; data: UserLeftBoard; cursor: string }
  | { kind: "BoardInviteUpdated"; data: BoardInviteUpdated; cursor: string }
  | { kind: "BoardInviteDeleted"; data: BoardInviteDeleted; cursor: string }
  | { kind: "BoardOwnerAdded"; data: BoardOwnerAdded; cursor: string }
  | { kind: "BoardVersionUpdated"; data: BoardVersionUpdated; cursor: string }
  | { kind: "BoardVersionDeleted"; data: BoardVersionDeleted; cursor: string }
  | { kind: "BoardUpdateQuarantined"; data: BoardUpdateQuarantined; cursor: string }
  | { kind: "BoardThumbnailUpdated"; data: BoardThumbnailUpdated; cursor: string }
  | { kind: "BoardFilesUpdated"; data: BoardFilesUpdated; cursor: string }
  | { kind: "NewPage"; data: NewPage; cursor: string }
  | { kind: "PageUpdated"; data: PageUpdated; cursor: string }
  | { kind: "PageDeleted"; data: PageDeleted; cursor: string }
  | { kind: "PageRestored"; data: PageRestored; cursor: string }
  | { kind: "UserJoinedPage"; data: UserJoinedPage; cursor: string }
  | { kind: "PageMemberUpdated"; data: PageMemberUpdated; cursor: string }
  | { kind: "UserLeftPage"; data: UserLeftPage; cursor: string }
  | { kind: "PageInviteUpdated"; data: PageInviteUpdated; cursor: string }
  | { kind: "PageInviteDeleted"; data: PageInviteDeleted; cursor: string }
  | { kind: "PageOwnerAdded"; data: PageOwnerAdded; cursor: string }
  | { kind: "PageVersionUpdated"; data: PageVersionUpdated; cursor: string }
  | { kind: "PageVersionDeleted"; data: PageVersionDeleted; cursor: string }
  | { kind: "PageThumbnailUpdated"; data: PageThumbnailUpdated; cursor: string }
  | { kind: "PageFilesUpdated"; data: PageFilesUpdated; cursor: string }
  | { kind: "PageEdited"; data: PageEdited; cursor: string }
  | { kind: "PagePublicationUpdated"; data: PagePublicationUpdated; cursor: string }
  | { kind: "PageCommentUpdated"; data: PageCommentUpdated; cursor: string }
  | { kind: "PageCommentDeleted"; data: PageCommentDeleted; cursor: string }
  | { kind: "WorkspaceUpdated"; data: WorkspaceUpdated; cursor: string }
  | { kind: "WorkspaceMemberJoined"; data: WorkspaceMemberJoined; cursor: string }
  | { kind: "WorkspaceMemberUpdated"; data: WorkspaceMemberUpdated; cursor: string }
  | { kind: "WorkspaceMemberLeft"; data: WorkspaceMemberLeft; cursor: string }
  | { kind: "WorkspaceDeleted"; data: WorkspaceDeleted; cursor: string }
  | { kind: "WorkspaceMoved"; data: WorkspaceMoved; cursor: string }
  | { kind: "EmojiAdded"; data: EmojiAdded; cursor: string }
  | { kind: "EmojiRemoved"; data: EmojiRemoved; cursor: string }
  | { kind: "EmojiListed"; data: EmojiListed; cursor: string }
  | { kind: "FeaturesUpdated"; data: FeaturesUpdated; cursor: string }
  | { kind: "DelegationUpdated"; data: DelegationUpdated; cursor: string }
  | { kind: "DelegationRevoked"; data: DelegationRevoked; cursor: string }
  | { kind: "OrganizationUpdated"; data: OrganizationUpdated; cursor: string }
  | { kind: "OrganizationLeft"; data: OrganizationLeft; cursor: string }
  | { kind: "DirectoryUpdated"; data: DirectoryUpdated; cursor: string }
  | { kind: "AnnouncementUpdated"; data: AnnouncementUpdated; cursor: string }
  | { kind: "AnnouncementClosed"; data: AnnouncementClosed; cursor: string }
  | { kind: "ReportFiled"; data: ReportFiled; cursor: string }
  | { kind: "ReportUpdated"; data: ReportUpdated; cursor: string }
  | { kind: "ReportDeleted"; data: ReportDeleted; cursor: string }
  | { kind: "WorkspaceAdminAdded"; data: WorkspaceAdminAdded; cursor: string }
  | { kind: "ReportHandled"; data: ReportHandled; cursor: string }
  | { kind: "UserUpdated"; data: UserUpdated; cursor: string }
  | { kind: "PresenceModeChanged"; data: PresenceModeChanged; cursor: string }
  | { kind: "WorkspaceInvitationAdded"; data: WorkspaceInvitationAdded; cursor: string }
  | { kind: "WorkspaceInvitationDeleted"; data: WorkspaceInvitationDeleted; cursor: string }
  | { kind: "SessionStarted"; data: SessionStarted; cursor: string }
  | { kind: "TokenCreated"; data: TokenCreated; cursor: string }
  | { kind: "SecondFactorsChanged"; data: SecondFactorsChanged; cursor: string }
  | { kind: "SessionRevoked"; data: SessionRevoked; cursor: string };

/** What is delivered once. */
export type EphemeralEvent =
  | { kind: "PresenceChanged"; data: PresenceChanged; cursor: null }
  | { kind: "Typing"; data: Typing; cursor: null };
