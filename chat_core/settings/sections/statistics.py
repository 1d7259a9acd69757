from chat_core.settings.types import Days, Section


class Statistics(Section):
    """What is counted about people. See docs/statistics/online-time.md."""

    online_retention_days: Days = 90
    """How long online time is kept, by day (features.enable_online_statistics). Agree on it with works councils."""
