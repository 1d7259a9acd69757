"""`fechatter psql`: psql on the database in use."""

import os
import shutil
import signal
import subprocess
import urllib.parse
from collections.abc import Mapping, Sequence

from chat_core import children
from chat_core.embedded_account import wheel_programs
from chat_core.settings import Settings
from fechatter import database
from fechatter.errors import CommandError
from fechatter.progress import say


async def psql(settings: Settings, arguments: Sequence[str]) -> int:
    """Returns psql's exit status."""
    program = shutil.which("psql") or str(wheel_programs() / "psql")
    async with database.in_use(settings, say) as url:
        await (await database.connect(url)).close()  # one clear sentence if it cannot be reached
        url, environment = _without_secret(url)
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in psql cancels its query, not us
        try:
            process = _spawn([program, url, *arguments], environment)
            await children.gone(process.pid)
            return process.wait()
        except OSError as error:
            raise CommandError(f"{program} cannot be run: {error.strerror}") from None
        finally:
            signal.signal(signal.SIGINT, before)


def _spawn(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=environment, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def _without_secret(url: str) -> tuple[str, dict[str, str]]:
    """Arguments of a process can be seen by all: the password goes by environment."""
    parts = urllib.parse.urlsplit(url)
    if parts.password is None:
        return url, dict(os.environ)
    user, _, place = parts.netloc.rpartition("@")
    netloc = f"{user.partition(':')[0]}@{place}"
    password = urllib.parse.unquote(parts.password)
    return urllib.parse.urlunsplit(parts._replace(netloc=netloc)), {**os.environ, "PGPASSWORD": password}
