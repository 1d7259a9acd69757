"""Chats: their members, bans, invites, and what one has of them for oneself."""
