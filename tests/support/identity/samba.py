"""Debian's samba-ad-dc: a real Active Directory, of LDAP alone, on a loopback address of its own."""

import os
import random
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from chat_core.process.children import die_with_parent
from tests.support.identity.slapd import PATH, await_answer, certificates, values

BASE = "DC=corp,DC=example"
PASSWORD = "The directory's own w0rds"
ADMINISTRATOR_PASSWORD = "0f the Administrator"
NORMAL_ACCOUNT, DISABLED = 512, 514

needed = pytest.mark.skipif(
    shutil.which("samba", path=PATH) is None or find_spec("ldap") is None or os.geteuid() != 0,
    reason="samba is not installed, or this is not root (Debian: samba-ad-dc, samba-ad-provision; then make samba)",
)


class Samba:
    """Speaks LDAP under TLS at `url`: Active Directory takes neither passwords nor plain binds without."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.address = address
        self.url = f"ldaps://{address}"

    def settings(self, **fields: Any) -> dict[str, Any]:
        """Of auth.ldap."""
        return {
            "type": "active_directory",
            "urls": [self.url],
            "ca_file": str(self.folder / "ca.pem"),
            "bind_dn": f"CN=Administrator,CN=Users,{BASE}",
            "bind_password": ADMINISTRATOR_PASSWORD,
            "base": BASE,
            "owns_domains": ["corp.example"],
            **fields,
        }

    @contextmanager
    def administrator(self) -> Iterator[Any]:
        """python-ldap's connection."""
        import ldap

        connection = ldap.initialize(self.url)
        connection.set_option(ldap.OPT_X_TLS_CACERTFILE, str(self.folder / "ca.pem"))
        connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
        connection.simple_bind_s(f"CN=Administrator,CN=Users,{BASE}", ADMINISTRATOR_PASSWORD)
        try:
            yield connection
        finally:
            connection.unbind_s()

    def add(self, dn: str, **attributes: Any) -> str:
        with self.administrator() as connection:
            connection.add_s(dn, [(name, values(value)) for name, value in attributes.items()])
        return dn

    def modify(self, dn: str, **attributes: Any) -> None:
        """Replaces these attributes."""
        import ldap

        with self.administrator() as connection:
            connection.modify_s(dn, [(ldap.MOD_REPLACE, name, values(value)) for name, value in attributes.items()])

    def add_person(self, name: str, **attributes: Any) -> str:
        """Their entry's name. Their password is PASSWORD."""
        given = {
            "objectClass": "user",
            "sAMAccountName": name,
            "userPrincipalName": f"{name}@corp.example",
            "displayName": name.capitalize(),
            "mail": f"{name}@corp.example",
            "unicodePwd": f'"{PASSWORD}"'.encode("utf-16-le"),
            "userAccountControl": str(NORMAL_ACCOUNT),
        }
        return self.add(f"CN={name},CN=Users,{BASE}", **{**given, **attributes})

    def add_group(self, name: str, *members: str) -> str:
        return self.add(f"CN={name},CN=Users,{BASE}", objectClass="group", sAMAccountName=name, member=list(members))


def _provision(folder: Path, address: str) -> Path:
    """The configuration's path. Bytes of extended attributes go into a file, since a container's disk may have none."""
    options = {
        "interfaces": f"{address}/255.0.0.0",
        "bind interfaces only": "yes",
        "server services": "ldap",
        "xattr_tdb:file": f"{folder}/xattr.tdb",
        "vfs objects": "dfs_samba4 acl_xattr xattr_tdb",
        "tls cafile": f"{folder}/ca.pem",
        "tls certfile": f"{folder}/server.pem",
        "tls keyfile": f"{folder}/server.key",
        "logging": "file",
        "log file": f"{folder}/samba.log",
        "pid directory": str(folder),
        "ncalrpc dir": f"{folder}/ncalrpc",
    }
    provisioned = subprocess.run(
        [
            *("samba-tool", "domain", "provision", "--realm=CORP.EXAMPLE", "--domain=CORP", "--server-role=dc"),
            *("--dns-backend=NONE", f"--adminpass={ADMINISTRATOR_PASSWORD}", f"--targetdir={folder}"),
            *("--host-name=dc", f"--host-ip={address}"),
            *(f"--option={name}={value}" for name, value in options.items()),
        ],
        env={**os.environ, "PATH": PATH},
        capture_output=True,
        text=True,
        check=False,
    )
    assert provisioned.returncode == 0, provisioned.stderr
    return folder / "etc" / "smb.conf"


@contextmanager
def samba(folder: Path) -> Iterator[Samba]:
    """A running one, of the domain corp.example, with its built-in accounts and groups alone."""
    # LDAP's port is fixed, so each has an address.
    address = f"127.{random.randint(1, 254)}.{random.randint(1, 254)}.{random.randint(2, 254)}"
    certificates(folder, address)
    (folder / "server.key").chmod(0o600)
    config = _provision(folder, address)
    process = subprocess.Popen(
        ["samba", "--interactive", "--model=single", f"--configfile={config}", "--no-process-group"],
        env={**os.environ, "PATH": PATH},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    server = Samba(folder, address)
    try:
        await_answer(address, 636, process)
        yield server
    finally:
        process.terminate()
        process.communicate()
