"""Connections of clients, before the application has them: whose they are, which are taken, how long one may take."""
