from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chat_core.settings.sections.auth import Auth
from chat_core.settings.sections.boards import Boards
from chat_core.settings.sections.connections import Connections
from chat_core.settings.sections.database import Database
from chat_core.settings.sections.delivery import Delivery
from chat_core.settings.sections.events import Events
from chat_core.settings.sections.features import Features
from chat_core.settings.sections.integrations import Integrations
from chat_core.settings.sections.limits import Limits
from chat_core.settings.sections.links import Links
from chat_core.settings.sections.log import Log
from chat_core.settings.sections.mail import Mail
from chat_core.settings.sections.media import Media
from chat_core.settings.sections.nats import Nats
from chat_core.settings.sections.notify import Notify
from chat_core.settings.sections.pages import Pages
from chat_core.settings.sections.push import Push
from chat_core.settings.sections.server import Server
from chat_core.settings.sections.statistics import Statistics
from chat_core.settings.sections.storage import Storage
from chat_core.settings.sections.tracing import Tracing

PREFIX = "FECHATTER_"


class Settings(BaseModel):
    """All of app.yaml. Built directly it reads neither file nor environment: `load_settings` does."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    mode: Literal["development", "production"] = "development"
    """development: missing keys are created in data_dir. production: every secret must be set."""

    data_dir: Path = Path(".fechatter")
    """The embedded PostgreSQL, generated keys and files live here; relative to the working directory."""

    database: Database = Database()
    server: Server = Server()
    connections: Connections = Connections()
    notify: Notify = Notify()
    nats: Nats = Nats()
    boards: Boards = Boards()
    pages: Pages = Pages()
    auth: Auth = Auth()
    mail: Mail = Mail()
    limits: Limits = Limits()
    storage: Storage = Storage()
    media: Media = Media()
    links: Links = Links()
    integrations: Integrations = Integrations()
    delivery: Delivery = Delivery()
    push: Push = Push()
    events: Events = Events()
    features: Features = Features()
    statistics: Statistics = Statistics()
    log: Log = Log()
    tracing: Tracing = Tracing()

    @property
    def delivers(self) -> bool:
        """Whether there may be something for delivery_server to do."""
        return self.features.enable_bot_messages or self.push.contact is not None or bool(self.delivery.sinks)


def variable(key: str) -> str:
    """The environment variable that overrides a key: server.port → FECHATTER_SERVER__PORT."""
    return PREFIX + key.replace(".", "__").upper()
