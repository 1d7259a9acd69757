"""ejabberd with its rooms' archive in PostgreSQL: the server of chats that most resembles Fechatter."""

from bench.peers.ejabberd.server import INSTALL, NAME, Ejabberd, installed, running, shared

__all__ = ["INSTALL", "NAME", "Ejabberd", "installed", "running", "shared"]
