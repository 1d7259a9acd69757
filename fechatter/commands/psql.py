"""`fechatter psql`: psql on the database in use."""

import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence

from chat_core.database.embedded_account import wheel_programs
from chat_core.process import children
from chat_core.settings import Settings, database_url
from fechatter import database
from fechatter.errors import CommandError
from fechatter.progress import say


async def psql(settings: Settings, arguments: Sequence[str]) -> int:
    """Returns psql's exit status."""
    program = shutil.which("psql") or str(wheel_programs() / "psql")
    async with database.in_use(settings, say) as url:
        await (await database.connect(url)).close()  # one clear sentence if it cannot be reached
        url, password = database_url.without_secret(url)
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in psql cancels its query, not us
        try:
            process = _spawn([program, *_no_pager(arguments), url, *arguments], database.environment(password))
            await children.gone(process.pid)
            return process.wait()
        except OSError as error:
            raise CommandError(f"{program} cannot be run: {error.strerror}") from None
        finally:
            signal.signal(signal.SIGINT, before)


def _no_pager(arguments: Sequence[str]) -> list[str]:
    """Where psql ends itself: a pager would read the commands that were pasted after this one."""
    ends = re.compile(r"-[a-zA-Z]*[cf]|--command|--file")
    return ["-P", "pager=off"] if any(ends.match(argument) for argument in arguments) else []


def _spawn(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=environment, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
