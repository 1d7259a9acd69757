"""An authenticator of passkeys in software: ES256, no attestation. What a test has it say wrongly, it signs as well."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

Json = dict[str, Any]

# Flags of authenticator data (https://www.w3.org/TR/webauthn-3/#authdata-flags).
PRESENT, VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One passkey. `count` is of its uses, before the next one; None: it does not count."""

    origin: str
    rp_id: str | None = None  # by default what the server asks for
    flags: int = PRESENT | VERIFIED
    count: int | None = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    handle: str = ""

    def create(self, options: Json) -> Json:
        """As navigator.credentials.create() answers."""
        self.handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        public_key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        attested = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + public_key
        data = self._data(options["rp"]["id"], ATTESTED) + attested
        return self._answer(
            clientDataJSON=b64(self._client_data("webauthn.create", options)),
            attestationObject=b64(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            transports=["internal"],
        )

    def get(self, options: Json) -> Json:
        """As navigator.credentials.get() answers."""
        client_data = self._client_data("webauthn.get", options)
        data = self._data(options["rpId"])
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=b64(client_data),
            authenticatorData=b64(data),
            signature=b64(signature),
            userHandle=self.handle,
        )

    def _client_data(self, kind: str, options: Json) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, asked_for: str, more: int = 0) -> bytes:
        count = 0
        if self.count is not None:
            self.count = count = self.count + 1
        rp_id = self.rp_id or asked_for
        return hashlib.sha256(rp_id.encode()).digest() + bytes([self.flags | more]) + count.to_bytes(4)

    def _answer(self, **response: object) -> Json:
        name = b64(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}
