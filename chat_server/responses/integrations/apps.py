"""Apps to which people give access by OAuth."""

import msgspec

from chat_core.personal_tokens import Scope
from chat_server.http.fields import Id, Time


class App(msgspec.Struct):
    """`client_id` is the id as OAuth has it, a text. Nobody can connect an app without an owner. `scopes` are the most
    that it may ask for. A confidential one has a secret."""

    id: Id
    client_id: str
    workspace_id: Id
    owner_id: Id | None
    name: str
    description: str
    redirect_uris: list[str]
    scopes: list[Scope]
    confidential: bool
    created_at: Time


class NewApp(App):
    """`client_secret` is shown this once; null for a public client."""

    client_secret: str | None


class AppOwner(msgspec.Struct):
    id: Id
    fullname: str
    username: str


class NamedWorkspace(msgspec.Struct):
    id: Id
    name: str


class AppAbout(msgspec.Struct):
    """An app as somebody sees it who is asked to connect it."""

    id: Id
    name: str
    description: str
    owner: AppOwner | None
    workspace: NamedWorkspace


class AppQuestion(msgspec.Struct):
    """What an app asks for. `workspace_id` is the one to which it wants to be bound; otherwise the person chooses one
    of `workspaces`, in which apps are switched on, or all of theirs if `everywhere` says so. `returns_to` is the host
    or scheme of its address, and `refusal_url` where a refusal is told."""

    app: AppAbout
    scopes: list[Scope]
    workspace_id: Id | None
    workspaces: list[NamedWorkspace]
    everywhere: bool
    returns_to: str
    refusal_url: str


class AppAnswer(msgspec.Struct):
    """Where the browser goes: to the app, with a code."""

    url: str


class ConnectedApp(AppAbout):
    """An app that may act for the caller, and in what. `everywhere`: in all their workspaces, and not in one alone."""

    scopes: list[Scope]
    everywhere: bool
    connected_at: Time
    last_used_at: Time | None
