from chat_core.settings.types import Days, Section


class Events(Section):
    """The event log."""

    retention_days: Days = 7
    """How long events are kept, and so how far back a client can resume."""
