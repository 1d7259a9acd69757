"""One person's way in and out through pysaml2 as the provider, which signs and verifies with xmlsec1: nothing of it is
ours."""

import base64
import shutil
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.chat_server.people import ChatServer, chat_server_on, ok, settings
from tests.support.clients.plain_http import plain_http
from tests.support.identity.saml_peer import PERSISTENT, RSA_SHA256, key_pair
from tests.support.postgres import Database

PUBLIC = "http://chat.example"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
IDP = "https://idp.corp.example"


def write_pair(folder: Path, name: str) -> dict[str, str]:
    key, certificate = key_pair(name)
    files = {"key_file": folder / f"{name}.key", "cert_file": folder / f"{name}.crt"}
    files["key_file"].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    files["cert_file"].write_bytes(certificate.public_bytes(Encoding.PEM))
    return {what: str(file) for what, file in files.items()}


def provider(folder: Path, metadata_of_sp: bytes) -> Any:
    """pysaml2's server, which knows us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports what cryptography will drop
        from saml2.config import IdPConfig
        from saml2.server import Server

    ours = folder / "sp.xml"
    ours.write_bytes(metadata_of_sp)
    service = {
        "endpoints": {
            "single_sign_on_service": [(f"{IDP}/sso", REDIRECT)],
            "single_logout_service": [(f"{IDP}/slo", REDIRECT)],
        },
        "name_id_format": [PERSISTENT],
        "want_authn_requests_signed": True,
        "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None}},
    }
    config = {
        "entityid": f"{IDP}/metadata",
        "xmlsec_binary": shutil.which("xmlsec1"),
        "service": {"idp": service},
        "metadata": {"local": [str(ours)]},
        **write_pair(folder, "idp"),
    }
    return Server(config=IdPConfig().load(config))


def metadata_of_idp(server: Any) -> str:
    from saml2.metadata import entity_descriptor

    return str(entity_descriptor(server.config))


@pytest.fixture
def corp(tmp_path: Path) -> dict[str, Any]:
    """Its settings; the file with its metadata is written when it runs."""
    ours = write_pair(tmp_path, "sp")
    return {
        "metadata_file": str(tmp_path / "idp.xml"),
        "private_key_file": ours["key_file"],
        "certificate_file": ours["cert_file"],
        "owns_domains": ["corp.example"],
    }


@pytest.fixture
async def server(corp: dict[str, Any], database: Database, keys: Path) -> AsyncIterator[ChatServer]:
    fitting = settings(database.chat_url, keys, server={"public_url": PUBLIC}, auth={"saml": {"corp": corp}})
    async with chat_server_on(fitting) as running:
        yield running


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="xmlsec1 is not installed, with which pysaml2 signs")
async def test_somebody_comes_in_through_pysaml2_and_is_signed_out_by_it(
    server: ChatServer, corp: dict[str, Any], tmp_path: Path
) -> None:
    path = "/api/auth/saml/corp"
    async with plain_http(base_url=server.url) as http:
        idp = provider(tmp_path, (await http.get(f"{path}/metadata")).content)
        Path(corp["metadata_file"]).write_text(metadata_of_idp(idp))
        # Our request, whose signature it verifies.
        sent = query(await http.get(path), f"{IDP}/sso")
        asked = idp.parse_authn_request(
            sent["SAMLRequest"], REDIRECT, relay_state=None, sigalg=sent["SigAlg"], signature=sent["Signature"]
        ).message
        name = idp.ident.persistent_nameid("ada", sp_name_qualifier=asked.issuer.text)
        answer = idp.create_authn_response(
            {"mail": ["ada@corp.example"], "displayName": ["Ada Lovelace"]},
            asked.id,
            asked.assertion_consumer_service_url,
            asked.issuer.text,
            userid="ada",
            name_id=name,
            authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"},
            sign_response=True,
            sign_assertion=True,
            sign_alg="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            digest_alg="http://www.w3.org/2001/04/xmlenc#sha256",
        )
        form = {"SAMLResponse": base64.b64encode(str(answer).encode()).decode()}
        back = await http.post(f"{path}/acs", data=form)
        assert back.headers["location"] == "/signin#/signed-in", back.text
        signed_in = ok(await http.post("/api/auth/provider-session", json={}))
        assert signed_in["user"]["fullname"] == "Ada Lovelace"

        # Ours to it: it verifies the signature, and knows whom we mean.
        api = await server.client(signed_in["token"])
        sent = query(ok(await api.get("/api/auth/provider-logout"))["url"], f"{IDP}/slo")
        out = idp.parse_logout_request(
            sent["SAMLRequest"], REDIRECT, sigalg=sent["SigAlg"], signature=sent["Signature"]
        ).message
        assert out.name_id.text == name.text

        # Its own: our session ends, and it verifies our answer.
        asked_id, request = idp.create_logout_request(f"{PUBLIC}{path}/slo", asked.issuer.text, name_id=name)
        http_args = idp.apply_binding(
            REDIRECT, str(request), f"{PUBLIC}{path}/slo", relay_state="there", sign=True, sigalg=RSA_SHA256
        )
        where = dict(http_args["headers"])["Location"].removeprefix(PUBLIC)
        answered = query(await http.get(where), f"{IDP}/slo")
        assert answered["RelayState"] == "there"
        response = idp.parse_logout_request_response(answered["SAMLResponse"], REDIRECT)
        assert (response.response.in_response_to, response.status_ok()) == (asked_id, True)
        assert (await api.get("/api/auth/me")).status_code == 401


def query(to: httpx.Response | str, where: str) -> dict[str, str]:
    """Of the URL to which a browser is sent."""
    url = to if isinstance(to, str) else to.headers["location"]
    assert url.startswith(f"{where}?"), url
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
