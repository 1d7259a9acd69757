"""How the index is built: a process beside chat_server (follower.py) reads the log, and indexes messages (indexer.py)
and pages (page_indexer.py)."""
