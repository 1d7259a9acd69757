"""Connections to other systems: which of the addresses that users give are connected to, and a client that connects to
no others; how NATS is connected to, which an operator names."""
