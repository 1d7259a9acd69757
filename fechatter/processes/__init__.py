"""Processes that run until a signal: the two servers and their workers, how they are supervised and stopped, and
whether their ports are free."""
