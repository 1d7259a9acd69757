"""One notify_server reads the log for all (ADR 91)."""
