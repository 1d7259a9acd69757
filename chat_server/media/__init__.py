"""Previews of files: made in a separate process that hostile bytes may crash, but not leave."""
