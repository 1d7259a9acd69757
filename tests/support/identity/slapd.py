"""Debian's slapd: a directory of the tests' own, and one with the attributes of Active Directory, in one process."""

import datetime
import ipaddress
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chat_core.process.children import die_with_parent
from tests.support.servers import free_port

ACME, CORP = "dc=acme,dc=example", "dc=corp,dc=example"
PASSWORD = "the directory's own words"
SERVICE_PASSWORD = "of the service"
START_SECONDS = 60

# Microsoft's object identifiers (MS-ADA1, MS-ADA3), with the matching rules that Debian's msuser.schema leaves out.
SCHEMA = """
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' EQUALITY octetStringMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.159 NAME 'accountExpires' EQUALITY integerMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.656 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.4203.666.1.1 NAME 'windowsAccount' SUP top AUXILIARY
    MAY ( objectGUID $ userAccountControl $ accountExpires $ sAMAccountName $ userPrincipalName ) )
"""

CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
include {folder}/windows.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
pidfile {folder}/slapd.pid
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
sizelimit size.soft=50 size.hard=50 size.prtotal=unlimited
"""

DATABASE = """
database mdb
suffix {suffix}
rootdn cn=root,{suffix}
rootpw root
directory {folder}/{suffix}
dbnosync
maxsize 33554432
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact=cn=service,{suffix} read by * none
overlay memberof
overlay ppolicy
"""

PATH = f"{os.environ['PATH']}:/usr/sbin"
needed = pytest.mark.skipif(
    shutil.which("slapd", path=PATH) is None or find_spec("ldap") is None,
    reason="slapd or python-ldap is not installed (Debian: slapd, libldap2-dev, libsasl2-dev; then make test-tools)",
)


class Slapd:
    """`url` is without TLS until StartTLS, `tls_url` is with it. The certificate is for 127.0.0.1: libldap takes
    localhost for the machine's own name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca_file = folder / "ca.pem"
        self.url, self.tls_url = (f"{scheme}://127.0.0.1:{free_port()}" for scheme in ("ldap", "ldaps"))

    def settings(self, suffix: str = ACME, **fields: Any) -> dict[str, Any]:
        """Of auth.ldap, for the people under this suffix."""
        return {
            "urls": [self.tls_url],
            "ca_file": str(self.ca_file),
            "bind_dn": f"cn=service,{suffix}",
            "bind_password": SERVICE_PASSWORD,
            "base": suffix,
            "owns_domains": ["acme.example"],
            "timeout_seconds": 3,
            **fields,
        }

    def change(self, suffix: str = ACME) -> Any:
        """python-ldap's connection as the directory's administrator."""
        import ldap

        connection = ldap.initialize(self.url)
        connection.simple_bind_s(f"cn=root,{suffix}", "root")
        return connection

    def add(self, dn: str, **attributes: Any) -> str:
        """An entry with these attributes, each a text, bytes, or a list of them; its name."""
        connection = self.change(dn[dn.index("dc=") :])
        try:
            connection.add_s(dn, [(name, values(value)) for name, value in attributes.items()])
        finally:
            connection.unbind_s()
        return dn

    def modify(self, dn: str, **attributes: Any) -> None:
        """Replaces these attributes; None removes one."""
        import ldap

        connection = self.change(dn[dn.index("dc=") :])
        try:
            changes = [
                (ldap.MOD_REPLACE, name, None if value is None else values(value)) for name, value in attributes.items()
            ]
            connection.modify_s(dn, changes)
        finally:
            connection.unbind_s()

    def remove(self, dn: str) -> None:
        connection = self.change(dn[dn.index("dc=") :])
        try:
            connection.delete_s(dn)
        finally:
            connection.unbind_s()

    def add_person(self, uid: str, **attributes: Any) -> str:
        """Somebody of acme; the entry's name."""
        given = {
            "objectClass": "inetOrgPerson",
            "cn": uid.capitalize(),
            "sn": uid.capitalize(),
            "mail": f"{uid}@acme.example",
            "userPassword": PASSWORD,
        }
        return self.add(f"uid={uid},ou=people,{ACME}", **{**given, **attributes})

    def add_account(self, name: str, **attributes: Any) -> str:
        """Somebody of the directory with Active Directory's attributes; the entry's name."""
        given = {
            "objectClass": ["inetOrgPerson", "windowsAccount"],
            "sn": name.capitalize(),
            "mail": f"{name}@acme.example",
            "sAMAccountName": name,
            "userPrincipalName": f"{name}@corp.example",
            "userAccountControl": "512",
            "accountExpires": "9223372036854775807",
            "objectGUID": uuid.uuid4().bytes_le,
            "userPassword": PASSWORD,
        }
        return self.add(f"cn={name.capitalize()},ou=people,{CORP}", **{**given, **attributes})

    def add_group(self, name: str, *members: str, suffix: str = ACME, **attributes: Any) -> str:
        dn = f"cn={name},ou=groups,{suffix}"
        return self.add(dn, objectClass="groupOfNames", cn=name, member=list(members), **attributes)


def values(value: Any) -> list[bytes]:
    values = value if isinstance(value, list) else [value]
    return [each if isinstance(each, bytes) else str(each).encode() for each in values]


@contextmanager
def slapd(folder: Path) -> Iterator[Slapd]:
    """A running one. Its people are under ou=people, its groups under ou=groups; it has none yet."""
    server = Slapd(folder)
    certificates(folder, "127.0.0.1")
    (folder / "windows.schema").write_text(SCHEMA)
    config = folder / "slapd.conf"
    config.write_text(
        CONFIG.format(folder=folder) + "".join(DATABASE.format(folder=folder, suffix=suffix) for suffix in (ACME, CORP))
    )
    for suffix in (ACME, CORP):
        (folder / suffix).mkdir()
    process = subprocess.Popen(
        ["slapd", "-d", "0", "-f", str(config), "-h", f"{server.url} {server.tls_url}"],
        env={**os.environ, "PATH": PATH},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    try:
        await_answer("127.0.0.1", int(server.url.rpartition(":")[2]), process)
        for suffix in (ACME, CORP):
            server.add(suffix, objectClass=["dcObject", "organization"], o="tests", dc=suffix[3:].partition(",")[0])
            for unit in ("people", "groups"):
                server.add(f"ou={unit},{suffix}", objectClass="organizationalUnit", ou=unit)
            service = {"objectClass": ["organizationalRole", "simpleSecurityObject"], "cn": "service"}
            server.add(f"cn=service,{suffix}", userPassword=SERVICE_PASSWORD, **service)
        yield server
    finally:
        process.terminate()
        process.communicate()


def await_answer(address: str, port: int, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection((address, port)).close()
            return
        except OSError:
            assert process.poll() is None, process.communicate()[1].decode()
            assert time.monotonic() < ends
            time.sleep(0.01)  # it has no signal for this


def certificates(folder: Path, address: str) -> None:
    """An authority in ca.pem, and server.pem with server.key that it has signed for the address."""
    now = datetime.datetime.now(datetime.UTC)
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of the tests")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])

    def certificate(
        subject: x509.Name, key: ec.EllipticCurvePrivateKey, *extensions: tuple[x509.ExtensionType, bool]
    ) -> bytes:
        builder = x509.CertificateBuilder(
            authority,
            subject,
            key.public_key(),
            x509.random_serial_number(),
            now - datetime.timedelta(hours=1),
            now + datetime.timedelta(days=1),
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(authority_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    (folder / "ca.pem").write_bytes(certificate(authority, authority_key, (x509.BasicConstraints(True, None), True)))
    (folder / "server.pem").write_bytes(certificate(name, server_key, (names, False)))
    (folder / "server.key").write_bytes(
        server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
