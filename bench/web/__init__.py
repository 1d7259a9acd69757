"""What measures the chat client in a browser: a Fechatter that serves bundles, chromium, and whoever writes to it."""
