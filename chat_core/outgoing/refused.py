class Refused(Exception):
    """A URL is not asked for, or its answer is not used; the text says why."""
