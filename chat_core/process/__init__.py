"""A process and its children: start, end, logs and metrics."""
