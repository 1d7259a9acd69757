"""The users of NATS that we ship: those of docker/secrets.sh, and those of docs/operations/relay.md."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.postgres import ROOT

Shipped = tuple[tuple["User", "User"], Path]


@dataclass(frozen=True)
class User:
    name: str
    password_file: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"FECHATTER_NATS__USER": self.name, "FECHATTER_NATS__PASSWORD_FILE": str(self.password_file)}


def of_compose(folder: Path) -> Shipped:
    """That of notify_servers and that of chat_servers, and a configuration of NATS."""
    shutil.copy(ROOT / "docker" / "secrets.sh", folder)
    subprocess.run(["sh", folder / "secrets.sh"], check=True, capture_output=True)
    made = folder / "secrets"
    config = folder / "nats.conf"
    # The port for monitoring is one for the whole machine.
    config.write_text(re.sub(r"^http: .*$", "", (made / "nats.conf").read_text(), flags=re.MULTILINE))
    return (User("fechatter", made / "nats_password"), User("fechatter-chat", made / "nats_chat_password")), config


def of_the_page(folder: Path) -> Shipped:
    """The same; the page leaves the passwords out."""
    page = (ROOT / "docs" / "operations" / "relay.md").read_text()
    [block] = re.findall(r"^```\n(authorization \{.*?)^```$", page, re.MULTILINE | re.DOTALL)
    users = []
    for name in re.findall(r"\{user: ([\w-]+),", block):
        users.append(User(name, folder / f"{name}.password"))
        users[-1].password_file.write_text(f"secret of {name}")
        block = block.replace('password: "$2a$11$…"', f'password: "secret of {name}"', 1)
    config = folder / "nats.conf"
    config.write_text(block)
    first, second = users
    return (first, second), config
