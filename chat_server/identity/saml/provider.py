"""One provider: its metadata, our requests to it, and its answers."""

import asyncio
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from chat_core.settings import SamlProvider
from chat_server.identity.outgoing import Outgoing, ProviderUnavailable
from chat_server.identity.remembered import Remembered
from chat_server.identity.saml import assertions, messages, metadata
from chat_server.identity.saml.assertions import Expected
from chat_server.identity.saml.metadata import REDIRECT, ProviderMetadata
from chat_server.identity.saml.parsing import parsed
from chat_server.identity.saml.person import LogoutRequest, NameId, Vouched
from chat_server.identity.saml.refusals import InvalidMessage, InvalidSignature
from chat_server.identity.saml.signatures import PrivateKey, signed_in_query, signed_query

Read = TypeVar("Read")


class Provider:
    """`name` is that of the settings, `base` the URL of this provider's routes here. Every method that needs the
    provider's metadata raises ProviderUnavailable."""

    def __init__(self, name: str, settings: SamlProvider, outgoing: Outgoing, base: str) -> None:
        self.name, self.settings, self._outgoing = name, settings, outgoing
        self.acs_url, self.slo_url = f"{base}/acs", f"{base}/slo"
        self.entity_id = settings.sp_entity_id or f"{base}/metadata"
        # A document takes some milliseconds, outside of the event loop.
        self._reading = asyncio.Semaphore(1)
        self._metadata = Remembered(self._fetch, settings.outage_seconds)

    @property
    def title(self) -> str:
        return self.settings.title or self.name.capitalize()

    @property
    def path(self) -> str:
        return f"saml/{self.name}"

    async def metadata(self) -> ProviderMetadata:
        return await self._metadata.get()

    def our_metadata(self) -> bytes:
        """What the provider is given about us."""
        key = self.signing_key()
        name_id_format = messages.NAME_ID_FORMATS[self.settings.name_id_format]
        return metadata.ours(self.entity_id, self.acs_url, self.slo_url, name_id_format, key[1] if key else None)

    def signing_key(self) -> tuple[PrivateKey, x509.Certificate] | None:
        """Our key and its certificate, if the settings have them; files are read anew each time. Raises
        ProviderUnavailable."""
        if self.settings.private_key_file is None or self.settings.certificate_file is None:
            return None
        try:
            key = load_pem_private_key(self.settings.private_key_file.read_bytes(), None)
            certificate = x509.load_pem_x509_certificate(self.settings.certificate_file.read_bytes())
        except (OSError, ValueError, TypeError) as error:
            raise ProviderUnavailable(
                f"private_key_file or certificate_file cannot be read ({type(error).__name__})"
            ) from None
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise ProviderUnavailable("private_key_file is neither an RSA key nor an elliptic one")
        if key.public_key() != certificate.public_key():
            raise ProviderUnavailable("certificate_file is of another key than private_key_file")
        return key, certificate

    async def sign_in_url(self, request_id: str) -> str:
        """Where the browser is sent to sign in there, with a request of this id."""
        known = await self.metadata()
        request = messages.authn_request(
            request_id, known.sign_in_url, self.acs_url, self.entity_id, self.settings.name_id_format
        )
        return self._redirect(known.sign_in_url, "SAMLRequest", request)

    async def vouched(self, response: str) -> Vouched:
        """Whom a response vouches for, as it came in a form. Raises InvalidMessage and ProviderSaysNo."""
        document = messages.decoded(response)
        return await self._believed(lambda expected: assertions.vouched(document, expected))

    async def logout_request(self, query: str) -> LogoutRequest:
        """A request to sign out that came as a query string. Raises InvalidMessage."""

        def read(expected: Expected) -> LogoutRequest:
            root = parsed(messages.inflated(signed_in_query(query, "SAMLRequest", expected.certificates)))
            return messages.read_logout_request(root, expected, self.slo_url)

        return await self._believed(read)

    async def posted_logout_request(self, encoded: str) -> LogoutRequest:
        """The same in a form."""

        def read(expected: Expected) -> LogoutRequest:
            root = messages.signed_message(messages.decoded(encoded), expected.certificates)
            return messages.read_logout_request(root, expected, self.slo_url)

        return await self._believed(read)

    async def logout_answer(self, request: LogoutRequest, relay_state: str | None) -> tuple[str, dict[str, str]] | None:
        """Where the browser takes our answer, and in which fields of a form; without fields it is a URL to go to. None
        if the provider takes no answers."""
        known = await self.metadata()
        for endpoint in known.logout:
            response = messages.logout_response(request.id, endpoint.response_location, self.entity_id)
            if endpoint.binding == REDIRECT:
                return self._redirect(endpoint.response_location, "SAMLResponse", response, relay_state), {}
        for endpoint in known.logout:
            response = messages.logout_response(request.id, endpoint.response_location, self.entity_id)
            key = self.signing_key()
            document = messages.with_signature(response, *key) if key else messages.serialized(response)
            fields = {"SAMLResponse": messages.encoded(document)}
            return endpoint.response_location, fields | ({"RelayState": relay_state} if relay_state else {})
        return None

    async def logout_url(self, back_to: str, sid: str | None, name_id: str | None) -> str | None:
        """Where the browser is sent to end this session there too; the way back is in our metadata. None if the
        provider offers no such thing."""
        known = await self.metadata()
        endpoint = next((each for each in known.logout if each.binding == REDIRECT), None)
        if endpoint is None or name_id is None:
            return None
        name = msgspec.json.decode(name_id, type=NameId)
        request = messages.logout_request(messages.new_id(), endpoint.location, self.entity_id, name, sid)
        return self._redirect(endpoint.location, "SAMLRequest", request)

    def _redirect(self, url: str, what: str, message: etree._Element, relay_state: str | None = None) -> str:
        query = f"{what}={messages.deflated(messages.serialized(message))}"
        if relay_state:
            query += f"&RelayState={quote(relay_state, safe='')}"
        key = self.signing_key()
        return f"{url}{'&' if '?' in url else '?'}{signed_query(query, key[0]) if key else query}"

    async def _believed(self, read: Callable[[Expected], Read]) -> Read:
        """What `read` makes of a message. A signature that does not hold may be of a new key, so the provider's
        metadata is fetched again, at most once in 30 s."""
        known = await self.metadata()
        try:
            return await self._apart(read, known)
        except InvalidSignature:
            renewed = await self._metadata.renewed()
            if renewed.certificates == known.certificates:
                raise
            return await self._apart(read, renewed)

    async def _apart(self, read: Callable[[Expected], Read], known: ProviderMetadata) -> Read:
        expected = Expected(
            known.entity_id, self.entity_id, self.acs_url, known.certificates, self.settings.clock_skew_seconds
        )
        async with self._reading:
            return await asyncio.to_thread(read, expected)

    async def _fetch(self) -> ProviderMetadata:
        try:
            if self.settings.metadata_file is not None:
                where, document = str(self.settings.metadata_file), self.settings.metadata_file.read_bytes()
            else:
                where = self.settings.metadata_url or ""
                document = await self._outgoing.document(where)
            return metadata.read(document, self.settings.entity_id)
        except OSError as error:
            raise ProviderUnavailable(f"metadata_file cannot be read: {error.strerror}") from error
        except InvalidMessage as error:
            raise ProviderUnavailable(f"the metadata at {where} cannot be used: {error}") from error
