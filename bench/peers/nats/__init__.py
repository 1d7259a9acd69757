"""NATS JetStream, which stores what it distributes: a message bus, without accounts, rooms or members."""

from bench.peers.nats.server import INSTALL, NAME, Nats, installed, running

__all__ = ["INSTALL", "NAME", "Nats", "installed", "running"]
