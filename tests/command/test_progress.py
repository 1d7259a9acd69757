"""What a command says of its progress holds it up nowhere."""

import os
import subprocess
import sys

FULL = """
import os, select, sys
os.set_blocking(2, False)
try:
    while True:
        os.write(2, b"x" * select.PIPE_BUF)
except BlockingIOError:
    os.set_blocking(2, True)
from chat_core.process import lines
from fechatter.progress import say
lines.LAST_SECONDS = 0.01
say("stopping")
"""


def test_a_command_ends_though_nobody_reads_what_it_says() -> None:
    read, write = os.pipe()
    try:
        done = subprocess.run([sys.executable, "-c", FULL], stderr=write, timeout=30, check=False)
        assert done.returncode == 0
    finally:
        os.close(read)
        os.close(write)
