"""The steps of a request, in order: `observe.py` (id, log line, metrics), `authentication.py` (the caller),
`limits.py` (rate limits), `../bodies.py` (the body), `idempotency.py` (retries) and, for every failure, `errors.py`.
For the routes of most requests `hot.py` takes these steps itself; for all others Litestar does."""
