"""Requests to addresses that users give: which of them are connected to, and a client that connects to no others."""
