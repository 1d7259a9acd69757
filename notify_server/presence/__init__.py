"""Presence and typing: delivered, not stored."""
