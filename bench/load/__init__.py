"""Load generators: raw asyncio protocols on uvloop, each in a separate process, that report their CPU time."""
