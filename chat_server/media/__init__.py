"""Previews of files: made in a separate process, which hostile bytes may crash, and which is confined."""
