"""An identity provider of SAML 2.0 inside the test's process, which says whatever a test wants it to say, and signs it
or not. It has no server: the browser carries everything, and its metadata is a file."""

import base64
import time
import zlib
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import SignatureMethod
from signxml.signer import XMLSigner

from chat_server.identity.saml.parsing import NS, tag

Json = dict[str, Any]

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
RSA_SHA256 = SignatureMethod.RSA_SHA256.value


@cache
def key_pair(name: str, days: int = 365) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    """A key and its certificate, which ends in so many days; the same each time."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=800))
    return key, built.not_valid_after(now + timedelta(days=days)).sign(key, hashes.SHA256())


def moment(seconds: float) -> str:
    """So many seconds from now."""
    return datetime.fromtimestamp(time.time() + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def encoded(document: bytes) -> str:
    return base64.b64encode(document).decode()


class SamlPeer:
    """`keys` are in its metadata; the first one signs. `folder` is for the file with its metadata."""

    def __init__(
        self, folder: Path, entity_id: str = "https://idp.corp.example/metadata", url: str = "https://idp.corp.example"
    ) -> None:
        self.entity_id, self.url, self.keys = entity_id, url, [key_pair("first")]
        self.file = folder / f"{quote(entity_id, safe='')}.xml"
        self.logout = "Redirect"
        self.publish()

    def settings(self, **fields: Any) -> Json:
        return {"metadata_file": str(self.file), **fields}

    def publish(self) -> None:
        keys = "".join(
            f"<m:KeyDescriptor use='signing'><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
            f"{encoded(certificate.public_bytes(Encoding.DER))}"
            "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></m:KeyDescriptor>"
            for _, certificate in self.keys
        )
        binding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-"
        self.file.write_text(
            f"<m:EntityDescriptor xmlns:m='{NS['m']}' xmlns:ds='{NS['ds']}' entityID='{self.entity_id}'>"
            f"<m:IDPSSODescriptor protocolSupportEnumeration='{NS['p']}'>{keys}"
            f"<m:SingleLogoutService Binding='{binding}{self.logout}' Location='{self.url}/slo'/>"
            f"<m:SingleSignOnService Binding='{binding}Redirect' Location='{self.url}/sso?tenant=7'/>"
            "</m:IDPSSODescriptor></m:EntityDescriptor>"
        )

    def asked(self, url: str) -> etree._Element:
        """The request with which a browser comes."""
        assert url.startswith(f"{self.url}/")
        [message] = parse_qs(urlsplit(url).query)["SAMLRequest"]
        return etree.fromstring(zlib.decompress(base64.b64decode(message), -15))

    def response(self, request: etree._Element | None, acs_url: str, us: str, **said: Any) -> etree._Element:
        """An answer that nothing is wrong with, except what `said` says."""
        in_response_to = said.get("in_response_to", None if request is None else request.get("ID"))
        answers = "" if in_response_to is None else f" InResponseTo='{in_response_to}'"
        recipient, audience = said.get("recipient", acs_url), said.get("audience", us)
        issuer = f"<a:Issuer>{said.get('issuer', self.entity_id)}</a:Issuer>"
        number = time.monotonic_ns()
        until, good_until = moment(said.get("until", 300)), moment(said.get("good_until", 300))
        attributes = "".join(
            f"<a:Attribute Name='{name}'>"
            + "".join(f"<a:AttributeValue>{value}</a:AttributeValue>" for value in values)
            + "</a:Attribute>"
            for name, values in said.get("attributes", {}).items()
        )
        index = said.get("session_index", f"index-{number}")
        session = "" if index is None else f" SessionIndex='{index}'"
        document = (
            f"<p:Response xmlns:p='{NS['p']}' xmlns:a='{NS['a']}' ID='response-{number}' Version='2.0'"
            f" IssueInstant='{moment(0)}' Destination='{said.get('destination', acs_url)}'{answers}>{issuer}"
            f"<p:Status><p:StatusCode Value='{STATUS}{said.get('status', 'Success')}'/></p:Status>"
            f"<a:Assertion ID='{said.get('id', f'assertion-{number}')}' Version='2.0'"
            f" IssueInstant='{moment(said.get('issued', 0))}'>{issuer}<a:Subject>"
            f"<a:NameID Format='{said.get('format', PERSISTENT)}'>{said.get('name_id', 'ada-1')}</a:NameID>"
            f"<a:SubjectConfirmation Method='urn:oasis:names:tc:SAML:2.0:cm:{said.get('method', 'bearer')}'>"
            f"<a:SubjectConfirmationData Recipient='{recipient}' NotOnOrAfter='{until}'{answers}/>"
            "</a:SubjectConfirmation></a:Subject>"
            f"<a:Conditions NotBefore='{moment(said.get('since', -5))}' NotOnOrAfter='{good_until}'>"
            f"<a:AudienceRestriction><a:Audience>{audience}</a:Audience></a:AudienceRestriction></a:Conditions>"
            f"<a:AuthnStatement AuthnInstant='{moment(0)}'{session}><a:AuthnContext><a:AuthnContextClassRef>"
            f"{said.get('context', 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport')}"
            "</a:AuthnContextClassRef></a:AuthnContext></a:AuthnStatement>"
            f"<a:AttributeStatement>{attributes}</a:AttributeStatement></a:Assertion></p:Response>"
        )
        return etree.fromstring(document)

    def signed(self, response: etree._Element, what: str = "assertion", key: Any = None, **how: Any) -> etree._Element:
        """With a signature of the `assertion`, of the `response`, or of `both`."""
        private, certificate = key or self.keys[0]
        options = {
            "signature_algorithm": "rsa-sha256",
            "digest_algorithm": "sha256",
            "c14n_algorithm": EXCLUSIVE,
            **how,
        }
        cert = options.pop("cert", [certificate])
        for each in ("assertion", "response"):
            if what not in (each, "both"):
                continue
            element = response if each == "response" else response.find("a:Assertion", NS)
            done = _signed(element, private, cert, options)
            if each == "response":
                response = done
            else:
                response.replace(element, done)
        return response

    def signed_message(self, message: etree._Element) -> etree._Element:
        key, certificate = self.keys[0]
        options = {"signature_algorithm": "rsa-sha256", "digest_algorithm": "sha256", "c14n_algorithm": EXCLUSIVE}
        return _signed(message, key, [certificate], options)

    def logout_request(self, slo_url: str, name_id: str, *indexes: str, **said: Any) -> etree._Element:
        sessions = "".join(f"<p:SessionIndex>{index}</p:SessionIndex>" for index in indexes)
        return etree.fromstring(
            f"<p:LogoutRequest xmlns:p='{NS['p']}' xmlns:a='{NS['a']}' ID='logout-{time.monotonic_ns()}' Version='2.0'"
            f" IssueInstant='{moment(said.get('issued', 0))}' Destination='{said.get('destination', slo_url)}'>"
            f"<a:Issuer>{said.get('issuer', self.entity_id)}</a:Issuer>"
            f"<a:NameID Format='{PERSISTENT}'>{name_id}</a:NameID>{sessions}</p:LogoutRequest>"
        )

    def query(
        self, message: etree._Element, key: Any = None, algorithm: str = RSA_SHA256, relay_state: str = ""
    ) -> str:
        """A signed request as the redirect binding has it."""
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        body = deflate.compress(etree.tostring(message)) + deflate.flush()
        over = f"SAMLRequest={quote(encoded(body), safe='')}"
        over += f"&RelayState={quote(relay_state, safe='')}" if relay_state else ""
        over += f"&SigAlg={quote(algorithm, safe='')}"
        digest = hashes.SHA1() if algorithm.endswith("#rsa-sha1") else hashes.SHA256()  # noqa: S303 - it is what is refused
        signature = (key or self.keys[0])[0].sign(over.encode(), padding.PKCS1v15(), digest)
        return f"{over}&Signature={quote(encoded(signature), safe='')}"


def _signed(element: etree._Element, key: Any, cert: Any, options: Json) -> etree._Element:
    bare = etree.fromstring(etree.tostring(element))
    bare.insert(1, etree.Element(tag("ds:Signature"), Id="placeholder", nsmap={"ds": NS["ds"]}))
    return XMLSigner(**options).sign(bare, key=key, cert=cert, reference_uri=bare.get("ID"), id_attribute="ID")
