"""Slack's methods by name, a module for each family: what there is, docs/integrations/slack.md lists."""

from typing import Final

from chat_server.integrations.slack.call import Method
from chat_server.integrations.slack.methods import chat, conversations, files, membership, reactions, team, users, views

METHODS: Final[dict[str, Method]] = {
    **team.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **membership.METHODS,
    **users.METHODS,
    **reactions.METHODS,
    **files.METHODS,
    **views.METHODS,
}
