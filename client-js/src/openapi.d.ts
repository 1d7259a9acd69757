// Made from the OpenAPI document by client-js/openapi/types.mjs.
export interface paths {
 "/api/auth/signup": {
  post: operations["ApiAuthSignupSignUp"];
 };
 "/api/auth/signin": {
  post: operations["ApiAuthSigninSignIn"];
 };
 "/api/auth/refresh": {
  post: operations["ApiAuthRefreshRefresh"];
 };
 "/api/auth/me": {
  get: operations["ApiAuthMeMe"];
 };
 "/api/auth/logout": {
  post: operations["ApiAuthLogoutLogOut"];
 };
 "/api/auth/logout-all": {
  post: operations["ApiAuthLogoutAllLogOutEverywhere"];
 };
 "/api/auth/reauthenticate": {
  post: operations["ApiAuthReauthenticateReauthenticate"];
 };
 "/api/auth/reauthenticate/passkey": {
  post: operations["ApiAuthReauthenticatePasskeyAskForPasskey"];
 };
 "/api/auth/tickets": {
  post: operations["ApiAuthTicketsAddTicket"];
 };
 "/api/auth/second-factor": {
  post: operations["ApiAuthSecondFactorCompleteSignIn"];
 };
 "/api/auth/second-factor/passkey": {
  post: operations["ApiAuthSecondFactorPasskeyAskForPasskey"];
 };
 "/api/auth/second-factor/totp": {
  post: operations["ApiAuthSecondFactorTotpEnrolAtSignIn"];
 };
 "/api/auth/second-factor/new-passkey": {
  post: operations["ApiAuthSecondFactorNewPasskeyAskForNewPasskey"];
 };
 "/api/auth/password/forgotten": {
  post: operations["ApiAuthPasswordForgottenForgetPassword"];
 };
 "/api/auth/reset": {
  post: operations["ApiAuthResetResetPassword"];
 };
 "/api/auth/address/verification": {
  post: operations["ApiAuthAddressVerificationSendVerification"];
 };
 "/api/auth/address/link": {
  post: operations["ApiAuthAddressLinkLookAtLink"];
 };
 "/api/auth/address/confirm": {
  post: operations["ApiAuthAddressConfirmConfirmAddress"];
 };
 "/api/auth/address/refuse": {
  post: operations["ApiAuthAddressRefuseRefuseAddress"];
 };
 "/api/auth/sessions": {
  get: operations["ApiAuthSessionsListSessions"];
 };
 "/api/auth/sessions/{session_id}": {
  delete: operations["ApiAuthSessionsSessionIdEndSession"];
 };
 "/api/auth/identities": {
  get: operations["ApiAuthIdentitiesListIdentities"];
 };
 "/api/auth/identities/{identity_id}": {
  delete: operations["ApiAuthIdentitiesIdentityIdRemoveIdentity"];
 };
 "/api/auth/factors": {
  get: operations["ApiAuthFactorsListFactors"];
 };
 "/api/auth/factors/totp": {
  post: operations["ApiAuthFactorsTotpBeginTotp"];
  delete: operations["ApiAuthFactorsTotpRemoveTotp"];
 };
 "/api/auth/factors/totp/confirm": {
  post: operations["ApiAuthFactorsTotpConfirmConfirmTotp"];
 };
 "/api/auth/factors/recovery-codes": {
  post: operations["ApiAuthFactorsRecoveryCodesRenewRecoveryCodes"];
 };
 "/api/auth/passkeys/sign-in/options": {
  post: operations["ApiAuthPasskeysSignInOptionsAskWho"];
 };
 "/api/auth/passkeys/sign-in": {
  post: operations["ApiAuthPasskeysSignInSignInByPasskey"];
 };
 "/api/auth/factors/passkeys/options": {
  post: operations["ApiAuthFactorsPasskeysOptionsAskForNew"];
 };
 "/api/auth/factors/passkeys": {
  post: operations["ApiAuthFactorsPasskeysAddPasskey"];
 };
 "/api/auth/factors/passkeys/{passkey_id}": {
  delete: operations["ApiAuthFactorsPasskeysPasskeyIdRemovePasskey"];
 };
 "/api/auth/tokens": {
  get: operations["ApiAuthTokensListTokens"];
  post: operations["ApiAuthTokensMakeToken"];
 };
 "/api/auth/tokens/{token_id}": {
  delete: operations["ApiAuthTokensTokenIdEndToken"];
 };
 "/api/auth/providers": {
  get: operations["ApiAuthProvidersListProviders"];
 };
 "/api/auth/provider-session": {
  post: operations["ApiAuthProviderSessionBeginProviderSession"];
 };
 "/api/auth/provider-logout": {
  get: operations["ApiAuthProviderLogoutProviderLogout"];
 };
 "/api/auth/oidc/{provider}/link": {
  post: operations["ApiAuthOidcProviderLinkBeginLink"];
 };
 "/api/auth/oidc/{provider}/reauthenticate": {
  post: operations["ApiAuthOidcProviderReauthenticateBeginReauthentication"];
 };
 "/api/auth/oidc/{provider}/backchannel-logout": {
  post: operations["ApiAuthOidcProviderBackchannelLogoutBackChannelLogout"];
 };
 "/api/auth/saml/{provider}/link": {
  post: operations["ApiAuthSamlProviderLinkBeginSamlLink"];
 };
 "/api/auth/ldap/{directory}/sign-in": {
  post: operations["ApiAuthLdapDirectorySignInSignInAtDirectory"];
 };
 "/api/auth/ldap/{directory}/link": {
  post: operations["ApiAuthLdapDirectoryLinkLinkDirectory"];
 };
 "/api/auth/clerk/session": {
  post: operations["ApiAuthClerkSessionExchange"];
 };
 "/api/auth/clerk/link": {
  post: operations["ApiAuthClerkLinkLink"];
 };
 "/api/webhooks/clerk": {
  post: operations["ApiWebhooksClerkWebhook"];
 };
 "/api/users": {
  get: operations["ApiUsersListUsers"];
 };
 "/api/users/me": {
  delete: operations["ApiUsersMeDeleteOwnAccount"];
  patch: operations["ApiUsersMeUpdateProfile"];
 };
 "/api/users/me/password": {
  post: operations["ApiUsersMePasswordChangePassword"];
 };
 "/api/users/me/deactivate": {
  post: operations["ApiUsersMeDeactivateDeactivate"];
 };
 "/api/workspaces": {
  get: operations["ApiWorkspacesListWorkspaces"];
  post: operations["ApiWorkspacesCreateWorkspace"];
 };
 "/api/workspaces/{workspace_id}": {
  get: operations["ApiWorkspacesWorkspaceIdShowWorkspace"];
  put: operations["ApiWorkspacesWorkspaceIdUpdateWorkspace"];
  delete: operations["ApiWorkspacesWorkspaceIdDeleteWorkspace"];
 };
 "/api/workspaces/{workspace_id}/storage": {
  get: operations["ApiWorkspacesWorkspaceIdStorageShowStorage"];
 };
 "/api/workspaces/{workspace_id}/members": {
  get: operations["ApiWorkspacesWorkspaceIdMembersListWorkspaceMembers"];
  post: operations["ApiWorkspacesWorkspaceIdMembersAddWorkspaceMember"];
 };
 "/api/workspaces/{workspace_id}/members/{user_id}": {
  delete: operations["ApiWorkspacesWorkspaceIdMembersUserIdRemoveWorkspaceMember"];
  patch: operations["ApiWorkspacesWorkspaceIdMembersUserIdSetWorkspaceRole"];
 };
 "/api/workspaces/{workspace_id}/invitations": {
  get: operations["ApiWorkspacesWorkspaceIdInvitationsListWorkspaceInvitations"];
  post: operations["ApiWorkspacesWorkspaceIdInvitationsInviteIntoWorkspace"];
 };
 "/api/workspaces/{workspace_id}/invitations/{user_id}": {
  delete: operations["ApiWorkspacesWorkspaceIdInvitationsUserIdWithdrawWorkspaceInvitation"];
 };
 "/api/invitations": {
  get: operations["ApiInvitationsListInvitations"];
 };
 "/api/invitations/{workspace_id}/accept": {
  post: operations["ApiInvitationsWorkspaceIdAcceptAcceptInvitation"];
 };
 "/api/invitations/{workspace_id}/decline": {
  post: operations["ApiInvitationsWorkspaceIdDeclineDeclineInvitation"];
 };
 "/api/invitation-blocks": {
  get: operations["ApiInvitationBlocksListInvitationBlocks"];
 };
 "/api/invitation-blocks/{block_id}": {
  delete: operations["ApiInvitationBlocksBlockIdLiftInvitationBlock"];
 };
 "/api/workspaces/{workspace_id}/emoji": {
  get: operations["ApiWorkspacesWorkspaceIdEmojiListEmoji"];
 };
 "/api/workspaces/{workspace_id}/emoji/{name}": {
  put: operations["ApiWorkspacesWorkspaceIdEmojiNameAddEmoji"];
  delete: operations["ApiWorkspacesWorkspaceIdEmojiNameRemoveEmoji"];
 };
 "/api/workspaces/{workspace_id}/required-provider": {
  get: operations["ApiWorkspacesWorkspaceIdRequiredProviderShowRequiredProvider"];
  put: operations["ApiWorkspacesWorkspaceIdRequiredProviderRequireProvider"];
  delete: operations["ApiWorkspacesWorkspaceIdRequiredProviderRequireNoProvider"];
 };
 "/api/workspaces/{workspace_id}/required-second-factor": {
  get: operations["ApiWorkspacesWorkspaceIdRequiredSecondFactorShowRequiredSecondFactor"];
  put: operations["ApiWorkspacesWorkspaceIdRequiredSecondFactorRequireSecondFactor"];
  delete: operations["ApiWorkspacesWorkspaceIdRequiredSecondFactorRequireNoSecondFactor"];
 };
 "/api/workspaces/{workspace_id}/audit": {
  get: operations["ApiWorkspacesWorkspaceIdAuditListAudit"];
 };
 "/api/workspaces/{workspace_id}/holds": {
  get: operations["ApiWorkspacesWorkspaceIdHoldsListHolds"];
  post: operations["ApiWorkspacesWorkspaceIdHoldsPlaceHold"];
 };
 "/api/workspaces/{workspace_id}/holds/{hold_id}": {
  get: operations["ApiWorkspacesWorkspaceIdHoldsHoldIdShowHold"];
 };
 "/api/workspaces/{workspace_id}/holds/{hold_id}/release": {
  post: operations["ApiWorkspacesWorkspaceIdHoldsHoldIdReleaseReleaseHold"];
 };
 "/api/workspaces/{workspace_id}/cases": {
  get: operations["ApiWorkspacesWorkspaceIdCasesListCases"];
  post: operations["ApiWorkspacesWorkspaceIdCasesAskForCase"];
 };
 "/api/workspaces/{workspace_id}/cases/{case_id}": {
  get: operations["ApiWorkspacesWorkspaceIdCasesCaseIdShowCase"];
 };
 "/api/workspaces/{workspace_id}/cases/{case_id}/approve": {
  post: operations["ApiWorkspacesWorkspaceIdCasesCaseIdApproveApproveCase"];
 };
 "/api/workspaces/{workspace_id}/cases/{case_id}/decline": {
  post: operations["ApiWorkspacesWorkspaceIdCasesCaseIdDeclineDeclineCase"];
 };
 "/api/workspaces/{workspace_id}/cases/{case_id}/export": {
  get: operations["ApiWorkspacesWorkspaceIdCasesCaseIdExportExportCase"];
 };
 "/api/workspaces/{workspace_id}/dlp-rules": {
  get: operations["ApiWorkspacesWorkspaceIdDlpRulesListRules"];
  post: operations["ApiWorkspacesWorkspaceIdDlpRulesAddRule"];
 };
 "/api/workspaces/{workspace_id}/dlp-rules/{rule_id}": {
  delete: operations["ApiWorkspacesWorkspaceIdDlpRulesRuleIdRemoveRule"];
  patch: operations["ApiWorkspacesWorkspaceIdDlpRulesRuleIdChangeRule"];
 };
 "/api/workspaces/{workspace_id}/held-messages": {
  get: operations["ApiWorkspacesWorkspaceIdHeldMessagesListHeldMessages"];
 };
 "/api/workspaces/{workspace_id}/held-messages/{held_id}/release": {
  post: operations["ApiWorkspacesWorkspaceIdHeldMessagesHeldIdReleaseReleaseHeldMessage"];
 };
 "/api/workspaces/{workspace_id}/held-messages/{held_id}/dismiss": {
  post: operations["ApiWorkspacesWorkspaceIdHeldMessagesHeldIdDismissDismissHeldMessage"];
 };
 "/api/chats": {
  get: operations["ApiChatsListChats"];
  post: operations["ApiChatsCreateChat"];
 };
 "/api/chats/{chat_id}": {
  get: operations["ApiChatsChatIdShowChat"];
  put: operations["ApiChatsChatIdUpdateChat"];
  delete: operations["ApiChatsChatIdDeleteChat"];
 };
 "/api/chats/{chat_id}/password": {
  put: operations["ApiChatsChatIdPasswordSetChatPassword"];
  delete: operations["ApiChatsChatIdPasswordRemoveChatPassword"];
 };
 "/api/chats/{chat_id}/archive": {
  post: operations["ApiChatsChatIdArchiveArchiveChat"];
 };
 "/api/chats/{chat_id}/unarchive": {
  post: operations["ApiChatsChatIdUnarchiveUnarchiveChat"];
 };
 "/api/chats/{chat_id}/members": {
  get: operations["ApiChatsChatIdMembersListChatMembers"];
  post: operations["ApiChatsChatIdMembersAddChatMember"];
 };
 "/api/chats/{chat_id}/members/{user_id}": {
  delete: operations["ApiChatsChatIdMembersUserIdRemoveChatMember"];
  patch: operations["ApiChatsChatIdMembersUserIdSetChatRole"];
 };
 "/api/chats/{chat_id}/leave": {
  post: operations["ApiChatsChatIdLeaveLeaveChat"];
 };
 "/api/chats/{chat_id}/join": {
  post: operations["ApiChatsChatIdJoinJoinChat"];
 };
 "/api/chats/{chat_id}/members/{user_id}/silence": {
  put: operations["ApiChatsChatIdMembersUserIdSilenceSilenceMember"];
  delete: operations["ApiChatsChatIdMembersUserIdSilenceEndSilence"];
 };
 "/api/chats/{chat_id}/transfer": {
  post: operations["ApiChatsChatIdTransferTransferChat"];
 };
 "/api/chats/{chat_id}/bans": {
  get: operations["ApiChatsChatIdBansListBans"];
 };
 "/api/chats/{chat_id}/bans/{user_id}": {
  put: operations["ApiChatsChatIdBansUserIdBan"];
  delete: operations["ApiChatsChatIdBansUserIdLiftBan"];
 };
 "/api/chats/{chat_id}/invites": {
  get: operations["ApiChatsChatIdInvitesListChatInvites"];
  post: operations["ApiChatsChatIdInvitesCreateChatInvite"];
 };
 "/api/boards/{board_id}/invites": {
  get: operations["ApiBoardsBoardIdInvitesListBoardInvites"];
  post: operations["ApiBoardsBoardIdInvitesCreateBoardInvite"];
 };
 "/api/pages/{page_id}/invites": {
  get: operations["ApiPagesPageIdInvitesListPageInvites"];
  post: operations["ApiPagesPageIdInvitesCreatePageInvite"];
 };
 "/api/chats/{chat_id}/invites/{invite_id}": {
  delete: operations["ApiChatsChatIdInvitesInviteIdRevokeChatInvite"];
 };
 "/api/boards/{board_id}/invites/{invite_id}": {
  delete: operations["ApiBoardsBoardIdInvitesInviteIdRevokeBoardInvite"];
 };
 "/api/pages/{page_id}/invites/{invite_id}": {
  delete: operations["ApiPagesPageIdInvitesInviteIdRevokePageInvite"];
 };
 "/api/invites/{token}": {
  get: operations["ApiInvitesTokenShowInvite"];
 };
 "/api/invites/{token}/preview": {
  get: operations["ApiInvitesTokenPreviewPreviewInvite"];
 };
 "/api/invites/{token}/accept": {
  post: operations["ApiInvitesTokenAcceptAcceptInvite"];
 };
 "/api/chats/{chat_id}/messages": {
  get: operations["ApiChatsChatIdMessagesListMessages"];
  post: operations["ApiChatsChatIdMessagesPostMessage"];
 };
 "/api/chats/{chat_id}/messages/{message_id}": {
  get: operations["ApiChatsChatIdMessagesMessageIdShowMessage"];
  delete: operations["ApiChatsChatIdMessagesMessageIdDeleteMessage"];
  patch: operations["ApiChatsChatIdMessagesMessageIdEditMessage"];
 };
 "/api/messages/{message_id}": {
  get: operations["ApiMessagesMessageIdFindMessage"];
 };
 "/api/chats/{chat_id}/messages/{message_id}/edits": {
  get: operations["ApiChatsChatIdMessagesMessageIdEditsListEdits"];
 };
 "/api/chats/{chat_id}/messages/{message_id}/reactions": {
  get: operations["ApiChatsChatIdMessagesMessageIdReactionsListReactions"];
 };
 "/api/chats/{chat_id}/messages/{message_id}/reactions/{emoji}": {
  put: operations["ApiChatsChatIdMessagesMessageIdReactionsEmojiAddReaction"];
  delete: operations["ApiChatsChatIdMessagesMessageIdReactionsEmojiRemoveReaction"];
 };
 "/api/chats/{chat_id}/pins": {
  get: operations["ApiChatsChatIdPinsListPins"];
 };
 "/api/chats/{chat_id}/messages/{message_id}/pin": {
  put: operations["ApiChatsChatIdMessagesMessageIdPinPinMessage"];
  delete: operations["ApiChatsChatIdMessagesMessageIdPinUnpinMessage"];
 };
 "/api/threads": {
  get: operations["ApiThreadsListThreads"];
 };
 "/api/chats/{chat_id}/messages/{message_id}/thread": {
  get: operations["ApiChatsChatIdMessagesMessageIdThreadListReplies"];
 };
 "/api/chats/{chat_id}/messages/{message_id}/thread/follow": {
  put: operations["ApiChatsChatIdMessagesMessageIdThreadFollowFollowThread"];
  delete: operations["ApiChatsChatIdMessagesMessageIdThreadFollowUnfollowThread"];
 };
 "/api/chats/{chat_id}/messages/{message_id}/thread/read": {
  post: operations["ApiChatsChatIdMessagesMessageIdThreadReadReadThread"];
 };
 "/api/chats/{chat_id}/messages/{message_id}/report": {
  post: operations["ApiChatsChatIdMessagesMessageIdReportReportMessage"];
 };
 "/api/workspaces/{workspace_id}/reports": {
  get: operations["ApiWorkspacesWorkspaceIdReportsListReports"];
 };
 "/api/workspaces/{workspace_id}/reports/{report_id}": {
  get: operations["ApiWorkspacesWorkspaceIdReportsReportIdShowReport"];
  patch: operations["ApiWorkspacesWorkspaceIdReportsReportIdHandleReport"];
 };
 "/api/workspaces/{workspace_id}/boards": {
  get: operations["ApiWorkspacesWorkspaceIdBoardsListBoards"];
  post: operations["ApiWorkspacesWorkspaceIdBoardsCreateBoard"];
 };
 "/api/boards/{board_id}": {
  get: operations["ApiBoardsBoardIdShowBoard"];
  delete: operations["ApiBoardsBoardIdDeleteBoard"];
  patch: operations["ApiBoardsBoardIdUpdateBoard"];
 };
 "/api/boards/{board_id}/restore": {
  post: operations["ApiBoardsBoardIdRestoreRestoreBoard"];
 };
 "/api/boards/{board_id}/members": {
  get: operations["ApiBoardsBoardIdMembersListBoardMembers"];
  post: operations["ApiBoardsBoardIdMembersAddBoardMember"];
 };
 "/api/boards/{board_id}/members/{user_id}": {
  delete: operations["ApiBoardsBoardIdMembersUserIdRemoveBoardMember"];
  patch: operations["ApiBoardsBoardIdMembersUserIdSetBoardRole"];
 };
 "/api/boards/{board_id}/transfer": {
  post: operations["ApiBoardsBoardIdTransferTransferBoard"];
 };
 "/api/boards/{board_id}/thumbnail": {
  get: operations["ApiBoardsBoardIdThumbnailShowThumbnail"];
  put: operations["ApiBoardsBoardIdThumbnailSetThumbnail"];
  delete: operations["ApiBoardsBoardIdThumbnailRemoveThumbnail"];
 };
 "/api/boards/{board_id}/files": {
  get: operations["ApiBoardsBoardIdFilesListBoardFiles"];
 };
 "/api/boards/{board_id}/files/{file_id}": {
  put: operations["ApiBoardsBoardIdFilesFileIdAttachBoardFile"];
  delete: operations["ApiBoardsBoardIdFilesFileIdDetachBoardFile"];
 };
 "/api/boards/{board_id}/versions": {
  get: operations["ApiBoardsBoardIdVersionsListBoardVersions"];
  post: operations["ApiBoardsBoardIdVersionsCreateBoardVersion"];
 };
 "/api/boards/{board_id}/versions/{version_id}": {
  get: operations["ApiBoardsBoardIdVersionsVersionIdShowBoardVersion"];
  delete: operations["ApiBoardsBoardIdVersionsVersionIdDeleteBoardVersion"];
  patch: operations["ApiBoardsBoardIdVersionsVersionIdRenameBoardVersion"];
 };
 "/api/boards/{board_id}/versions/{version_id}/compare": {
  get: operations["ApiBoardsBoardIdVersionsVersionIdCompareCompareBoardVersions"];
 };
 "/api/boards/{board_id}/versions/{version_id}/restore": {
  post: operations["ApiBoardsBoardIdVersionsVersionIdRestoreRestoreBoardVersion"];
 };
 "/api/boards/{board_id}/export": {
  get: operations["ApiBoardsBoardIdExportExportBoard"];
 };
 "/api/boards/{board_id}/versions/{version_id}/export": {
  get: operations["ApiBoardsBoardIdVersionsVersionIdExportExportBoardVersion"];
 };
 "/api/boards/{board_id}/quarantine": {
  get: operations["ApiBoardsBoardIdQuarantineListBoardQuarantine"];
 };
 "/api/workspaces/{workspace_id}/pages": {
  get: operations["ApiWorkspacesWorkspaceIdPagesListPages"];
  post: operations["ApiWorkspacesWorkspaceIdPagesCreatePage"];
 };
 "/api/pages/{page_id}": {
  get: operations["ApiPagesPageIdShowPage"];
  delete: operations["ApiPagesPageIdDeletePage"];
  patch: operations["ApiPagesPageIdUpdatePage"];
 };
 "/api/pages/{page_id}/restore": {
  post: operations["ApiPagesPageIdRestoreRestorePage"];
 };
 "/api/pages/{page_id}/members": {
  get: operations["ApiPagesPageIdMembersListPageMembers"];
  post: operations["ApiPagesPageIdMembersAddPageMember"];
 };
 "/api/pages/{page_id}/members/{user_id}": {
  delete: operations["ApiPagesPageIdMembersUserIdRemovePageMember"];
  patch: operations["ApiPagesPageIdMembersUserIdSetPageRole"];
 };
 "/api/pages/{page_id}/transfer": {
  post: operations["ApiPagesPageIdTransferTransferPage"];
 };
 "/api/pages/{page_id}/thumbnail": {
  get: operations["ApiPagesPageIdThumbnailShowPageThumbnail"];
  put: operations["ApiPagesPageIdThumbnailSetPageThumbnail"];
  delete: operations["ApiPagesPageIdThumbnailRemovePageThumbnail"];
 };
 "/api/pages/{page_id}/files": {
  get: operations["ApiPagesPageIdFilesListPageFiles"];
 };
 "/api/pages/{page_id}/files/{file_id}": {
  put: operations["ApiPagesPageIdFilesFileIdAttachPageFile"];
  delete: operations["ApiPagesPageIdFilesFileIdDetachPageFile"];
 };
 "/api/pages/{page_id}/content": {
  get: operations["ApiPagesPageIdContentShowPageContent"];
  patch: operations["ApiPagesPageIdContentPatchPageContent"];
 };
 "/api/pages/{page_id}/history": {
  get: operations["ApiPagesPageIdHistoryListPageEdits"];
 };
 "/api/pages/{page_id}/diff": {
  get: operations["ApiPagesPageIdDiffComparePageVersions"];
 };
 "/api/pages/{page_id}/versions/{version_id}/restore": {
  post: operations["ApiPagesPageIdVersionsVersionIdRestoreRestorePageVersion"];
 };
 "/api/pages/{page_id}/versions": {
  get: operations["ApiPagesPageIdVersionsListPageVersions"];
  post: operations["ApiPagesPageIdVersionsCreatePageVersion"];
 };
 "/api/pages/{page_id}/versions/{version_id}": {
  get: operations["ApiPagesPageIdVersionsVersionIdShowPageVersion"];
  delete: operations["ApiPagesPageIdVersionsVersionIdDeletePageVersion"];
  patch: operations["ApiPagesPageIdVersionsVersionIdRenamePageVersion"];
 };
 "/api/pages/{page_id}/export": {
  get: operations["ApiPagesPageIdExportExportPage"];
 };
 "/api/pages/{page_id}/versions/{version_id}/export": {
  get: operations["ApiPagesPageIdVersionsVersionIdExportExportPageVersion"];
 };
 "/api/pages/{page_id}/comments": {
  get: operations["ApiPagesPageIdCommentsListPageComments"];
  post: operations["ApiPagesPageIdCommentsCreatePageComment"];
 };
 "/api/pages/{page_id}/comments/{comment_id}": {
  get: operations["ApiPagesPageIdCommentsCommentIdShowPageComment"];
  delete: operations["ApiPagesPageIdCommentsCommentIdDeletePageComment"];
  patch: operations["ApiPagesPageIdCommentsCommentIdChangePageComment"];
 };
 "/api/pages/{page_id}/publish": {
  get: operations["ApiPagesPageIdPublishShowPagePublication"];
  post: operations["ApiPagesPageIdPublishPublishPage"];
  delete: operations["ApiPagesPageIdPublishUnpublishPage"];
 };
 "/api/published/{slug}": {
  get: operations["ApiPublishedSlugShowPublished"];
 };
 "/api/published/cookie": {
  post: operations["ApiPublishedCookieSetPublishedCookie"];
 };
 "/api/chats/{chat_id}/read": {
  post: operations["ApiChatsChatIdReadMoveReadMarker"];
 };
 "/api/chats/{chat_id}/unread": {
  post: operations["ApiChatsChatIdUnreadMarkUnread"];
 };
 "/api/chats/{chat_id}/readers": {
  get: operations["ApiChatsChatIdReadersListReaders"];
 };
 "/api/chats/{chat_id}/me": {
  patch: operations["ApiChatsChatIdMeSetNotifications"];
 };
 "/api/chats/{chat_id}/draft": {
  get: operations["ApiChatsChatIdDraftShowDraft"];
  put: operations["ApiChatsChatIdDraftSaveDraft"];
  delete: operations["ApiChatsChatIdDraftDropDraft"];
 };
 "/api/chats/{chat_id}/messages/{message_id}/thread/draft": {
  get: operations["ApiChatsChatIdMessagesMessageIdThreadDraftShowThreadDraft"];
  put: operations["ApiChatsChatIdMessagesMessageIdThreadDraftSaveThreadDraft"];
  delete: operations["ApiChatsChatIdMessagesMessageIdThreadDraftDropThreadDraft"];
 };
 "/api/mentions": {
  get: operations["ApiMentionsListMentions"];
 };
 "/api/chats/{chat_id}/typing": {
  post: operations["ApiChatsChatIdTypingTellTyping"];
 };
 "/api/presence": {
  get: operations["ApiPresenceListPresences"];
 };
 "/api/users/me/presence": {
  put: operations["ApiUsersMePresenceChoosePresence"];
 };
 "/api/users/me/status": {
  put: operations["ApiUsersMeStatusSetStatus"];
 };
 "/api/users/me/activity": {
  put: operations["ApiUsersMeActivityReportActivity"];
 };
 "/api/sync": {
  get: operations["ApiSyncSync"];
 };
 "/api/search": {
  get: operations["ApiSearchSearchMessages"];
 };
 "/api/search/chats": {
  get: operations["ApiSearchChatsSearchChats"];
 };
 "/api/search/boards": {
  get: operations["ApiSearchBoardsSearchBoards"];
 };
 "/api/search/pages": {
  get: operations["ApiSearchPagesSearchPages"];
 };
 "/api/search/files": {
  get: operations["ApiSearchFilesSearchFiles"];
 };
 "/api/search/people": {
  get: operations["ApiSearchPeopleSearchPeople"];
 };
 "/api/files": {
  get: operations["ApiFilesListOwnFiles"];
 };
 "/api/workspaces/{workspace_id}/files": {
  post: operations["ApiWorkspacesWorkspaceIdFilesUploadFile"];
 };
 "/api/files/{file_id}": {
  get: operations["ApiFilesFileIdFetchFile"];
  delete: operations["ApiFilesFileIdDiscardFile"];
 };
 "/api/files/{file_id}/previews/{name}": {
  get: operations["ApiFilesFileIdPreviewsNameFetchPreview"];
 };
 "/api/files/{file_id}/picture": {
  get: operations["ApiFilesFileIdPictureFetchPicture"];
 };
 "/api/files/{file_id}/info": {
  get: operations["ApiFilesFileIdInfoShowFile"];
 };
 "/api/workspaces/{workspace_id}/uploads": {
  post: operations["ApiWorkspacesWorkspaceIdUploadsBeginUpload"];
 };
 "/api/uploads/{upload_id}": {
  get: operations["ApiUploadsUploadIdShowUpload"];
  delete: operations["ApiUploadsUploadIdEndUpload"];
  patch: operations["ApiUploadsUploadIdAppendToUpload"];
 };
 "/api/files/cookie": {
  post: operations["ApiFilesCookieSetCookie"];
 };
 "/api/files/{file_id}/link": {
  post: operations["ApiFilesFileIdLinkCreateLink"];
 };
 "/api/linked/files/{file_id}": {
  get: operations["ApiLinkedFilesFileIdFollowLink"];
 };
 "/api/files/link-images/{chat_id}/{message_id}/{link_id}": {
  get: operations["ApiFilesLinkImagesChatIdMessageIdLinkIdFetchLinkImage"];
 };
 "/api/links/resolve": {
  post: operations["ApiLinksResolveResolveLinks"];
 };
 "/api/chats/{chat_id}/messages/{message_id}/links": {
  delete: operations["ApiChatsChatIdMessagesMessageIdLinksRemoveLinks"];
 };
 "/api/features": {
  get: operations["ApiFeaturesShowFeatures"];
 };
 "/api/organizations": {
  get: operations["ApiOrganizationsListOrganizations"];
  post: operations["ApiOrganizationsCreateOrganization"];
 };
 "/api/organizations/{organization_id}": {
  get: operations["ApiOrganizationsOrganizationIdShowOrganization"];
  put: operations["ApiOrganizationsOrganizationIdRenameOrganization"];
  delete: operations["ApiOrganizationsOrganizationIdDeleteOrganization"];
 };
 "/api/organizations/{organization_id}/members": {
  get: operations["ApiOrganizationsOrganizationIdMembersListOrganizationMembers"];
  post: operations["ApiOrganizationsOrganizationIdMembersAddOrganizationMember"];
 };
 "/api/organizations/{organization_id}/members/{user_id}": {
  delete: operations["ApiOrganizationsOrganizationIdMembersUserIdRemoveOrganizationMember"];
  patch: operations["ApiOrganizationsOrganizationIdMembersUserIdChangeOrganizationMember"];
 };
 "/api/organizations/{organization_id}/workspaces": {
  get: operations["ApiOrganizationsOrganizationIdWorkspacesListOrganizationWorkspaces"];
 };
 "/api/organizations/{organization_id}/workspaces/{workspace_id}": {
  put: operations["ApiOrganizationsOrganizationIdWorkspacesWorkspaceIdPutWorkspace"];
  delete: operations["ApiOrganizationsOrganizationIdWorkspacesWorkspaceIdTakeWorkspace"];
 };
 "/api/organizations/{organization_id}/features/{name}": {
  put: operations["ApiOrganizationsOrganizationIdFeaturesNameSwitchFeature"];
 };
 "/api/organizations/{organization_id}/departments": {
  get: operations["ApiOrganizationsOrganizationIdDepartmentsListDepartments"];
  post: operations["ApiOrganizationsOrganizationIdDepartmentsCreateDepartment"];
 };
 "/api/organizations/{organization_id}/departments/{department_id}": {
  delete: operations["ApiOrganizationsOrganizationIdDepartmentsDepartmentIdDeleteDepartment"];
  patch: operations["ApiOrganizationsOrganizationIdDepartmentsDepartmentIdChangeDepartment"];
 };
 "/api/organizations/{organization_id}/departments/{department_id}/appointments": {
  get: operations["ApiOrganizationsOrganizationIdDepartmentsDepartmentIdAppointmentsListAppointments"];
 };
 "/api/organizations/{organization_id}/appointments": {
  post: operations["ApiOrganizationsOrganizationIdAppointmentsCreateAppointment"];
 };
 "/api/organizations/{organization_id}/appointments/{appointment_id}": {
  put: operations["ApiOrganizationsOrganizationIdAppointmentsAppointmentIdChangeAppointment"];
  delete: operations["ApiOrganizationsOrganizationIdAppointmentsAppointmentIdEndAppointment"];
 };
 "/api/organizations/{organization_id}/positions": {
  get: operations["ApiOrganizationsOrganizationIdPositionsListPositions"];
  post: operations["ApiOrganizationsOrganizationIdPositionsCreatePosition"];
 };
 "/api/organizations/{organization_id}/positions/{position_id}": {
  put: operations["ApiOrganizationsOrganizationIdPositionsPositionIdRenamePosition"];
  delete: operations["ApiOrganizationsOrganizationIdPositionsPositionIdDeletePosition"];
 };
 "/api/organizations/{organization_id}/groups": {
  get: operations["ApiOrganizationsOrganizationIdGroupsListGroups"];
  post: operations["ApiOrganizationsOrganizationIdGroupsCreateGroup"];
 };
 "/api/organizations/{organization_id}/groups/{group_id}": {
  delete: operations["ApiOrganizationsOrganizationIdGroupsGroupIdDeleteGroup"];
  patch: operations["ApiOrganizationsOrganizationIdGroupsGroupIdChangeGroup"];
 };
 "/api/organizations/{organization_id}/groups/{group_id}/members": {
  get: operations["ApiOrganizationsOrganizationIdGroupsGroupIdMembersListGroupMembers"];
 };
 "/api/organizations/{organization_id}/groups/{group_id}/members/{user_id}": {
  put: operations["ApiOrganizationsOrganizationIdGroupsGroupIdMembersUserIdPutGroupMember"];
  delete: operations["ApiOrganizationsOrganizationIdGroupsGroupIdMembersUserIdTakeGroupMember"];
 };
 "/api/organizations/{organization_id}/people": {
  get: operations["ApiOrganizationsOrganizationIdPeopleSearchDirectory"];
 };
 "/api/organizations/{organization_id}/directory-list": {
  post: operations["ApiOrganizationsOrganizationIdDirectoryListImportDirectoryList"];
 };
 "/api/organizations/{organization_id}/department-chats": {
  get: operations["ApiOrganizationsOrganizationIdDepartmentChatsListDepartmentChats"];
 };
 "/api/organizations/{organization_id}/departments/{department_id}/chats/{chat_id}": {
  put: operations["ApiOrganizationsOrganizationIdDepartmentsDepartmentIdChatsChatIdFollowDepartment"];
  delete: operations["ApiOrganizationsOrganizationIdDepartmentsDepartmentIdChatsChatIdLeaveDepartment"];
 };
 "/api/announcements": {
  get: operations["ApiAnnouncementsListAnnouncements"];
 };
 "/api/announcements/{announcement_id}": {
  get: operations["ApiAnnouncementsAnnouncementIdShowAnnouncement"];
 };
 "/api/announcements/{announcement_id}/acknowledgement": {
  put: operations["ApiAnnouncementsAnnouncementIdAcknowledgementAcknowledgeAnnouncement"];
 };
 "/api/organizations/{organization_id}/announcements": {
  get: operations["ApiOrganizationsOrganizationIdAnnouncementsListPublishedAnnouncements"];
  post: operations["ApiOrganizationsOrganizationIdAnnouncementsPublishAnnouncement"];
 };
 "/api/organizations/{organization_id}/announcements/{announcement_id}": {
  get: operations["ApiOrganizationsOrganizationIdAnnouncementsAnnouncementIdShowPublishedAnnouncement"];
  delete: operations["ApiOrganizationsOrganizationIdAnnouncementsAnnouncementIdWithdrawAnnouncement"];
  patch: operations["ApiOrganizationsOrganizationIdAnnouncementsAnnouncementIdChangeAnnouncement"];
 };
 "/api/organizations/{organization_id}/announcements/{announcement_id}/recipients": {
  get: operations["ApiOrganizationsOrganizationIdAnnouncementsAnnouncementIdRecipientsListAnnouncementRecipients"];
 };
 "/api/organizations/{organization_id}/visibility-rules": {
  get: operations["ApiOrganizationsOrganizationIdVisibilityRulesListVisibilityRules"];
  post: operations["ApiOrganizationsOrganizationIdVisibilityRulesCreateVisibilityRule"];
 };
 "/api/organizations/{organization_id}/visibility-rules/{rule_id}": {
  delete: operations["ApiOrganizationsOrganizationIdVisibilityRulesRuleIdDeleteVisibilityRule"];
 };
 "/api/delegations": {
  get: operations["ApiDelegationsListDelegations"];
  post: operations["ApiDelegationsOfferDelegation"];
 };
 "/api/delegations/{delegation_id}/accept": {
  post: operations["ApiDelegationsDelegationIdAcceptAcceptDelegation"];
 };
 "/api/delegations/{delegation_id}": {
  delete: operations["ApiDelegationsDelegationIdRevokeDelegation"];
 };
 "/api/organizations/{organization_id}/roles": {
  get: operations["ApiOrganizationsOrganizationIdRolesListRoles"];
  post: operations["ApiOrganizationsOrganizationIdRolesCreateRole"];
 };
 "/api/organizations/{organization_id}/roles/{role_id}": {
  delete: operations["ApiOrganizationsOrganizationIdRolesRoleIdDeleteRole"];
  patch: operations["ApiOrganizationsOrganizationIdRolesRoleIdChangeRole"];
 };
 "/api/organizations/{organization_id}/role-bindings": {
  get: operations["ApiOrganizationsOrganizationIdRoleBindingsListRoleBindings"];
  post: operations["ApiOrganizationsOrganizationIdRoleBindingsBindRole"];
 };
 "/api/organizations/{organization_id}/role-bindings/{binding_id}": {
  delete: operations["ApiOrganizationsOrganizationIdRoleBindingsBindingIdUnbindRole"];
  patch: operations["ApiOrganizationsOrganizationIdRoleBindingsBindingIdChangeRoleBinding"];
 };
 "/api/permissions": {
  get: operations["ApiPermissionsListPermissions"];
 };
 "/api/permissions/explain": {
  get: operations["ApiPermissionsExplainExplainPermission"];
 };
 "/api/workspaces/{workspace_id}/bots": {
  get: operations["ApiWorkspacesWorkspaceIdBotsListBots"];
  post: operations["ApiWorkspacesWorkspaceIdBotsCreateBot"];
 };
 "/api/bots/{bot_id}": {
  delete: operations["ApiBotsBotIdDeleteBot"];
  patch: operations["ApiBotsBotIdChangeBot"];
 };
 "/api/bots/{bot_id}/tokens": {
  get: operations["ApiBotsBotIdTokensListBotTokens"];
  post: operations["ApiBotsBotIdTokensMakeBotToken"];
 };
 "/api/bots/{bot_id}/tokens/{token_id}": {
  delete: operations["ApiBotsBotIdTokensTokenIdEndBotToken"];
 };
 "/api/bots/{bot_id}/webhooks": {
  get: operations["ApiBotsBotIdWebhooksListWebhooks"];
  post: operations["ApiBotsBotIdWebhooksCreateWebhook"];
 };
 "/api/bots/{bot_id}/webhooks/{webhook_id}": {
  delete: operations["ApiBotsBotIdWebhooksWebhookIdDeleteWebhook"];
 };
 "/api/hooks/{webhook_id}": {
  post: operations["ApiHooksWebhookIdPostByWebhook"];
 };
 "/api/bots/{bot_id}/endpoint": {
  get: operations["ApiBotsBotIdEndpointShowEndpoint"];
  put: operations["ApiBotsBotIdEndpointSetEndpoint"];
  delete: operations["ApiBotsBotIdEndpointRemoveEndpoint"];
 };
 "/api/bots/{bot_id}/endpoint/events": {
  put: operations["ApiBotsBotIdEndpointEventsSetEndpointEvents"];
 };
 "/api/bots/{bot_id}/commands": {
  post: operations["ApiBotsBotIdCommandsCreateCommand"];
 };
 "/api/bots/{bot_id}/commands/{command_id}": {
  delete: operations["ApiBotsBotIdCommandsCommandIdDeleteCommand"];
 };
 "/api/workspaces/{workspace_id}/commands": {
  get: operations["ApiWorkspacesWorkspaceIdCommandsListCommands"];
 };
 "/api/chats/{chat_id}/commands": {
  post: operations["ApiChatsChatIdCommandsRunCommand"];
 };
 "/api/chats/{chat_id}/messages/{message_id}/actions": {
  post: operations["ApiChatsChatIdMessagesMessageIdActionsPress"];
 };
 "/api/chats/{chat_id}/private-answers": {
  post: operations["ApiChatsChatIdPrivateAnswersAnswerPrivately"];
 };
 "/api/private-answers": {
  get: operations["ApiPrivateAnswersListPrivateAnswers"];
 };
 "/api/bots/{bot_id}/subscriptions": {
  get: operations["ApiBotsBotIdSubscriptionsListSubscriptions"];
  post: operations["ApiBotsBotIdSubscriptionsCreateSubscription"];
 };
 "/api/bots/{bot_id}/subscriptions/{subscription_id}": {
  get: operations["ApiBotsBotIdSubscriptionsSubscriptionIdShowSubscription"];
  delete: operations["ApiBotsBotIdSubscriptionsSubscriptionIdDeleteSubscription"];
  patch: operations["ApiBotsBotIdSubscriptionsSubscriptionIdChangeSubscription"];
 };
 "/api/bots/{bot_id}/subscriptions/{subscription_id}/key": {
  post: operations["ApiBotsBotIdSubscriptionsSubscriptionIdKeyReplaceSubscriptionKey"];
 };
 "/api/bots/{bot_id}/subscriptions/{subscription_id}/deliveries": {
  get: operations["ApiBotsBotIdSubscriptionsSubscriptionIdDeliveriesListFailedDeliveries"];
 };
 "/api/bots/{bot_id}/subscriptions/{subscription_id}/deliveries/{position}": {
  post: operations["ApiBotsBotIdSubscriptionsSubscriptionIdDeliveriesPositionDeliverAgain"];
 };
 "/api/bots/{bot_id}/subscriptions/{subscription_id}/attempts": {
  get: operations["ApiBotsBotIdSubscriptionsSubscriptionIdAttemptsListDeliveryAttempts"];
 };
 "/api/workspaces/{workspace_id}/apps": {
  get: operations["ApiWorkspacesWorkspaceIdAppsListApps"];
  post: operations["ApiWorkspacesWorkspaceIdAppsCreateApp"];
 };
 "/api/apps/{app_id}": {
  delete: operations["ApiAppsAppIdDeleteApp"];
  patch: operations["ApiAppsAppIdChangeApp"];
 };
 "/api/apps/{app_id}/secret": {
  post: operations["ApiAppsAppIdSecretReplaceSecret"];
 };
 "/api/auth/apps/asked": {
  post: operations["ApiAuthAppsAskedAsk"];
 };
 "/api/auth/apps": {
  get: operations["ApiAuthAppsListConnectedApps"];
  post: operations["ApiAuthAppsConnectApp"];
 };
 "/api/auth/apps/{app_id}": {
  delete: operations["ApiAuthAppsAppIdDisconnectApp"];
 };
 "/api/dialogs": {
  get: operations["ApiDialogsShowDialog"];
  put: operations["ApiDialogsChangeDialog"];
  post: operations["ApiDialogsOpenDialog"];
 };
 "/api/dialogs/{dialog_id}/submission": {
  post: operations["ApiDialogsDialogIdSubmissionSubmitDialog"];
 };
 "/api/dialogs/{dialog_id}/actions": {
  post: operations["ApiDialogsDialogIdActionsPressInDialog"];
 };
 "/api/dialogs/{dialog_id}": {
  delete: operations["ApiDialogsDialogIdCloseDialog"];
 };
 "/api/admin/overview": {
  get: operations["ApiAdminOverviewShowOverview"];
 };
 "/api/organizations/{organization_id}/sessions": {
  get: operations["ApiOrganizationsOrganizationIdSessionsListSessionsOfMembers"];
 };
 "/api/organizations/{organization_id}/sessions/{session_id}": {
  delete: operations["ApiOrganizationsOrganizationIdSessionsSessionIdEndSessionOfMember"];
 };
 "/api/organizations/{organization_id}/members/{user_id}/suspension": {
  put: operations["ApiOrganizationsOrganizationIdMembersUserIdSuspensionSuspendMember"];
  delete: operations["ApiOrganizationsOrganizationIdMembersUserIdSuspensionReinstateMember"];
 };
 "/api/organizations/{organization_id}/storage": {
  get: operations["ApiOrganizationsOrganizationIdStorageListStorageOfOrganization"];
 };
 "/api/organizations/{organization_id}/audit": {
  get: operations["ApiOrganizationsOrganizationIdAuditListOrganizationAudit"];
 };
 "/api/organizations/{organization_id}/audit/export": {
  get: operations["ApiOrganizationsOrganizationIdAuditExportExportOrganizationAudit"];
 };
 "/api/workspaces/{workspace_id}/audit/export": {
  get: operations["ApiWorkspacesWorkspaceIdAuditExportExportWorkspaceAudit"];
 };
 "/api/users/me/export": {
  get: operations["ApiUsersMeExportExportOwnData"];
 };
 "/api/users/me/deletion": {
  get: operations["ApiUsersMeDeletionPreviewOwnDeletion"];
 };
 "/api/organizations/{organization_id}/members/{user_id}/export": {
  get: operations["ApiOrganizationsOrganizationIdMembersUserIdExportExportPersonsData"];
 };
 "/api/organizations/{organization_id}/members/{user_id}/deletion": {
  get: operations["ApiOrganizationsOrganizationIdMembersUserIdDeletionPreviewDeletion"];
 };
 "/api/organizations/{organization_id}/members/{user_id}/account": {
  delete: operations["ApiOrganizationsOrganizationIdMembersUserIdAccountDeletePersonsAccount"];
 };
 "/api/organizations/{organization_id}/deletions": {
  get: operations["ApiOrganizationsOrganizationIdDeletionsListDeletions"];
 };
 "/api/statistics/online": {
  get: operations["ApiStatisticsOnlineShowOnlineTime"];
 };
 "/api/statistics/online/export": {
  get: operations["ApiStatisticsOnlineExportExportOnlineTime"];
 };
 "/api/users/me/time-zone": {
  put: operations["ApiUsersMeTimeZoneSetTimeZone"];
 };
 "/api/users/me/notifications": {
  get: operations["ApiUsersMeNotificationsShowNotificationSettings"];
  patch: operations["ApiUsersMeNotificationsChangeNotificationSettings"];
 };
 "/api/push": {
  get: operations["ApiPushShowPush"];
 };
 "/api/push/subscription": {
  put: operations["ApiPushSubscriptionSubscribeToPushes"];
  delete: operations["ApiPushSubscriptionUnsubscribeFromPushes"];
 };
}
export type webhooks = Record<string, never>;
export interface components {
 schemas: {
  ActivityReport: {
   idle: boolean;
  };
  AddressConfirmation: {
   token: string;
   password: string;
  };
  AddressLink: {
   kind: "verify_address" | "new_address" | "old_address";
   email: string;
   new_email: string;
  };
  AddressOutcome: {
   outcome: "verified" | "changed" | "waiting";
  };
  AddressToken: {
   token: string;
  };
  Agreement: {
   request: string;
   scopes: ("messages:read" | "messages:write" | "chats:read" | "chats:write" | "workspaces:read" | "workspaces:write" | "boards:read" | "boards:write" | "pages:read" | "pages:write" | "files:read" | "files:write" | "profile:read" | "profile:write" | "search:read" | "events:read" | "moderation")[];
   workspace_id?: number | null;
  };
  Announcement: {
   id: number;
   organization_id: number;
   author_id: number | null;
   title: string;
   content: string;
   acknowledgement_required: boolean;
   created_at: string;
   updated_at: string;
   acknowledged_at: string | null;
  };
  AnnouncementChange: {
   title?: string | null;
   content?: string | null;
   ask_again?: boolean;
  };
  AnnouncementRecipient: {
   announcement_id: number;
   user_id: number;
   username: string;
   fullname: string;
   acknowledged_at: string | null;
  };
  App: {
   id: number;
   client_id: string;
   workspace_id: number;
   owner_id: number | null;
   name: string;
   description: string;
   redirect_uris: string[];
   scopes: ("messages:read" | "messages:write" | "chats:read" | "chats:write" | "workspaces:read" | "workspaces:write" | "boards:read" | "boards:write" | "pages:read" | "pages:write" | "files:read" | "files:write" | "profile:read" | "profile:write" | "search:read" | "events:read" | "moderation")[];
   confidential: boolean;
   created_at: string;
  };
  AppAbout: {
   id: number;
   name: string;
   description: string;
   owner: components["schemas"]["AppOwner"] | null;
   workspace: components["schemas"]["NamedWorkspace"];
  };
  AppAnswer: {
   url: string;
  };
  AppChange: {
   name?: string | null;
   redirect_uris?: string[] | null;
   scopes?: ("messages:read" | "messages:write" | "chats:read" | "chats:write" | "workspaces:read" | "workspaces:write" | "boards:read" | "boards:write" | "pages:read" | "pages:write" | "files:read" | "files:write" | "profile:read" | "profile:write" | "search:read" | "events:read" | "moderation")[] | null;
   description?: string | null;
   owner_id?: number | null;
  };
  AppOwner: {
   id: number;
   fullname: string;
   username: string;
  };
  AppQuestion: {
   app: components["schemas"]["AppAbout"];
   scopes: ("messages:read" | "messages:write" | "chats:read" | "chats:write" | "workspaces:read" | "workspaces:write" | "boards:read" | "boards:write" | "pages:read" | "pages:write" | "files:read" | "files:write" | "profile:read" | "profile:write" | "search:read" | "events:read" | "moderation")[];
   workspace_id: number | null;
   workspaces: components["schemas"]["NamedWorkspace"][];
   everywhere: boolean;
   returns_to: string;
   refusal_url: string;
  };
  AppWish: {
   name: string;
   redirect_uris: string[];
   scopes: ("messages:read" | "messages:write" | "chats:read" | "chats:write" | "workspaces:read" | "workspaces:write" | "boards:read" | "boards:write" | "pages:read" | "pages:write" | "files:read" | "files:write" | "profile:read" | "profile:write" | "search:read" | "events:read" | "moderation")[];
   description?: string;
   confidential?: boolean;
  };
  Appointment: {
   id: number;
   organization_id: number;
   department_id: number;
   user_id: number;
   position_id: number | null;
   is_head: boolean;
   is_primary: boolean;
   starts_at: string | null;
   ends_at: string | null;
   is_current: boolean;
  };
  AppointmentChange: {
   department_id?: number | null;
   position_id?: number | null;
   is_head?: boolean | null;
   is_primary?: boolean | null;
   starts_at?: string | null;
   ends_at?: string | null;
  };
  Around: {
   before: string;
   after: string;
  };
  Asking: {
   request: string;
  };
  AssertionResponse: {
   clientDataJSON: string;
   authenticatorData: string;
   signature: string;
   userHandle?: string | null;
  };
  AttestationResponse: {
   clientDataJSON: string;
   attestationObject: string;
   transports?: ("ble" | "cable" | "hybrid" | "internal" | "nfc" | "smart-card" | "usb")[];
  };
  AuditEntry: {
   id: number;
   at: string;
   workspace_id: number | null;
   chat_id: number | null;
   board_id: number | null;
   page_id: number | null;
   actor_id: number | null;
   database_role: string;
   address: string | null;
   action: string;
   target_type: string | null;
   target_id: number | null;
   before: {
    [key: string]: unknown;
   } | null;
   after: {
    [key: string]: unknown;
   } | null;
   delegate_id?: number;
  };
  Ban: {
   reason?: string;
   seconds?: number | null;
  };
  Board: {
   id: number;
   workspace_id: number;
   name: string;
   role: "owner" | "editor" | "viewer";
   member_count: number;
   created_by: number | null;
   created_at: string;
   updated_at: string;
   thumbnail: components["schemas"]["BoardThumbnail"] | null;
   deleted_at: string | null;
  };
  BoardChange: {
   name?: string | null;
  };
  BoardComparison: {
   board_id: number;
   before: components["schemas"]["BoardMoment"];
   after: components["schemas"]["BoardMoment"];
   edits: components["schemas"]["BoardEdits"][];
   edits_complete: boolean;
   changes: components["schemas"]["PatchOperation"][] | null;
  };
  BoardEdits: {
   user_id: number | null;
   updates: number;
   first_at: string;
   last_at: string;
  };
  BoardInvite: {
   id: number;
   created_by: number;
   created_at: string;
   expires_at: string;
   max_uses: number | null;
   uses: number;
   board_id: number;
   role: "owner" | "editor" | "viewer";
  };
  BoardMember: {
   user_id: number;
   username: string;
   fullname: string;
   avatar: string | null;
   status: string;
   custom_status: components["schemas"]["CustomStatus"] | null;
   role: "owner" | "editor" | "viewer";
   invited_by: number | null;
   joined_at: string;
   board_id: number;
  };
  BoardMoment: {
   version_id: number | null;
   seq: number;
  };
  BoardSnapshot: {
   id: number;
   workspace_id: number;
   name: string;
   role: "owner" | "editor" | "viewer";
   member_count: number;
   created_by: number | null;
   created_at: string;
   updated_at: string;
   thumbnail: components["schemas"]["BoardThumbnail"] | null;
   members: components["schemas"]["BoardMember"][] | null;
   invites: components["schemas"]["BoardInvite"][] | null;
   versions: components["schemas"]["BoardVersion"][] | null;
  };
  BoardThumbnail: {
   media_type: "image/png" | "image/jpeg" | "image/webp";
   bytes: number;
   updated_at: string;
  };
  BoardVersion: {
   id: number;
   name: string;
   seq: number;
   created_by: number | null;
   created_at: string;
   board_id: number;
  };
  BoardVersionChange: {
   name?: string | null;
  };
  Bot: {
   id: number;
   workspace_id: number;
   owner_id: number | null;
   username: string;
   fullname: string;
   avatar: string | null;
   status: "active" | "inactive" | "suspended";
   description: string | null;
   created_at: string;
  };
  BotAnswer: {
   private: components["schemas"]["PrivateContent"] | null;
   message: components["schemas"]["Message"] | null;
  };
  BotChange: {
   fullname?: string | null;
   description?: string | null;
   owner_id?: number | null;
  };
  BotTokenWish: {
   name: string;
   scopes: ("messages:read" | "messages:write" | "chats:read" | "chats:write" | "workspaces:read" | "workspaces:write" | "boards:read" | "boards:write" | "pages:read" | "pages:write" | "files:read" | "files:write" | "profile:read" | "profile:write" | "search:read" | "events:read" | "moderation")[];
   days: number;
  };
  CaseOfHold: {
   id: number;
   workspace_id: number;
   hold_id: number;
   reason: string;
   status: "asked" | "approved" | "declined" | "expired";
   asked_by: number;
   asked_at: string;
   decided_by: number | null;
   decided_at: string | null;
   expires_at: string | null;
   exported_at: string | null;
   records: number | null;
   sha256: string | null;
  };
  Chat: {
   id: number;
   workspace_id: number;
   type: "Single" | "Group" | "PrivateChannel" | "PublicChannel";
   name: string;
   description: string;
   has_password: boolean;
   archived_at: string | null;
   retention_days: number | null;
   role: "owner" | "admin" | "member" | null;
   silenced_until: string | null;
   member_count: number;
   first_seq: number;
   first_message_id: number;
   last_seq: number;
   last_read_seq: number | null;
   unread: number | null;
   mention_count: number | null;
   notification_level: "all" | "mentions" | "none" | null;
   muted_until: string | null;
   last_message: components["schemas"]["Message"] | null;
   created_at: string;
   updated_at: string;
  };
  ChatBan: {
   chat_id: number;
   user_id: number;
   banned_by: number | null;
   reason: string;
   created_at: string;
   expires_at: string | null;
   username: string;
   fullname: string;
  };
  ChatBanState: {
   chat_id: number;
   user_id: number;
   banned_by: number | null;
   reason: string;
   created_at: string;
   expires_at: string | null;
  };
  ChatChange: {
   name?: string | null;
   description?: string | null;
   retention_days?: number | null;
  };
  ChatInvite: {
   id: number;
   created_by: number;
   created_at: string;
   expires_at: string;
   max_uses: number | null;
   uses: number;
   chat_id: number;
   role: "owner" | "admin" | "member";
  };
  ChatMember: {
   chat_id: number;
   user_id: number;
   username: string;
   fullname: string;
   avatar: string | null;
   status: string;
   custom_status: components["schemas"]["CustomStatus"] | null;
   role: "owner" | "admin" | "member";
   silenced_until: string | null;
   joined_at: string;
   last_read_seq: number;
  };
  ChatNotifications: {
   chat_id: number;
   user_id: number;
   notification_level: "all" | "mentions" | "none";
   muted_until: string | null;
  };
  ChatPassword: {
   password: string;
  };
  ChatRole: {
   role: "owner" | "admin" | "member";
  };
  ChatSnapshot: {
   id: number;
   workspace_id: number;
   type: "Single" | "Group" | "PrivateChannel" | "PublicChannel";
   name: string;
   description: string;
   has_password: boolean;
   archived_at: string | null;
   retention_days: number | null;
   role: "owner" | "admin" | "member";
   silenced_until: string | null;
   member_count: number;
   first_seq: number;
   first_message_id: number;
   last_seq: number;
   last_read_seq: number;
   unread: number;
   mention_count: number;
   unread_mentions: number[];
   notification_level: "all" | "mentions" | "none";
   muted_until: string | null;
   created_at: string;
   updated_at: string;
   draft: components["schemas"]["Draft"] | null;
   members: components["schemas"]["ChatMember"][] | null;
   messages: components["schemas"]["Message"][];
   pinned_message_ids: number[];
   bans: components["schemas"]["ChatBanState"][] | null;
   invites: components["schemas"]["ChatInvite"][] | null;
  };
  ChosenPresence: {
   presence_mode: "auto" | "away" | "dnd" | "invisible";
  };
  ChosenStatus: {
   text?: string | null;
   emoji?: string | null;
   until?: string | null;
  };
  Command: {
   id: number;
   workspace_id: number;
   bot_id: number;
   name: string;
   description: string;
   usage: string;
   created_at: string;
  };
  Confirmation: {
   code: string;
  };
  ConnectedApp: {
   id: number;
   name: string;
   description: string;
   owner: components["schemas"]["AppOwner"] | null;
   workspace: components["schemas"]["NamedWorkspace"];
   scopes: ("messages:read" | "messages:write" | "chats:read" | "chats:write" | "workspaces:read" | "workspaces:write" | "boards:read" | "boards:write" | "pages:read" | "pages:write" | "files:read" | "files:write" | "profile:read" | "profile:write" | "search:read" | "events:read" | "moderation")[];
   everywhere: boolean;
   connected_at: string;
   last_used_at: string | null;
  };
  Credential: {
   id: string;
   rawId: string;
   type: "public-key";
   response: components["schemas"]["AssertionResponse"];
  };
  CustomRole: {
   id: number;
   organization_id: number | null;
   name: string;
   description: string;
   permissions: string[];
   built_in: boolean;
   source: string;
   created_at: string;
   updated_at: string;
  };
  CustomStatus: {
   text: string | null;
   emoji: string | null;
   until: string | null;
  };
  Deactivation: {
   current_password: string;
  };
  Declined: {
   block?: "inviter" | "workspace" | null;
  };
  Delegation: {
   id: number;
   principal_id: number;
   delegate_id: number;
   permissions: string[];
   workspace_id: number | null;
   chat_id: number | null;
   board_id: number | null;
   page_id: number | null;
   starts_at: string;
   ends_at: string;
   reason: string;
   created_at: string;
   accepted_at: string | null;
   revoked_at: string | null;
  };
  Deletion: {
   user_id: number;
   begun_at: string;
   finished_at: string | null;
   state: "queued" | "running" | "held" | "done";
   percent: number;
   kept: number;
   holds: components["schemas"]["HoldOfDeletion"][];
  };
  DeletionPart: {
   what: string;
   amount: number;
   happens: "goes" | "stays" | "is in the way";
   why: string;
  };
  DeliveryAttempt: {
   id: number;
   position: number;
   kind: string;
   attempted_at: string;
   milliseconds: number;
   status: number | null;
   error: string | null;
  };
  Department: {
   id: number;
   organization_id: number;
   parent_id: number | null;
   name: string;
   place: number;
   hidden: boolean;
   source: string;
   external_id: string | null;
   created_at: string;
   updated_at: string;
  };
  DepartmentChange: {
   name?: string | null;
   parent_id?: number | null;
   place?: number | null;
   hidden?: boolean | null;
  };
  DepartmentChat: {
   chat_id: number;
   department_id: number;
   with_below: boolean;
   created_at: string;
  };
  Dialog: {
   id: number;
   bot_id: number;
   chat_id: number;
   version: number;
   view: {
    [key: string]: unknown;
   };
  };
  DialogAnswer: {
   dialog: components["schemas"]["Dialog"] | null;
   errors: {
    [key: string]: string;
   };
  };
  DialogChange: {
   view: string;
   dialog_id?: number | null;
   external_id?: string | null;
   version?: number | null;
  };
  DialogPress: {
   action_id: string;
   block_id?: string | null;
   chosen?: string | null;
   entered?: components["schemas"]["Entered"][];
  };
  DirectoryAct: {
   act: string;
   about: string;
  };
  DirectoryDifference: {
   acts: components["schemas"]["DirectoryAct"][];
   amount: number;
   applied: boolean;
   stopped: boolean;
  };
  DirectoryLink: {
   username: string;
   password: string;
  };
  DirectoryList: {
   csv: string;
   apply?: boolean;
   forced?: boolean;
  };
  DirectoryPerson: {
   id: number;
   username: string;
   fullname: string;
   avatar: string | null;
   status: string;
   custom_status: components["schemas"]["CustomStatus"] | null;
   kind: "member" | "guest" | "bot";
   manager_id: number | null;
   appointments: components["schemas"]["Appointment"][];
  };
  DirectorySignIn: {
   username: string;
   password: string;
   device_token?: string | null;
   invite?: string | null;
  };
  DlpRule: {
   id: number;
   workspace_id: number;
   name: string;
   kind: "words" | "pattern" | "card_number" | "resident_id";
   words: string[] | null;
   pattern: string | null;
   action: "block" | "redact" | "flag";
   enabled: boolean;
   created_by: number | null;
   created_at: string;
   updated_at: string;
  };
  Draft: {
   chat_id: number;
   thread_id: number | null;
   content: string;
   updated_at: string;
  };
  EarlierContent: {
   version: number;
  };
  Emoji: {
   workspace_id: number;
   name: string;
   file_id: number;
   created_by: number | null;
   created_at: string;
  };
  Endpoint: {
   url: string;
   events: ("app_mention" | "message")[];
   created_at: string;
  };
  EndpointWish: {
   url: string;
  };
  Entered: {
   block_id: string;
   values: string[];
  };
  EventsWish: {
   events: ("app_mention" | "message")[];
  };
  Exchange: {
   device_token?: string | null;
  };
  FailedDelivery: {
   position: number;
   kind: string;
   attempts: number;
   failed_at: string;
   due_at: string | null;
   error: string;
  };
  FeatureFlags: {
   enable_organizations: boolean;
   enable_user_roles: boolean;
   enable_proxy_system: boolean;
   enable_bot_messages: boolean;
   enable_online_statistics: boolean;
   enable_advanced_admin: boolean;
  };
  FeatureSwitch: {
   enabled: boolean | null;
  };
  Features: {
   features: components["schemas"]["FeatureFlags"];
   organizations: {
    [key: string]: {
     [key: string]: boolean;
    };
   };
  };
  File: {
   id: number;
   name: string;
   size: number;
   type: string;
   width: number | null;
   height: number | null;
   animated: boolean;
   pages: number | null;
   duration: number | null;
   placeholder: string | null;
   waveform: number[] | null;
   previews: ("thumbnail" | "preview")[];
   no_preview: string | null;
   refusal: string | null;
   state: "scanning" | "pending" | "ready" | "refused";
  };
  FileLink: {
   url: string;
   expires_at: string;
  };
  FollowedThread: {
   chat_id: number;
   thread_id: number;
   last_read_seq: number;
   unread: number;
   thread: components["schemas"]["Thread"] | null;
  };
  Following: {
   with_below?: boolean;
  };
  Forgotten: {
   email: string;
  };
  ForwardedFrom: {
   message_id: number;
   chat_id: number;
   sender_id: number;
  };
  FoundFile: {
   file: components["schemas"]["File"];
   chat_id: number | null;
   message_id: number | null;
   board_id: number | null;
   page_id: number | null;
  };
  FoundMessage: {
   message: components["schemas"]["Message"];
   highlights: [
    number,
    number
   ][];
   snippet: components["schemas"]["SnippetPiece"][];
   around: components["schemas"]["Around"];
  };
  FoundMessages: {
   items: components["schemas"]["FoundMessage"][];
   complete: boolean;
   did_you_mean: string | null;
  };
  FoundPage: {
   page: components["schemas"]["Page"];
   highlights: [
    number,
    number
   ][];
   passages: components["schemas"]["PagePassage"][];
  };
  Group: {
   id: number;
   organization_id: number;
   name: string;
   description: string;
   source: string;
   external_id: string | null;
   member_count: number;
   created_at: string;
   updated_at: string;
  };
  GroupChange: {
   name?: string | null;
   description?: string | null;
  };
  GroupMember: {
   group_id: number;
   user_id: number;
   username: string;
   fullname: string;
  };
  Handling: {
   status?: "open" | "resolved" | "dismissed" | null;
   note?: string | null;
  };
  Heir: {
   user_id: number;
  };
  HeldMessage: {
   id: number;
   workspace_id: number;
   chat_id: number;
   sender_id: number;
   message_id: number | null;
   rule_id: number | null;
   rule_name: string;
   action: "block" | "flag";
   content: string | null;
   status: "open" | "released" | "dismissed";
   handled_by: number | null;
   handled_at: string | null;
   created_at: string;
  };
  Hold: {
   id: number;
   workspace_id: number;
   name: string;
   reason: string;
   user_id: number | null;
   chat_id: number | null;
   since: string | null;
   until: string | null;
   placed_by: number | null;
   placed_at: string;
   released_by: number | null;
   released_at: string | null;
   release_reason: string | null;
  };
  HoldOfDeletion: {
   id: number;
   workspace_id: number;
   name: string | null;
   reason: string | null;
  };
  HookMessage: {
   content: string;
   metadata?: {
    [key: string]: unknown;
   } | null;
  };
  Identity: {
   id: number;
   provider: string;
   issuer: string;
   email: string | null;
   created_at: string;
   last_used_at: string | null;
  };
  IncomingWebhook: {
   id: number;
   bot_id: number;
   chat_id: number;
   name: string;
   created_by: number | null;
   created_at: string;
   last_used_at: string | null;
  };
  InvitationBlock: {
   id: number;
   workspace_id: number | null;
   inviter_id: number | null;
   created_at: string;
  };
  InvitePreview: {
   type: "Single" | "Group" | "PrivateChannel" | "PublicChannel" | null;
   name: string;
   workspace_name: string;
   role: ("owner" | "admin" | "member") | ("owner" | "editor" | "viewer");
   invited_by_name: string;
   expires_at: string;
  };
  InviteTarget: {
   chat_id: number | null;
   board_id: number | null;
   page_id: number | null;
   type: "Single" | "Group" | "PrivateChannel" | "PublicChannel" | null;
   name: string;
   description: string | null;
   member_count: number;
   workspace_id: number;
   workspace_name: string;
   role: ("owner" | "admin" | "member") | ("owner" | "editor" | "viewer");
   invited_by: number;
   invited_by_name: string;
   expires_at: string;
   joined: boolean;
  };
  Join: {
   password?: string | null;
  };
  Link: {
   token: string;
  };
  LinkAsked: {
   url: string;
  };
  LinkImage: {
   width: number;
   height: number;
  };
  LinksAsked: {
   links: components["schemas"]["LinkAsked"][];
  };
  ListedMember: {
   organization_id: number;
   user_id: number;
   username: string;
   fullname: string;
   avatar: string | null;
   status: string;
   custom_status: components["schemas"]["CustomStatus"] | null;
   kind: "member" | "guest" | "bot";
   role: "owner" | "admin" | "member";
   source: string;
   external_id: string | null;
   manager_id: number | null;
   joined_at: string;
   appointments: components["schemas"]["Appointment"][];
   manager_fullname: string | null;
   is_suspended_here: boolean;
  };
  LogFigures: {
   position: number;
   floor: number;
   last_minute: number;
   newest_at: string | null;
   search_behind: number;
   links_behind: number;
   notify_queue_percent: number;
  };
  Message: {
   id: number;
   chat_id: number;
   seq: number;
   sender_id: number;
   type: "text" | "image" | "file";
   content: string;
   metadata: {
    [key: string]: unknown;
   } | null;
   reply_to: number | null;
   thread_id: number | null;
   thread_seq: number | null;
   thread: components["schemas"]["Thread"] | null;
   mentions: number[];
   mentions_everyone: "all" | "here" | null;
   forwarded_from: components["schemas"]["ForwardedFrom"] | null;
   files: components["schemas"]["File"][];
   links: components["schemas"]["MessageLink"][];
   reactions: components["schemas"]["ReactionCount"][];
   created_at: string;
   updated_at: string | null;
   deleted_at: string | null;
   deleted_by: number | null;
   delegate_id?: number;
  };
  MessageChange: {
   content?: string | null;
   files?: number[] | null;
   metadata?: {
    [key: string]: unknown;
   } | null;
  };
  MessageEdit: {
   version: number;
   type: "text" | "image" | "file";
   content: string;
   metadata: {
    [key: string]: unknown;
   } | null;
   files: components["schemas"]["File"][];
   written_at: string;
  };
  MessageLink: {
   url: string;
   kind: "website" | "message" | "chat" | "board" | "page" | "publication" | "file";
   id: number | null;
   title: string | null;
   description: string | null;
   site_name: string | null;
   image: components["schemas"]["LinkImage"] | null;
  };
  MessageReactions: {
   chat_id: number;
   message_id: number;
   reactions: components["schemas"]["ReactionCount"][];
  };
  MessagesOfDay: {
   day: string;
   messages: number;
  };
  NamedWorkspace: {
   id: number;
   name: string;
  };
  NewAnnouncement: {
   title: string;
   content: string;
   acknowledgement_required?: boolean;
   department_ids?: number[];
   group_ids?: number[];
  };
  NewApp: {
   id: number;
   client_id: string;
   workspace_id: number;
   owner_id: number | null;
   name: string;
   description: string;
   redirect_uris: string[];
   scopes: ("messages:read" | "messages:write" | "chats:read" | "chats:write" | "workspaces:read" | "workspaces:write" | "boards:read" | "boards:write" | "pages:read" | "pages:write" | "files:read" | "files:write" | "profile:read" | "profile:write" | "search:read" | "events:read" | "moderation")[];
   confidential: boolean;
   created_at: string;
   client_secret: string | null;
  };
  NewAppointment: {
   user_id: number;
   department_id: number;
   position_id?: number | null;
   is_head?: boolean;
   is_primary?: boolean;
   starts_at?: string | null;
   ends_at?: string | null;
  };
  NewBoard: {
   name: string;
  };
  NewBoardInvite: {
   id: number;
   created_by: number;
   created_at: string;
   expires_at: string;
   max_uses: number | null;
   uses: number;
   board_id: number;
   role: "owner" | "editor" | "viewer";
   token: string;
  };
  NewBoardMember: {
   user_id: number;
   role?: "owner" | "editor" | "viewer";
  };
  NewBoardVersion: {
   name: string;
  };
  NewBot: {
   username: string;
   fullname: string;
   description?: string | null;
  };
  NewCase: {
   hold_id: number;
   reason: string;
  };
  NewChat: {
   type: "Single" | "Group" | "PrivateChannel" | "PublicChannel";
   members: number[];
   name?: string;
   workspace_id?: number | null;
   description?: string;
  };
  NewChatInvite: {
   id: number;
   created_by: number;
   created_at: string;
   expires_at: string;
   max_uses: number | null;
   uses: number;
   chat_id: number;
   role: "owner" | "admin" | "member";
   token: string;
  };
  NewChatMember: {
   user_id: number;
   role?: "owner" | "admin" | "member";
  };
  NewCommand: {
   name: string;
   description: string;
   usage?: string;
  };
  NewCredential: {
   id: string;
   rawId: string;
   type: "public-key";
   response: components["schemas"]["AttestationResponse"];
  };
  NewDelegation: {
   delegate_id: number;
   permissions: ("workspace.see" | "workspace.list_members" | "workspace.handle_reports" | "chat.see" | "chat.list_members" | "chat.read_messages" | "chat.post_message" | "chat.edit_own_messages" | "chat.delete_others_messages" | "chat.see_readers" | "chat.rename" | "chat.archive" | "document.see" | "document.list_members")[];
   ends_at: string;
   starts_at?: string | null;
   workspace_id?: number | null;
   chat_id?: number | null;
   board_id?: number | null;
   page_id?: number | null;
   reason?: string;
  };
  NewDepartment: {
   name: string;
   parent_id?: number | null;
   place?: number;
   hidden?: boolean;
   external_id?: string | null;
  };
  NewDialog: {
   trigger_id: string;
   view: string;
   on_top?: boolean;
  };
  NewDraft: {
   content: string;
  };
  NewEmoji: {
   file_id: number;
  };
  NewEndpoint: {
   url: string;
   events: ("app_mention" | "message")[];
   created_at: string;
   secret: string;
   slack_secret: string;
  };
  NewGroup: {
   name: string;
   description?: string;
   external_id?: string | null;
  };
  NewHold: {
   name: string;
   reason?: string;
   user_id?: number | null;
   chat_id?: number | null;
   since?: string | null;
   until?: string | null;
  };
  NewIncomingWebhook: {
   id: number;
   bot_id: number;
   chat_id: number;
   name: string;
   created_by: number | null;
   created_at: string;
   last_used_at: string | null;
   token: string;
   slack_url: string;
  };
  NewInvite: {
   expires_in?: number;
   max_uses?: number | null;
   role?: "owner" | "admin" | "member";
  };
  NewInviteToDocument: {
   expires_in?: number;
   max_uses?: number | null;
   role?: "owner" | "editor" | "viewer";
  };
  NewMessage: {
   content?: string | null;
   type?: "text" | "image" | "file";
   metadata?: {
    [key: string]: unknown;
   } | null;
   reply_to?: number | null;
   forward_of?: number | null;
   files?: number[] | null;
  };
  NewOrganizationMember: {
   user_id?: number | null;
   email?: string | null;
   username?: string | null;
   kind?: "member" | "guest" | "bot";
   role?: "owner" | "admin" | "member";
  };
  NewPage: {
   name: string;
   template?: number | null;
   schema?: "page" | "free" | null;
   content?: unknown;
   is_template?: boolean;
  };
  NewPageComment: {
   content: string;
   component_id?: string | null;
   version?: number | null;
   reply_to?: number | null;
  };
  NewPageInvite: {
   id: number;
   created_by: number;
   created_at: string;
   expires_at: string;
   max_uses: number | null;
   uses: number;
   page_id: number;
   role: "owner" | "editor" | "viewer";
   token: string;
  };
  NewPageMember: {
   user_id: number;
   role?: "owner" | "editor" | "viewer";
  };
  NewPagePublication: {
   audience: "public" | "members";
   slug?: string | null;
   version?: number | null;
  };
  NewPageVersion: {
   name: string;
   version?: number | null;
  };
  NewPasskey: {
   passkey: components["schemas"]["Passkey"];
   recovery_codes: string[] | null;
  };
  NewPassword: {
   current_password: string;
   new_password: string;
  };
  NewPersonalToken: {
   id: number;
   name: string;
   scopes: ("messages:read" | "messages:write" | "chats:read" | "chats:write" | "workspaces:read" | "workspaces:write" | "boards:read" | "boards:write" | "pages:read" | "pages:write" | "files:read" | "files:write" | "profile:read" | "profile:write" | "search:read" | "events:read" | "moderation")[];
   workspace_id: number | null;
   created_at: string;
   expires_at: string;
   last_used_at: string | null;
   token: string;
  };
  NewPrivateAnswer: {
   user_id: number;
   content: string;
   metadata?: {
    [key: string]: unknown;
   } | null;
  };
  NewPushSubscription: {
   endpoint: string;
   keys: components["schemas"]["PushKeys"];
   language?: "en" | "zh";
  };
  NewReport: {
   reason: "spam" | "harassment" | "hate" | "violence" | "sexual" | "illegal" | "other";
   comment?: string;
  };
  NewRole: {
   name: string;
   permissions: string[];
   description?: string;
  };
  NewRoleBinding: {
   role_id: number;
   user_id?: number | null;
   group_id?: number | null;
   department_id?: number | null;
   with_below?: boolean;
   workspace_id?: number | null;
   scope_department_id?: number | null;
   chat_id?: number | null;
   board_id?: number | null;
   page_id?: number | null;
   ends_at?: string | null;
  };
  NewRule: {
   name: string;
   kind: "words" | "pattern" | "card_number" | "resident_id";
   action: "block" | "redact" | "flag";
   words?: string[] | null;
   pattern?: string | null;
   enabled?: boolean;
  };
  NewSubscription: {
   id: number;
   bot_id: number;
   name: string;
   url: string;
   kinds: string[] | null;
   chat_ids: number[] | null;
   ordered: boolean;
   cursor: string;
   scheme: "v1" | "v1a" | null;
   created_by: number | null;
   created_at: string;
   delivered_at: string | null;
   failing_since: string | null;
   disabled_at: string | null;
   disabled_because: "failing" | "gone" | "owner" | null;
   waiting: number;
   dead: number;
   key: string;
  };
  NewVisibilityRule: {
   department_id?: number | null;
   confined?: boolean;
   hidden_fields?: ("position" | "manager" | "custom_status")[];
  };
  NewWebhook: {
   chat_id: number;
   name: string;
  };
  NewWorkspace: {
   name: string;
   description?: string;
  };
  NewWorkspaceMember: {
   user_id?: number | null;
   email?: string | null;
   username?: string | null;
   role?: "owner" | "admin" | "member";
  };
  NodeFigures: {
   node: string;
   started_at: string;
   seen_at: string;
   alive: boolean;
   streams: number;
  };
  NotificationSettings: {
   push: "all" | "personal" | "none";
   push_content: "message" | "sender" | "none";
   push_while_active: boolean;
   quiet_from: string | null;
   quiet_until: string | null;
   email: "off" | "at_once" | "daily" | "weekly";
   language: "en" | "zh" | null;
   bounced_at: string | null;
   time_zone: string;
  };
  NotificationSettingsChange: {
   push?: "all" | "personal" | "none";
   push_content?: "message" | "sender" | "none";
   push_while_active?: boolean;
   quiet_from?: string | null;
   quiet_until?: string | null;
   email?: "off" | "at_once" | "daily" | "weekly";
   language?: ("en" | "zh") | null;
   time_zone?: string;
  };
  NotificationsChange: {
   notification_level?: "all" | "mentions" | "none" | null;
   muted_until?: string | null;
  };
  OnlineDay: {
   day: string;
   people: number;
   seconds: number;
  };
  OnlineTime: {
   user_id: number | null;
   department_id: number | null;
   name: string | null;
   people: number;
   seconds: number;
   days: components["schemas"]["OnlineDay"][];
  };
  OpenAnnouncement: {
   id: number;
   organization_id: number;
   author_id: number | null;
   title: string;
   acknowledgement_required: boolean;
   created_at: string;
   updated_at: string;
  };
  OpenedDialog: {
   view: {
    [key: string]: unknown;
   };
  };
  Organization: {
   id: number;
   name: string;
   kind: "member" | "guest" | "bot";
   role: "owner" | "admin" | "member";
   manager_id: number | null;
   appointments: components["schemas"]["Appointment"][];
   group_ids: number[];
   bindings: components["schemas"]["OwnBinding"][];
   created_at: string;
   updated_at: string;
  };
  OrganizationBody: {
   name: string;
  };
  OrganizationMember: {
   organization_id: number;
   user_id: number;
   username: string;
   fullname: string;
   avatar: string | null;
   status: string;
   custom_status: components["schemas"]["CustomStatus"] | null;
   kind: "member" | "guest" | "bot";
   role: "owner" | "admin" | "member";
   source: string;
   external_id: string | null;
   manager_id: number | null;
   joined_at: string;
  };
  OrganizationMemberChange: {
   kind?: "member" | "guest" | "bot" | null;
   role?: "owner" | "admin" | "member" | null;
   manager_id?: number | null;
  };
  OrganizationWorkspace: {
   workspace_id: number;
   name: string;
   member_count: number;
  };
  Overview: {
   organization_id: number | null;
   at: string;
   people: components["schemas"]["PeopleFigures"];
   workspaces: number;
   chats: number;
   documents: number;
   sessions: number;
   streams: number;
   messages_by_day: components["schemas"]["MessagesOfDay"][];
   storage: components["schemas"]["StoredFigures"];
   log: components["schemas"]["LogFigures"] | null;
   queues: components["schemas"]["QueueFigures"] | null;
   nodes: components["schemas"]["NodeFigures"][] | null;
  };
  OwnBinding: {
   id: number;
   role_id: number;
   role_name: string;
   permissions: string[];
   workspace_id: number | null;
   scope_department_id: number | null;
   chat_id: number | null;
   board_id: number | null;
   page_id: number | null;
   ends_at: string | null;
  };
  OwnFile: {
   file: components["schemas"]["File"];
   workspace_id: number;
   created_at: string;
   uses: number;
  };
  OwnPresence: {
   user_id: number;
   presence_mode: "auto" | "away" | "dnd" | "invisible";
  };
  OwnReport: {
   id: number;
   workspace_id: number;
   chat_id: number;
   message_id: number;
   reason: "spam" | "harassment" | "hate" | "violence" | "sexual" | "illegal" | "other";
   comment: string;
   status: "open" | "resolved" | "dismissed";
   created_at: string;
  };
  Page: {
   id: number;
   workspace_id: number;
   name: string;
   role: "owner" | "editor" | "viewer";
   member_count: number;
   created_by: number | null;
   created_at: string;
   updated_at: string;
   thumbnail: components["schemas"]["PageThumbnail"] | null;
   deleted_at: string | null;
   schema: "page" | "free";
   is_template: boolean;
   version: number;
  };
  PageChange: {
   name?: string | null;
   is_template?: boolean | null;
  };
  PageComment: {
   id: number;
   page_id: number;
   component_id: string;
   version: number;
   reply_to: number | null;
   author_id: number | null;
   content: string;
   created_at: string;
   updated_at: string | null;
   resolved_at: string | null;
   resolved_by: number | null;
  };
  PageCommentChange: {
   content?: string | null;
   resolved?: boolean | null;
  };
  PageDifference: {
   from: number;
   to: number;
   patch: {
    [key: string]: unknown;
   }[] | null;
   summary: string;
   touches: components["schemas"]["PageTouch"][];
  };
  PageEdit: {
   version: number;
   id: string;
   user_id: number | null;
   client_id: string | null;
   base: number | null;
   created_at: string;
   bytes: number;
   summary: string;
   touches: components["schemas"]["PageTouch"][];
  };
  PageInvite: {
   id: number;
   created_by: number;
   created_at: string;
   expires_at: string;
   max_uses: number | null;
   uses: number;
   page_id: number;
   role: "owner" | "editor" | "viewer";
  };
  PageMember: {
   user_id: number;
   username: string;
   fullname: string;
   avatar: string | null;
   status: string;
   custom_status: components["schemas"]["CustomStatus"] | null;
   role: "owner" | "editor" | "viewer";
   invited_by: number | null;
   joined_at: string;
   page_id: number;
  };
  PagePassage: {
   component_id: string | null;
   pointer: string;
   highlights: [
    number,
    number
   ][];
   snippet: components["schemas"]["SnippetPiece"][];
  };
  PagePublication: {
   page_id: number;
   audience: "public" | "members";
   slug: string;
   name: string;
   version: number;
   published_by: number | null;
   published_at: string;
  };
  PageSnapshot: {
   id: number;
   workspace_id: number;
   name: string;
   role: "owner" | "editor" | "viewer";
   member_count: number;
   created_by: number | null;
   created_at: string;
   updated_at: string;
   thumbnail: components["schemas"]["PageThumbnail"] | null;
   members: components["schemas"]["PageMember"][] | null;
   invites: components["schemas"]["PageInvite"][] | null;
   versions: components["schemas"]["PageVersion"][] | null;
   schema: "page" | "free";
   is_template: boolean;
   version: number;
  };
  PageThumbnail: {
   media_type: "image/png" | "image/jpeg" | "image/webp";
   bytes: number;
   updated_at: string;
  };
  PageTouch: {
   component_id: string | null;
   change: "added" | "removed" | "moved" | "changed";
   name: string | null;
   label: string | null;
   members: string[];
  };
  PageVersion: {
   id: number;
   name: string;
   seq: number;
   created_by: number | null;
   created_at: string;
   page_id: number;
  };
  PageVersionChange: {
   name?: string | null;
  };
  Passkey: {
   id: number;
   name: string;
   synced: boolean;
   created_at: string;
   last_used_at: string | null;
  };
  PasskeyOptions: {
   options: {
    [key: string]: unknown;
   };
  };
  PasskeySignIn: {
   passkey: components["schemas"]["Credential"];
   device_token?: string | null;
  };
  PasskeyWish: {
   name: string;
   passkey: components["schemas"]["NewCredential"];
  };
  PatchOperation: {
   op: "add" | "remove" | "replace";
   path: string;
   value?: unknown;
  };
  PatchedContent: {
   id: string;
   version: number;
  };
  PeopleFigures: {
   active: number;
   inactive: number;
   guests: number;
   bots: number;
   online: number;
  };
  Permission: {
   name: string;
   kind: "organization" | "workspace" | "chat" | "document";
   needed: string[];
   bindable: boolean;
   shows: boolean;
   delegable: boolean;
  };
  PermissionExplained: {
   user_id: number;
   permission: string;
   allowed: boolean;
   sources: components["schemas"]["PermissionSource"][];
   refusal: components["schemas"]["PermissionRefusal"] | null;
  };
  PermissionRefusal: {
   status: number;
   code: string;
   detail: string;
  };
  PermissionSource: {
   source: "membership" | "binding";
   role: string;
   binding: components["schemas"]["RoleBinding"] | null;
  };
  PersonalToken: {
   id: number;
   name: string;
   scopes: ("messages:read" | "messages:write" | "chats:read" | "chats:write" | "workspaces:read" | "workspaces:write" | "boards:read" | "boards:write" | "pages:read" | "pages:write" | "files:read" | "files:write" | "profile:read" | "profile:write" | "search:read" | "events:read" | "moderation")[];
   workspace_id: number | null;
   created_at: string;
   expires_at: string;
   last_used_at: string | null;
  };
  Pin: {
   chat_id: number;
   message_id: number;
   pinned_by: number;
   pinned_at: string;
  };
  PinnedMessage: {
   message: components["schemas"]["Message"];
   pinned_by: number;
   pinned_at: string;
  };
  Position: {
   id: number;
   organization_id: number;
   name: string;
  };
  PositionBody: {
   name: string;
  };
  Presence: {
   user_id: number;
   presence: "online" | "away" | "dnd" | "offline" | "invisible";
   last_seen: string | null;
  };
  Press: {
   action_id: string;
   block_id?: string | null;
   chosen?: string | null;
  };
  PrivateAnswer: {
   content: string;
   metadata: {
    [key: string]: unknown;
   } | null;
   id: number;
   chat_id: number;
   bot_id: number;
   created_at: string;
  };
  PrivateContent: {
   content: string;
   metadata: {
    [key: string]: unknown;
   } | null;
  };
  Profile: {
   id: number;
   username: string;
   email: string | null;
   fullname: string;
   kind: "person" | "bot";
   avatar: string | null;
   status: string;
   custom_status: components["schemas"]["CustomStatus"] | null;
   created_at: string;
   updated_at: string;
  };
  ProfileChange: {
   username?: string | null;
   fullname?: string | null;
   email?: string | null;
   avatar?: string | null;
   avatar_file_id?: number | null;
   current_password?: string | null;
  };
  ProviderPage: {
   url: string | null;
  };
  PublishedAnnouncement: {
   id: number;
   organization_id: number;
   author_id: number | null;
   title: string;
   content: string;
   acknowledgement_required: boolean;
   department_ids: number[];
   group_ids: number[];
   recipient_count: number;
   acknowledged_count: number;
   created_at: string;
   updated_at: string;
   withdrawn_at: string | null;
  };
  PublishedPage: {
   audience: "public" | "members";
   slug: string;
   name: string;
   version: number;
   published_at: string;
   schema: "page" | "free";
   content: unknown;
  };
  Push: {
   public_key: string | null;
   subscription: components["schemas"]["PushSubscription"] | null;
  };
  PushKeys: {
   p256dh: string;
   auth: string;
  };
  PushSubscription: {
   id: number;
   endpoint: string;
   language: string;
   created_at: string;
   seen_at: string;
   pushed_at: string | null;
   failing_since: string | null;
   error: string | null;
  };
  QuarantinedUpdate: {
   board_id: number;
   seq: number;
   user_id: number | null;
   bytes: number;
   reason: string;
   created_at: string;
   quarantined_at: string;
  };
  QueueFigures: {
   mails: number;
   file_looks: number;
   link_lookups: number;
   blob_deletions: number;
   uploads: number;
   held_messages: number;
  };
  Reaction: {
   user_id: number;
   fullname: string;
   avatar: string | null;
   emoji: string;
   created_at: string;
  };
  ReactionCount: {
   emoji: string;
   count: number;
   user_ids: number[];
  };
  Read: {
   seq: number;
  };
  ReadMarker: {
   chat_id: number;
   last_read_seq: number;
   unread: number;
  };
  Reader: {
   user_id: number;
   last_read_seq: number;
   read_at: string | null;
  };
  Reauthentication: {
   code?: string | null;
   recovery_code?: string | null;
   passkey?: components["schemas"]["Credential"] | null;
   password?: string | null;
  };
  RecoveryCodes: {
   recovery_codes: string[] | null;
  };
  Refresh: {
   refresh_token?: string | null;
  };
  Release: {
   reason?: string;
  };
  Report: {
   id: number;
   workspace_id: number;
   chat_id: number;
   message_id: number;
   reporter_id: number;
   reason: "spam" | "harassment" | "hate" | "violence" | "sexual" | "illegal" | "other";
   comment: string;
   status: "open" | "resolved" | "dismissed";
   note: string;
   handled_by: number | null;
   handled_at: string | null;
   created_at: string;
   updated_at: string;
   message: {
    [key: string]: unknown;
   } | null;
  };
  ReportState: {
   id: number;
   workspace_id: number;
   chat_id: number;
   message_id: number;
   reporter_id: number;
   reason: "spam" | "harassment" | "hate" | "violence" | "sexual" | "illegal" | "other";
   comment: string;
   status: "open" | "resolved" | "dismissed";
   note: string;
   handled_by: number | null;
   handled_at: string | null;
   created_at: string;
   updated_at: string;
  };
  RequiredProvider: {
   workspace_id: number;
   provider: string;
   break_glass_owner_id: number;
   required_at: string;
  };
  RequiredSecondFactor: {
   workspace_id: number;
   required_at: string;
  };
  Requirement: {
   provider: string;
   break_glass_owner_id?: number | null;
  };
  Reset: {
   token: string;
   password: string;
  };
  ResolvedLink: {
   url: string;
   kind: "message" | "chat" | "board" | "page" | "publication" | "file" | null;
   id: number | null;
   chat_id: number | null;
   title: string | null;
   excerpt: string | null;
   sender_id: number | null;
   created_at: string | null;
  };
  RestoredVersion: {
   seq: number;
   before: components["schemas"]["BoardVersion"] | null;
  };
  RoleBinding: {
   id: number;
   organization_id: number;
   role_id: number;
   role_name: string;
   user_id: number | null;
   group_id: number | null;
   department_id: number | null;
   with_below: boolean;
   workspace_id: number | null;
   scope_department_id: number | null;
   chat_id: number | null;
   board_id: number | null;
   page_id: number | null;
   ends_at: string | null;
   source: string;
   created_at: string;
  };
  RoleBindingChange: {
   ends_at: string | null;
  };
  RoleChange: {
   name?: string | null;
   permissions?: string[] | null;
   description?: string | null;
  };
  RoleOnBoard: {
   role: "owner" | "editor" | "viewer";
  };
  RoleOnPage: {
   role: "owner" | "editor" | "viewer";
  };
  RuleChange: {
   name?: string | null;
   action?: "block" | "redact" | "flag" | null;
   words?: string[] | null;
   pattern?: string | null;
   enabled?: boolean | null;
  };
  SecondFactors: {
   totp: components["schemas"]["Totp"] | null;
   passkeys: components["schemas"]["Passkey"][];
   recovery_codes_left: number;
  };
  SecondStep: {
   code?: string | null;
   recovery_code?: string | null;
   passkey?: components["schemas"]["Credential"] | null;
   factor_token: string;
   new_passkey?: components["schemas"]["PasskeyWish"] | null;
   device_token?: string | null;
  };
  Session: {
   id: number;
   provider: string;
   amr: string[];
   second_factor: string | null;
   device_name: string | null;
   address: string | null;
   created_at: string;
   auth_time: string;
   last_seen_at: string | null;
   expires_at: string;
   current: boolean;
  };
  SessionOfMember: {
   id: number;
   provider: string;
   amr: string[];
   second_factor: string | null;
   device_name: string | null;
   address: string | null;
   created_at: string;
   auth_time: string;
   last_seen_at: string | null;
   expires_at: string;
   current: boolean;
   user_id: number;
  };
  SignIn: {
   email: string;
   password: string;
   device_token?: string | null;
  };
  SignInProvider: {
   name: string;
   title: string;
   url: string;
   kind: "page" | "form";
  };
  SignUp: {
   fullname: string;
   email: string;
   password: string;
   username?: string | null;
   workspace?: string | null;
   device_token?: string | null;
   invite?: string | null;
  };
  SignedIn: {
   token: string;
   expires_at: string;
   refresh_token: string | null;
   device_token: string | null;
   user: components["schemas"]["User"];
  };
  Silence: {
   seconds: number;
  };
  Snapshot: {
   cursor: string;
   user: components["schemas"]["User"];
   presence_mode: "auto" | "away" | "dnd" | "invisible";
   workspaces: components["schemas"]["Workspace"][];
   emoji: components["schemas"]["Emoji"][];
   organizations: components["schemas"]["Organization"][];
   announcements: components["schemas"]["OpenAnnouncement"][];
   invitations: components["schemas"]["WorkspaceInvitation"][];
   reports: components["schemas"]["ReportState"][];
   delegations: components["schemas"]["Delegation"][];
   thread_drafts: components["schemas"]["Draft"][];
   chats: components["schemas"]["ChatSnapshot"][];
   threads: components["schemas"]["FollowedThread"][];
   boards: components["schemas"]["BoardSnapshot"][];
   pages: components["schemas"]["PageSnapshot"][];
  };
  SnippetPiece: {
   text: string;
   match: boolean;
  };
  StorageKinds: {
   boards: number;
   pages: number;
   versions: number;
   thumbnails: number;
   files: number;
   uploads: number;
  };
  StorageShare: {
   bytes: number;
   allowed: number | null;
  };
  StorageUsage: {
   bytes: number;
   allowed: number | null;
   workspace_id: number;
   kinds: components["schemas"]["StorageKinds"];
   yours: components["schemas"]["StorageShare"];
  };
  StoredFigures: {
   bytes: number;
   kinds: {
    [key: string]: number;
   };
  };
  Submission: {
   entered: components["schemas"]["Entered"][];
  };
  Subscription: {
   id: number;
   bot_id: number;
   name: string;
   url: string;
   kinds: string[] | null;
   chat_ids: number[] | null;
   ordered: boolean;
   cursor: string;
   scheme: "v1" | "v1a" | null;
   created_by: number | null;
   created_at: string;
   delivered_at: string | null;
   failing_since: string | null;
   disabled_at: string | null;
   disabled_because: "failing" | "gone" | "owner" | null;
   waiting: number;
   dead: number;
  };
  SubscriptionChange: {
   name?: string | null;
   url?: string | null;
   kinds?: string[] | null;
   chat_ids?: number[] | null;
   ordered?: boolean | null;
   cursor?: string | null;
   enabled?: boolean | null;
  };
  SubscriptionKey: {
   scheme: "v1" | "v1a";
   key: string;
  };
  SubscriptionKeyWish: {
   scheme?: "v1" | "v1a";
  };
  SubscriptionWish: {
   name: string;
   url: string;
   kinds?: string[] | null;
   chat_ids?: number[] | null;
   ordered?: boolean;
   scheme?: "v1" | "v1a";
   cursor?: string | null;
  };
  Thread: {
   reply_count: number;
   participant_count: number;
   participants: number[];
   last_seq: number;
   last_reply_id: number | null;
   last_reply_at: string | null;
  };
  ThreadRead: {
   thread_seq: number;
  };
  ThreadWithMessage: {
   chat_id: number;
   thread_id: number;
   last_read_seq: number;
   unread: number;
   message: components["schemas"]["Message"];
  };
  Ticket: {
   ticket: string;
   expires_at: string;
  };
  TimeZone: {
   time_zone: string;
  };
  TokenWish: {
   name: string;
   scopes: ("messages:read" | "messages:write" | "chats:read" | "chats:write" | "workspaces:read" | "workspaces:write" | "boards:read" | "boards:write" | "pages:read" | "pages:write" | "files:read" | "files:write" | "profile:read" | "profile:write" | "search:read" | "events:read" | "moderation")[];
   days: number;
   workspace_id?: number | null;
  };
  Totp: {
   created_at: string;
  };
  TotpEnrolment: {
   secret: string;
   uri: string;
   qr_code: string;
  };
  TypedCommand: {
   name: string;
   text?: string;
  };
  Typing: {
   typing: boolean;
  };
  Unread: {
   seq: number;
  };
  UploadState: {
   id: string;
   size: number;
   received: number;
   expires_at: string;
   file_id: number | null;
  };
  User: {
   id: number;
   username: string;
   email: string;
   fullname: string;
   kind: "person" | "bot";
   avatar: string | null;
   status: string;
   custom_status: components["schemas"]["CustomStatus"] | null;
   created_at: string;
   updated_at: string;
  };
  VisibilityRule: {
   id: number;
   organization_id: number;
   department_id: number | null;
   confined: boolean;
   hidden_fields: string[];
   created_at: string;
  };
  Waiting: {
   factor_token: string;
  };
  Workspace: {
   id: number;
   name: string;
   description: string;
   retention_days: number | null;
   show_emails: boolean;
   link_previews: boolean;
   public_publishing: boolean;
   icon: components["schemas"]["File"] | null;
   role: "owner" | "admin" | "member";
   created_at: string;
   updated_at: string;
  };
  WorkspaceChange: {
   name?: string | null;
   description?: string | null;
   icon_file_id?: number | null;
   retention_days?: number | null;
   show_emails?: boolean | null;
   link_previews?: boolean | null;
   public_publishing?: boolean | null;
  };
  WorkspaceInvitation: {
   workspace_id: number;
   workspace_name: string;
   user_id: number;
   role: "owner" | "admin" | "member";
   invited_by: number;
   inviter_name: string;
   created_at: string;
  };
  WorkspaceMember: {
   workspace_id: number;
   user_id: number;
   username: string;
   fullname: string;
   avatar: string | null;
   status: string;
   custom_status: components["schemas"]["CustomStatus"] | null;
   role: "owner" | "admin" | "member";
   joined_at: string;
  };
  WorkspaceRole: {
   role: "owner" | "admin" | "member";
  };
  WorkspaceStorage: {
   bytes: number;
   allowed: number | null;
   workspace_id: number;
   name: string;
   retention_days: number | null;
   kinds: components["schemas"]["StorageKinds"];
  };
  Problem: {
   type: string;
   title: string;
   status: number;
   code: string;
   detail: string;
   errors?: {
    path: string;
    expected: string;
   }[];
   limit?: string;
   retry_after?: number;
   max_age?: number;
   factors?: string[];
   factor_token?: string;
   expires_at?: string;
   quota?: string;
   used?: number;
   allowed?: number;
   needed?: number;
   position?: number;
   provider?: string;
   scope?: string;
   feature?: string;
   version?: number;
   operations?: Record<string, never>[] | null;
   index?: number;
   most?: number;
   error?: string;
   return_url?: string | null;
  };
 };
}
export type $defs = Record<string, never>;
export interface operations {
 ApiAuthSignupSignUp: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["SignUp"];
   };
  };
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["SignedIn"];
    };
   };
  };
 };
 ApiAuthSigninSignIn: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["SignIn"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["SignedIn"];
    };
   };
  };
 };
 ApiAuthRefreshRefresh: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Refresh"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["SignedIn"];
    };
   };
  };
 };
 ApiAuthMeMe: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["User"];
    };
   };
  };
 };
 ApiAuthLogoutLogOut: {
  responses: {
   204: {
   };
  };
 };
 ApiAuthLogoutAllLogOutEverywhere: {
  responses: {
   204: {
   };
  };
 };
 ApiAuthReauthenticateReauthenticate: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Reauthentication"];
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiAuthReauthenticatePasskeyAskForPasskey: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PasskeyOptions"];
    };
   };
  };
 };
 ApiAuthTicketsAddTicket: {
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["Ticket"];
    };
   };
  };
 };
 ApiAuthSecondFactorCompleteSignIn: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["SecondStep"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["SignedIn"];
    };
   };
  };
 };
 ApiAuthSecondFactorPasskeyAskForPasskey: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Waiting"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PasskeyOptions"];
    };
   };
  };
 };
 ApiAuthSecondFactorTotpEnrolAtSignIn: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Waiting"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["TotpEnrolment"];
    };
   };
  };
 };
 ApiAuthSecondFactorNewPasskeyAskForNewPasskey: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Waiting"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PasskeyOptions"];
    };
   };
  };
 };
 ApiAuthPasswordForgottenForgetPassword: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Forgotten"];
   };
  };
  responses: {
   202: {
    content: {
     "application/json": null;
    };
   };
  };
 };
 ApiAuthResetResetPassword: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Reset"];
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiAuthAddressVerificationSendVerification: {
  responses: {
   202: {
    content: {
     "application/json": null;
    };
   };
  };
 };
 ApiAuthAddressLinkLookAtLink: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["AddressToken"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["AddressLink"];
    };
   };
  };
 };
 ApiAuthAddressConfirmConfirmAddress: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["AddressConfirmation"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["AddressOutcome"];
    };
   };
  };
 };
 ApiAuthAddressRefuseRefuseAddress: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["AddressToken"];
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiAuthSessionsListSessions: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Session"][];
    };
   };
  };
 };
 ApiAuthSessionsSessionIdEndSession: {
  responses: {
   204: {
   };
  };
 };
 ApiAuthIdentitiesListIdentities: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Identity"][];
    };
   };
  };
 };
 ApiAuthIdentitiesIdentityIdRemoveIdentity: {
  responses: {
   204: {
   };
  };
 };
 ApiAuthFactorsListFactors: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["SecondFactors"];
    };
   };
  };
 };
 ApiAuthFactorsTotpBeginTotp: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["TotpEnrolment"];
    };
   };
  };
 };
 ApiAuthFactorsTotpRemoveTotp: {
  responses: {
   204: {
   };
  };
 };
 ApiAuthFactorsTotpConfirmConfirmTotp: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Confirmation"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["RecoveryCodes"];
    };
   };
  };
 };
 ApiAuthFactorsRecoveryCodesRenewRecoveryCodes: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["RecoveryCodes"];
    };
   };
  };
 };
 ApiAuthPasskeysSignInOptionsAskWho: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PasskeyOptions"];
    };
   };
  };
 };
 ApiAuthPasskeysSignInSignInByPasskey: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["PasskeySignIn"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["SignedIn"];
    };
   };
  };
 };
 ApiAuthFactorsPasskeysOptionsAskForNew: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PasskeyOptions"];
    };
   };
  };
 };
 ApiAuthFactorsPasskeysAddPasskey: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["PasskeyWish"];
   };
  };
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["NewPasskey"];
    };
   };
  };
 };
 ApiAuthFactorsPasskeysPasskeyIdRemovePasskey: {
  responses: {
   204: {
   };
  };
 };
 ApiAuthTokensListTokens: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PersonalToken"][];
    };
   };
  };
 };
 ApiAuthTokensMakeToken: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["TokenWish"];
   };
  };
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["NewPersonalToken"];
    };
   };
  };
 };
 ApiAuthTokensTokenIdEndToken: {
  responses: {
   204: {
   };
  };
 };
 ApiAuthProvidersListProviders: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["SignInProvider"][];
    };
   };
  };
 };
 ApiAuthProviderSessionBeginProviderSession: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Exchange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["SignedIn"];
    };
   };
  };
 };
 ApiAuthProviderLogoutProviderLogout: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ProviderPage"];
    };
   };
  };
 };
 ApiAuthOidcProviderLinkBeginLink: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ProviderPage"];
    };
   };
  };
 };
 ApiAuthOidcProviderReauthenticateBeginReauthentication: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ProviderPage"];
    };
   };
  };
 };
 ApiAuthOidcProviderBackchannelLogoutBackChannelLogout: {
  responses: {
   200: {
    content: {
     "application/json": null;
    };
   };
  };
 };
 ApiAuthSamlProviderLinkBeginSamlLink: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ProviderPage"];
    };
   };
  };
 };
 ApiAuthLdapDirectorySignInSignInAtDirectory: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["DirectorySignIn"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["SignedIn"];
    };
   };
  };
 };
 ApiAuthLdapDirectoryLinkLinkDirectory: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["DirectoryLink"];
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiAuthClerkSessionExchange: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Exchange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["SignedIn"];
    };
   };
  };
 };
 ApiAuthClerkLinkLink: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Link"];
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiWebhooksClerkWebhook: {
  responses: {
   204: {
   };
  };
 };
 ApiUsersListUsers: {
  parameters: {
   query?: {
    workspace_id?: number | null;
    ids?: string | null;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Profile"][];
    };
   };
  };
 };
 ApiUsersMeDeleteOwnAccount: {
  responses: {
   204: {
   };
  };
 };
 ApiUsersMeUpdateProfile: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["ProfileChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["User"];
    };
   };
  };
 };
 ApiUsersMePasswordChangePassword: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewPassword"];
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiUsersMeDeactivateDeactivate: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Deactivation"];
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiWorkspacesListWorkspaces: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Workspace"][];
    };
   };
  };
 };
 ApiWorkspacesCreateWorkspace: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewWorkspace"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Workspace"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["Workspace"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdShowWorkspace: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Workspace"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdUpdateWorkspace: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["WorkspaceChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Workspace"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdDeleteWorkspace: {
  responses: {
   204: {
   };
  };
 };
 ApiWorkspacesWorkspaceIdStorageShowStorage: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["StorageUsage"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdMembersListWorkspaceMembers: {
  parameters: {
   query?: {
    q?: string;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["WorkspaceMember"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdMembersAddWorkspaceMember: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewWorkspaceMember"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["WorkspaceMember"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["WorkspaceMember"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdMembersUserIdRemoveWorkspaceMember: {
  responses: {
   204: {
   };
  };
 };
 ApiWorkspacesWorkspaceIdMembersUserIdSetWorkspaceRole: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["WorkspaceRole"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["WorkspaceMember"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdInvitationsListWorkspaceInvitations: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["WorkspaceInvitation"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdInvitationsInviteIntoWorkspace: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewWorkspaceMember"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["WorkspaceInvitation"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["WorkspaceInvitation"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdInvitationsUserIdWithdrawWorkspaceInvitation: {
  responses: {
   204: {
   };
  };
 };
 ApiInvitationsListInvitations: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["WorkspaceInvitation"][];
    };
   };
  };
 };
 ApiInvitationsWorkspaceIdAcceptAcceptInvitation: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Workspace"];
    };
   };
  };
 };
 ApiInvitationsWorkspaceIdDeclineDeclineInvitation: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Declined"] | null;
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiInvitationBlocksListInvitationBlocks: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["InvitationBlock"][];
    };
   };
  };
 };
 ApiInvitationBlocksBlockIdLiftInvitationBlock: {
  responses: {
   204: {
   };
  };
 };
 ApiWorkspacesWorkspaceIdEmojiListEmoji: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Emoji"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdEmojiNameAddEmoji: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewEmoji"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Emoji"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdEmojiNameRemoveEmoji: {
  responses: {
   204: {
   };
  };
 };
 ApiWorkspacesWorkspaceIdRequiredProviderShowRequiredProvider: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["RequiredProvider"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdRequiredProviderRequireProvider: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Requirement"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["RequiredProvider"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdRequiredProviderRequireNoProvider: {
  responses: {
   204: {
   };
  };
 };
 ApiWorkspacesWorkspaceIdRequiredSecondFactorShowRequiredSecondFactor: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["RequiredSecondFactor"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdRequiredSecondFactorRequireSecondFactor: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["RequiredSecondFactor"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdRequiredSecondFactorRequireNoSecondFactor: {
  responses: {
   204: {
   };
  };
 };
 ApiWorkspacesWorkspaceIdAuditListAudit: {
  parameters: {
   query?: {
    action?: string | null;
    actor_id?: number | null;
    since?: string | null;
    until?: string | null;
    limit?: number;
    before_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["AuditEntry"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdHoldsListHolds: {
  parameters: {
   query?: {
    released?: boolean | null;
    limit?: number;
    before_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Hold"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdHoldsPlaceHold: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewHold"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Hold"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["Hold"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdHoldsHoldIdShowHold: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Hold"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdHoldsHoldIdReleaseReleaseHold: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Release"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Hold"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdCasesListCases: {
  parameters: {
   query?: {
    limit?: number;
    before_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["CaseOfHold"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdCasesAskForCase: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewCase"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["CaseOfHold"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["CaseOfHold"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdCasesCaseIdShowCase: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["CaseOfHold"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdCasesCaseIdApproveApproveCase: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["CaseOfHold"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdCasesCaseIdDeclineDeclineCase: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["CaseOfHold"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdCasesCaseIdExportExportCase: {
  responses: {
   200: {
    content: {
     "application/jsonl": string;
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdDlpRulesListRules: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["DlpRule"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdDlpRulesAddRule: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewRule"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["DlpRule"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["DlpRule"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdDlpRulesRuleIdRemoveRule: {
  responses: {
   204: {
   };
  };
 };
 ApiWorkspacesWorkspaceIdDlpRulesRuleIdChangeRule: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["RuleChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["DlpRule"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdHeldMessagesListHeldMessages: {
  parameters: {
   query?: {
    status?: "open" | "released" | "dismissed" | null;
    limit?: number;
    before_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["HeldMessage"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdHeldMessagesHeldIdReleaseReleaseHeldMessage: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["HeldMessage"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdHeldMessagesHeldIdDismissDismissHeldMessage: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["HeldMessage"];
    };
   };
  };
 };
 ApiChatsListChats: {
  parameters: {
   query?: {
    workspace_id?: number | null;
    joinable?: boolean;
    search?: string;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Chat"][];
    };
   };
  };
 };
 ApiChatsCreateChat: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewChat"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Chat"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["Chat"];
    };
   };
  };
 };
 ApiChatsChatIdShowChat: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Chat"];
    };
   };
  };
 };
 ApiChatsChatIdUpdateChat: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["ChatChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Chat"];
    };
   };
  };
 };
 ApiChatsChatIdDeleteChat: {
  responses: {
   204: {
   };
  };
 };
 ApiChatsChatIdPasswordSetChatPassword: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["ChatPassword"];
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiChatsChatIdPasswordRemoveChatPassword: {
  responses: {
   204: {
   };
  };
 };
 ApiChatsChatIdArchiveArchiveChat: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Chat"];
    };
   };
  };
 };
 ApiChatsChatIdUnarchiveUnarchiveChat: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Chat"];
    };
   };
  };
 };
 ApiChatsChatIdMembersListChatMembers: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
    q?: string | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ChatMember"][];
    };
   };
  };
 };
 ApiChatsChatIdMembersAddChatMember: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewChatMember"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ChatMember"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["ChatMember"];
    };
   };
  };
 };
 ApiChatsChatIdMembersUserIdRemoveChatMember: {
  responses: {
   204: {
   };
  };
 };
 ApiChatsChatIdMembersUserIdSetChatRole: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["ChatRole"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ChatMember"];
    };
   };
  };
 };
 ApiChatsChatIdLeaveLeaveChat: {
  responses: {
   204: {
   };
  };
 };
 ApiChatsChatIdJoinJoinChat: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Join"] | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Chat"];
    };
   };
  };
 };
 ApiChatsChatIdMembersUserIdSilenceSilenceMember: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Silence"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ChatMember"];
    };
   };
  };
 };
 ApiChatsChatIdMembersUserIdSilenceEndSilence: {
  responses: {
   204: {
   };
  };
 };
 ApiChatsChatIdTransferTransferChat: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Heir"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Chat"];
    };
   };
  };
 };
 ApiChatsChatIdBansListBans: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ChatBan"][];
    };
   };
  };
 };
 ApiChatsChatIdBansUserIdBan: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Ban"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ChatBan"];
    };
   };
  };
 };
 ApiChatsChatIdBansUserIdLiftBan: {
  responses: {
   204: {
   };
  };
 };
 ApiChatsChatIdInvitesListChatInvites: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ChatInvite"][];
    };
   };
  };
 };
 ApiChatsChatIdInvitesCreateChatInvite: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewInvite"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["NewChatInvite"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["NewChatInvite"];
    };
   };
  };
 };
 ApiBoardsBoardIdInvitesListBoardInvites: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["BoardInvite"][];
    };
   };
  };
 };
 ApiBoardsBoardIdInvitesCreateBoardInvite: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewInviteToDocument"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["NewBoardInvite"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["NewBoardInvite"];
    };
   };
  };
 };
 ApiPagesPageIdInvitesListPageInvites: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageInvite"][];
    };
   };
  };
 };
 ApiPagesPageIdInvitesCreatePageInvite: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewInviteToDocument"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["NewPageInvite"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["NewPageInvite"];
    };
   };
  };
 };
 ApiChatsChatIdInvitesInviteIdRevokeChatInvite: {
  responses: {
   204: {
   };
  };
 };
 ApiBoardsBoardIdInvitesInviteIdRevokeBoardInvite: {
  responses: {
   204: {
   };
  };
 };
 ApiPagesPageIdInvitesInviteIdRevokePageInvite: {
  responses: {
   204: {
   };
  };
 };
 ApiInvitesTokenShowInvite: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["InviteTarget"];
    };
   };
  };
 };
 ApiInvitesTokenPreviewPreviewInvite: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["InvitePreview"];
    };
   };
  };
 };
 ApiInvitesTokenAcceptAcceptInvite: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Chat"] | components["schemas"]["Board"] | components["schemas"]["Page"];
    };
   };
  };
 };
 ApiChatsChatIdMessagesListMessages: {
  parameters: {
   query?: {
    limit?: number;
    before_id?: number | null;
    after_id?: number | null;
    around_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Message"][];
    };
   };
  };
 };
 ApiChatsChatIdMessagesPostMessage: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewMessage"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Message"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["Message"];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdShowMessage: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Message"];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdDeleteMessage: {
  responses: {
   204: {
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdEditMessage: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["MessageChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Message"];
    };
   };
  };
 };
 ApiMessagesMessageIdFindMessage: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Message"];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdEditsListEdits: {
  parameters: {
   query?: {
    limit?: number;
    before_version?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["MessageEdit"][];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdReactionsListReactions: {
  parameters: {
   query?: {
    emoji?: string | null;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Reaction"][];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdReactionsEmojiAddReaction: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["MessageReactions"];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdReactionsEmojiRemoveReaction: {
  responses: {
   204: {
   };
  };
 };
 ApiChatsChatIdPinsListPins: {
  parameters: {
   query?: {
    limit?: number;
    before_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PinnedMessage"][];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdPinPinMessage: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Pin"];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdPinUnpinMessage: {
  responses: {
   204: {
   };
  };
 };
 ApiThreadsListThreads: {
  parameters: {
   query?: {
    limit?: number;
    before_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ThreadWithMessage"][];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdThreadListReplies: {
  parameters: {
   query?: {
    limit?: number;
    before_id?: number | null;
    after_id?: number | null;
    around_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Message"][];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdThreadFollowFollowThread: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["FollowedThread"];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdThreadFollowUnfollowThread: {
  responses: {
   204: {
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdThreadReadReadThread: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["ThreadRead"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["FollowedThread"];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdReportReportMessage: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewReport"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["OwnReport"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["OwnReport"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdReportsListReports: {
  parameters: {
   query?: {
    status?: "open" | "resolved" | "dismissed" | null;
    limit?: number;
    before_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Report"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdReportsReportIdShowReport: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Report"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdReportsReportIdHandleReport: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Handling"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Report"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdBoardsListBoards: {
  parameters: {
   query?: {
    deleted?: boolean;
    search?: string;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Board"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdBoardsCreateBoard: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewBoard"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Board"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["Board"];
    };
   };
  };
 };
 ApiBoardsBoardIdShowBoard: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Board"];
    };
   };
  };
 };
 ApiBoardsBoardIdDeleteBoard: {
  responses: {
   204: {
   };
  };
 };
 ApiBoardsBoardIdUpdateBoard: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["BoardChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Board"];
    };
   };
  };
 };
 ApiBoardsBoardIdRestoreRestoreBoard: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Board"];
    };
   };
  };
 };
 ApiBoardsBoardIdMembersListBoardMembers: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["BoardMember"][];
    };
   };
  };
 };
 ApiBoardsBoardIdMembersAddBoardMember: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewBoardMember"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["BoardMember"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["BoardMember"];
    };
   };
  };
 };
 ApiBoardsBoardIdMembersUserIdRemoveBoardMember: {
  responses: {
   204: {
   };
  };
 };
 ApiBoardsBoardIdMembersUserIdSetBoardRole: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["RoleOnBoard"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["BoardMember"];
    };
   };
  };
 };
 ApiBoardsBoardIdTransferTransferBoard: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Heir"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Board"];
    };
   };
  };
 };
 ApiBoardsBoardIdThumbnailShowThumbnail: {
  responses: {
   200: {
    content: {
     "image/png": string;
     "image/jpeg": string;
     "image/webp": string;
    };
   };
  };
 };
 ApiBoardsBoardIdThumbnailSetThumbnail: {
  requestBody: {
   content: {
    "image/png": string;
    "image/jpeg": string;
    "image/webp": string;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["BoardThumbnail"];
    };
   };
  };
 };
 ApiBoardsBoardIdThumbnailRemoveThumbnail: {
  responses: {
   204: {
   };
  };
 };
 ApiBoardsBoardIdFilesListBoardFiles: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["File"][];
    };
   };
  };
 };
 ApiBoardsBoardIdFilesFileIdAttachBoardFile: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["File"];
    };
   };
  };
 };
 ApiBoardsBoardIdFilesFileIdDetachBoardFile: {
  responses: {
   204: {
   };
  };
 };
 ApiBoardsBoardIdVersionsListBoardVersions: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["BoardVersion"][];
    };
   };
  };
 };
 ApiBoardsBoardIdVersionsCreateBoardVersion: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewBoardVersion"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["BoardVersion"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["BoardVersion"];
    };
   };
  };
 };
 ApiBoardsBoardIdVersionsVersionIdShowBoardVersion: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["BoardVersion"];
    };
   };
  };
 };
 ApiBoardsBoardIdVersionsVersionIdDeleteBoardVersion: {
  responses: {
   204: {
   };
  };
 };
 ApiBoardsBoardIdVersionsVersionIdRenameBoardVersion: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["BoardVersionChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["BoardVersion"];
    };
   };
  };
 };
 ApiBoardsBoardIdVersionsVersionIdCompareCompareBoardVersions: {
  parameters: {
   query?: {
    with?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["BoardComparison"];
    };
   };
  };
 };
 ApiBoardsBoardIdVersionsVersionIdRestoreRestoreBoardVersion: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["RestoredVersion"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["RestoredVersion"];
    };
   };
  };
 };
 ApiBoardsBoardIdExportExportBoard: {
  parameters: {
   query?: {
    format?: "json" | "yjs";
   };
  };
  responses: {
   200: {
    content: {
     "application/json": unknown;
     "application/octet-stream": string;
    };
   };
  };
 };
 ApiBoardsBoardIdVersionsVersionIdExportExportBoardVersion: {
  parameters: {
   query?: {
    format?: "json" | "yjs";
   };
  };
  responses: {
   200: {
    content: {
     "application/json": unknown;
     "application/octet-stream": string;
    };
   };
  };
 };
 ApiBoardsBoardIdQuarantineListBoardQuarantine: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["QuarantinedUpdate"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdPagesListPages: {
  parameters: {
   query?: {
    deleted?: boolean;
    template?: boolean | null;
    search?: string;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Page"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdPagesCreatePage: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewPage"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Page"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["Page"];
    };
   };
  };
 };
 ApiPagesPageIdShowPage: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Page"];
    };
   };
  };
 };
 ApiPagesPageIdDeletePage: {
  responses: {
   204: {
   };
  };
 };
 ApiPagesPageIdUpdatePage: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["PageChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Page"];
    };
   };
  };
 };
 ApiPagesPageIdRestoreRestorePage: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["EarlierContent"] | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Page"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["Page"];
    };
   };
  };
 };
 ApiPagesPageIdMembersListPageMembers: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageMember"][];
    };
   };
  };
 };
 ApiPagesPageIdMembersAddPageMember: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewPageMember"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageMember"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["PageMember"];
    };
   };
  };
 };
 ApiPagesPageIdMembersUserIdRemovePageMember: {
  responses: {
   204: {
   };
  };
 };
 ApiPagesPageIdMembersUserIdSetPageRole: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["RoleOnPage"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageMember"];
    };
   };
  };
 };
 ApiPagesPageIdTransferTransferPage: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Heir"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Page"];
    };
   };
  };
 };
 ApiPagesPageIdThumbnailShowPageThumbnail: {
  responses: {
   200: {
    content: {
     "image/png": string;
     "image/jpeg": string;
     "image/webp": string;
    };
   };
  };
 };
 ApiPagesPageIdThumbnailSetPageThumbnail: {
  requestBody: {
   content: {
    "image/png": string;
    "image/jpeg": string;
    "image/webp": string;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageThumbnail"];
    };
   };
  };
 };
 ApiPagesPageIdThumbnailRemovePageThumbnail: {
  responses: {
   204: {
   };
  };
 };
 ApiPagesPageIdFilesListPageFiles: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["File"][];
    };
   };
  };
 };
 ApiPagesPageIdFilesFileIdAttachPageFile: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["File"];
    };
   };
  };
 };
 ApiPagesPageIdFilesFileIdDetachPageFile: {
  responses: {
   204: {
   };
  };
 };
 ApiPagesPageIdContentShowPageContent: {
  parameters: {
   query?: {
    version?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": unknown;
    };
   };
  };
 };
 ApiPagesPageIdContentPatchPageContent: {
  parameters: {
   query?: {
    version?: number | null;
   };
  };
  requestBody: {
   content: {
    "application/json-patch+json": {
     op: "add" | "remove" | "replace" | "move" | "copy" | "test";
     path: string;
     from?: string;
     value?: unknown;
    }[];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PatchedContent"];
    };
   };
  };
 };
 ApiPagesPageIdHistoryListPageEdits: {
  parameters: {
   query?: {
    limit?: number;
    before?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageEdit"][];
    };
   };
  };
 };
 ApiPagesPageIdDiffComparePageVersions: {
  parameters: {
   query: {
    from: number;
    to?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageDifference"];
    };
   };
  };
 };
 ApiPagesPageIdVersionsVersionIdRestoreRestorePageVersion: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Page"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["Page"];
    };
   };
  };
 };
 ApiPagesPageIdVersionsListPageVersions: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageVersion"][];
    };
   };
  };
 };
 ApiPagesPageIdVersionsCreatePageVersion: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewPageVersion"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageVersion"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["PageVersion"];
    };
   };
  };
 };
 ApiPagesPageIdVersionsVersionIdShowPageVersion: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageVersion"];
    };
   };
  };
 };
 ApiPagesPageIdVersionsVersionIdDeletePageVersion: {
  responses: {
   204: {
   };
  };
 };
 ApiPagesPageIdVersionsVersionIdRenamePageVersion: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["PageVersionChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageVersion"];
    };
   };
  };
 };
 ApiPagesPageIdExportExportPage: {
  responses: {
   200: {
    content: {
     "application/json": unknown;
    };
   };
  };
 };
 ApiPagesPageIdVersionsVersionIdExportExportPageVersion: {
  responses: {
   200: {
    content: {
     "application/json": unknown;
    };
   };
  };
 };
 ApiPagesPageIdCommentsListPageComments: {
  parameters: {
   query?: {
    component_id?: string | null;
    resolved?: boolean | null;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageComment"][];
    };
   };
  };
 };
 ApiPagesPageIdCommentsCreatePageComment: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewPageComment"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageComment"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["PageComment"];
    };
   };
  };
 };
 ApiPagesPageIdCommentsCommentIdShowPageComment: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageComment"];
    };
   };
  };
 };
 ApiPagesPageIdCommentsCommentIdDeletePageComment: {
  responses: {
   204: {
   };
  };
 };
 ApiPagesPageIdCommentsCommentIdChangePageComment: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["PageCommentChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PageComment"];
    };
   };
  };
 };
 ApiPagesPageIdPublishShowPagePublication: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PagePublication"];
    };
   };
  };
 };
 ApiPagesPageIdPublishPublishPage: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewPagePublication"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PagePublication"];
    };
   };
  };
 };
 ApiPagesPageIdPublishUnpublishPage: {
  responses: {
   204: {
   };
  };
 };
 ApiPublishedSlugShowPublished: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PublishedPage"];
    };
   };
  };
 };
 ApiPublishedCookieSetPublishedCookie: {
  responses: {
   204: {
   };
  };
 };
 ApiChatsChatIdReadMoveReadMarker: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Read"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ReadMarker"];
    };
   };
  };
 };
 ApiChatsChatIdUnreadMarkUnread: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Unread"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ReadMarker"];
    };
   };
  };
 };
 ApiChatsChatIdReadersListReaders: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Reader"][];
    };
   };
  };
 };
 ApiChatsChatIdMeSetNotifications: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NotificationsChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ChatNotifications"];
    };
   };
  };
 };
 ApiChatsChatIdDraftShowDraft: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Draft"];
    };
   };
  };
 };
 ApiChatsChatIdDraftSaveDraft: {
  parameters: {
   query?: {
    updated_at?: string | null;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewDraft"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Draft"];
    };
   };
  };
 };
 ApiChatsChatIdDraftDropDraft: {
  parameters: {
   query?: {
    updated_at?: string | null;
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdThreadDraftShowThreadDraft: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Draft"];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdThreadDraftSaveThreadDraft: {
  parameters: {
   query?: {
    updated_at?: string | null;
   };
  };
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewDraft"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Draft"];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdThreadDraftDropThreadDraft: {
  parameters: {
   query?: {
    updated_at?: string | null;
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiMentionsListMentions: {
  parameters: {
   query?: {
    limit?: number;
    before_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Message"][];
    };
   };
  };
 };
 ApiChatsChatIdTypingTellTyping: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Typing"];
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiPresenceListPresences: {
  parameters: {
   query: {
    workspace_id: number;
    user_ids?: number[] | null;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Presence"][];
    };
   };
  };
 };
 ApiUsersMePresenceChoosePresence: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["ChosenPresence"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["OwnPresence"];
    };
   };
  };
 };
 ApiUsersMeStatusSetStatus: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["ChosenStatus"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["User"];
    };
   };
  };
 };
 ApiUsersMeActivityReportActivity: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["ActivityReport"];
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiSyncSync: {
  parameters: {
   query?: {
    shape?: "full" | "lean";
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Snapshot"];
    };
   };
  };
 };
 ApiSearchSearchMessages: {
  parameters: {
   query: {
    q: string;
    limit?: number;
    before_id?: number | null;
    sort?: "newest" | "relevance";
    prefix?: boolean;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["FoundMessages"];
    };
   };
  };
 };
 ApiSearchChatsSearchChats: {
  parameters: {
   query: {
    q: string;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Chat"][];
    };
   };
  };
 };
 ApiSearchBoardsSearchBoards: {
  parameters: {
   query: {
    q: string;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Board"][];
    };
   };
  };
 };
 ApiSearchPagesSearchPages: {
  parameters: {
   query: {
    q: string;
    limit?: number;
    after_id?: number;
    prefix?: boolean;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["FoundPage"][];
    };
   };
  };
 };
 ApiSearchFilesSearchFiles: {
  parameters: {
   query: {
    q: string;
    limit?: number;
    before_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["FoundFile"][];
    };
   };
  };
 };
 ApiSearchPeopleSearchPeople: {
  parameters: {
   query: {
    q: string;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Profile"][];
    };
   };
  };
 };
 ApiFilesListOwnFiles: {
  parameters: {
   query?: {
    workspace_id?: number | null;
    limit?: number;
    before_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["OwnFile"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdFilesUploadFile: {
  parameters: {
   query: {
    name: string;
   };
  };
  requestBody: {
   content: {
    "application/octet-stream": string;
   };
  };
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["File"];
    };
   };
  };
 };
 ApiFilesFileIdFetchFile: {
  parameters: {
   query?: {
    download?: boolean;
   };
  };
  responses: {
   200: {
    content: {
     "image/png": string;
     "image/jpeg": string;
     "image/gif": string;
     "image/webp": string;
     "image/avif": string;
     "image/heic": string;
     "video/quicktime": string;
     "audio/mp4": string;
     "video/mp4": string;
     "video/webm": string;
     "audio/ogg": string;
     "audio/mpeg": string;
     "audio/aac": string;
     "audio/flac": string;
     "audio/wav": string;
     "image/tiff": string;
     "image/bmp": string;
     "image/svg+xml": string;
     "application/pdf": string;
     "application/zip": string;
     "application/gzip": string;
     "application/x-7z-compressed": string;
     "text/plain; charset=utf-8": string;
     "application/octet-stream": string;
    };
   };
   206: {
    content: {
     "image/png": string;
     "image/jpeg": string;
     "image/gif": string;
     "image/webp": string;
     "image/avif": string;
     "image/heic": string;
     "video/quicktime": string;
     "audio/mp4": string;
     "video/mp4": string;
     "video/webm": string;
     "audio/ogg": string;
     "audio/mpeg": string;
     "audio/aac": string;
     "audio/flac": string;
     "audio/wav": string;
     "image/tiff": string;
     "image/bmp": string;
     "image/svg+xml": string;
     "application/pdf": string;
     "application/zip": string;
     "application/gzip": string;
     "application/x-7z-compressed": string;
     "text/plain; charset=utf-8": string;
     "application/octet-stream": string;
    };
   };
  };
 };
 ApiFilesFileIdDiscardFile: {
  responses: {
   204: {
   };
  };
 };
 ApiFilesFileIdPreviewsNameFetchPreview: {
  responses: {
   200: {
    content: {
     "image/webp": string;
    };
   };
   206: {
    content: {
     "image/webp": string;
    };
   };
  };
 };
 ApiFilesFileIdPictureFetchPicture: {
  responses: {
   200: {
    content: {
     "image/png": string;
     "image/jpeg": string;
     "image/gif": string;
     "image/webp": string;
     "image/avif": string;
     "image/heic": string;
     "image/tiff": string;
     "image/bmp": string;
     "image/svg+xml": string;
    };
   };
   206: {
    content: {
     "image/png": string;
     "image/jpeg": string;
     "image/gif": string;
     "image/webp": string;
     "image/avif": string;
     "image/heic": string;
     "image/tiff": string;
     "image/bmp": string;
     "image/svg+xml": string;
    };
   };
  };
 };
 ApiFilesFileIdInfoShowFile: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["File"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdUploadsBeginUpload: {
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["UploadState"];
    };
   };
  };
 };
 ApiUploadsUploadIdShowUpload: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["UploadState"];
    };
   };
  };
 };
 ApiUploadsUploadIdEndUpload: {
  responses: {
   204: {
   };
  };
 };
 ApiUploadsUploadIdAppendToUpload: {
  requestBody: {
   content: {
    "application/offset+octet-stream": string;
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiFilesCookieSetCookie: {
  responses: {
   204: {
   };
  };
 };
 ApiFilesFileIdLinkCreateLink: {
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["FileLink"];
    };
   };
  };
 };
 ApiLinkedFilesFileIdFollowLink: {
  parameters: {
   query: {
    user: number;
    session: number;
    expires: number;
    signature: string;
    download?: boolean;
   };
  };
  responses: {
   200: {
    content: {
     "image/png": string;
     "image/jpeg": string;
     "image/gif": string;
     "image/webp": string;
     "image/avif": string;
     "image/heic": string;
     "video/quicktime": string;
     "audio/mp4": string;
     "video/mp4": string;
     "video/webm": string;
     "audio/ogg": string;
     "audio/mpeg": string;
     "audio/aac": string;
     "audio/flac": string;
     "audio/wav": string;
     "image/tiff": string;
     "image/bmp": string;
     "image/svg+xml": string;
     "application/pdf": string;
     "application/zip": string;
     "application/gzip": string;
     "application/x-7z-compressed": string;
     "text/plain; charset=utf-8": string;
     "application/octet-stream": string;
    };
   };
   206: {
    content: {
     "image/png": string;
     "image/jpeg": string;
     "image/gif": string;
     "image/webp": string;
     "image/avif": string;
     "image/heic": string;
     "video/quicktime": string;
     "audio/mp4": string;
     "video/mp4": string;
     "video/webm": string;
     "audio/ogg": string;
     "audio/mpeg": string;
     "audio/aac": string;
     "audio/flac": string;
     "audio/wav": string;
     "image/tiff": string;
     "image/bmp": string;
     "image/svg+xml": string;
     "application/pdf": string;
     "application/zip": string;
     "application/gzip": string;
     "application/x-7z-compressed": string;
     "text/plain; charset=utf-8": string;
     "application/octet-stream": string;
    };
   };
  };
 };
 ApiFilesLinkImagesChatIdMessageIdLinkIdFetchLinkImage: {
  responses: {
   200: {
    content: {
     "image/webp": string;
    };
   };
   206: {
    content: {
     "image/webp": string;
    };
   };
  };
 };
 ApiLinksResolveResolveLinks: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["LinksAsked"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ResolvedLink"][];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdLinksRemoveLinks: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Message"];
    };
   };
  };
 };
 ApiFeaturesShowFeatures: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Features"];
    };
   };
  };
 };
 ApiOrganizationsListOrganizations: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Organization"][];
    };
   };
  };
 };
 ApiOrganizationsCreateOrganization: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["OrganizationBody"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Organization"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["Organization"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdShowOrganization: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Organization"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdRenameOrganization: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["OrganizationBody"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Organization"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdDeleteOrganization: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdMembersListOrganizationMembers: {
  parameters: {
   query?: {
    q?: string;
    department_id?: number | null;
    kind?: "member" | "guest" | "bot" | null;
    ids?: string | null;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ListedMember"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdMembersAddOrganizationMember: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewOrganizationMember"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["OrganizationMember"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["OrganizationMember"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdMembersUserIdRemoveOrganizationMember: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdMembersUserIdChangeOrganizationMember: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["OrganizationMemberChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["OrganizationMember"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdWorkspacesListOrganizationWorkspaces: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["OrganizationWorkspace"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdWorkspacesWorkspaceIdPutWorkspace: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdWorkspacesWorkspaceIdTakeWorkspace: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdFeaturesNameSwitchFeature: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["FeatureSwitch"];
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdDepartmentsListDepartments: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Department"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdDepartmentsCreateDepartment: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewDepartment"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Department"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["Department"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdDepartmentsDepartmentIdDeleteDepartment: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdDepartmentsDepartmentIdChangeDepartment: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["DepartmentChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Department"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdDepartmentsDepartmentIdAppointmentsListAppointments: {
  parameters: {
   query?: {
    below?: boolean;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Appointment"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdAppointmentsCreateAppointment: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewAppointment"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Appointment"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["Appointment"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdAppointmentsAppointmentIdChangeAppointment: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["AppointmentChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Appointment"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdAppointmentsAppointmentIdEndAppointment: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdPositionsListPositions: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Position"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdPositionsCreatePosition: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["PositionBody"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Position"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["Position"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdPositionsPositionIdRenamePosition: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["PositionBody"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Position"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdPositionsPositionIdDeletePosition: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdGroupsListGroups: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Group"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdGroupsCreateGroup: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewGroup"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Group"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["Group"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdGroupsGroupIdDeleteGroup: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdGroupsGroupIdChangeGroup: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["GroupChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Group"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdGroupsGroupIdMembersListGroupMembers: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["GroupMember"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdGroupsGroupIdMembersUserIdPutGroupMember: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdGroupsGroupIdMembersUserIdTakeGroupMember: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdPeopleSearchDirectory: {
  parameters: {
   query?: {
    q?: string;
    department_id?: number | null;
    position_id?: number | null;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["DirectoryPerson"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdDirectoryListImportDirectoryList: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["DirectoryList"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["DirectoryDifference"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdDepartmentChatsListDepartmentChats: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["DepartmentChat"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdDepartmentsDepartmentIdChatsChatIdFollowDepartment: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Following"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["DepartmentChat"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdDepartmentsDepartmentIdChatsChatIdLeaveDepartment: {
  responses: {
   204: {
   };
  };
 };
 ApiAnnouncementsListAnnouncements: {
  parameters: {
   query?: {
    acknowledged?: boolean | null;
    limit?: number;
    before_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Announcement"][];
    };
   };
  };
 };
 ApiAnnouncementsAnnouncementIdShowAnnouncement: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Announcement"];
    };
   };
  };
 };
 ApiAnnouncementsAnnouncementIdAcknowledgementAcknowledgeAnnouncement: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdAnnouncementsListPublishedAnnouncements: {
  parameters: {
   query?: {
    limit?: number;
    before_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PublishedAnnouncement"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdAnnouncementsPublishAnnouncement: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewAnnouncement"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PublishedAnnouncement"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["PublishedAnnouncement"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdAnnouncementsAnnouncementIdShowPublishedAnnouncement: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PublishedAnnouncement"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdAnnouncementsAnnouncementIdWithdrawAnnouncement: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdAnnouncementsAnnouncementIdChangeAnnouncement: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["AnnouncementChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PublishedAnnouncement"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdAnnouncementsAnnouncementIdRecipientsListAnnouncementRecipients: {
  parameters: {
   query?: {
    acknowledged?: boolean | null;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["AnnouncementRecipient"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdVisibilityRulesListVisibilityRules: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["VisibilityRule"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdVisibilityRulesCreateVisibilityRule: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewVisibilityRule"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["VisibilityRule"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["VisibilityRule"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdVisibilityRulesRuleIdDeleteVisibilityRule: {
  responses: {
   204: {
   };
  };
 };
 ApiDelegationsListDelegations: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Delegation"][];
    };
   };
  };
 };
 ApiDelegationsOfferDelegation: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewDelegation"];
   };
  };
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["Delegation"];
    };
   };
  };
 };
 ApiDelegationsDelegationIdAcceptAcceptDelegation: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Delegation"];
    };
   };
  };
 };
 ApiDelegationsDelegationIdRevokeDelegation: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdRolesListRoles: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["CustomRole"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdRolesCreateRole: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewRole"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["CustomRole"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["CustomRole"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdRolesRoleIdDeleteRole: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdRolesRoleIdChangeRole: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["RoleChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["CustomRole"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdRoleBindingsListRoleBindings: {
  parameters: {
   query?: {
    role_id?: number | null;
    user_id?: number | null;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["RoleBinding"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdRoleBindingsBindRole: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewRoleBinding"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["RoleBinding"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["RoleBinding"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdRoleBindingsBindingIdUnbindRole: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdRoleBindingsBindingIdChangeRoleBinding: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["RoleBindingChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["RoleBinding"];
    };
   };
  };
 };
 ApiPermissionsListPermissions: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Permission"][];
    };
   };
  };
 };
 ApiPermissionsExplainExplainPermission: {
  parameters: {
   query: {
    permission: string;
    user_id?: number | null;
    organization_id?: number | null;
    workspace_id?: number | null;
    chat_id?: number | null;
    board_id?: number | null;
    page_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PermissionExplained"];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdBotsListBots: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Bot"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdBotsCreateBot: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewBot"];
   };
  };
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["Bot"];
    };
   };
  };
 };
 ApiBotsBotIdDeleteBot: {
  responses: {
   204: {
   };
  };
 };
 ApiBotsBotIdChangeBot: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["BotChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Bot"];
    };
   };
  };
 };
 ApiBotsBotIdTokensListBotTokens: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PersonalToken"][];
    };
   };
  };
 };
 ApiBotsBotIdTokensMakeBotToken: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["BotTokenWish"];
   };
  };
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["NewPersonalToken"];
    };
   };
  };
 };
 ApiBotsBotIdTokensTokenIdEndBotToken: {
  responses: {
   204: {
   };
  };
 };
 ApiBotsBotIdWebhooksListWebhooks: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["IncomingWebhook"][];
    };
   };
  };
 };
 ApiBotsBotIdWebhooksCreateWebhook: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewWebhook"];
   };
  };
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["NewIncomingWebhook"];
    };
   };
  };
 };
 ApiBotsBotIdWebhooksWebhookIdDeleteWebhook: {
  responses: {
   204: {
   };
  };
 };
 ApiHooksWebhookIdPostByWebhook: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["HookMessage"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Message"];
    };
   };
   201: {
    content: {
     "application/json": components["schemas"]["Message"];
    };
   };
  };
 };
 ApiBotsBotIdEndpointShowEndpoint: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Endpoint"];
    };
   };
  };
 };
 ApiBotsBotIdEndpointSetEndpoint: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["EndpointWish"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["NewEndpoint"];
    };
   };
  };
 };
 ApiBotsBotIdEndpointRemoveEndpoint: {
  responses: {
   204: {
   };
  };
 };
 ApiBotsBotIdEndpointEventsSetEndpointEvents: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["EventsWish"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Endpoint"];
    };
   };
  };
 };
 ApiBotsBotIdCommandsCreateCommand: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewCommand"];
   };
  };
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["Command"];
    };
   };
  };
 };
 ApiBotsBotIdCommandsCommandIdDeleteCommand: {
  responses: {
   204: {
   };
  };
 };
 ApiWorkspacesWorkspaceIdCommandsListCommands: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Command"][];
    };
   };
  };
 };
 ApiChatsChatIdCommandsRunCommand: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["TypedCommand"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["BotAnswer"];
    };
   };
  };
 };
 ApiChatsChatIdMessagesMessageIdActionsPress: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Press"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["BotAnswer"];
    };
   };
  };
 };
 ApiChatsChatIdPrivateAnswersAnswerPrivately: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewPrivateAnswer"];
   };
  };
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["PrivateAnswer"];
    };
   };
  };
 };
 ApiPrivateAnswersListPrivateAnswers: {
  parameters: {
   query?: {
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PrivateAnswer"][];
    };
   };
  };
 };
 ApiBotsBotIdSubscriptionsListSubscriptions: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Subscription"][];
    };
   };
  };
 };
 ApiBotsBotIdSubscriptionsCreateSubscription: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["SubscriptionWish"];
   };
  };
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["NewSubscription"];
    };
   };
  };
 };
 ApiBotsBotIdSubscriptionsSubscriptionIdShowSubscription: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Subscription"];
    };
   };
  };
 };
 ApiBotsBotIdSubscriptionsSubscriptionIdDeleteSubscription: {
  responses: {
   204: {
   };
  };
 };
 ApiBotsBotIdSubscriptionsSubscriptionIdChangeSubscription: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["SubscriptionChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Subscription"];
    };
   };
  };
 };
 ApiBotsBotIdSubscriptionsSubscriptionIdKeyReplaceSubscriptionKey: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["SubscriptionKeyWish"];
   };
  };
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["SubscriptionKey"];
    };
   };
  };
 };
 ApiBotsBotIdSubscriptionsSubscriptionIdDeliveriesListFailedDeliveries: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["FailedDelivery"][];
    };
   };
  };
 };
 ApiBotsBotIdSubscriptionsSubscriptionIdDeliveriesPositionDeliverAgain: {
  responses: {
   202: {
    content: {
     "application/json": components["schemas"]["FailedDelivery"];
    };
   };
  };
 };
 ApiBotsBotIdSubscriptionsSubscriptionIdAttemptsListDeliveryAttempts: {
  parameters: {
   query?: {
    limit?: number;
    before_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["DeliveryAttempt"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdAppsListApps: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["App"][];
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdAppsCreateApp: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["AppWish"];
   };
  };
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["NewApp"];
    };
   };
  };
 };
 ApiAppsAppIdDeleteApp: {
  responses: {
   204: {
   };
  };
 };
 ApiAppsAppIdChangeApp: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["AppChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["App"];
    };
   };
  };
 };
 ApiAppsAppIdSecretReplaceSecret: {
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["NewApp"];
    };
   };
  };
 };
 ApiAuthAppsAskedAsk: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Asking"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["AppQuestion"];
    };
   };
  };
 };
 ApiAuthAppsListConnectedApps: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["ConnectedApp"][];
    };
   };
  };
 };
 ApiAuthAppsConnectApp: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Agreement"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["AppAnswer"];
    };
   };
  };
 };
 ApiAuthAppsAppIdDisconnectApp: {
  responses: {
   204: {
   };
  };
 };
 ApiDialogsShowDialog: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["DialogAnswer"];
    };
   };
  };
 };
 ApiDialogsChangeDialog: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["DialogChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["OpenedDialog"];
    };
   };
  };
 };
 ApiDialogsOpenDialog: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewDialog"];
   };
  };
  responses: {
   201: {
    content: {
     "application/json": components["schemas"]["OpenedDialog"];
    };
   };
  };
 };
 ApiDialogsDialogIdSubmissionSubmitDialog: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["Submission"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["DialogAnswer"];
    };
   };
  };
 };
 ApiDialogsDialogIdActionsPressInDialog: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["DialogPress"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["DialogAnswer"];
    };
   };
  };
 };
 ApiDialogsDialogIdCloseDialog: {
  parameters: {
   query?: {
    all_of_them?: boolean;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["DialogAnswer"];
    };
   };
  };
 };
 ApiAdminOverviewShowOverview: {
  parameters: {
   query?: {
    organization_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Overview"];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdSessionsListSessionsOfMembers: {
  parameters: {
   query?: {
    user_id?: number | null;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["SessionOfMember"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdSessionsSessionIdEndSessionOfMember: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdMembersUserIdSuspensionSuspendMember: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdMembersUserIdSuspensionReinstateMember: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdStorageListStorageOfOrganization: {
  parameters: {
   query?: {
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["WorkspaceStorage"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdAuditListOrganizationAudit: {
  parameters: {
   query?: {
    action?: string | null;
    actor_id?: number | null;
    since?: string | null;
    until?: string | null;
    limit?: number;
    before_id?: number | null;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["AuditEntry"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdAuditExportExportOrganizationAudit: {
  parameters: {
   query?: {
    format?: "csv" | "jsonl";
    action?: string | null;
    actor_id?: number | null;
    since?: string | null;
    until?: string | null;
   };
  };
  responses: {
   200: {
    content: {
     "text/csv; charset=utf-8": string;
     "application/jsonl": string;
    };
   };
  };
 };
 ApiWorkspacesWorkspaceIdAuditExportExportWorkspaceAudit: {
  parameters: {
   query?: {
    format?: "csv" | "jsonl";
    action?: string | null;
    actor_id?: number | null;
    since?: string | null;
    until?: string | null;
   };
  };
  responses: {
   200: {
    content: {
     "text/csv; charset=utf-8": string;
     "application/jsonl": string;
    };
   };
  };
 };
 ApiUsersMeExportExportOwnData: {
  responses: {
   200: {
    content: {
     "application/zip": string;
    };
   };
  };
 };
 ApiUsersMeDeletionPreviewOwnDeletion: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["DeletionPart"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdMembersUserIdExportExportPersonsData: {
  responses: {
   200: {
    content: {
     "application/zip": string;
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdMembersUserIdDeletionPreviewDeletion: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["DeletionPart"][];
    };
   };
  };
 };
 ApiOrganizationsOrganizationIdMembersUserIdAccountDeletePersonsAccount: {
  responses: {
   204: {
   };
  };
 };
 ApiOrganizationsOrganizationIdDeletionsListDeletions: {
  parameters: {
   query?: {
    done?: boolean | null;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Deletion"][];
    };
   };
  };
 };
 ApiStatisticsOnlineShowOnlineTime: {
  parameters: {
   query?: {
    organization_id?: number | null;
    by?: "person" | "department" | "all";
    since?: string | null;
    until?: string | null;
    limit?: number;
    after_id?: number;
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["OnlineTime"][];
    };
   };
  };
 };
 ApiStatisticsOnlineExportExportOnlineTime: {
  parameters: {
   query?: {
    organization_id?: number | null;
    by?: "person" | "department" | "all";
    since?: string | null;
    until?: string | null;
   };
  };
  responses: {
   200: {
    content: {
     "text/csv; charset=utf-8": string;
    };
   };
  };
 };
 ApiUsersMeTimeZoneSetTimeZone: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["TimeZone"];
   };
  };
  responses: {
   204: {
   };
  };
 };
 ApiUsersMeNotificationsShowNotificationSettings: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["NotificationSettings"];
    };
   };
  };
 };
 ApiUsersMeNotificationsChangeNotificationSettings: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NotificationSettingsChange"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["NotificationSettings"];
    };
   };
  };
 };
 ApiPushShowPush: {
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["Push"];
    };
   };
  };
 };
 ApiPushSubscriptionSubscribeToPushes: {
  requestBody: {
   content: {
    "application/json": components["schemas"]["NewPushSubscription"];
   };
  };
  responses: {
   200: {
    content: {
     "application/json": components["schemas"]["PushSubscription"];
    };
   };
  };
 };
 ApiPushSubscriptionUnsubscribeFromPushes: {
  responses: {
   204: {
   };
  };
 };
}
