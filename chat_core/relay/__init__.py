"""What servers tell each other over NATS, and how (ADR 91, 103)."""
