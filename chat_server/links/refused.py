class Refused(Exception):
    """Nothing is shown of this link; the text says why."""
