"""A request in the order in which it passes: `observe.py` (id, log line, metrics), `authentication.py` (who asks),
`limits.py` (how often), `bodies.py` (what is sent), `idempotency.py` (whether it was sent before), and, whatever goes
wrong, `errors.py`."""
