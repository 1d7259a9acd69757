"""GET /api/ws: streams over WebSockets, whose clients may also send."""
