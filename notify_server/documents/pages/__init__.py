"""Pages: JSON that people edit together by patches (RFC 6902), in one order for everybody. See docs/pages/protocol.md.

A patch is applied to the page in memory, stored in a group commit, and only then acknowledged and shown to others.
"""
