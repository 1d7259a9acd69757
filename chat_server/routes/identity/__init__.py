"""Accounts, sessions, and who is there."""
