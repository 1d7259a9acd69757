"""What other systems send to an incoming webhook, as messages: a file each; docs/integrations/incoming-webhooks.md."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from chat_server.integrations.templates import alertmanager, github, gitlab, grafana, jenkins, jira, sentry

# By the last part of the address. An empty text: nothing to say of it.
TEMPLATES: Final[dict[str, Callable[[Any, Mapping[str, str]], str]]] = {
    "alertmanager": alertmanager.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "grafana": grafana.render,
    "jenkins": jenkins.render,
    "jira": jira.render,
    "sentry": sentry.render,
}
