"""Our messages to the provider, its logout messages, and how they travel (SAML 2.0 Core, 3.4 and 3.7; Bindings, 3.4
and 3.5)."""

import base64
import binascii
import secrets
import time
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from cryptography import x509
from lxml import etree
from signxml.signer import XMLSigner

from chat_server.identity.saml.assertions import SUCCESS, Expected, name_id
from chat_server.identity.saml.metadata import POST
from chat_server.identity.saml.parsing import LARGEST_BYTES, NS, only, parsed, tag, text, time_of
from chat_server.identity.saml.person import LogoutRequest, NameId
from chat_server.identity.saml.refusals import InvalidMessage
from chat_server.identity.saml.signatures import PrivateKey, signed

NAME_ID_FORMATS = {
    "persistent": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "email": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "transient": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
    "unspecified": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
}
# How old a request to sign out may be.
LOGOUT_SECONDS = 300
MOST_SESSIONS = 50


def new_id() -> str:
    return f"_{secrets.token_urlsafe(24)}"


def authn_request(request_id: str, destination: str, acs_url: str, us: str, name_id_format: str) -> etree._Element:
    """A request to sign somebody in, whose answer comes to `acs_url` by a form."""
    request = _message("AuthnRequest", request_id, destination, us)
    request.set("ProtocolBinding", POST)
    request.set("AssertionConsumerServiceURL", acs_url)
    policy = etree.SubElement(request, tag("p:NameIDPolicy"), Format=NAME_ID_FORMATS[name_id_format])
    policy.set("AllowCreate", "true")
    return request


def logout_request(
    request_id: str, destination: str, us: str, name: NameId, session_index: str | None
) -> etree._Element:
    request = _message("LogoutRequest", request_id, destination, us)
    element = etree.SubElement(request, tag("a:NameID"))
    element.text = name.value
    optional = {"Format": name.format, "NameQualifier": name.name_qualifier, "SPNameQualifier": name.sp_name_qualifier}
    for attribute, value in optional.items():
        if value:
            element.set(attribute, value)
    if session_index is not None:
        etree.SubElement(request, tag("p:SessionIndex")).text = session_index
    return request


def logout_response(in_response_to: str, destination: str, us: str) -> etree._Element:
    """Says that the sessions have ended."""
    response = _message("LogoutResponse", new_id(), destination, us)
    response.set("InResponseTo", in_response_to)
    etree.SubElement(etree.SubElement(response, tag("p:Status")), tag("p:StatusCode"), Value=SUCCESS)
    return response


def read_logout_request(root: etree._Element, expected: Expected, slo_url: str) -> LogoutRequest:
    """What a request asks whose signature holds. Raises InvalidMessage."""
    if root.tag != tag("p:LogoutRequest") or root.get("Version") != "2.0" or not root.get("ID"):
        raise InvalidMessage("it is not a request to sign out")
    if root.get("Destination") not in (None, slo_url):
        raise InvalidMessage("its Destination is another one")
    if text(only(root, "a:Issuer")) != expected.provider:
        raise InvalidMessage("its Issuer is another one")
    now, skew = time.time(), expected.skew_seconds
    issued, ends = time_of(root, "IssueInstant"), time_of(root, "NotOnOrAfter")
    if (
        issued is None
        or not now - LOGOUT_SECONDS - skew < issued < now + skew
        or (ends is not None and ends + skew <= now)
    ):
        raise InvalidMessage("it is too old, or from the future")
    indexes = tuple(text(each, 255) for each in root.findall("p:SessionIndex", NS)[:MOST_SESSIONS])
    return LogoutRequest(root.get("ID", ""), name_id(only(root, "a:NameID"), expected.provider, expected.us), indexes)


def signed_message(document: bytes, certificates: Sequence[x509.Certificate]) -> etree._Element:
    """A message that came by a form, as far as it is signed. Raises InvalidMessage."""
    return signed(parsed(document), ".", certificates)


def serialized(message: etree._Element) -> bytes:
    document: bytes = etree.tostring(message)
    return document


def with_signature(message: etree._Element, key: PrivateKey, certificate: x509.Certificate) -> bytes:
    """A message of ours that travels by a form."""
    place = etree.Element(tag("ds:Signature"), Id="placeholder", nsmap={"ds": NS["ds"]})
    message.insert(1, place)  # after the issuer, as the schema wants it
    method = "rsa-sha256" if hasattr(key, "private_numbers") and "RSA" in type(key).__name__ else "ecdsa-sha256"
    signer = XMLSigner(signature_algorithm=method, c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#")
    document: bytes = etree.tostring(
        signer.sign(message, key=key, cert=[certificate], reference_uri=message.get("ID"), id_attribute="ID")
    )
    return document


def deflated(document: bytes) -> str:
    """As the redirect binding has it, for a query string."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return quote(base64.b64encode(deflate.compress(document) + deflate.flush()).decode(), safe="")


def inflated(encoded: str) -> bytes:
    """The reverse, which stops where a bomb would go on. Raises InvalidMessage."""
    inflate = zlib.decompressobj(-15)
    try:
        document = inflate.decompress(decoded(encoded), LARGEST_BYTES)
    except zlib.error:
        raise InvalidMessage("it is not compressed as it should be") from None
    if inflate.unconsumed_tail or not inflate.eof:
        raise InvalidMessage("it is too long, or cut off")
    return document


def encoded(document: bytes) -> str:
    """As the POST binding has it."""
    return base64.b64encode(document).decode()


def decoded(encoded: str) -> bytes:
    """Raises InvalidMessage."""
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidMessage("it is not base64") from None


def _message(name: str, message_id: str, destination: str, us: str) -> etree._Element:
    message = etree.Element(tag(f"p:{name}"), nsmap={"samlp": NS["p"], "saml": NS["a"]})
    issued = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for attribute, value in (
        ("ID", message_id),
        ("Version", "2.0"),
        ("IssueInstant", issued),
        ("Destination", destination),
    ):
        message.set(attribute, value)
    etree.SubElement(message, tag("a:Issuer")).text = us
    return message
