"""The sockets of documents that people edit together, with one room for each open document.

What every kind shares stands here: connections, places and roles, presence on this server and on others, heartbeats,
limits and ends. yjs/ and protocols/ are boards (docs/boards/), pages/ is pages (docs/pages/).
"""
