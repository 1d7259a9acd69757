"""What documents of all kinds have: names, deletion, members, thumbnails, versions, exports. Plain functions, which the
routes of a kind call (routes/boards)."""
