"""Signing in at an identity provider of SAML 2.0: what we ask it, and what we believe of its answers.

It needs the extra fechatter[saml]. Nothing here is imported before the settings name such a provider, except `person`
and `refusals`, which parse nothing.
"""
