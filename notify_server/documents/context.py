"""What the rooms of every kind of document share on one server."""

from chat_core.database.pool import Pool
from chat_core.database.readiness import Readiness
from chat_core.settings import Settings
from notify_server.documents.access import Access
from notify_server.documents.backoff import Backoff
from notify_server.documents.large import MOST_BYTES, LargeMessages
from notify_server.documents.shared_presence import SharedPresence
from notify_server.presence.registry import Registry
from notify_server.websocket.strangers import Strangers


class Context:
    """One per server. `node` is its name for the others. `strangers` has the sockets without a user, not yet or not
    any more. `access` and `presence` follow the log and the notifications for all kinds together."""

    def __init__(
        self, settings: Settings, pool: Pool, registry: Registry, readiness: Readiness, strangers: Strangers
    ) -> None:
        self.settings, self.pool, self.node = settings, pool, registry.node
        self.registry, self.readiness, self.strangers = registry, readiness, strangers
        self.backoff, self.large = Backoff(), LargeMessages(MOST_BYTES)
        self.access = Access(pool)
        self.presence = SharedPresence(pool, self.node, self.access)
