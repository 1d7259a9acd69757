"""The `fechatter` command. It starts, stops and inspects the parts. It owns none of their logic, and neither the
servers nor `chat_core` may import it."""
