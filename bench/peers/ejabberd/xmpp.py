"""What an XMPP client says: RFC 6120 (streams, SASL PLAIN, binding), XEP-0045 (rooms), XEP-0313 (their archive)."""

import base64

from bench.load.dialogue import Dialogue
from bench.peers.ejabberd.server import PASSWORD

ROOMS = "conference.localhost"
_STREAM = (
    b"<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
    b"xmlns:stream='http://etherx.jabber.org/streams'>"
)
_BIND = (
    b"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>bench</resource></bind></iq>"
)
_FEATURES = b"</stream:features>"
_ARCHIVE = (
    "<iq type='set' id='archive' to='{room}@{rooms}'><query xmlns='urn:xmpp:mam:2'>"
    "<set xmlns='http://jabber.org/protocol/rsm'><max>{most}</max></set></query></iq>"
)


def occupant(person: int, *rooms: str) -> Dialogue:
    """Signs in and joins the rooms. What it says there is answered by its own reflection, once it is archived."""
    plain = base64.b64encode(f"\0person{person}\0{PASSWORD}".encode())
    auth = b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + plain + b"</auth>"
    signing_in = ((_STREAM, _FEATURES), (auth, b"<success"), (_STREAM, _FEATURES), (_BIND, b"</iq>"))
    joining = tuple((_join(person, room), b"<subject") for room in rooms)
    # As the nick in the `from` of a message of a room; it is in nothing that others say.
    return Dialogue((*signing_in, *joining), answer=b"/person%d' type='groupchat'" % person, refusal=b"type='error'")


def returning(person: int, room: str, most: int) -> Dialogue:
    """An occupant that fetches the first messages of the room's archive, as many as that."""
    again = occupant(person, room)
    query = _ARCHIVE.format(room=room, rooms=ROOMS, most=most).encode()
    return Dialogue((*again.opening, (query, b"<fin")), again.answer, again.refusal)


def message(room: str, body: str) -> bytes:
    return f"<message to='{room}@{ROOMS}' type='groupchat' id='m'><body>{body}</body></message>".encode()


def _join(person: int, room: str) -> bytes:
    return (
        f"<presence to='{room}@{ROOMS}/person{person}'><x xmlns='http://jabber.org/protocol/muc'/></presence>".encode()
    )
