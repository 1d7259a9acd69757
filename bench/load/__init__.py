"""Load generators: raw asyncio protocols on uvloop, each in a process of its own, that tell what CPU they took."""
