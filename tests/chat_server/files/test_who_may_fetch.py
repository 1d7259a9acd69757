"""Who may fetch a file: whoever sees a use of it now, and nobody else, whatever has happened before.

Random people post, edit, delete and forward files, come and go, and make pictures, emoji and files of boards of them.
What each may then fetch is compared with what follows from `Truth`, which knows no SQL.
"""

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.chat_server.files.test_files import PNG, upload
from tests.chat_server.people import ChatServer, Person

ROUNDS, STEPS, FILES = 3, 20, 7
EMOJI = ("shipit", "lgtm")


@dataclass
class Truth:
    """Where each file is used, and who is where. A message's former files stay visible in its earlier content."""

    files: dict[int, int] = field(default_factory=dict)  # its uploader
    chats: dict[int, set[int]] = field(default_factory=dict)  # members
    boards: dict[int, set[int]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)  # boards that are deleted
    workspace: set[int] = field(default_factory=set)
    messages: dict[int, tuple[int, set[int]]] = field(default_factory=dict)  # chat, files
    attached: set[tuple[int, int]] = field(default_factory=set)  # board, file
    emoji: dict[str, int] = field(default_factory=dict)
    avatars: dict[int, int] = field(default_factory=dict)
    icon: int | None = None

    def uses(self, file: int) -> list[set[int]]:
        """Who sees each of them."""
        return [
            *(self.chats.get(chat, set()) for chat, files in self.messages.values() if file in files),
            *(set() if board in self.hidden else self.boards[board] for board, one in self.attached if one == file),
            *(self.workspace for one in self.emoji.values() if one == file),
            *(self.sees_profile(user) for user, one in self.avatars.items() if one == file),
            *([self.workspace] if self.icon == file else []),
        ]

    def sees_profile(self, user: int) -> set[int]:
        return self.workspace if user in self.workspace else {user}

    def may_fetch(self, file: int, user: int) -> bool:
        if uses := self.uses(file):
            return any(user in seen for seen in uses)
        return self.files.get(file) == user and user in self.workspace

    def end_unused(self, file: int) -> None:
        """A file goes with its last use."""
        if not self.uses(file):
            self.files.pop(file, None)


@dataclass
class Scene:
    """Ada owns everything and stays. An action that is refused changes nothing in `truth`."""

    chance: random.Random
    people: list[Person]
    truth: Truth
    done: set[str] = field(default_factory=set)

    @property
    def ada(self) -> Person:
        return self.people[0]

    async def act(self) -> None:
        action = self.chance.choice(WEIGHTED)
        if await getattr(self, f"_{action}")(self.chance.choice(self.people), self.chance.choice(self.people[1:])):
            self.done.add(action)

    def file(self, person: Person) -> int:
        """One that this person may fetch, but for one time in four."""
        files = list(self.truth.files) or [2**40]
        seen = [file for file in files if self.truth.may_fetch(file, person.id)]
        return self.chance.choice(files if self.chance.random() < 0.25 or not seen else seen)

    def message(self) -> int:
        return self.chance.choice(list(self.truth.messages) or [2**40])

    async def call(self, person: Person, method: str, path: str, body: Any = None) -> Any:
        """The JSON, or True if there is none; None if it was refused."""
        answer = await person.api.request(method, f"/api/{path}", json=body)
        assert answer.status_code < 500, answer.text
        return ((answer.json() if answer.content else None) or True) if answer.is_success else None

    async def _post(self, person: Person, other: Person) -> Any:
        chat, files = self.chance.choice(list(self.truth.chats)), {self.file(person), self.file(person)}
        if posted := await self.call(person, "POST", f"chats/{chat}/messages", {"files": list(files)}):
            self.truth.messages[posted["id"]] = (chat, files)
        return posted

    async def _edit(self, person: Person, other: Person) -> Any:
        message, file = self.message(), self.file(person)
        chat, files = self.truth.messages.get(message, (2**40, set()))
        edited = await self.call(person, "PATCH", f"chats/{chat}/messages/{message}", {"files": [file]})
        if edited:
            files.add(file)
        return edited

    async def _forward(self, person: Person, other: Person) -> Any:
        message, chat = self.message(), self.chance.choice(list(self.truth.chats))
        forwarded = await self.call(person, "POST", f"chats/{chat}/messages", {"forward_of": message})
        if forwarded:
            self.truth.messages[forwarded["id"]] = (chat, {file["id"] for file in forwarded["files"]})
        return forwarded

    async def _delete(self, person: Person, other: Person) -> Any:
        message = self.message()
        chat, files = self.truth.messages.get(message, (2**40, set()))
        if deleted := await self.call(person, "DELETE", f"chats/{chat}/messages/{message}"):
            del self.truth.messages[message]
            for file in files:
                self.truth.end_unused(file)
        return deleted

    async def _add(self, person: Person, other: Person) -> Any:
        place, members = self.place()
        added = await self.call(self.ada, "POST", f"{place}/members", {"user_id": other.id})
        if added:
            members.add(other.id)
        return added

    async def _remove(self, person: Person, other: Person) -> Any:
        place, members = self.place()
        removed = await self.call(self.ada, "DELETE", f"{place}/members/{other.id}")
        if removed:
            members.discard(other.id)
        return removed

    async def _ban(self, person: Person, other: Person) -> Any:
        chat, members = self.chance.choice(list(self.truth.chats.items()))
        banned = await self.call(self.ada, "PUT", f"chats/{chat}/bans/{other.id}", {})
        if banned:
            members.discard(other.id)
            await self.call(self.ada, "DELETE", f"chats/{chat}/bans/{other.id}")
        return banned

    def place(self) -> tuple[str, set[int]]:
        places = [(f"chats/{chat}", members) for chat, members in self.truth.chats.items()]
        places += [(f"boards/{board}", members) for board, members in self.truth.boards.items()]
        return self.chance.choice(places)

    async def _attach(self, person: Person, other: Person) -> Any:
        board, file = self.chance.choice(list(self.truth.boards)), self.file(person)
        if attached := await self.call(person, "PUT", f"boards/{board}/files/{file}"):
            self.truth.attached.add((board, file))
        return attached

    async def _detach(self, person: Person, other: Person) -> Any:
        board, file = self.chance.choice([*self.truth.attached, (2**40, 2**40)])
        if detached := await self.call(person, "DELETE", f"boards/{board}/files/{file}"):
            self.truth.attached.discard((board, file))
            self.truth.end_unused(file)
        return detached

    async def _hide(self, person: Person, other: Person) -> Any:
        board = self.chance.choice(list(self.truth.boards))
        if hidden := await self.call(self.ada, "DELETE", f"boards/{board}"):
            self.truth.hidden.add(board)
        return hidden

    async def _restore(self, person: Person, other: Person) -> Any:
        board = self.chance.choice(list(self.truth.boards))
        if restored := await self.call(self.ada, "POST", f"boards/{board}/restore"):
            self.truth.hidden.discard(board)
        return restored

    async def _avatar(self, person: Person, other: Person) -> Any:
        file = self.chance.choice([self.file(person), None])
        if changed := await self.call(person, "PATCH", "users/me", {"avatar_file_id": file}):
            former = self.truth.avatars.pop(person.id, None)
            if file is not None:
                self.truth.avatars[person.id] = file
            if former is not None:
                self.truth.end_unused(former)
        return changed

    async def _icon(self, person: Person, other: Person) -> Any:
        file = self.chance.choice([self.file(self.ada), None])
        if changed := await self.call(self.ada, "PUT", f"workspaces/{self.ada.workspace}", {"icon_file_id": file}):
            former, self.truth.icon = self.truth.icon, file
            if former is not None:
                self.truth.end_unused(former)
        return changed

    async def _name_emoji(self, person: Person, other: Person) -> Any:
        name, file = self.chance.choice(EMOJI), self.file(person)
        path = f"workspaces/{self.ada.workspace}/emoji/{name}"
        if named := await self.call(person, "PUT", path, {"file_id": file}):
            self.truth.emoji[name] = file
        return named

    async def _remove_emoji(self, person: Person, other: Person) -> Any:
        name = self.chance.choice(EMOJI)
        removed = await self.call(person, "DELETE", f"workspaces/{self.ada.workspace}/emoji/{name}")
        if removed and name in self.truth.emoji:
            self.truth.end_unused(self.truth.emoji.pop(name))
        return removed

    async def _leave(self, person: Person, other: Person) -> Any:
        left = await self.call(other, "DELETE", f"workspaces/{self.ada.workspace}/members/{other.id}")
        if left:
            for members in (self.truth.workspace, *self.truth.chats.values(), *self.truth.boards.values()):
                members.discard(other.id)
        return left

    async def _return(self, person: Person, other: Person) -> Any:
        if other.id not in self.truth.workspace:
            await self.ada.invite(other)
            self.truth.workspace.add(other.id)
            return True
        return None

    async def _upload(self, person: Person, other: Person) -> Any:
        if person.id in self.truth.workspace and len(self.truth.files) < FILES:
            self.truth.files[await self.uploaded(person)] = person.id
            return True
        return None

    async def uploaded(self, person: Person) -> int:
        person.workspace = self.ada.workspace
        return await upload(person, PNG[:64] + self.chance.randbytes(4))


ACTIONS = sorted(name[1:] for name in vars(Scene) if name.startswith("_") and not name.startswith("__"))


# What makes the rest possible comes more often.
WEIGHTED = [*ACTIONS, *("post", "attach", "name_emoji", "upload", "avatar", "delete") * 2, "add", "return", "restore"]


@pytest.mark.parametrize("seed", [3, pytest.param(4, marks=pytest.mark.long)])
async def test_who_may_fetch(chat_server: ChatServer, seed: int) -> None:
    people = await chat_server.team("Ada", "Bob", "Cara")
    outsider, [ada, bob, cara] = await chat_server.sign_up("Eve"), people
    everybody = {person.id for person in people}
    scene = Scene(random.Random(seed), people, Truth(workspace=set(everybody)))
    truth = scene.truth
    for members in ([bob, cara], [bob]):
        truth.chats[await ada.chat(*members)] = {ada.id, *(one.id for one in members)}
    truth.boards[await ada.board(bob, cara)] = set(everybody)
    ever = set[int]()
    for _ in range(FILES):
        await scene._upload(scene.chance.choice(people), bob)
    for _ in range(ROUNDS):
        for _ in range(STEPS):
            await scene.act()
            ever |= truth.files.keys()
        for file in sorted(ever):
            for person in (*people, outsider):
                fetched = (await person.api.get(f"/api/files/{file}")).status_code
                expected = 200 if truth.may_fetch(file, person.id) else 404
                assert fetched == expected, f"file {file} by {person.email}: {fetched}; {truth}"
    assert len(scene.done) > len(ACTIONS) * 0.6, scene.done
