"""Messages, and what hangs on one: reactions, threads, pins."""
