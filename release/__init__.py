"""`make release`: the published files and their contents."""
