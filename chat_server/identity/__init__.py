"""Passwords, sessions, and the names that people may have."""
