"""What must hold for a response, and the known attacks on signatures in XML: none of these needs a server."""

import base64
import copy
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree
from signxml.algorithms import SignatureMethod

from chat_server.identity.saml import assertions, metadata
from chat_server.identity.saml.assertions import Expected
from chat_server.identity.saml.parsing import NS, parsed, tag
from chat_server.identity.saml.person import Vouched
from chat_server.identity.saml.refusals import InvalidMessage, ProviderSaysNo
from chat_server.identity.saml.signatures import signed
from tests.support.identity.saml_peer import SamlPeer, key_pair

ACS, US = "https://chat.example/acs", "https://chat.example/metadata"
COMMENT = "ada@corp.example<!-- -->.evil.example"


@pytest.fixture
def peer(tmp_path: Path) -> SamlPeer:
    return SamlPeer(tmp_path)


def believed(peer: SamlPeer, response: etree._Element | bytes, skew: int = 60) -> Vouched:
    document = response if isinstance(response, bytes) else etree.tostring(response)
    known = metadata.read(peer.file.read_bytes(), None)
    return assertions.vouched(document, Expected(known.entity_id, US, ACS, known.certificates, skew))


def answer(peer: SamlPeer, **said: Any) -> etree._Element:
    return peer.response(None, ACS, US, **{"in_response_to": "_request", **said})


@pytest.mark.parametrize("what", ["assertion", "response", "both"])
@pytest.mark.parametrize("algorithm", ["rsa-sha256", "rsa-sha512", "sha256-rsa-MGF1"])
def test_a_signed_answer_says_who_has_signed_in(peer: SamlPeer, what: str, algorithm: str) -> None:
    said = answer(peer, attributes={"mail": ["ada@corp.example"], "groups": ["a", "b"]}, session_index="7")
    vouched = believed(peer, peer.signed(said, what, signature_algorithm=algorithm))
    assert (vouched.name_id.value, vouched.session_index, vouched.in_response_to) == ("ada-1", "7", "_request")
    assert vouched.attributes == {"mail": ["ada@corp.example"], "groups": ["a", "b"]}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"audience": "https://elsewhere.example"}, "audience"),
        ({"recipient": "https://elsewhere.example/acs"}, "Recipient"),
        ({"destination": "https://elsewhere.example/acs"}, "Destination"),
        ({"issuer": "https://other-idp.example"}, "Issuer"),
        ({"until": -61}, "NotOnOrAfter"),
        ({"good_until": -61}, "NotOnOrAfter"),
        ({"since": 65}, "NotBefore"),
        ({"issued": 65}, "future"),
        ({"method": "sender-vouches"}, "bearer"),
        ({"name_id": ""}, "NameID"),
        ({"name_id": "x" * 256}, "NameID"),
        ({"session_index": ""}, "SessionIndex"),
    ],
)
@pytest.mark.parametrize("what", ["assertion", "response"])
def test_an_answer_that_violates_a_rule(peer: SamlPeer, said: dict[str, Any], why: str, what: str) -> None:
    with pytest.raises(InvalidMessage, match=why):
        believed(peer, peer.signed(answer(peer, **said), what))


def test_clocks_may_differ_a_little(peer: SamlPeer) -> None:
    believed(peer, peer.signed(answer(peer, until=-50, good_until=-50, since=50, issued=50)))


def test_the_providers_refusal_is_not_a_sign_in(peer: SamlPeer) -> None:
    with pytest.raises(ProviderSaysNo, match="Responder"):
        believed(peer, peer.signed(answer(peer, status="Responder"), "response"))


@pytest.mark.parametrize(
    ("path", "remove"),
    [
        ("a:Assertion/a:Conditions", "Conditions"),
        ("a:Assertion/a:Conditions/a:AudienceRestriction", "audience"),
        ("a:Assertion/a:AuthnStatement", "signed in"),
        ("a:Assertion/a:Subject", "Subject"),
        ("a:Assertion/a:Subject/a:SubjectConfirmation", "bearer"),
        ("a:Assertion/a:Issuer", "Issuer"),
    ],
)
def test_an_answer_that_leaves_something_out(peer: SamlPeer, path: str, remove: str) -> None:
    said = answer(peer)
    gone = said.find(path, NS)
    gone.getparent().remove(gone)
    with pytest.raises(InvalidMessage, match=remove):
        believed(peer, peer.signed(said))


def test_an_answer_without_an_end(peer: SamlPeer) -> None:
    said = answer(peer)
    del said.find("a:Assertion/a:Subject/a:SubjectConfirmation/a:SubjectConfirmationData", NS).attrib["NotOnOrAfter"]
    with pytest.raises(InvalidMessage, match="does not end"):
        believed(peer, peer.signed(said))


def test_a_condition_that_nobody_here_knows_holds_for_nobody(peer: SamlPeer) -> None:
    said = answer(peer)
    etree.SubElement(said.find("a:Assertion/a:Conditions", NS), tag("a:Condition"))
    with pytest.raises(InvalidMessage, match="condition"):
        believed(peer, peer.signed(said))


def test_an_encrypted_assertion_is_told(peer: SamlPeer) -> None:
    said = answer(peer)
    said.replace(said.find("a:Assertion", NS), etree.Element(tag("a:EncryptedAssertion")))
    with pytest.raises(InvalidMessage, match="encrypted"):
        believed(peer, peer.signed(said, "response"))


# -- signatures


def test_an_answer_without_a_signature(peer: SamlPeer) -> None:
    with pytest.raises(InvalidMessage, match="not signed"):
        believed(peer, answer(peer))


@pytest.mark.parametrize("where", ["a:Assertion", "."])
def test_a_signature_that_was_stripped(peer: SamlPeer, where: str) -> None:
    response = peer.signed(answer(peer), "response" if where == "." else "assertion")
    signature = response.find(f"{where}/ds:Signature", NS)
    signature.getparent().remove(signature)
    with pytest.raises(InvalidMessage, match="not signed"):
        believed(peer, response)


@pytest.mark.parametrize("what", ["assertion", "response"])
def test_a_text_that_was_changed_after_signing(peer: SamlPeer, what: str) -> None:
    response = peer.signed(answer(peer), what)
    response.find("a:Assertion/a:Subject/a:NameID", NS).text = "root"
    with pytest.raises(InvalidMessage, match="not valid"):
        believed(peer, response)


def test_a_key_that_the_message_brings_is_not_believed(peer: SamlPeer) -> None:
    """Its certificate, its bare key, or a certificate of the provider beside a signature of somebody else."""
    eve, of_corp = key_pair("eve"), peer.keys[0][1]
    for how in ({}, {"cert": None}, {"cert": [of_corp]}):
        for what in ("assertion", "response"):
            with pytest.raises(InvalidMessage, match="not valid"):
                believed(peer, peer.signed(answer(peer), what, key=eve, **how))


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_public_key_is_no_secret_of_an_hmac(peer: SamlPeer, encoding: Encoding) -> None:
    """Signed with what everybody knows: the certificate of the provider, or its key."""
    certificate = peer.keys[0][1]
    key = certificate.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    for secret in (certificate.public_bytes(encoding), key):
        response = peer.signed(answer(peer))
        info = response.find(".//ds:SignedInfo", NS)
        info.find("ds:SignatureMethod", NS).set("Algorithm", SignatureMethod.HMAC_SHA256.value)
        mark = hmac.digest(secret, etree.tostring(info, method="c14n", exclusive=True), "sha256")
        response.find(".//ds:SignatureValue", NS).text = base64.b64encode(mark).decode()
        response.find(".//ds:Signature", NS).remove(response.find(".//ds:KeyInfo", NS))
        with pytest.raises(InvalidMessage, match="not valid"):
            believed(peer, response)


def test_algorithms_that_are_broken_or_none_or_not_among_ours(peer: SamlPeer) -> None:
    """signxml would take SHA-224."""
    for how in ({"signature_algorithm": "rsa-sha224"}, {"digest_algorithm": "sha224"}):
        with pytest.raises(InvalidMessage, match="not valid"):
            believed(peer, peer.signed(answer(peer), **how))
    response = peer.signed(answer(peer))
    sha1 = "http://www.w3.org/2000/09/xmldsig#"
    for path, algorithm in (
        ("SignatureMethod", "none"),
        ("SignatureMethod", f"{sha1}rsa-sha1"),
        ("DigestMethod", f"{sha1}sha1"),
    ):
        changed = copy.deepcopy(response)
        changed.find(f".//ds:{path}", NS).set("Algorithm", algorithm)
        with pytest.raises(InvalidMessage, match="not valid"):
            believed(peer, changed)


def test_a_transform_may_not_choose_what_is_signed(peer: SamlPeer) -> None:
    response = peer.signed(answer(peer))
    transform = response.find(".//ds:Transform", NS)
    for algorithm in ("http://www.w3.org/TR/1999/REC-xslt-19991116", "http://www.w3.org/TR/1999/REC-xpath-19991116"):
        transform.set("Algorithm", algorithm)
        with pytest.raises(InvalidMessage, match="transform"):
            believed(peer, response)


def evil(assertion: etree._Element) -> etree._Element:
    """A copy for somebody else, without a signature."""
    copied = copy.deepcopy(assertion)
    copied.remove(copied.find("ds:Signature", NS))
    copied.set("ID", "evil")
    copied.find("a:Subject/a:NameID", NS).text = "root"
    return copied


def before(response: etree._Element) -> None:
    signed = response.find("a:Assertion", NS)
    signed.addprevious(evil(signed))


def after(response: etree._Element) -> None:
    signed = response.find("a:Assertion", NS)
    signed.addnext(evil(signed))


def instead_in_extensions(response: etree._Element) -> None:
    signed = response.find("a:Assertion", NS)
    response.replace(signed, evil(signed))
    etree.SubElement(response, tag("p:Extensions")).append(signed)


def around(response: etree._Element) -> None:
    """The evil one has the signed one in its advice."""
    signed = response.find("a:Assertion", NS)
    wrapping = evil(signed)
    response.replace(signed, wrapping)
    etree.SubElement(wrapping, tag("a:Advice")).append(signed)


def in_the_signature(response: etree._Element) -> None:
    """The evil one has the signature, in which there is what was signed."""
    signed = response.find("a:Assertion", NS)
    wrapping = evil(signed)
    signature = signed.find("ds:Signature", NS)
    wrapping.insert(1, signature)
    response.replace(signed, wrapping)
    etree.SubElement(signature, tag("ds:Object")).append(signed)


def with_the_same_id(response: etree._Element) -> None:
    signed = response.find("a:Assertion", NS)
    wrapping = evil(signed)
    wrapping.set("ID", signed.get("ID"))
    signed.addprevious(wrapping)


def with_the_id_in_another_attribute(response: etree._Element) -> None:
    """Which a verifier may look up first."""
    signed = response.find("a:Assertion", NS)
    wrapping = evil(signed)
    wrapping.insert(1, signed.find("ds:Signature", NS))
    wrapping.set("ID", signed.get("ID"))
    response.replace(signed, wrapping)
    signed.set("Id", signed.attrib.pop("ID"))
    etree.SubElement(response, tag("p:Extensions")).append(signed)


def signature_beside(response: etree._Element) -> None:
    """The signature of the one stands in the other."""
    signed = response.find("a:Assertion", NS)
    wrapping = evil(signed)
    wrapping.insert(1, signed.find("ds:Signature", NS))
    response.replace(signed, wrapping)
    etree.SubElement(response, tag("p:Extensions")).append(signed)


TWO, TWICE = "exactly one assertion", "an id twice"


@pytest.mark.parametrize(
    ("wrap", "why", "of_it_alone"),
    [
        (before, TWO, "is not signed"),
        (after, TWO, None),
        (instead_in_extensions, TWO, "is not signed"),
        (around, TWO, "is not signed"),
        (in_the_signature, TWO, "refers to something else"),
        (with_the_same_id, TWICE, "is not signed"),
        (with_the_id_in_another_attribute, TWICE, "not valid"),
        (signature_beside, TWO, "refers to something else"),
    ],
)
def test_a_signed_assertion_is_not_wrapped_around_another(
    peer: SamlPeer, wrap: Callable[[etree._Element], None], why: str, of_it_alone: str | None
) -> None:
    """Such a document is refused as a whole; and where it were not, what is read is what was signed, or nothing."""
    for what, reason in (("assertion", why), ("both", f"{TWICE}|not valid")):
        response = peer.signed(answer(peer), what)
        assert believed(peer, response).name_id.value == "ada-1"
        wrap(response)
        with pytest.raises(InvalidMessage, match=reason):
            believed(peer, response)
    response = peer.signed(answer(peer))
    wrap(response)
    certificates = [certificate for _, certificate in peer.keys]
    if of_it_alone is None:
        assert signed(response, "a:Assertion", certificates).find("a:Subject/a:NameID", NS).text == "ada-1"
    else:
        with pytest.raises(InvalidMessage, match=of_it_alone):
            signed(response, "a:Assertion", certificates)


def test_nothing_hides_in_a_signature(peer: SamlPeer) -> None:
    """The signature does not cover itself."""
    response = peer.signed(answer(peer))
    etree.SubElement(response.find("a:Assertion/ds:Signature", NS), tag("ds:Object"))
    with pytest.raises(InvalidMessage, match="object in it"):
        believed(peer, response)


def test_a_signed_response_is_not_wrapped_in_another(peer: SamlPeer) -> None:
    signed = peer.signed(answer(peer), "response")
    outer = answer(peer, name_id="root")
    outer.insert(1, signed.find("ds:Signature", NS))
    etree.SubElement(outer, tag("p:Extensions")).append(signed)
    with pytest.raises(InvalidMessage):
        believed(peer, outer)


def test_a_signature_of_another_part_is_none_of_the_whole(peer: SamlPeer) -> None:
    """The provider has signed the assertion, and somebody has moved the signature to the response."""
    response = peer.signed(answer(peer))
    response.insert(1, response.find("a:Assertion/ds:Signature", NS))
    with pytest.raises(InvalidMessage, match="refers to something else"):
        believed(peer, response)


def test_no_comment_ends_a_name_early(peer: SamlPeer) -> None:
    """CVE-2017-11428: comments are not signed, so somebody may add them to what the provider has signed of them."""
    said = answer(peer, name_id="ada@corp.example.evil.example", attributes={"mail": ["ada@corp.example.evil.example"]})
    document = etree.tostring(peer.signed(said)).replace(b"ada@corp.example.evil.example", COMMENT.encode())
    assert document.count(COMMENT.encode()) == 2
    vouched = believed(peer, document)
    assert vouched.name_id.value == "ada@corp.example.evil.example"
    assert vouched.attributes == {"mail": ["ada@corp.example.evil.example"]}


def test_no_element_hides_in_a_name(peer: SamlPeer) -> None:
    said = answer(peer)
    name = said.find("a:Assertion/a:Subject/a:NameID", NS)
    etree.SubElement(name, "x").tail = ".evil.example"
    with pytest.raises(InvalidMessage, match="not a text"):
        believed(peer, peer.signed(said))


# -- documents


@pytest.mark.parametrize(
    "document",
    [
        b"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><r>&x;</r>",
        b"<!DOCTYPE r SYSTEM 'http://127.0.0.1:1/x.dtd'><r/>",
        b"<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]><r b='&b;'>&b;</r>",
        "<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE r [<!ENTITY x 'y'>]><r>&x;</r>".encode("utf-16"),
        b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE r +AFsAPAAh-ENTITY x 'y'+AD4AXQA+-<r>&x;</r>",
        b"<r>" + b"<e>" * 300 + b"</e>" * 300 + b"</r>",
        b"<r a='" + b"x" * (256 << 10) + b"'/>",
        b"<r>\xff</r>",
        b"<r>",
        b"",
    ],
)
def test_documents_that_are_not_even_read(document: bytes) -> None:
    with pytest.raises(InvalidMessage, match=r"document type|larger|well-formed"):
        parsed(document)


def test_a_response_must_be_one(peer: SamlPeer) -> None:
    with pytest.raises(InvalidMessage, match="not a response"):
        believed(peer, peer.signed(answer(peer)).find("a:Assertion", NS))


# -- metadata and its certificates


def test_two_certificates_while_the_key_changes(peer: SamlPeer) -> None:
    peer.keys = [key_pair("second"), key_pair("first")]
    peer.publish()
    for key in peer.keys:
        believed(peer, peer.signed(answer(peer), key=key))
    peer.keys = [key_pair("second")]
    peer.publish()
    with pytest.raises(InvalidMessage, match="not valid"):
        believed(peer, peer.signed(answer(peer), key=key_pair("first")))


def test_a_certificate_that_has_expired_signs_nothing(peer: SamlPeer) -> None:
    peer.keys = [key_pair("expired", days=-1)]
    peer.publish()
    with pytest.raises(InvalidMessage, match="not valid"):
        believed(peer, peer.signed(answer(peer)))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("https://idp.corp.example/sso", "http://idp.corp.example/sso"), "https"),
        (("HTTP-Redirect' Location='https://idp.corp.example/sso", "SOAP' Location='https://x"), "SingleSignOnService"),
        (("use='signing'", "use='encryption'"), "certificate"),
        (("<ds:X509Certificate>M", "<ds:X509Certificate>AM"), "cannot be read"),
        (("SAML:2.0:protocol", "SAML:1.1:protocol"), "SAML 2.0"),
        (("<m:EntityDescriptor ", "<m:EntityDescriptor validUntil='2020-01-01T00:00:00Z' "), "validUntil"),
    ],
)
def test_metadata_that_cannot_be_used(peer: SamlPeer, change: tuple[str, str], why: str) -> None:
    with pytest.raises(InvalidMessage, match=why):
        metadata.read(peer.file.read_text().replace(*change).encode(), None)


def test_of_several_providers_entity_id_names_one(peer: SamlPeer, tmp_path: Path) -> None:
    other = SamlPeer(tmp_path, "https://other.example").file.read_text()
    both = f"<m:EntitiesDescriptor xmlns:m='{NS['m']}'>{peer.file.read_text()}{other}</m:EntitiesDescriptor>".encode()
    assert metadata.read(both, "https://other.example").entity_id == "https://other.example"
    for named in (None, "https://nobody.example"):
        with pytest.raises(InvalidMessage, match="entity_id"):
            metadata.read(both, named)
