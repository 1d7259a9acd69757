"""Messages, and what is on them: reactions, pins, threads, mentions, how far they are read."""
