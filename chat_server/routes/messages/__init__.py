"""Messages and their reactions, pins, threads, mentions and read positions."""
