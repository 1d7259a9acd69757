"""XML from strangers: the one parser for it, and how text is read.

There are no document types, so no entities and nothing that is loaded from elsewhere (XXE, "billion laughs"). The
encoding is UTF-8 whatever the document says, so that nothing hides in another one.
"""

import re
from datetime import UTC, datetime

from lxml import etree

from chat_server.identity.saml.refusals import InvalidMessage

LARGEST_BYTES = 256 << 10
LARGEST_METADATA = 512 << 10
LONGEST_TEXT = 4096

NS = {
    "p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "a": "urn:oasis:names:tc:SAML:2.0:assertion",
    "m": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?(Z|[+-]\d\d:\d\d)?")


def tag(name: str) -> str:
    """`a:Issuer` as lxml spells it."""
    prefix, _, local = name.partition(":")
    return f"{{{NS[prefix]}}}{local}"


def parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )


def parsed(document: bytes, largest: int = LARGEST_BYTES) -> etree._Element:
    """The root of a document. Raises InvalidMessage."""
    if len(document) > largest:
        raise InvalidMessage(f"it is larger than {largest >> 10} KiB")
    if b"\0" in document or b"<!DOCTYPE" in document or b"<!ENTITY" in document:
        raise InvalidMessage("it has a document type")
    try:
        root = etree.fromstring(document, parser())
    except (etree.XMLSyntaxError, ValueError):
        raise InvalidMessage("it is not well-formed XML") from None
    if root.getroottree().docinfo.doctype:
        raise InvalidMessage("it has a document type")
    return root


def only(element: etree._Element, path: str) -> etree._Element:
    """The one element at this path. Raises InvalidMessage if there are none or several."""
    found = element.findall(path, NS)
    if len(found) != 1:
        raise InvalidMessage(f"it has {'no' if not found else 'more than one'} {path.rpartition(':')[2]}")
    return found[0]


def at_most_one(element: etree._Element, path: str) -> etree._Element | None:
    return only(element, path) if element.find(path, NS) is not None else None


def text(element: etree._Element, longest: int = LONGEST_TEXT) -> str:
    """The whole text, which nothing interrupts: no comment ends a name early (CVE-2017-11428 and its kin). Raises
    InvalidMessage."""
    if len(element):
        raise InvalidMessage(f"its {etree.QName(element).localname} is not a text")
    value: str = (element.text or "").strip()
    if len(value) > longest or "\0" in value:
        raise InvalidMessage(f"its {etree.QName(element).localname} is too long")
    return value


def time_of(element: etree._Element, name: str) -> float | None:
    """An attribute that is a time, in seconds since 1970; times without a zone are UTC (Core, 1.3.3). Raises
    InvalidMessage."""
    value = element.get(name)
    if value is None:
        return None
    if _TIME.fullmatch(value) is None:
        raise InvalidMessage(f"its {name} is not a time")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise InvalidMessage(f"its {name} is not a time") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
