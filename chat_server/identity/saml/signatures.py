"""Signatures: which ones are believed, and what is read of what they sign.

XML Signature as SAML profiles it (Core, 5.4), verified by signxml with less than it would allow: keys are those of the
provider's metadata, and never one that a message brings; algorithms are exactly these; the signature is a child of what
it signs, by id. Whoever verifies gets what was signed, and reads nothing else. The redirect binding signs its query
string (Bindings, 3.4.4.1).
"""

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import quote, unquote_plus

import cryptography.exceptions
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.verifier import SignatureConfiguration, XMLVerifier

from chat_server.identity.saml.parsing import NS, parser
from chat_server.identity.saml.refusals import InvalidMessage, InvalidSignature

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

METHODS = frozenset(
    {
        *(SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512),
        *(SignatureMethod.SHA256_RSA_MGF1, SignatureMethod.SHA384_RSA_MGF1, SignatureMethod.SHA512_RSA_MGF1),
        *(SignatureMethod.ECDSA_SHA256, SignatureMethod.ECDSA_SHA384, SignatureMethod.ECDSA_SHA512),
    }
)
DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
_TRANSFORMS = {
    SignatureConstructionMethod.enveloped.value,
    CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0.value,
    CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0_WITH_COMMENTS.value,
}
# Of query strings.
_HASHES: dict[str, hashes.HashAlgorithm] = {
    SignatureMethod.RSA_SHA256.value: hashes.SHA256(),
    SignatureMethod.RSA_SHA384.value: hashes.SHA384(),
    SignatureMethod.RSA_SHA512.value: hashes.SHA512(),
    SignatureMethod.ECDSA_SHA256.value: hashes.SHA256(),
    SignatureMethod.ECDSA_SHA384.value: hashes.SHA384(),
    SignatureMethod.ECDSA_SHA512.value: hashes.SHA512(),
}


def is_signed(element: etree._Element) -> bool:
    return element.find("ds:Signature", NS) is not None


def signed(root: etree._Element, path: str, certificates: Sequence[x509.Certificate]) -> etree._Element:
    """What is signed: the element at `path` below the root (`.` is the root), parsed anew from the bytes that were
    verified. Raises InvalidMessage."""
    element = root if path == "." else root.find(path, NS)
    if element is None:
        raise InvalidMessage("what should be signed is not there")
    _check_form(element)
    location = "./" if path == "." else f"./{element.tag}/"
    expected = SignatureConfiguration(
        location=location, signature_methods=METHODS, digest_algorithms=DIGESTS, ignore_ambiguous_key_info=True
    )
    for certificate in certificates:
        try:
            verified = XMLVerifier().verify(
                root, x509_cert=certificate, expect_config=expected, id_attribute="ID", parser=parser()
            )
        except Exception:  # noqa: S112 - whatever is wrong with a stranger's signature, it is not valid
            continue
        if isinstance(verified, list) or verified.signed_xml is None:
            continue
        result = verified.signed_xml
        if result.tag != element.tag or result.get("ID") != element.get("ID"):
            raise InvalidMessage("its signature is of something else")
        return result
    raise InvalidSignature("its signature is not valid")


def _check_form(element: etree._Element) -> None:
    """One signature, one reference, to its parent by id, and transforms that hide nothing. Raises InvalidMessage."""
    signatures = element.findall("ds:Signature", NS)
    if len(signatures) != 1:
        raise InvalidMessage("it is not signed" if not signatures else "it has several signatures")
    references = signatures[0].findall("ds:SignedInfo/ds:Reference", NS)
    if len(references) != 1 or not element.get("ID") or references[0].get("URI") != f"#{element.get('ID')}":
        raise InvalidMessage("its signature refers to something else")
    transforms = references[0].findall("ds:Transforms/ds:Transform", NS)
    if any(transform.get("Algorithm") not in _TRANSFORMS for transform in transforms):
        raise InvalidMessage("its signature has a transform that SAML does not allow")
    if signatures[0].find(".//ds:Object", NS) is not None:
        raise InvalidMessage("its signature has an object in it")


def signed_in_query(query: str, what: str, certificates: Sequence[x509.Certificate]) -> str:
    """The message that a query string signs: `what` is SAMLRequest or SAMLResponse. It is read from the bytes that were
    verified: a parser of queries would take `%53AMLRequest` for it too. Raises InvalidMessage."""
    given = dict(part.partition("=")[::2] for part in query.split("&"))
    if len(given) != len(query.split("&")) or any(unquote_plus(name) != name for name in given):
        raise InvalidMessage("its query string names something twice, or in other letters")
    if what not in given or "Signature" not in given:
        raise InvalidMessage("it is not signed")
    method = unquote_plus(given.get("SigAlg", ""))
    if method not in _HASHES:
        raise InvalidMessage("its algorithm is not allowed")
    over = "&".join(f"{name}={given[name]}" for name in (what, "RelayState", "SigAlg") if name in given).encode()
    try:
        signature = base64.b64decode(unquote_plus(given["Signature"]))
    except (binascii.Error, ValueError):
        raise InvalidMessage("its signature is not valid") from None
    for certificate in certificates:
        key = certificate.public_key()
        try:
            if isinstance(key, rsa.RSAPublicKey) and "#rsa-" in method:
                key.verify(signature, over, padding.PKCS1v15(), _HASHES[method])
                return unquote_plus(given[what])
            if isinstance(key, ec.EllipticCurvePublicKey) and "#ecdsa-" in method:
                key.verify(signature, over, ec.ECDSA(_HASHES[method]))
                return unquote_plus(given[what])
        except cryptography.exceptions.InvalidSignature:
            continue
    raise InvalidSignature("its signature is not valid")


def signed_query(query: str, key: PrivateKey) -> str:
    """A query string with a signature of ours."""
    method = SignatureMethod.RSA_SHA256 if isinstance(key, rsa.RSAPrivateKey) else SignatureMethod.ECDSA_SHA256
    over = f"{query}&SigAlg={quote(method.value, safe='')}"
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(over.encode(), padding.PKCS1v15(), hashes.SHA256())
    else:
        signature = key.sign(over.encode(), ec.ECDSA(hashes.SHA256()))
    return f"{over}&Signature={quote(base64.b64encode(signature).decode(), safe='')}"
