"""Files: fetching them, and uploads."""
