"""Pages: their members, thumbnails, content, history, versions, publications and comments."""
