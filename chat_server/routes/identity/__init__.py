"""Accounts, sessions and presence."""
