"""What documents of all kinds share: names, deletion, members, thumbnails, versions, exports. Plain functions,
called by the routes of a kind (routes/boards)."""
