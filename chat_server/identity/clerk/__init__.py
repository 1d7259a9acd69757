"""Clerk: its session tokens, its webhooks, and its Backend API."""
