"""Passwords, sessions, and rules for names."""
