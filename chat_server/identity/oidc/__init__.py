"""Signing in at a provider of identity with OpenID Connect: what we ask it, and what we believe of its answers."""
