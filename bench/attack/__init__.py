"""`make attack`: hostile strangers and clients, on loopback and for a few seconds each, and their effect on others.

__main__.py runs a system with users who post and listen, and one attack after the other next to them; attacker.py is
the process that attacks. requests.py, sockets.py and work.py have the attacks.
"""

from bench.attack import requests, sockets
from bench.attack.target import Attack

ATTACKS: dict[str, Attack] = {
    "endless-headers": requests.endless_headers,
    "unfinished-requests": requests.unfinished_requests,
    "strangers": sockets.strangers,
    "heavy-strangers": sockets.heavy_strangers,
    "deaf-reader": sockets.deaf_reader,
    "crowded-presence": sockets.crowded_presence,
    "scattered-deletions": sockets.scattered_deletions,
    "viewers-updates": sockets.viewers_updates,
    "comparisons": requests.comparisons,
    "differences": sockets.differences,
    "password-hashes": requests.password_hashes,
    "versions": requests.versions,
}
