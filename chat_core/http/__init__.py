"""Clients' connections before a request reaches the application: their addresses, limits and time-outs."""
