from chat_core.settings.types import Days, Section


class Pages(Section):
    """Pages: limits of each connection, page and worker."""

    history_days: Days = 90
    """How long patches that are in a snapshot are kept, and with them who edited and when."""
