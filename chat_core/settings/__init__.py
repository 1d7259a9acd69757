"""Every setting of the servers, with its meaning, default and bounds; a module for each section.

`load_settings` reads the first of `$CHAT_CONFIG`, `./app.yaml`, `/etc/config/app.yaml`. Environment variables take
precedence over the file (`FECHATTER_SERVER__PORT=7000` is `server.port`). Every error becomes one readable line.
"""

from chat_core.settings.errors import SettingsError as SettingsError
from chat_core.settings.loading import config_file as config_file
from chat_core.settings.loading import load_settings as load_settings
from chat_core.settings.loading import require as require
from chat_core.settings.model import Settings as Settings
from chat_core.settings.model import variable as variable
from chat_core.settings.sections.boards import Boards as Boards
from chat_core.settings.sections.clerk import CLERK as CLERK
from chat_core.settings.sections.clerk import Clerk as Clerk
from chat_core.settings.sections.connections import Connections as Connections
from chat_core.settings.sections.database import Database as Database
from chat_core.settings.sections.delivery import Delivery as Delivery
from chat_core.settings.sections.ldap import LdapDirectory as LdapDirectory
from chat_core.settings.sections.limits import Limits as Limits
from chat_core.settings.sections.log import Log as Log
from chat_core.settings.sections.mail import Mail as Mail
from chat_core.settings.sections.media import Media as Media
from chat_core.settings.sections.nats import Nats as Nats
from chat_core.settings.sections.notify import Notify as Notify
from chat_core.settings.sections.pages import Pages as Pages
from chat_core.settings.sections.providers import OidcProvider as OidcProvider
from chat_core.settings.sections.saml import SamlProvider as SamlProvider
from chat_core.settings.sections.scim import ScimDirectory as ScimDirectory
from chat_core.settings.sections.server import Server as Server
from chat_core.settings.sections.sinks import Sink as Sink
from chat_core.settings.sections.storage import Storage as Storage
from chat_core.settings.sections.tracing import Tracing as Tracing
from chat_core.settings.sections.ways_in import LISTS as LISTS
from chat_core.settings.sections.ways_in import WayIn as WayIn
from chat_core.settings.sections.ways_in import check_source as check_source
from chat_core.settings.sections.ways_in import is_safe_url as is_safe_url
from chat_core.settings.types import DatabaseUrl as DatabaseUrl
