"""Metadata: what the provider publishes about itself, and what we publish for it (SAML 2.0 Metadata)."""

import base64
import binascii
import time
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from chat_core.settings import is_safe_url
from chat_server.identity.keys import LEAST_RSA_BITS
from chat_server.identity.saml.parsing import LARGEST_METADATA, NS, parsed, tag, text, time_of
from chat_server.identity.saml.refusals import InvalidMessage

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
MOST_CERTIFICATES = 10


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service takes requests, and answers to its own."""

    binding: str
    location: str
    response_location: str


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What we use of a provider's metadata. While its keys change, there are two certificates."""

    entity_id: str
    certificates: tuple[x509.Certificate, ...]
    sign_in_url: str
    logout: tuple[Endpoint, ...]
    wants_signed_requests: bool


def read(document: bytes, entity_id: str | None) -> ProviderMetadata:
    """The provider of this entity id, or the only one. Raises InvalidMessage."""
    root = parsed(document, LARGEST_METADATA)
    entities = [root] if root.tag == tag("m:EntityDescriptor") else list(root.iter(tag("m:EntityDescriptor")))
    fitting = [
        each
        for each in entities
        if entity_id in (None, each.get("entityID")) and each.find("m:IDPSSODescriptor", NS) is not None
    ]
    if len(fitting) != 1:
        raise InvalidMessage(f"it describes {len(fitting)} fitting providers: entity_id must name one")
    for dated in (root, fitting[0]):
        until = time_of(dated, "validUntil")
        if until is not None and until < time.time():
            raise InvalidMessage("its validUntil has passed")
    return _provider(fitting[0])


def _provider(entity: etree._Element) -> ProviderMetadata:
    roles = entity.findall("m:IDPSSODescriptor", NS)
    role = next((each for each in roles if PROTOCOL in each.get("protocolSupportEnumeration", "")), None)
    if role is None:
        raise InvalidMessage("its provider does not speak SAML 2.0")
    keys = [each for each in role.findall("m:KeyDescriptor", NS) if each.get("use", "signing") == "signing"]
    encoded = [each for key in keys for each in key.findall("ds:KeyInfo/ds:X509Data/ds:X509Certificate", NS)]
    certificates = tuple(_certificate(text(each, 1 << 15)) for each in encoded[:MOST_CERTIFICATES])
    if not certificates:
        raise InvalidMessage("it has no certificate for signatures")
    redirects = [each for each in _endpoints(role, "m:SingleSignOnService") if each.binding == REDIRECT]
    if not redirects:
        raise InvalidMessage("its provider has no SingleSignOnService with the redirect binding")
    return ProviderMetadata(
        entity.get("entityID", ""),
        certificates,
        redirects[0].location,
        tuple(_endpoints(role, "m:SingleLogoutService")),
        role.get("WantAuthnRequestsSigned") in ("true", "1"),
    )


def _endpoints(role: etree._Element, name: str) -> list[Endpoint]:
    known = [
        Endpoint(each.get("Binding", ""), location, each.get("ResponseLocation", location))
        for each in role.findall(name, NS)
        if (location := each.get("Location", "")) and each.get("Binding") in (REDIRECT, POST)
    ]
    if not all(is_safe_url(each.location) and is_safe_url(each.response_location) for each in known):
        raise InvalidMessage(f"its {name.removeprefix('m:')} is not an https:// URL")
    return known


def _certificate(encoded: str) -> x509.Certificate:
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode("".join(encoded.split())))
        key = certificate.public_key()
    except (binascii.Error, ValueError) as error:
        raise InvalidMessage("it has a certificate that cannot be read") from error
    strong = isinstance(key, ec.EllipticCurvePublicKey) or (
        isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA_BITS
    )
    if not strong:
        raise InvalidMessage(f"it has a certificate whose key is neither RSA of {LEAST_RSA_BITS} bits nor elliptic")
    return certificate


def ours(
    entity_id: str, acs_url: str, slo_url: str, name_id_format: str, certificate: x509.Certificate | None
) -> bytes:
    """Our metadata, as the provider reads it."""
    root = etree.Element(tag("m:EntityDescriptor"), nsmap={None: NS["m"], "ds": NS["ds"]}, entityID=entity_id)
    role = etree.SubElement(
        root,
        tag("m:SPSSODescriptor"),
        AuthnRequestsSigned="true" if certificate else "false",
        WantAssertionsSigned="true",
        protocolSupportEnumeration=PROTOCOL,
    )
    if certificate is not None:
        info = etree.SubElement(etree.SubElement(role, tag("m:KeyDescriptor"), use="signing"), tag("ds:KeyInfo"))
        encoded = etree.SubElement(etree.SubElement(info, tag("ds:X509Data")), tag("ds:X509Certificate"))
        encoded.text = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    for binding in (REDIRECT, POST):
        etree.SubElement(role, tag("m:SingleLogoutService"), Binding=binding, Location=slo_url)
    etree.SubElement(role, tag("m:NameIDFormat")).text = name_id_format
    etree.SubElement(
        role, tag("m:AssertionConsumerService"), Binding=POST, Location=acs_url, index="0", isDefault="true"
    )
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return document
