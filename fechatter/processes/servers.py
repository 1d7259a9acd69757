"""The servers by the names of their commands: their section of the settings, and the settings that they need."""

from typing import Final

SECTIONS: Final = {"chat-server": "server", "notify-server": "notify", "delivery-server": "delivery"}
NEEDS: Final = {
    "chat-server": ("database.url", "auth.private_key"),
    "notify-server": ("database.url", "auth.public_key"),
    "delivery-server": ("database.url",),
}
