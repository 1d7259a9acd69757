"""Chats: their members, bans, invites, and each member's own settings."""
