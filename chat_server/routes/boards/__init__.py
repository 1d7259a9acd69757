"""Boards: their members, versions, thumbnails, exports and quarantine."""
