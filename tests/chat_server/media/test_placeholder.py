"""Placeholders are those that npm's thumbhash makes."""

import base64
import json
import random
import shutil
import subprocess

import pytest

from chat_server.media.placeholder import encode
from tests.support.clients.node import FOLDER


def pictures() -> list[tuple[int, int, bytes]]:
    chance = random.Random(7)
    made = [(1, 1, bytes([0, 0, 0, 0])), (2, 1, bytes([255, 0, 0, 255, 0, 0, 255, 255]))]
    for width, height in ((100, 100), (100, 3), (3, 100), (64, 48), (48, 64), (99, 100)):
        for transparent in (False, True):
            tilt = [chance.random() for _ in range(8)]
            rgba = bytearray()
            for y in range(height):
                for x in range(width):
                    for channel in range(3):
                        slope = tilt[channel] * x / width + tilt[channel + 3] * y / height
                        rgba.append(min(255, int(127 * slope) + chance.randrange(20)))
                    rgba.append(int(235 * x / width) + chance.randrange(20) if transparent else 255)
            made.append((width, height, bytes(rgba)))
    return made


def test_they_are_those_of_npms_thumbhash() -> None:
    if shutil.which("node") is None or not (FOLDER / "node_modules" / "thumbhash").exists():
        pytest.skip("node is not installed, or `make test` has not fetched tests/node's packages yet")
    request = [(width, height, base64.b64encode(rgba).decode()) for width, height, rgba in pictures()]
    answer = subprocess.run(
        ["node", "thumbhash.mjs"], cwd=FOLDER, input=json.dumps(request), capture_output=True, text=True, check=True
    )
    assert [encode(*picture).hex() for picture in pictures()] == json.loads(answer.stdout)
