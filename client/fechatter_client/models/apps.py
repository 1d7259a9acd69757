"""Apps to which people give access by OAuth."""

from datetime import datetime

from . import Model


class App(Model):
    """`client_id` is the id as OAuth has it, a text. Nobody can connect an app without an owner."""

    id: int
    client_id: str
    workspace_id: int
    owner_id: int | None
    name: str
    description: str
    redirect_uris: list[str]
    scopes: list[str]
    confidential: bool
    created_at: datetime


class NewApp(App):
    """`client_secret` is shown this once; None for a public client."""

    client_secret: str | None


class AppOwner(Model):
    id: int
    fullname: str
    username: str


class NamedWorkspace(Model):
    id: int
    name: str


class AppAbout(Model):
    """An app as somebody sees it who is asked to connect it."""

    id: int
    name: str
    description: str
    owner: AppOwner | None
    workspace: NamedWorkspace


class AppQuestion(Model):
    """What an app asks for. `workspace_id` is the one to which it wants to be bound."""

    app: AppAbout
    scopes: list[str]
    workspace_id: int | None
    workspaces: list[NamedWorkspace]
    everywhere: bool
    returns_to: str
    refusal_url: str


class AppAnswer(Model):
    """Where the browser goes: to the app, with a code."""

    url: str


class ConnectedApp(AppAbout):
    """An app that may act for the account. `everywhere`: in all its workspaces, and not in one alone."""

    scopes: list[str]
    everywhere: bool
    connected_at: datetime
    last_used_at: datetime | None
