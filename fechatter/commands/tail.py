"""`fechatter tail`: signs in and prints the live events of an account, one readable line each."""

import getpass
import logging
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx
import msgspec

from chat_core.settings import Settings
from fechatter.client import Client, FechatterError, Problem, SignInNeeded, Unreachable
from fechatter.errors import CommandError
from fechatter.processes import ports
from fechatter.progress import say

_GREY, _GREEN, _CYAN, _PLAIN = "\x1b[90m", "\x1b[32m", "\x1b[36m", "\x1b[0m"


def read_password(from_stdin: bool) -> str:
    """From stdin, from $CHAT_PASSWORD, or from the terminal."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if password := os.environ.get("CHAT_PASSWORD"):
        return password
    if not sys.stdin.isatty():
        raise CommandError("there is no terminal to read the password from: use --password-stdin, or set CHAT_PASSWORD")
    return getpass.getpass("Password: ")


async def tail(settings: Settings, chat: str | None, notify: str | None, email: str, password: str) -> None:
    """Runs until cancelled. Raises CommandError if signing in fails, or if the server refuses later."""
    chat = (chat or ports.url(settings.server.host, settings.server.port)).rstrip("/")
    notify = (notify or ports.url(settings.notify.host, settings.notify.port)).rstrip("/")
    logging.getLogger("fechatter_client").addHandler(_Said())
    http = httpx.AsyncClient(trust_env=not _is_local(chat))
    async with Client(chat, notify, http=http) as client:
        await _sign_in(client, chat, email, password)
        printer = Printer()
        try:
            async for event in client.events(snapshot=True):
                data = msgspec.to_builtins(event.data)
                if event.kind == "Snapshot":
                    printer.learn(data)
                else:
                    printer.show(event.kind, data)
        except SignInNeeded as error:
            raise CommandError(f"the session has ended ({_printable(str(error))}): sign in again") from None
        except FechatterError as error:
            raise CommandError(f"{notify} refuses the stream: {_printable(str(error))}") from None


async def _sign_in(client: Client, chat: str, email: str, password: str) -> None:
    try:
        await client.sign_in(email, password)
    except Unreachable as error:
        raise CommandError(
            f"{chat} does not respond ({type(error.__cause__).__name__}): is it running? Or choose another with --chat"
        ) from None
    except Problem as problem:
        raise CommandError(f"signing in as {email} failed: {_printable(problem.detail)}") from None


class _Said(logging.Handler):
    """The client's log about its connection."""

    def emit(self, record: logging.LogRecord) -> None:
        say(_printable(record.getMessage()))


class Printer:
    """Prints events with the names of chats and users, as far as they are known."""

    def __init__(self) -> None:
        self._chats: dict[int, str] = {}
        self._people: dict[int, str] = {}
        self._colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def learn(self, value: object) -> None:
        """Collects the names in a snapshot or an event: users have a fullname, chats a type and a name."""
        if isinstance(value, dict):
            number = value.get("user_id", value.get("id"))
            if isinstance(number, int) and value.get("fullname"):
                self._people[number] = value["fullname"]
            elif isinstance(number, int) and value.get("type") and value.get("name"):
                self._chats[number] = value["name"]
            for item in value.values():
                self.learn(item)
        elif isinstance(value, list):
            for item in value:
                self.learn(item)

    def show(self, kind: str, payload: object) -> None:
        self.learn(payload)
        text = self._text(kind, payload) if isinstance(payload, dict) else str(payload)
        now = datetime.now().astimezone()
        colour = _GREEN if kind == "NewMessage" else _CYAN
        line = f"{self._in(_GREY, f'{now:%H:%M:%S}')} {self._in(colour, f'{_printable(kind):18}')} {_printable(text)}"
        print(line, flush=True)

    def _text(self, kind: str, payload: Mapping[str, Any]) -> str:
        if kind in ("NewMessage", "MessageUpdated", "MessageDeleted"):
            text = "(deleted)" if payload.get("deleted_at") else payload.get("content")
            return f"{self._chat(payload)} {self._person(payload, 'sender_id')}: {text}"
        if kind == "PresenceChanged":
            return ", ".join(f"{self._person(user, 'user_id')}: {user['presence']}" for user in payload["users"])
        if kind == "Typing":
            typing = [self._person({"user_id": user}, "user_id") for user in payload["user_ids"]]
            return f"{self._chat(payload)} {', '.join(typing) or 'nobody'}"
        parts = []
        if "chat_id" in payload or payload.get("type"):
            parts.append(self._chat(payload))
        if "user_id" in payload or payload.get("fullname"):
            parts.append(self._person(payload, "user_id" if "user_id" in payload else "id"))
        shown = ("chat_id", "user_id", "fullname", "avatar", "created_at", "updated_at", "joined_at")
        parts += [f"{name}={value}" for name, value in payload.items() if name not in shown and _is_short(value)]
        return " ".join(parts)

    def _chat(self, payload: Mapping[str, Any]) -> str:
        number = payload.get("chat_id", payload.get("id", 0))
        return f"[{self._chats.get(number) or f'chat {number}'}]"

    def _person(self, payload: Mapping[str, Any], key: str) -> str:
        number = payload.get(key, 0)
        return self._people.get(number) or f"user {number}"

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_PLAIN}" if self._colours else text


def _is_short(value: object) -> bool:
    return value is not None and not isinstance(value, dict | list) and len(str(value)) <= 80


def _printable(text: str) -> str:
    """Other users' text must not control our terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _is_local(url: str) -> bool:
    """A proxy from the environment must not stand between two programs of one machine."""
    return httpx.URL(url).host in ("localhost", "127.0.0.1", "::1")
