"""Files: their names, their types, ranges of them, and the way from an upload to a file."""
